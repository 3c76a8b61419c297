//! The stages of a run under stress: many threads and tiny chunks; sources that fail, stall or
//! panic; writers that fail, are slow or panic; runs that are cancelled at any moment. A run always
//! ends, has written the first rows in their order and no others, says what came first, and leaves
//! no thread behind.

use std::{
    any::Any,
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};

use proptest::prelude::*;
use transmog::{
    CancelToken, Error, Input, InputFormat, Memory, MemoryFiles, OutputFormat, OutputSpec, Problem,
    Processor, Report, StreamingWriter, TableBatch, TableSpec, TableSummary, Verdict, WriteError,
    WriterOptions,
    arrow_array::{Array, cast::AsArray, types::Int64Type},
    arrow_schema::SchemaRef,
    create_streaming_writer,
};

use crate::support::plain;

/// What happens in the end to whatever has a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Fails,
    Panics,
    /// Waits for a moment, again and again, and does no harm.
    Dawdles,
}

/// A trouble, and after how many calls it comes.
type Troubled = Option<(Trouble, usize)>;

#[derive(Debug, Clone)]
struct Case {
    threads: usize,
    chunk_size: usize,
    records: usize,
    /// The record that is none.
    bad: Option<usize>,
    source: Troubled,
    writer: Troubled,
    progress: Troubled,
    /// Calls of source and writer together after which another thread cancels the run.
    cancelled: Option<usize>,
    /// True if records come as values, one by one, and not as text that is read in blocks.
    values: bool,
}

/// What is meant to panic does so without a word.
const MEANT: &str = "meant";

/// What all troubles of a run have in common.
#[derive(Default)]
struct All {
    calls: AtomicUsize,
    /// True once something failed or panicked.
    broke: AtomicBool,
}

/// Calls so far, whose end may be trouble.
struct Calls {
    trouble: Troubled,
    so_far: usize,
    all: Arc<All>,
}

impl Calls {
    fn new(trouble: Troubled, all: &Arc<All>) -> Self {
        let all = Arc::clone(all);
        Self {
            trouble,
            so_far: 0,
            all,
        }
    }

