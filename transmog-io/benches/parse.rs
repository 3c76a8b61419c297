//! Measures bytes per second from JSON text to columns, for the fast parser and for `serde_json`.
#![allow(
    clippy::expect_used,
    reason = "a bench that cannot go on measures nothing"
)]

use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::de::DeserializeSeed;
use transmog_core::{Config, Ids, Plan, RecordSeed, Shredder};
use transmog_io::parse_json;
use transmog_shapes::Shape;

/// Bytes of a chunk.
const BYTES: u64 = 2_000_000;

fn shred(
    shredder: &mut Shredder,
    lines: &str,
    mut take: impl FnMut(&str, RecordSeed<'_>) -> Option<()>,
) {
    for line in lines.lines() {
        let taken = shredder.record(|seed| take(line, seed).ok_or("a record is not plain"));
        taken.expect("the records are plain");
    }
    shredder.seal().expect("there is room");
}

fn by_serde_json(line: &str, seed: RecordSeed<'_>) -> Option<()> {
    let mut json = serde_json::Deserializer::from_str(line);
    seed.deserialize(&mut json).ok()?;
    json.end().ok()
}

fn benches(criterion: &mut Criterion) {
    let config = Config::default().with_ids(Ids::Row);
    let plan = Plan::compile(&config, "events").expect("it has a name");
    let plan = Arc::new(plan);
    let mut group = criterion.benchmark_group("parse");
    for shape in [Shape::Events, Shape::Flat, Shape::Wide, Shape::Arrays] {
        let mut lines = Vec::new();
        let written = shape.write(2026, BYTES, &mut lines);
        written.expect("memory can be written");
        let lines = String::from_utf8(lines).expect("JSON is text");
        group.throughput(Throughput::Bytes(lines.len() as u64));
        // It knows the shape of the records, as it does in all chunks but the first.
        let mut shredder = Shredder::new(Arc::clone(&plan));
        shred(&mut shredder, &lines, by_serde_json);
        let mut unescaped = String::new();
        group.bench_function(format!("{shape} ours"), |bencher| {
            bencher.iter(|| {
                shred(&mut shredder, &lines, |line, seed| {
                    parse_json(line, &mut unescaped, seed)
                });
            });
        });
        group.bench_function(format!("{shape} serde_json"), |bencher| {
            bencher.iter(|| shred(&mut shredder, &lines, by_serde_json));
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
