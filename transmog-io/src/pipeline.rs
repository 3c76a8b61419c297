//! Runs the stages: reads chunks on the calling thread, shreds them on workers, and hands them on in input order. Names no
//! format, and knows nothing of JSON and CSV but that a chunk can be shredded.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Instant,
};

use transmog_core::{Config, DEEPEST, Error as DataError, Run, Shredder};

use crate::{
    cancel::CancelToken,
    csv,
    error::Error,
    intake::{Intake, Rules},
    json,
    manifest::ManifestTo,
    progress::OnProgress,
    recovery::Recovery,
    report::Report,
    source::{Chunk, Records, Source},
    writer::StreamingWriter,
};

mod limit;
mod ordered;
mod rejects;

pub use limit::MaxRejects;
use ordered::{Ordered, Shredded};
pub use rejects::RejectsTo;

/// Stack of a worker, in bytes: room for the deepest nesting that settings allow.
const STACK_BYTES: usize = 64 << 20;

/// Chunks that wait between two stages.
const QUEUE: usize = 1;

/// What a run does with the records of its source.
#[derive(Debug, Clone)]
pub struct Job {
    /// How records become rows.
    pub config: Arc<Config>,
    /// Name of the main table.
    pub entity: String,
    /// Threads that work, at least 1; reading, which mostly waits, is not counted.
    pub threads: usize,
    /// What all rows share.
    pub run: Run,
    /// What becomes of records that something is wrong with.
    pub recovery: Recovery,
    /// How many bad records are too many; `None` if none are.
    pub max_rejects: Option<MaxRejects>,
    /// Bytes of a record that may be held at a time; what is larger is a bad record.
    pub max_record_bytes: Option<usize>,
    /// True if `NaN` and infinities are floats like any other.
    pub allow_nan: bool,
    /// Bytes of rows that the writer may hold; `None` leaves it to the writer.
    pub writer_memory: Option<usize>,
    /// Called after every chunk.
    pub on_progress: Option<OnProgress>,
    /// What may end the run from outside.
    pub cancel: CancelToken,
}

impl Job {
    fn rules(&self) -> Rules {
        Rules {
            // Anything deeper is text for certain, even where an array's items count their levels anew.
            deepest: 2 * DEEPEST + 2,
            allow_nan: self.allow_nan,
            cast: self.config.cast(),
            recovery: self.recovery.clone(),
            max_record_bytes: self.max_record_bytes.unwrap_or(usize::MAX),
        }
    }
}

/// What a run writes beside its tables.
#[derive(Debug, Default)]
pub struct Asides {
    /// Where records go that something was wrong with.
    pub rejects: Option<RejectsTo>,
    /// Where it is said what the tables are.
    pub manifest: Option<ManifestTo>,
}

impl From<Option<RejectsTo>> for Asides {
    fn from(rejects: Option<RejectsTo>) -> Self {
        Self {
            rejects,
            manifest: None,
        }
    }
}

/// Reads everything, writes everything, and makes the output final. Records that are left out go to the rejects.
///
/// # Errors
/// The first one in input order. The output is then removed.
pub fn run(
    source: impl Source,
    writer: Box<dyn StreamingWriter>,
    asides: impl Into<Asides>,
    job: &Job,
) -> Result<Report, Error> {
    let ran = run_stages(source, writer, asides.into(), job);
    // Whatever failed then failed because of it.
    ran.map_err(|error| job.cancel.check().err().unwrap_or(error))
}

