//! The threads of a run. Each shreds chunks, and the one that has the chunk whose turn it is hands it to the ordered stage: no
//! thread waits for another while there is work. Writers that encode in parallel do so on the same threads.

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

/// Stack of a worker, in bytes: room for the deepest nesting that settings allow.
const STACK_BYTES: usize = 64 << 20;

/// At most so many chunks under way beside those that each thread works on: what was read, and what waits for its turn. One is
/// enough if chunks are large; of small ones it takes more, or threads wait for the one that writes.
const SPARE_CHUNKS: usize = 4;

/// Reads, shreds and writes everything.
///
/// # Errors
/// The first one in input order.
pub(super) fn run(source: &mut impl Source, ordered: Ordered, job: &Job) -> Result<Ended, Error> {
    let turns = &Turns::new(ordered, job);
    thread::scope(|scope| {
        let (to_pool, reads) = channel();
        // It waits for the pool in the caller's place: a caller that is a thread of another pool would take up that pool's
        // work meanwhile, another run perhaps, on top of this one.
        let waits = thread::Builder::new()
            .name("transmog".into())
            .spawn_scoped(scope, move || run_pool(turns, &reads))
            .map_err(|error| no_thread(&error))?;
        for number in 0.. {
            let Some(read) = turns.next_chunk(source) else {
                break;
            };
            let is_last = read.is_err();
            if to_pool.send((number, read)).is_err() || is_last {
                break;
            }
        }
        turns.end_reading();
        drop(to_pool);
        waits.join().unwrap_or_else(|_| Err(panicked()))
    })
}

/// Has a pool work on what is read, until there is no more, and ends the run.
fn run_pool(turns: &Turns<'_>, reads: &Receiver<(u64, Read)>) -> Result<Ended, Error> {
    let threads = ThreadPoolBuilder::new()
        .num_threads(turns.job.threads)
        .thread_name(|number| format!("transmog-{number}"))
        .stack_size(STACK_BYTES);
    let stages = |pool: &ThreadPool| {
        pool.in_place_scope(|scope| {
            for (number, read) in reads {
                scope.spawn(move |_| turns.work(number, read));
            }
        });
        let ordered = turns.end()?;
        pool.install(|| caught(|| ordered.finish()))
    };
    let ran = threads.build_scoped(ThreadBuilder::run, stages);
    ran.unwrap_or_else(|error| {
        turns.give_up();
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

/// The chunks under way, and whose turn it is.
struct Turns<'j> {
    job: &'j Job,
    rules: Rules,
    /// CSV columns that are text by now.
    text_columns: TextColumns,
    /// What no thread uses: what a shredder has learnt is of use for any chunk.
    shredders: Mutex<Vec<Shredder>>,
    state: Mutex<State>,
    /// Told when a chunk is written, or the run has failed.
    written: Condvar,
}

struct State {
    /// Shredded chunks by number.
    shredded: BTreeMap<u64, Result<Shredded, Error>>,
    /// Number of the chunk to write next.
    next: u64,
    /// Bytes of the chunks that were read and are not written, in order: of input, and once they are shredded, of columns. In wide
    /// tables these are many times as large, because a cell that is empty takes room too.
    under_way: VecDeque<usize>,
    /// True behind the last chunk. Reading that panics never gets there.
    is_read: bool,
    stage: Stage,
}

enum Stage {
    Free(Box<Ordered>),
    /// A thread is writing.
    Busy,
    Failed(Error),
}

impl<'j> Turns<'j> {
    fn new(ordered: Ordered, job: &'j Job) -> Self {
        Self {
            job,
            rules: job.rules(),
            text_columns: ordered.text_columns().clone(),
            shredders: Mutex::default(),
            state: Mutex::new(State {
                shredded: BTreeMap::new(),
                next: 0,
                under_way: VecDeque::new(),
                is_read: false,
                stage: Stage::Free(Box::new(ordered)),
            }),
            written: Condvar::new(),
        }
    }

    /// Reads a chunk once there is room for one. `None` at the end of the input, and when the run has failed.
    fn next_chunk(&self, source: &mut impl Source) -> Option<Read> {
        let mut state = lock(&self.state);
        while !state.has_failed() && !state.has_room(self.job.threads) {
            let told = self.written.wait(state);
            state = told.unwrap_or_else(PoisonError::into_inner);
        }
        if state.has_failed() {
            return None;
        }
        drop(state);
        let read = self.job.cancel.check().and_then(|()| source.next_chunk());
        let read = read.transpose()?;
        let bytes = read.as_ref().map_or(0, |chunk| chunk.data.len());
        lock(&self.state).under_way.push_back(bytes);
        Some(read.map(|chunk| (chunk, source.bytes_read())))
    }

    /// Shreds a chunk, and writes whatever has its turn then.
    fn work(&self, number: u64, read: Read) {
        if lock(&self.state).has_failed() {
            return;
        }
        let shredded = caught(|| {
            let unused = lock(&self.shredders).pop();
            let mut shredder =
                unused.unwrap_or_else(|| Shredder::new(Arc::clone(&self.job.config)));
            let text = TextFrom::whole(self.text_columns.names());
            let shredded = shred_chunk(&mut shredder, read, &self.rules, &text)?;
            // What failed may still be in the shredder, and an earlier chunk may come after it.
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
        while let Some((mut ordered, shredded)) = state.take_turn() {
            drop(state);
            let taken = caught(|| ordered.take(shredded?));
            // A run that has failed removes its files, while nobody waits for it.
            let stage = match taken {
                Ok(()) => Stage::Free(ordered),
                Err(error) => {
                    drop(ordered);
                    Stage::Failed(error)
                }
            };
            state = lock(&self.state);
            state.next += 1;
            state.under_way.pop_front();
            state.stage = stage;
            self.written.notify_one();
        }
    }

    /// Ends the reading, because there is nobody to work.
    fn give_up(&self) {
        lock(&self.state).stage = Stage::Failed(panicked());
        self.written.notify_one();
    }

    fn end_reading(&self) {
        lock(&self.state).is_read = true;
    }

    /// The ordered stage, which has taken every chunk.
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

    /// Notes how much room a shredded chunk takes.
    fn holds(&mut self, number: u64, shredded: &Shredded) {
        let place = number.checked_sub(self.next).map(usize::try_from);
        if let Some(Ok(at)) = place
            && let Some(bytes) = self.under_way.get_mut(at)
        {
            let parts = shredded.taken.parts.iter();
            *bytes = parts.map(ShreddedChunk::bytes).sum();
        }
    }

    /// True if another chunk may be read: one more than there are threads, or some while all together are smaller than a block for
    /// each thread.
    fn has_room(&self, threads: usize) -> bool {
        let chunks = self.under_way.len();
        let bytes: usize = self.under_way.iter().sum();
        chunks <= threads || (chunks < threads + SPARE_CHUNKS && bytes < threads * BLOCK_BYTES)
    }

    /// The ordered stage and the chunk whose turn it is, unless a thread is at it, or the chunk is not there yet.
    fn take_turn(&mut self) -> Option<(Box<Ordered>, Result<Shredded, Error>)> {
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

/// What was locked: the state is whole between any two of its changes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs something that is not used again if it panics.
fn caught<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()))
}
