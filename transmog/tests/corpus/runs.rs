//! Runs Transmog over a file, in one format and at one pace.

use std::{collections::BTreeMap, path::Path};

use transmog::{Config, Error, Ids, Memory, OutputSpec, Processor, Report};

/// The formats that everything is written in.
pub(crate) const FORMATS: [&str; 3] = ["parquet", "csv", "json"];

/// The time stamp of all rows: RFC 3339, and microseconds since 1970.
pub(crate) const TIME: (&str, i64) = ("1970-01-01T00:00:01Z", 1_000_000);

/// How a run goes about its work; the rows do not depend on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) threads: usize,
    pub(crate) chunk_size: Option<usize>,
}

/// What a run leaves behind.
pub(crate) struct Outcome {
    pub(crate) report: Result<Report, Error>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Turns a file into tables with the default settings and row numbers as ids.
pub(crate) fn run(input: &Path, format: &str, pace: Pace) -> Outcome {
    let config = Config::default().with_ids(Ids::Row);
    let mut processor = Processor::new()
        .with_config(config)
        .with_threads(pace.threads)
        .and_then(|processor| processor.with_timestamp(TIME.0))
        .unwrap();
    if let Some(records) = pace.chunk_size {
        processor = processor.with_chunk_size(records).unwrap();
    }
    let (memory, files) = Memory::new();
    let output = OutputSpec::new(format, memory);
    let report = processor.stream_process_file(input, "records", output);
    Outcome {
        report,
        files: files.take(),
    }
}
