//! The threads of a run. Each worker shreds chunks; the one that has the next chunk in input order
//! writes it.
//!
//! ```text
//! worker A   shred 0  | write 0, write 1 | shred 3 | ...
//! worker B   shred 1  | shred 2  | write 2         | ...
//! ```
//!
//! Worker A also writes chunk 1, which is ready by then. No thread waits for another while there is
//! work. Writers that encode in parallel use the same threads. Chunks in flight are bounded in
//! number and bytes: a slow disk slows the reader.

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
};

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};
use transmog_core::{Error as DataError, ShreddedChunk, Shredder};

use super::{Ended, Job, Ordered, Read, Shredded, shred_chunk};
use crate::{
    error::Error,
    records::{
        Rules,
        csv::{TextColumns, TextFrom},
    },
    split::{BLOCK_BYTES, Source},
};

/// Bytes of stack of a worker, enough for the deepest nesting that settings allow.
const STACK_BYTES: usize = 64 << 20;

/// Most chunks in flight beside one for each thread: those that were read, and those that wait to
/// be written. One is enough if chunks are large; with small ones, threads would wait for the
/// writing one.
const SPARE_CHUNKS: usize = 4;

/// Reads, shreds and writes everything.
///
/// # Errors
/// The first one in input order.
pub(super) fn run(source: &mut impl Source, ordered: Ordered, job: &Job) -> Result<Ended, Error> {
    let chunks = &InFlight::new(ordered, job);
    thread::scope(|scope| {
        let (to_pool, reads) = channel();
        // A separate thread waits for the pool. If the caller did and were itself a thread of a
        // pool, it would start other work of that pool while waiting, perhaps another run on top of
        // this one.
        let waits = thread::Builder::new()
            .name("transmog".into())
            .spawn_scoped(scope, move || run_pool(chunks, &reads))
            .map_err(|error| no_thread(&error))?;
        for number in 0.. {
            let Some(read) = chunks.next_chunk(source) else {
                break;
            };
            let is_last = read.is_err();
            if to_pool.send((number, read)).is_err() || is_last {
                break;
            }
        }
        chunks.end_reading();
        drop(to_pool);
        waits.join().unwrap_or_else(|_| Err(panicked()))
    })
}

/// Runs a pool on the chunks that are read, until there are no more, and finishes the run.
fn run_pool(chunks: &InFlight<'_>, reads: &Receiver<(u64, Read)>) -> Result<Ended, Error> {
    let threads = ThreadPoolBuilder::new()
        .num_threads(chunks.job.threads)
        .thread_name(|number| format!("transmog-{number}"))
        .stack_size(STACK_BYTES);
    let stages = |pool: &ThreadPool| {
        pool.in_place_scope(|scope| {
            for (number, read) in reads {
                scope.spawn(move |_| chunks.work(number, read));
            }
        });
        let ordered = chunks.end()?;
        pool.install(|| caught(|| ordered.finish()))
    };
    let ran = threads.build_scoped(ThreadBuilder::run, stages);
    ran.unwrap_or_else(|error| {
        chunks.give_up();
        Err(no_thread(&error))
    })
}

fn no_thread(error: &dyn std::error::Error) -> Error {
    let mebibytes = STACK_BYTES >> 20;
    let reason = format!(
        "cannot start another: {error}; use fewer, or allow the process more of them and {mebibytes} MiB of address space \
         for each"
    );
    DataError::setting("threads", reason).into()
}

fn panicked() -> Error {
    DataError::internal("a worker panicked").into()
}

/// The chunks in flight, and the ordered stage that writes one after another.
struct InFlight<'j> {
    job: &'j Job,
    rules: Rules,
    /// CSV columns that are text by now.
    text_columns: TextColumns,
    /// Idle shredders. They keep what they have learnt about paths.
    shredders: Mutex<Vec<Shredder>>,
    state: Mutex<State>,
    /// Notified when a chunk is written, or the run has failed.
    written: Condvar,
}

struct State {
    /// Shredded chunks that wait to be written, by number.
    shredded: BTreeMap<u64, Result<Shredded, Error>>,
    /// Number of the next chunk to write.
    next: u64,
    /// Bytes of each chunk in flight, in order: of its text, and once it is shredded, of its
    /// columns, which can be much larger in wide tables.
    in_flight: VecDeque<usize>,
    /// True after the last chunk. If reading panics, it stays false.
    is_read: bool,
    stage: Stage,
}

enum Stage {
    Free(Box<Ordered>),
    /// A thread is writing.
    Busy,
    Failed(Error),
}

