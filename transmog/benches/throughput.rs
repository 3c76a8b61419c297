//! Bytes per second through the stages, with one worker: to record batches for each shape of input,
//! to each format in memory. The calling thread cuts the input into chunks beside the worker, which
//! takes a few hundredths of the time.
#![allow(
    clippy::expect_used,
    reason = "a bench that cannot go on measures nothing"
)]

use std::hint::black_box;

use arrow_schema::SchemaRef;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use transmog::{
    Ids, InputFormat, Memory, OutputFormat, OutputSpec, Processor, Report, StreamingWriter,
    TableBatch, TableSpec, TableSummary, WriteError,
};
use transmog_shapes::Shape;

/// Bytes of each input.
const BYTES: u64 = 10_000_000;

/// A writer that counts rows and forgets them.
struct Nowhere(u64);

impl StreamingWriter for Nowhere {
    fn begin_table(&mut self, _: &TableSpec) -> Result<(), WriteError> {
        Ok(())
    }

    fn write_batch(&mut self, _: &str, batch: &TableBatch) -> Result<(), WriteError> {
        self.0 += black_box(batch).rows.num_rows() as u64;
        Ok(())
    }

    fn set_schema(&mut self, _: &str, _: &SchemaRef) -> Result<(), WriteError> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        black_box(self.0);
        Ok(Vec::new())
    }
}

/// Records of a shape, and their format.
fn input(shape: Shape) -> (Vec<u8>, InputFormat) {
    let mut bytes = Vec::new();
    shape
        .write(2026, BYTES, &mut bytes)
        .expect("memory can be written");
    let format = match shape {
        Shape::Csv => InputFormat::Csv,
        _ => InputFormat::JsonLines,
    };
    (bytes, format)
}

/// Lines of JSON as the items of one array.
fn document(lines: &[u8]) -> Vec<u8> {
    let mut array = lines.trim_ascii_end().to_vec();
    for byte in &mut array {
        if *byte == b'\n' {
            *byte = b',';
        }
    }
    [b"[", array.as_slice(), b"]"].concat()
}

/// To record batches, which a writer forgets.
fn run(processor: &Processor, input: &[u8]) -> Report {
    let nowhere = OutputFormat::custom(|_| Ok(Box::new(Nowhere(0))));
    let output = OutputSpec::new(nowhere, Memory::new().0);
    let report = processor.stream_process(input, "events", output);
    report.expect("the input is valid")
}

fn throughput(criterion: &mut Criterion) {
    let one = Processor::new().with_ids(Ids::Row).with_threads(1);
    let one = one.expect("a thread");
    let mut group = criterion.benchmark_group("to record batches");
    group.sample_size(10);
    for shape in Shape::ALL {
        let (input, format) = input(shape);
        group.throughput(Throughput::Bytes(input.len() as u64));
        let processor = one.clone().with_input_format(format);
        group.bench_function(shape.to_string(), |bencher| {
            bencher.iter(|| run(&processor, &input));
        });
    }
    let (lines, _) = input(Shape::Events);
    let array = document(&lines);
    let processor = one.clone().with_input_format(InputFormat::Json);
    group.throughput(Throughput::Bytes(array.len() as u64));
    group.bench_function("events in an array", |bencher| {
        bencher.iter(|| run(&processor, &array));
    });
    group.finish();

    let mut group = criterion.benchmark_group("events");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(lines.len() as u64));
    for format in transmog::get_supported_streaming_formats() {
        group.bench_function(format!("to {format}"), |bencher| {
            bencher.iter(|| {
                let (memory, files) = Memory::new();
                let output = OutputSpec::new(format, memory);
                let report = one.stream_process(lines.as_slice(), "events", output);
                (report.expect("the input is valid"), files.take())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, throughput);
criterion_main!(benches);
