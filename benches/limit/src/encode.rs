//! Encoding and nothing else: the calls that a run makes of its writer are recorded first, and made
//! again with a clock.

use std::{
    mem,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::bail;
use transmog::{
    Ids, Memory, OutputFormat, OutputSpec, Processor, StreamingWriter, TableBatch, TableSpec,
    TableSummary, WriteError, arrow_schema::SchemaRef,
};

use crate::tables;

/// What encoding a file's tables took.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) time: Duration,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// Makes the tables of a file, and then encodes them into a folder.
pub(crate) fn file(path: &Path, format: &str, ids: &str, folder: &Path) -> anyhow::Result<Encoded> {
    let ids = match ids {
        "row" => Ids::Row,
        "random" => Ids::Random,
        _ => bail!("ids are row or random, not {ids:?}"),
    };
    let calls = Calls::default();
    let recorder = Recorder(calls.clone());
    let output = OutputSpec::new(
        OutputFormat::custom(|_| Ok(Box::new(recorder))),
        Memory::default(),
    );
    Processor::new()
        .with_ids(ids)
        .stream_process_file(path, "events", output)?;
    let mut writer = tables::writer(format, folder)?;
    let start = Instant::now();
    for call in calls.take() {
        match call {
            Call::Limit(bytes) => writer.limit_memory(bytes),
            Call::Begin(table) => writer.begin_table(&table)?,
            Call::Write(table, batch) => writer.write_batch(&table, &batch)?,
            Call::Checkpoint => writer.checkpoint()?,
            Call::Schema(table, schema) => writer.set_schema(&table, &schema)?,
        }
    }
    let tables = writer.finish()?;
    let time = start.elapsed();
    Ok(Encoded {
        time,
        rows: tables.iter().map(|table| table.rows).sum(),
        bytes: tables.iter().map(|table| table.bytes).sum(),
    })
}

/// A call of a writer.
enum Call {
    Limit(usize),
    Begin(TableSpec),
    Write(Arc<str>, TableBatch),
    Checkpoint,
    Schema(Arc<str>, SchemaRef),
}

#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    fn push(&self, call: Call) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
    }

    fn take(&self) -> Vec<Call> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A writer that keeps what it is asked to do.
struct Recorder(Calls);

impl StreamingWriter for Recorder {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        self.0.push(Call::Begin(table.clone()));
        Ok(())
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        self.0.push(Call::Write(table.into(), batch.clone()));
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), WriteError> {
        self.0.push(Call::Checkpoint);
        Ok(())
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        self.0.push(Call::Schema(table.into(), Arc::clone(schema)));
        Ok(())
    }

    fn limit_memory(&mut self, bytes: usize) {
        self.0.push(Call::Limit(bytes));
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    /// A file of 3,000 records, whose arrays have 6,000 items.
    pub(crate) fn input(folder: &Path) -> PathBuf {
        let input = folder.join("events.jsonl");
        let line =
            |n: usize| format!("{{\"id\":{n},\"items\":[{{\"a\":{n}.5}},{{\"b\":\"x\"}}]}}\n");
        fs::write(&input, (0..3000).map(line).collect::<String>()).unwrap();
        input
    }

    #[test]
    fn the_files_are_those_of_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let input = input(folder.path());
        for format in ["parquet", "csv", "json", "jsonl"] {
            let out = folder.path().join(format);
            let encoded = file(&input, format, "row", &out).unwrap();
            assert_eq!(encoded.rows, 9000);
            let expected = folder.path().join([format, "-run"].concat());
            // Rows hold the time of their run.
            let processor = Processor::new().with_ids(Ids::Row);
            let output = OutputSpec::directory(tables::format(format), &expected);
            processor
                .stream_process_file(&input, "events", output)
                .unwrap();
            let mut bytes = 0;
            for table in ["events", "events_items"] {
                let name = format!("{table}.{format}");
                let size = |folder: &Path| fs::metadata(folder.join(&name)).unwrap().len();
                bytes += size(&out);
                if format != "parquet" {
                    assert_eq!(size(&out), size(&expected), "{name}");
                }
            }
            assert_eq!(encoded.bytes, bytes);
        }
        assert!(file(&input, "csv", "other", folder.path()).is_err());
    }
}
