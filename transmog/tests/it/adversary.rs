//! Outputs that fail at every byte and at every call: a run then is an error that names what it was
//! about, and nothing of it is final.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use crate::support::plain;
use transmog::{
    Destination, Error, Input, Memory, MemoryFiles, Output, OutputFormat, OutputSpec, Processor,
    Single, StreamingWriter, TableBatch, TableSpec, TableSummary, WriteError, WriterOptions,
    arrow_schema::SchemaRef, create_streaming_writer,
};

const FORMATS: [&str; 3] = ["csv", "json", "parquet"];

/// Columns and a table that come late, types that widen, and a record that is left out.
const TEXT: &str =
    "{\"a\":true,\"b\":1}\n{\"a\":2,\"b\":2.5,\"l\":[\"x\"]}\nx\n{\"c\":\"y\",\"l\":[1]}\n";

/// What a destination still does before it fails.
#[derive(Debug, Clone)]
pub(crate) struct Strength(Arc<Mutex<Left>>);

#[derive(Debug, Clone, Copy)]
struct Left {
    bytes: u64,
    calls: u64,
}

const ENDLESS: u64 = 1 << 40;

impl Strength {
    fn new(bytes: u64, calls: u64) -> Self {
        Self(Arc::new(Mutex::new(Left { bytes, calls })))
    }

    pub(crate) fn endless() -> Self {
        Self::new(ENDLESS, ENDLESS)
    }

    pub(crate) fn bytes_only(bytes: u64) -> Self {
        Self::new(bytes, ENDLESS)
    }

    pub(crate) fn calls_only(calls: u64) -> Self {
        Self::new(ENDLESS, calls)
    }

    /// What was used of something endless.
    pub(crate) fn used(&self) -> (u64, u64) {
        let left = self.0.lock().expect("no panic");
        (ENDLESS - left.bytes, ENDLESS - left.calls)
    }

    fn call(&self) -> io::Result<()> {
        let mut left = self.0.lock().expect("no panic");
        let rest = left.calls.checked_sub(1);
        left.calls = rest.ok_or_else(|| io::Error::other("the disk is broken"))?;
        Ok(())
    }

    /// How many of so many bytes it still takes.
    fn bytes(&self, wanted: usize) -> io::Result<usize> {
        self.call()?;
        let mut left = self.0.lock().expect("no panic");
        let taken = left.bytes.min(wanted as u64);
        if taken == 0 && wanted > 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        left.bytes -= taken;
        Ok(taken as usize)
    }
}

/// Memory that fails when its strength is used up.
pub(crate) struct Failing {
    inner: Memory,
    strength: Strength,
}

impl Failing {
    pub(crate) fn new(strength: &Strength) -> (Self, MemoryFiles) {
        let (inner, files) = Memory::new();
        let strength = strength.clone();
        (Self { inner, strength }, files)
    }

    fn called(&self, action: &'static str, name: &str) -> Result<(), WriteError> {
        self.strength.call().map_err(WriteError::io(action, name))
    }
}

impl Destination for Failing {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        self.called("create", table)?;
        let inner = self.inner.create(table, extension)?;
        let strength = self.strength.clone();
        Ok(Box::new(FailingOutput { inner, strength }))
    }

    fn create_aside(
        &mut self,
        name: &str,
        extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        self.called("create", name)?;
        let inner = self.inner.create_aside(name, extension)?;
        let strength = self.strength.clone();
        let failing = |inner| Box::new(FailingOutput { inner, strength }) as Box<dyn Output>;
        Ok(inner.map(failing))
    }

    fn commit(self: Box<Self>) -> Result<(), WriteError> {
        self.called("commit", "orders")?;
        Box::new(self.inner).commit()
    }
}

struct FailingOutput {
    inner: Box<dyn Output>,
    strength: Strength,
}

impl Write for FailingOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.strength.bytes(data.len())?;
        self.inner.write(&data[..taken])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.strength.call()?;
        self.inner.flush()
    }
}

impl Output for FailingOutput {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.strength.call()?;
        self.inner.read_at(offset, buffer)
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        self.strength.call()?;
        let (inner, strength) = (self.inner.restart()?, self.strength.clone());
        Ok(Box::new(FailingRead { inner, strength }))
    }

    fn buffered_bytes(&self) -> usize {
        self.inner.buffered_bytes()
    }
}

struct FailingRead {
    inner: Box<dyn Read + Send>,
    strength: Strength,
}

impl Read for FailingRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.strength.call()?;
        self.inner.read(buffer)
    }
}

/// A writer that ends its row groups after every batch, so that those before it must be read back
/// when columns change.
struct Hasty(Box<dyn StreamingWriter>);

impl StreamingWriter for Hasty {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        self.0.begin_table(table)
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        self.0.write_batch(table, batch)?;
        self.0.checkpoint()
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        self.0.set_schema(table, schema)
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        self.0.finish()
    }
}

fn hasty(format: &str) -> OutputFormat {
    let name = format.to_owned();
    OutputFormat::custom(move |destination| {
        let options = match name.as_str() {
            "parquet" => WriterOptions::new().with("row_group_size", 1),
            _ => WriterOptions::new(),
        };
        let writer = create_streaming_writer(&name, destination, &options)?;
        Ok(Box::new(Hasty(writer)))
    })
}

