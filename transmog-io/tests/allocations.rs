//! Tests that a shredder that has seen similar records allocates nothing per value or record.
#![allow(
    clippy::expect_used,
    reason = "a test fails where something is missing"
)]

use std::sync::Arc;

use allocation_counter::measure;
use transmog_core::{Config, Ids, Plan, Shredder};
use transmog_io::parse_json;
use transmog_shapes::Shape;

/// Chunks, each of some megabytes.
const CHUNKS: usize = 4;

fn shred(shredder: &mut Shredder, unescaped: &mut String, lines: &[&str]) {
    for line in lines {
        let taken = shredder.record(|seed| parse_json(line, unescaped, seed).ok_or(()));
        taken.expect("the records are plain");
    }
}

fn of_shape(shape: Shape) -> String {
    let mut input = Vec::new();
    shape
        .write(2026, 12_000_000, &mut input)
        .expect("memory can be written");
    String::from_utf8(input).expect("JSON is text")
}

/// Arrays in arrays become text.
fn polygons() -> String {
    let line = |id| {
        let place = id % 360;
        format!(
            "{{\"id\":{id},\"ring\":[[[{place},{place}.25],[0.5,-1.5e-7]],[null,\"a\\n\",[]]]}}\n"
        )
    };
    (0..100_000).map(line).collect()
}

#[test]
fn a_warm_shredder_allocates_nothing_per_record() {
    // Not `deep`: what lies below its deepest columns becomes text by way of values.
    let shapes = [Shape::Events, Shape::Flat, Shape::Wide, Shape::Arrays];
    let shapes = shapes.map(|shape| (shape.to_string(), of_shape(shape)));
    let polygons = ("polygons".to_owned(), polygons());
    for (name, input) in shapes.into_iter().chain([polygons]) {
        let lines: Vec<&str> = input.lines().collect();
        let config = Config::default().with_ids(Ids::Row);
        let plan = Plan::compile(&config, "events").expect("it has a name");
        let mut shredder = Shredder::new(Arc::new(plan));
        let mut unescaped = String::new();
        let chunk_lines = lines.len() / CHUNKS;
        for (number, chunk) in lines.chunks_exact(chunk_lines).enumerate() {
            let counted = measure(|| shred(&mut shredder, &mut unescaped, chunk));
            let made = shredder.seal().expect("there is room");
            let columns: usize = made.tables.iter().map(|table| table.columns.len()).sum();
            // Of each column: values, text, and which rows have them; of each table: links; some of
            // which grow.
            let most = 4 * (columns + made.tables.len()) as u64;
            let allocations = counted.count_total;
            if number > 0 {
                assert!(
                    allocations <= most,
                    "{name}: {allocations} allocations for {} records, {columns} columns",
                    chunk.len()
                );
            }
        }
    }
}
