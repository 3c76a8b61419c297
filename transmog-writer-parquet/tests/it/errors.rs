//! Tests what the writer refuses, and that it leaves nothing behind.

use std::{
    fs,
    io::{self, Read, Write},
    sync::Arc,
};

use arrow_array::{ArrayRef, Decimal128Array, Int32Array};
use transmog_io::{
    Destination, Directory, Error, FormatError, Memory, Output, StreamingWriter, WriteError,
    WriterOptions, create_streaming_writer,
};
use transmog_writer_parquet::{ParquetOptions, ParquetStreamingWriter, REGISTRATION};

use crate::support::*;

fn open(options: &WriterOptions) -> Result<Box<dyn StreamingWriter>, Error> {
    let (memory, _) = Memory::new();
    create_streaming_writer("Parquet", memory, options)
}

#[test]
fn the_format_is_registered() {
    assert!(open(&WriterOptions::new()).is_ok());
    assert_eq!(REGISTRATION.name(), "parquet");
    assert_eq!(REGISTRATION.options(), ParquetOptions::SPECS);
}

#[test]
fn unknown_options_and_bad_values_are_refused() {
    let error = open(&WriterOptions::new().with("level", 3)).err().unwrap();
    assert!(
        matches!(error, Error::Format(FormatError::UnknownOption { .. })),
        "{error}"
    );
    for (key, value, message) in [
        (
            "compression",
            "zip",
            "option compression=\"zip\" for format \"parquet\": expected none, snappy, gzip, zstd, brotli or lz4",
        ),
        (
            "row_group_size",
            "0",
            "option row_group_size=\"0\" for format \"parquet\": expected a number of rows, at least 1, such as 50000 \
             or 1M",
        ),
        (
            "memory_bytes",
            "much",
            "option memory_bytes=\"much\" for format \"parquet\": expected a number of bytes, such as \
             67108864 or 64M, or auto",
        ),
    ] {
        let error = open(&WriterOptions::new().with(key, value)).err().unwrap();
        assert_eq!(error.to_string(), message);
    }
    for (codec, level, expected) in [
        (
            "snappy",
            "1",
            "auto: snappy has no levels, but gzip, zstd and brotli have",
        ),
        ("none", "1", "auto: without compression there are no levels"),
        ("zstd", "0", "auto, or from 1 to 22"),
        ("zstd", "23", "auto, or from 1 to 22"),
        ("gzip", "10", "auto, or from 0 to 9"),
        ("brotli", "-1", "auto, or from 0 to 11"),
        ("brotli", "fast", "auto, or from 0 to 11"),
    ] {
        let options = WriterOptions::new()
            .with("compression", codec)
            .with("compression_level", level);
        let error = open(&options).err().unwrap().to_string();
        let message = format!(
            "option compression_level=\"{level}\" for format \"parquet\": expected {expected}"
        );
        assert_eq!(error, message);
    }
}

#[test]
fn unknown_tables_and_types_are_refused() {
    let mut writer = open(&WriterOptions::new()).unwrap();
    let one = batch(&[("x", range(0..1))]);
    for error in [
        writer.write_batch("t", &one).unwrap_err(),
        writer.set_schema("t", &one.rows.schema()).unwrap_err(),
    ] {
        assert!(
            matches!(&error, WriteError::UnknownTable { format: "parquet", table } if table == "t")
        );
    }
    writer.begin_table(&spec("t", one.rows.schema())).unwrap();
    assert!(writer.begin_table(&spec("t", one.rows.schema())).is_err());
    let narrow: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    assert!(writer.write_batch("t", &batch(&[("x", narrow)])).is_err());
    // Tables have decimals of 38 digits only; others would have another number of bytes.
    let short = Decimal128Array::from(vec![1])
        .with_precision_and_scale(20, 0)
        .unwrap();
    assert!(
        writer
            .write_batch("t", &batch(&[("x", Arc::new(short))]))
            .is_err()
    );
}

#[test]
fn marks_that_do_not_fit_are_refused() {
    let mut writer = open(&WriterOptions::new()).unwrap();
    let one = with_marks(batch(&[("x", floats(&[Some(1.0)]))]), 0, &[true, false]);
    writer.begin_table(&spec("t", one.rows.schema())).unwrap();
    assert!(writer.write_batch("t", &one).is_err());
}

#[test]
fn a_batch_that_is_refused_adds_nothing() {
    let (memory, files) = Memory::new();
    let options = ParquetOptions::default();
    let mut writer = Box::new(ParquetStreamingWriter::new(options, Box::new(memory)));
    let good = batch(&[
        ("x", range(0..2)),
        ("y", floats(&[Some(0.5), None])),
        ("z", nulls(2)),
    ]);
    writer.begin_table(&spec("t", good.rows.schema())).unwrap();
    for (column, marks) in [(1, &[true][..]), (2, &[true; 3])] {
        let bad = with_marks(good.clone(), column, marks);
        assert!(writer.write_batch("t", &bad).is_err());
    }
    writer.write_batch("t", &good).unwrap();
    assert_eq!(writer.finish().unwrap()[0].rows, 2);
    assert_eq!(read(&files.take()["t.parquet"]).num_rows(), 2);
}

#[test]
fn a_dropped_writer_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let one = batch(&[("x", range(0..10))]);
    let start = || {
        let directory = Box::new(Directory::new(&target));
        let mut writer = Box::new(ParquetStreamingWriter::new(eager(), directory));
        writer.begin_table(&spec("t", one.rows.schema())).unwrap();
        writer.write_batch("t", &one).unwrap();
        writer.checkpoint().unwrap();
        writer
    };
    drop(start());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let mut writer = start();
    let late = batch(&[("x", texts(&[Some("x")])), ("y", range(0..1))]);
    writer.write_batch("t", &late).unwrap();
    writer.finish().unwrap();
    let names: Vec<_> = fs::read_dir(&target)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["t.parquet"]);
    assert_eq!(
        read(&fs::read(target.join("t.parquet")).unwrap()).num_rows(),
        11
    );
}

/// Files in memory, of which those of some tables cannot be written.
struct Damaged(Memory, [&'static str; 2]);

struct Full(String);

impl Destination for Damaged {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        if self.1.contains(&table) {
            return Ok(Box::new(Full(table.to_owned())));
        }
        self.0.create(table, extension)
    }

    fn commit(self: Box<Self>) -> Result<(), WriteError> {
        Box::new(self.0).commit()
    }
}

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("there is no room"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Full {
    fn name(&self) -> &str {
        &self.0
    }

    fn len(&self) -> u64 {
        0
    }

    fn read_at(&mut self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::empty()))
    }

    fn buffered_bytes(&self) -> usize {
        0
    }
}

#[test]
fn of_tables_that_cannot_be_completed_the_first_is_named() {
    let one = batch(&[("x", range(0..10))]);
    for (threads, failing) in [(1, ["t3", "t30"]), (4, ["t30", "t3"]), (4, ["t8", "t7"])] {
        let (memory, files) = Memory::new();
        let damaged = Damaged(memory, failing);
        let options = ParquetOptions::default();
        let mut writer = Box::new(ParquetStreamingWriter::new(options, damaged));
        for number in 0..40 {
            let name = format!("t{number}");
            writer.begin_table(&spec(&name, one.rows.schema())).unwrap();
            writer.write_batch(&name, &one).unwrap();
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let error = pool
            .build()
            .unwrap()
            .install(|| writer.finish().unwrap_err());
        let first = if failing.contains(&"t3") { "t3" } else { "t7" };
        let WriteError::Encode { table, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(table, first, "{error}");
        assert!(files.take().is_empty());
    }
}
