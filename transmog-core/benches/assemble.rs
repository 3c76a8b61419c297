//! Bytes of JSON text per second from the columns of a chunk to the batches of tables.
#![allow(
    clippy::expect_used,
    reason = "a bench that cannot go on measures nothing"
)]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use serde::de::DeserializeSeed;
use transmog_core::{Assembler, Config, Ids, Plan, Run, ShreddedChunk, Shredder};
use transmog_shapes::Shape;

/// Bytes of a chunk.
const BYTES: u64 = 2_000_000;

fn shred(shredder: &mut Shredder, lines: &str) -> ShreddedChunk {
    for line in lines.lines() {
        let mut json = serde_json::Deserializer::from_str(line);
        let taken = shredder.record(|seed| seed.deserialize(&mut json));
        taken.expect("the records are plain");
    }
    shredder.seal().expect("there is room")
}

fn benches(criterion: &mut Criterion) {
    let config = Config::default().with_ids(Ids::Row);
    let plan = Plan::compile(&config, "events").expect("it has a name");
    let plan = Arc::new(plan);
    let shapes = [Shape::Events, Shape::Flat, Shape::Wide, Shape::Arrays];
    let chunks = shapes.map(|shape| {
        let mut lines = Vec::new();
        shape
            .write(2026, BYTES, &mut lines)
            .expect("memory can be written");
        (shape, String::from_utf8(lines).expect("JSON is text"))
    });
    let mut group = criterion.benchmark_group("assemble");
    for (shape, lines) in &chunks {
        group.throughput(Throughput::Bytes(lines.len() as u64));
        let chunk = shred(&mut Shredder::new(Arc::clone(&plan)), lines);
        let run = Run {
            time: 0,
            seed: [0; 32],
        };
        group.bench_function(shape.to_string(), |bencher| {
            bencher.iter_batched(
                || Assembler::new(Arc::clone(&plan)),
                |mut assembler| assembler.assemble(&chunk, 0, &run),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