    fn call(&mut self) -> io::Result<()> {
        self.so_far += 1;
        self.all.calls.fetch_add(1, Ordering::SeqCst);
        let broke = || self.all.broke.store(true, Ordering::SeqCst);
        match self.trouble {
            Some((Trouble::Fails, after)) if self.so_far > after => {
                broke();
                Err(io::Error::other("it broke"))
            }
            Some((Trouble::Panics, after)) if self.so_far > after => {
                broke();
                resume_unwind(Box::new(MEANT))
            }
            Some((Trouble::Dawdles, every)) if self.so_far.is_multiple_of(every + 1) => {
                thread::sleep(Duration::from_micros(300));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Text that comes in small pieces.
struct Pieces {
    text: io::Cursor<Vec<u8>>,
    calls: Calls,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls.call()?;
        let piece = buffer.len().min(40);
        self.text.read(&mut buffer[..piece])
    }
}

/// A record's numbers in the main table, and those of its items in another.
type Seen = Arc<Mutex<[Vec<i64>; 2]>>;

/// A writer that notes the numbers of all rows.
struct Watching {
    inner: Box<dyn StreamingWriter>,
    calls: Calls,
    seen: Seen,
}

impl Watching {
    fn called(&mut self) -> Result<(), WriteError> {
        self.calls.call().map_err(WriteError::io("write", "t"))
    }
}

impl StreamingWriter for Watching {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        self.inner.begin_table(table)
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        self.called()?;
        let mut seen = self.seen.lock().expect("panics come before");
        let numbers = batch.rows.column(0);
        let numbers = numbers.as_primitive::<Int64Type>();
        assert_eq!(numbers.null_count(), 0);
        seen[usize::from(table != "t")].extend(numbers.values());
        drop(seen);
        self.inner.write_batch(table, batch)
    }

    fn checkpoint(&mut self) -> Result<(), WriteError> {
        self.called()?;
        self.inner.checkpoint()
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        self.inner.set_schema(table, schema)
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        self.called()?;
        self.inner.finish()
    }
}

fn record(number: usize, case: &Case) -> String {
    if case.bad == Some(number) {
        return "nonsense".to_owned();
    }
    let items: Vec<String> = (0..number % 3)
        .map(|item| format!("{{\"n\":{}}}", 3 * number + item))
        .collect();
    format!("{{\"n\":{number},\"l\":[{}]}}", items.join(","))
}

fn input(case: &Case, all: &Arc<All>) -> Input<'static> {
    let mut calls = Calls::new(case.source, all);
    if case.values {
        let case = case.clone();
        let mut numbers = 0..case.records;
        let next = move || {
            let number = numbers.next()?;
            let value = calls.call().map(|()| {
                serde_json::from_str::<serde_json::Value>(&record(number, &case))
                    .unwrap_or_else(|_| "nonsense".into())
            });
            Some(value)
        };
        return Input::try_records(std::iter::from_fn(next));
    }
    let lines = (0..case.records).map(|number| record(number, case) + "\n");
    let text = io::Cursor::new(lines.collect::<String>().into_bytes());
    Input::reader("pieces", Pieces { text, calls })
}

/// What a run gave.
struct Ended {
    ran: Result<Result<Report, Error>, Box<dyn Any + Send>>,
    files: MemoryFiles,
    seen: [Vec<i64>; 2],
    cancelled: bool,
    broke: bool,
}

fn run(case: &Case, threads: usize) -> Ended {
    let all = Arc::new(All::default());
    let seen = Seen::default();
    // All threads of a run hold the strategy, or the function that is told of progress: what of
    // these is gone, is gone.
    let held = Arc::new(());
    let (memory, files) = Memory::new();
    let token = CancelToken::new();
    let ran = {
        let strategy = Arc::clone(&held);
        let strict = move |_: &Problem<'_>| {
            assert!(Arc::strong_count(&strategy) > 1);
            Verdict::Fail
        };
        let told = Arc::clone(&held);
        let progress = Mutex::new(Calls::new(case.progress, &all));
        let processor = Processor::new()
            .with_config(plain())
            .with_input_format(InputFormat::JsonLines)
            .with_recovery(strict)
            .with_threads(threads)
            .and_then(|processor| processor.with_chunk_size(case.chunk_size))
            .expect("allowed")
            .with_cancel(&token)
            .with_progress(move |_| {
                assert!(Arc::strong_count(&told) > 1);
                let called = progress.lock().map(|mut calls| calls.call());
                // It cannot fail.
                called.ok();
            });
        let writer = (Calls::new(case.writer, &all), Arc::clone(&seen));
        let format = OutputFormat::custom(move |destination| {
            let lines = WriterOptions::new().with("lines", true);
            let inner = create_streaming_writer("json", destination, &lines)?;
            let (calls, seen) = writer;
            Ok(Box::new(Watching { inner, calls, seen }))
        });
        let output = OutputSpec::new(format, memory);
        let (ended, canceller) = (channel::<()>(), token.clone());
        let (all_calls, after) = (Arc::clone(&all), case.cancelled);
        thread::scope(|scope| {
            let (run_ended, ended) = ended;
            scope.spawn(move || {
                let Some(after) = after else { return };
                while ended.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                    if all_calls.calls.load(Ordering::SeqCst) > after {
                        return canceller.cancel();
                    }
                    thread::yield_now();
                }
            });
            let run = || processor.stream_process(input(case, &all), "t", output);
            let ran = catch_unwind(AssertUnwindSafe(run));
            drop(run_ended);
            ran
        })
    };
    assert_eq!(Arc::strong_count(&held), 1, "a thread is still there");
    let seen = Arc::into_inner(seen).expect("nobody else has it");
    let seen = seen.into_inner().expect("no panic while it was held");
    let cancelled = token.is_cancelled();
    Ended {
        ran,
        files,
        seen,
        cancelled,
        broke: all.broke.load(Ordering::SeqCst),
    }
}

/// A run's end as text.
fn told(ended: &Ended) -> String {
    match &ended.ran {
        Ok(Ok(report)) => format!("{} records", report.records_read),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "a panic of the source's".to_owned(),
    }
}

