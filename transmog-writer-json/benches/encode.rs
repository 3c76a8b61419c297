//! Measures bytes per second from record batches to JSON in memory.
#![allow(
    clippy::expect_used,
    reason = "a bench that cannot go on measures nothing"
)]

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use transmog_core::TableBatch;
use transmog_io::{Memory, StreamingWriter, TableSpec};
use transmog_writer_json::{JsonOptions, JsonStreamingWriter};

/// Rows of a batch, and number of batches.
const ROWS: i64 = 1000;
const BATCHES: usize = 100;

/// A column of each kind, with nulls and repeated values, and texts that need escapes.
fn batch() -> RecordBatch {
    let rows = || 0..ROWS;
    let columns: [(&str, ArrayRef); 6] = [
        (
            "id",
            Arc::new(Int64Array::from_iter_values(rows().map(|n| n * 7919))),
        ),
        (
            "price",
            Arc::new(
                rows()
                    .map(|n| (n % 3 > 0).then_some(n as f64 / 8.0))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "sold",
            Arc::new(
                rows()
                    .map(|n| (n % 5 > 0).then_some(n % 2 == 0))
                    .collect::<BooleanArray>(),
            ),
        ),
        (
            "kind",
            Arc::new(StringArray::from_iter_values(
                rows().map(|n| ["new", "used"][n as usize % 2]),
            )),
        ),
        (
            "title",
            Arc::new(StringArray::from_iter_values(
                rows().map(|n| format!("a \"title\", number {n}")),
            )),
        ),
        (
            "url",
            Arc::new(StringArray::from_iter_values(
                rows().map(|n| format!("https://example.org/items/{n}")),
            )),
        ),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn benches(criterion: &mut Criterion) {
    let rows = batch();
    let bytes = rows.get_array_memory_size() * BATCHES;
    let spec = TableSpec {
        name: "items".to_owned(),
        parent: None,
        schema: rows.schema(),
    };
    let batch = TableBatch::from(rows);
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("json", |bencher| {
        bencher.iter(|| {
            let (memory, files) = Memory::new();
            let mut writer = Box::new(JsonStreamingWriter::new(JsonOptions::default(), memory));
            writer.begin_table(&spec).expect("a table");
            for _ in 0..BATCHES {
                writer.write_batch("items", &batch).expect("rows");
                writer.checkpoint().expect("memory can be written");
            }
            writer.finish().expect("memory can be written");
            files.take()
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