fn processor() -> Processor {
    Processor::new()
        .with_threads(1)
        .and_then(|processor| processor.with_chunk_size(1))
        .and_then(|processor| processor.with_timestamp("2026-01-01T00:00:00Z"))
        .expect("allowed")
        .with_config(plain()) // Fewer bytes, each of which is tried.
        .with_recovery(transmog::DEFAULT)
        .with_manifest(true)
        .with_input_format(transmog::InputFormat::JsonLines)
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn run(format: &str, strength: &Strength, manifest: bool) -> (Result<(), Error>, MemoryFiles) {
    let (failing, files) = Failing::new(strength);
    let output = OutputSpec::new(hasty(format), failing);
    let processor = processor().with_manifest(manifest);
    let ran = processor.stream_process(TEXT, "orders", output);
    (ran.map(drop), files)
}

#[track_caller]
fn check(format: &str, strength: &Strength, manifest: bool, place: &str) {
    let (ran, files) = run(format, strength, manifest);
    let error = chain(&ran.expect_err(place));
    assert!(error.contains("orders"), "{place}: {error}");
    assert!(
        error.contains("the disk is broken") || error.contains("no storage space"),
        "{place}: {error}"
    );
    assert!(files.take().is_empty(), "{place}");
}

#[test]
fn a_destination_that_fails_at_any_byte() {
    for format in FORMATS {
        let endless = Strength::new(ENDLESS, ENDLESS);
        let (ran, files) = run(format, &endless, false);
        ran.expect("nothing is wrong");
        let (files, (bytes, _)) = (files.take(), endless.used());
        assert!(files.len() == 3 && bytes > 100, "{bytes} bytes");
        for bytes in 0..bytes {
            let strength = Strength::new(bytes, ENDLESS);
            check(format, &strength, false, &format!("{format}, byte {bytes}"));
        }
        let (ran, again) = run(format, &Strength::new(bytes, ENDLESS), false);
        ran.expect("it was enough");
        assert!(again.take() == files);
    }
}

#[test]
fn a_destination_that_fails_at_any_call() {
    for format in FORMATS {
        let endless = Strength::new(ENDLESS, ENDLESS);
        let (ran, files) = run(format, &endless, true);
        ran.expect("nothing is wrong");
        let (files, (_, calls)) = (files.take(), endless.used());
        assert!(files.len() == 4 && calls > 20, "{calls} calls");
        for calls in 0..calls {
            let strength = Strength::new(ENDLESS, calls);
            check(format, &strength, true, &format!("{format}, call {calls}"));
        }
        let (ran, again) = run(format, &Strength::new(ENDLESS, calls), true);
        ran.expect("it was enough");
        assert!(again.take() == files);
    }
}

/// A writer of the caller's that fails when its strength is used up.
struct FailingWriter(Strength);

impl Write for FailingWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.bytes(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.call()
    }
}

#[test]
fn a_writer_that_fails_at_any_byte_or_call() {
    for format in FORMATS {
        let run = |strength: &Strength| {
            let (single, _) = Single::new(FailingWriter(strength.clone()));
            let output = OutputSpec::new(hasty(format), single.dropping_child_tables());
            processor().stream_process(TEXT, "orders", output)
        };
        let endless = Strength::new(ENDLESS, ENDLESS);
        run(&endless).expect("nothing is wrong");
        let (bytes, calls) = endless.used();
        let by_bytes = (0..bytes).map(|bytes| Strength::new(bytes, ENDLESS));
        for strength in by_bytes.chain((0..calls).map(|calls| Strength::new(ENDLESS, calls))) {
            let error = run(&strength).expect_err("it fails");
            assert!(
                matches!(&error, Error::Write(WriteError::Writer { table, .. }) if table == "orders"),
                "{error:?}"
            );
        }
        run(&Strength::new(bytes, calls)).expect("it was enough");
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").next().is_none()
}

#[test]
fn a_file_that_is_cut_while_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("in.jsonl");
    let long = "x".repeat(10_000);
    let mut file = io::BufWriter::new(fs::File::create(&path).expect("made"));
    for id in 0..3000 {
        writeln!(file, "{{\"id\":{id},\"text\":\"{long}\"}}").expect("written");
    }
    drop(file);
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("made");
    let input = path.clone();
    // The file is much longer than what is read ahead.
    let cut = processor().with_progress(move |_| {
        let file = fs::File::options()
            .write(true)
            .open(&input)
            .expect("a file");
        file.set_len(11).expect("cut");
    });
    let error = cut.stream_process_file(&path, "t", OutputSpec::directory("csv", &out));
    let error = chain(&error.expect_err("it was cut"));
    assert!(
        error.contains("in.jsonl") && error.contains("and has 11 now"),
        "{error}"
    );
    assert!(is_empty(&out));
}

/// A reader that cancels the run, and then has more to give.
struct Cancelling(transmog::CancelToken, usize, usize);

impl Read for Cancelling {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1 == 2 {
            self.0.cancel();
        }
        let line = b"{\"id\":1}\n";
        let count = buffer.len().min(line.len() - self.2);
        buffer[..count].copy_from_slice(&line[self.2..self.2 + count]);
        self.2 = (self.2 + count) % line.len();
        Ok(count)
    }
}

#[test]
fn a_cancelled_run_ends_although_its_input_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    for threads in [1, 3] {
        let token = transmog::CancelToken::new();
        let input = Input::reader("endless", Cancelling(token.clone(), 0, 0));
        let processor = processor()
            .with_threads(threads)
            .expect("allowed")
            .with_cancel(&token);
        let output = OutputSpec::directory("csv", folder.path().join("out"))
            .with_rejects_file(folder.path().join("rejects/r.jsonl"));
        let ended = processor.stream_process(input, "t", output);
        assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");
        assert!(is_empty(folder.path()));
        // The token stays cancelled.
        let ended = processor.process("{\"id\":1}", "t");
        assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");
    }
}