fn check(case: &Case) {
    let ended = run(case, case.threads);
    let told_of = told(&ended);
    // The rows are the first ones, in order, and so are those of their items. A writer saw a batch
    // of records before the batch of their items.
    let [records, items] = &ended.seen;
    assert!(
        records.iter().copied().eq(0..records.len() as i64),
        "{records:?}"
    );
    assert!(records.len() <= case.bad.unwrap_or(case.records));
    let expected: Vec<i64> = (0..records.len())
        .flat_map(|number| (0..number % 3).map(move |item| (3 * number + item) as i64))
        .collect();
    assert!(expected.starts_with(items), "{items:?} of {expected:?}");
    let files = ended.files.take();
    match &ended.ran {
        Ok(Ok(report)) => {
            assert_eq!(report.records_read, case.records as u64);
            assert_eq!(records.len(), case.records);
            assert_eq!(*items, expected);
            assert_eq!(case.bad, None);
            assert!(!ended.broke);
            let lines = String::from_utf8_lossy(&files["t.jsonl"]).lines().count();
            assert_eq!(lines, case.records);
        }
        Ok(Err(error)) => {
            assert!(files.is_empty(), "{error}");
            if matches!(error, Error::Cancelled) {
                assert!(ended.cancelled);
            } else {
                assert!(ended.broke || case.bad.is_some(), "{error}");
            }
        }
        Err(panic) => {
            assert!(files.is_empty());
            assert_eq!(panic.downcast_ref::<&str>(), Some(&MEANT));
            assert!(matches!(case.source, Some((Trouble::Panics, _))));
        }
    }
    // One thread does all in order: what comes first to it comes first.
    if case.cancelled.is_none() {
        let alone = run(case, 1);
        let one_panics =
            |told: &str| told.contains("a worker panicked") || told.contains("a panic");
        let expected = told(&alone);
        // A panic of the source's is not held back by what its reader would have heard a moment
        // later.
        if one_panics(&expected) || one_panics(&told_of) {
            let panics = |trouble: Troubled| trouble.is_some_and(|(it, _)| it == Trouble::Panics);
            assert!(panics(case.source) || panics(case.writer) || panics(case.progress));
        } else {
            assert_eq!(told_of, expected);
        }
        if let (None, None, Some(bad)) = (case.source, case.writer, case.bad)
            && case.progress.is_none()
        {
            assert!(told_of.contains(&format!(": record {bad}")), "{told_of}");
        }
    }
}

/// Ends the tests with a word if this is not dropped in time.
fn watch(case: &Case) -> Sender<()> {
    let (watched, watch) = channel();
    let case = format!("{case:?}");
    thread::spawn(move || {
        let waited = watch.recv_timeout(Duration::from_mins(2));
        if waited == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            writeln!(io::stderr(), "the run does not end: {case}").ok();
            process::abort();
        }
    });
    watched
}

fn trouble(calls: usize) -> impl Strategy<Value = Troubled> {
    let trouble = prop_oneof![
        2 => Just(Trouble::Fails),
        1 => Just(Trouble::Panics),
        2 => Just(Trouble::Dawdles)
    ];
    prop::option::weighted(0.4, (trouble, 0..calls))
}

fn case() -> impl Strategy<Value = Case> {
    let sizes = (1..=16_usize, 1..4_usize, 0..150_usize, any::<bool>());
    let bad = prop::option::weighted(0.3, 0..150_usize);
    let cancelled = prop::option::weighted(0.25, 0..200_usize);
    let troubles = (trouble(150), trouble(150), trouble(80));
    (sizes, bad, cancelled, troubles).prop_map(|(sizes, bad, cancelled, troubles)| {
        let (threads, chunk_size, records, values) = sizes;
        let (source, writer, progress) = troubles;
        // A function that is told of progress cannot fail.
        let progress = progress.filter(|(trouble, _)| *trouble != Trouble::Fails);
        Case {
            threads,
            chunk_size,
            records,
            bad: bad.filter(|bad| *bad < records),
            source,
            writer,
            progress,
            cancelled,
            values,
        }
    })
}

proptest! {
    #![proptest_config(crate::support::cases(400))]

    #[test]
    fn a_run_ends_in_order_whatever_happens(case in case()) {
        let _watched = watch(&case);
        check(&case);
    }
}

/// Reading that panics is no end of the input.
#[test]
fn a_source_that_panics_makes_nothing_final() {
    for records in 0..5 {
        for threads in [1, 2, 5] {
            let (memory, files) = Memory::new();
            let processor = Processor::new()
                .with_chunk_size(1)
                .and_then(|it| it.with_threads(threads))
                .expect("allowed");
            let value = |number| serde_json::json!({ "a": number });
            let panics = std::iter::from_fn(|| resume_unwind(Box::new(MEANT)));
            let input = Input::records((0..records).map(value).chain(panics));
            let run = || processor.stream_process(input, "t", OutputSpec::new("json", memory));
            let ran = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
            assert_eq!(ran.downcast_ref::<&str>(), Some(&MEANT));
            assert!(files.take().is_empty());
        }
    }
}
