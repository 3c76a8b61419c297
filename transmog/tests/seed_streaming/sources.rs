//! "Memory Optimized Processing with Streaming" and "Processing Data Streams".

use std::{
    cell::Cell,
    io::{self, Read},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::json;
use transmog::{Input, OutputSpec, Processor, Progress, WriterOptions};

use crate::{
    folder::{Folder, lines, record},
    methods::assert_parquet,
    read_back::{Table, row_groups},
};

/// The number of records after each chunk, as a run tells them.
pub(crate) type Chunks = Arc<Mutex<Vec<u64>>>;

/// Notes how many records there are after each chunk.
pub(crate) fn watched(processor: Processor) -> (Processor, Chunks) {
    let chunks = Chunks::default();
    let seen = Arc::clone(&chunks);
    let note = move |progress: &Progress| seen.lock().expect("no panic").push(progress.records);
    (processor.with_progress(note), chunks)
}

#[test]
fn a_memory_optimized_processor_streams_a_large_file() {
    let folder = Folder::new();
    let input = folder.write("large_data.jsonl", lines((0..3000).map(record)));
    let out = folder.path("output_dir/parquet");
    let options = WriterOptions::new().with("compression", "snappy");
    let (processor, chunks) = watched(Processor::memory_optimized());
    let report = processor
        .stream_process_file(
            &input,
            "records",
            OutputSpec::directory(("parquet", options), &out),
        )
        .expect("valid");
    assert_eq!((report.records_read, report.records_rejected), (3000, 0));
    assert_parquet(&out, "records", 3000);
    let hundreds: Vec<u64> = (1..=30).map(|chunk| chunk * 100).collect();
    assert_eq!(*chunks.lock().expect("no panic"), hundreds);
}

#[test]
fn a_generator_of_records_is_streamed() {
    let folder = Folder::new();
    let out = folder.path("output_dir/parquet");
    let generated = Cell::new(0);
    let records = (0..1000).map(|id| {
        generated.set(generated.get() + 1);
        json!({ "id": id, "value": format!("Item {id}") })
    });
    Processor::new()
        .stream_process(
            Input::records(records),
            "records",
            OutputSpec::directory("parquet", &out),
        )
        .expect("valid");
    assert_eq!(generated.get(), 1000);
    let file = out.join("records.parquet");
    assert_eq!(row_groups(&file).0, [1000]);
    let expected: Vec<_> = (0..1000)
        .map(|id| json!({ "id": id, "value": format!("Item {id}") }))
        .collect();
    assert_eq!(Table::read(&file).data(), expected);
}

/// The processor on two threads, and the number of records that were written so far.
fn counting(processor: Processor) -> (Processor, Arc<AtomicU64>) {
    let processed = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&processed);
    let processor = processor
        .with_threads(2)
        .expect("allowed")
        .with_progress(move |progress| told.store(progress.records, Ordering::SeqCst));
    (processor, processed)
}

#[test]
fn a_generator_is_asked_for_records_when_they_are_needed() {
    let folder = Folder::new();
    let (processor, processed) = counting(Processor::memory_optimized());
    let ahead = Cell::new(0);
    let records = (0..20_000_u64).map(|id| {
        let done = processed.load(Ordering::SeqCst);
        ahead.set(ahead.get().max(id.saturating_sub(done)));
        json!({ "id": id })
    });
    let output = OutputSpec::directory("parquet", folder.path("output_dir/parquet"));
    let report = processor
        .stream_process(Input::records(records), "records", output)
        .expect("valid");
    assert_eq!(report.records_read, 20_000);
    // A few chunks of 100 wait between the stages.
    assert!(ahead.get() < 2000, "{}", ahead.get());
}

#[test]
fn large_records_are_not_read_far_ahead() {
    const RECORD: usize = 1 << 20;
    let (processor, processed) = counting(Processor::new());
    let text = "x".repeat(RECORD - "{\"text\":\"\"}\n".len());
    let input = format!("{{\"text\":\"{text}\"}}\n").repeat(60);
    let ahead = Cell::new(0);
    let mut left = input.as_bytes();
    let reader = Watched(|buffer: &mut [u8]| {
        let read = left.read(buffer)?;
        let records = (input.len() - left.len()) / RECORD;
        let written = processed.load(Ordering::SeqCst) as usize;
        ahead.set(ahead.get().max(records.saturating_sub(written)));
        Ok(read)
    });
    let folder = Folder::new();
    let output = OutputSpec::directory("csv", folder.path("output_dir/csv"));
    let report = processor
        .stream_process(Input::reader("lines.jsonl", reader), "records", output)
        .expect("valid");
    assert_eq!(report.records_read, 60);
    // Two records are a chunk: one for each thread, one that waits, and the one that is being read.
    // A chunk that was written just now may not be told yet.
    assert!(ahead.get() <= 10, "{}", ahead.get());
}

/// Reads as a function does.
struct Watched<F>(F);

impl<F: FnMut(&mut [u8]) -> io::Result<usize>> Read for Watched<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.0)(buffer)
    }
}