fn run_stages(
    mut source: impl Source,
    writer: Box<dyn StreamingWriter>,
    asides: Asides,
    job: &Job,
) -> Result<Report, Error> {
    let start = Instant::now();
    let config = Arc::new(job.config.prepared(&job.entity)?);
    let job = &Job {
        config,
        ..job.clone()
    };
    let ordered = Ordered::new(writer, asides, source.total_bytes(), job)?;
    let ordered = thread::scope(|scope| {
        let mut shredders = Vec::new();
        // With one thread, the worker that shreds also writes: there is no hand-over.
        let (readers, finish) = if job.threads < 2 {
            let (to_worker, chunks) = sync_channel(QUEUE);
            let worker = spawn(scope, "transmog", move || {
                shred_and_write(&chunks, ordered, job)
            })?;
            (vec![to_worker], worker)
        } else {
            let mut to_workers = Vec::new();
            let mut from_workers = Vec::new();
            for _ in 1..job.threads {
                let (to_worker, chunks) = sync_channel(QUEUE);
                let (shredded, from_worker) = sync_channel(QUEUE);
                shredders.push(spawn(scope, "transmog-shred", move || {
                    shred(&chunks, &shredded, job);
                })?);
                to_workers.push(to_worker);
                from_workers.push(from_worker);
            }
            let writer = move || write_in_turn(&from_workers, ordered);
            (to_workers, spawn(scope, "transmog-write", writer)?)
        };
        read(&mut source, readers, &job.cancel);
        let panicked = || DataError::internal("a worker panicked").into();
        let finished = finish.join().unwrap_or_else(|_| Err(panicked()));
        // All are joined, because a scope panics with any other. To the writer, one that panicked looks like the end.
        let panics = shredders.into_iter().filter_map(|one| one.join().err());
        if panics.count() > 0 {
            return Err(panicked());
        }
        finished
    })?;
    let mut report = ordered.finish()?;
    report.bytes_read = source.bytes_read();
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<thread::ScopedJoinHandle<'scope, T>, Error> {
    let builder = thread::Builder::new()
        .name(name.into())
        .stack_size(STACK_BYTES);
    builder.spawn_scoped(scope, work).map_err(|error| {
        let mebibytes = STACK_BYTES >> 20;
        let reason = format!(
            "cannot start another: {error}; use fewer, or allow the process more of them and {mebibytes} MiB of address space \
             for each"
        );
        DataError::setting("threads", reason).into()
    })
}

/// What reading gives to the workers: a chunk and the bytes read so far, or why there are no more.
type Read = Result<(Chunk, u64), Error>;

/// Deals chunks out to the workers in turn. Ends when there are no more, or when nobody takes them any longer.
#[expect(
    clippy::needless_pass_by_value,
    reason = "dropping the senders ends the workers"
)]
fn read(source: &mut impl Source, workers: Vec<SyncSender<Read>>, cancel: &CancelToken) {
    for worker in workers.iter().cycle() {
        let read = cancel.check().and_then(|()| source.next_chunk());
        let failed = read.is_err();
        let Some(read) = read.transpose() else { return };
        let read = read.map(|chunk| (chunk, source.bytes_read()));
        if worker.send(read).is_err() || failed {
            return;
        }
    }
}

fn shred_chunk(shredder: &mut Shredder, read: Read, rules: &Rules) -> Result<Shredded, Error> {
    let (chunk, bytes_read) = read?;
    let mut intake = Intake::new(shredder, &chunk, rules);
    let taken = match &chunk.records {
        Records::Rows { rows, table } => csv::shred(&mut intake, rows, table),
        Records::Lines | Records::Items(_) | Records::Part { .. } => json::shred(&mut intake),
    };
    let taken = taken.and_then(|()| intake.tell_broken());
    let taken = taken.and_then(|()| intake.tell_early_end());
    Ok(Shredded {
        taken: intake.finish(taken),
        place: chunk.place(),
        passed_over: chunk.passed_over,
        input_number: chunk.input_number,
        ends_block: chunk.ends_block,
        bytes_read,
    })
}

fn shred(chunks: &Receiver<Read>, shredded: &SyncSender<Result<Shredded, Error>>, job: &Job) {
    let mut shredder = Shredder::new(Arc::clone(&job.config));
    let rules = job.rules();
    for chunk in chunks {
        let chunk = shred_chunk(&mut shredder, chunk, &rules);
        if shredded.send(chunk).is_err() {
            return;
        }
    }
}

fn write_in_turn(
    workers: &[Receiver<Result<Shredded, Error>>],
    mut ordered: Ordered,
) -> Result<Ordered, Error> {
    for worker in workers.iter().cycle() {
        // The first worker without a chunk in its turn is where the input ended.
        let Ok(shredded) = worker.recv() else { break };
        ordered.take(shredded?)?;
    }
    Ok(ordered)
}

fn shred_and_write(
    chunks: &Receiver<Read>,
    mut ordered: Ordered,
    job: &Job,
) -> Result<Ordered, Error> {
    let mut shredder = Shredder::new(Arc::clone(&job.config));
    let rules = job.rules();
    for read in chunks {
        ordered.take(shred_chunk(&mut shredder, read, &rules)?)?;
    }
    Ok(ordered)
}