impl<'j> InFlight<'j> {
    fn new(ordered: Ordered, job: &'j Job) -> Self {
        Self {
            job,
            rules: job.rules(),
            text_columns: ordered.text_columns().clone(),
            shredders: Mutex::default(),
            state: Mutex::new(State {
                shredded: BTreeMap::new(),
                next: 0,
                in_flight: VecDeque::new(),
                is_read: false,
                stage: Stage::Free(Box::new(ordered)),
            }),
            written: Condvar::new(),
        }
    }

    /// Waits for room, then reads a chunk. `None` at the end of the input, and if the run has
    /// failed.
    fn next_chunk(&self, source: &mut impl Source) -> Option<Read> {
        let mut state = lock(&self.state);
        while !state.has_failed() && !state.has_room(self.job.threads) {
            let woken = self.written.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        if state.has_failed() {
            return None;
        }
        drop(state);
        let read = self.job.cancel.check().and_then(|()| source.next_chunk());
        let read = read.transpose()?;
        let bytes = read.as_ref().map_or(0, |chunk| chunk.data.len());
        lock(&self.state).in_flight.push_back(bytes);
        Some(read.map(|chunk| (chunk, source.bytes_read())))
    }

    /// Shreds a chunk, then writes all chunks that are next in order.
    fn work(&self, number: u64, read: Read) {
        if lock(&self.state).has_failed() {
            return;
        }
        let shredded = caught(|| {
            let unused = lock(&self.shredders).pop();
            let mut shredder = unused.unwrap_or_else(|| Shredder::new(Arc::clone(&self.job.plan)));
            let text = TextFrom::whole(self.text_columns.names());
            let shredded = shred_chunk(&mut shredder, read, &self.rules, &text)?;
            // After a failure the shredder may hold rows, so it is not reused.
            if shredded.taken.failed.is_none() {
                lock(&self.shredders).push(shredder);
            }
            Ok(shredded)
        });
        let mut state = lock(&self.state);
        if let Ok(shredded) = &shredded {
            state.holds(number, shredded);
        }
        state.shredded.insert(number, shredded);
        while let Some((mut ordered, shredded)) = state.take_next() {
            drop(state);
            let taken = caught(|| ordered.take(shredded?));
            // Remove the files of a failed run here, without holding the lock.
            let stage = match taken {
                Ok(()) => Stage::Free(ordered),
                Err(error) => {
                    drop(ordered);
                    Stage::Failed(error)
                }
            };
            state = lock(&self.state);
            state.next += 1;
            state.in_flight.pop_front();
            state.stage = stage;
            self.written.notify_one();
        }
    }

    /// Ends reading, because there are no workers.
    fn give_up(&self) {
        lock(&self.state).stage = Stage::Failed(panicked());
        self.written.notify_one();
    }

    fn end_reading(&self) {
        lock(&self.state).is_read = true;
    }

    /// The ordered stage, after it has written every chunk.
    fn end(&self) -> Result<Box<Ordered>, Error> {
        let mut state = lock(&self.state);
        let is_read = state.is_read;
        match mem::replace(&mut state.stage, Stage::Busy) {
            Stage::Free(ordered) if is_read => Ok(ordered),
            Stage::Free(_) | Stage::Busy => Err(DataError::internal("a chunk is missing").into()),
            Stage::Failed(error) => Err(error),
        }
    }
}

impl State {
    fn has_failed(&self) -> bool {
        matches!(self.stage, Stage::Failed(_))
    }

    /// Notes the size of a shredded chunk.
    fn holds(&mut self, number: u64, shredded: &Shredded) {
        let place = number.checked_sub(self.next).map(usize::try_from);
        if let Some(Ok(at)) = place
            && let Some(bytes) = self.in_flight.get_mut(at)
        {
            let parts = shredded.taken.parts.iter();
            *bytes = parts.map(ShreddedChunk::bytes).sum();
        }
    }

    /// True if another chunk may be read: up to one more than there are threads, or a few more
    /// while all are together smaller than one block for each thread.
    fn has_room(&self, threads: usize) -> bool {
        let chunks = self.in_flight.len();
        let bytes: usize = self.in_flight.iter().sum();
        chunks <= threads || (chunks < threads + SPARE_CHUNKS && bytes < threads * BLOCK_BYTES)
    }

    /// The ordered stage and the next chunk; `None` if a thread is writing, or the chunk is not
    /// shredded yet.
    fn take_next(&mut self) -> Option<(Box<Ordered>, Result<Shredded, Error>)> {
        if !matches!(self.stage, Stage::Free(_)) {
            return None;
        }
        let shredded = self.shredded.remove(&self.next)?;
        match mem::replace(&mut self.stage, Stage::Busy) {
            Stage::Free(ordered) => Some((ordered, shredded)),
            Stage::Busy | Stage::Failed(_) => None,
        }
    }
}

/// Locks a mutex, even after a panic: the state is consistent between any two changes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work`, and turns a panic into an error. What it used must not be used again then.
fn caught<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()))
}
