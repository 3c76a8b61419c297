//! Runs the work of a writer on all threads, and receives the results in order.

use std::{
    collections::BTreeMap,
    iter::Peekable,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use rayon::{Scope, current_num_threads, in_place_scope, yield_now};

/// How long the calling thread waits for a result before it looks for other work in the pool.
const PATIENCE: Duration = Duration::from_millis(2);

/// Calls `work` with each item on the threads of the current pool, and `take` with each result, on
/// the calling thread, in the order of the items.
///
/// ```text
/// items      0  1  2  3  4 ...
/// work       on any thread, up to `ahead` items before the next one to take
/// take       0, 1, 2, ... on the calling thread
/// ```
///
/// The iterator is called by one thread at a time, one item ahead; it should be quick, and must not
/// use the pool.
///
/// Unlike with rayon's iterators, the calling thread does not start unrelated work of the pool
/// while it has items, or while another thread is about to finish one: that would block the table
/// that it holds for as long as the other work takes. (It may do so shortly before it returns.)
/// Outside of a pool, the global pool is used, and the call returns after that has seen all its
/// jobs.
///
/// # Errors
/// The first error of `take`. No further items are begun then.
pub fn in_order<T: Send, R: Send, E>(
    items: impl IntoIterator<Item = T, IntoIter: Send>,
    ahead: usize,
    work: impl Fn(T) -> R + Sync,
    take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let shared = Shared {
        ahead: ahead.max(1),
        work,
        state: Mutex::new(State {
            items: items.into_iter().peekable(),
            begun: 0,
            taken: 0,
            done: BTreeMap::new(),
            helpers: 0,
            working: 0,
            is_over: false,
        }),
        changed: Condvar::new(),
    };
    in_place_scope(|scope| {
        let _ended = Ended(&shared);
        shared.lead(scope, take)
    })
}

struct Shared<I: Iterator, W, R> {
    ahead: usize,
    work: W,
    state: Mutex<State<I, R>>,
    /// Notified when an item is done, and when a helper ends.
    changed: Condvar,
}

struct State<I: Iterator, R> {
    /// Items that no thread has begun.
    items: Peekable<I>,
    /// Number of items begun or done.
    begun: usize,
    taken: usize,
    /// Results that wait to be taken, by number.
    done: BTreeMap<usize, R>,
    /// Jobs spawned and not ended, and those of them that run.
    helpers: usize,
    working: usize,
    /// True after a failure: nothing more is begun.
    is_over: bool,
}

impl<I, W, R> Shared<I, W, R>
where
    I: Iterator<Item: Send> + Send,
    W: Fn(I::Item) -> R + Sync,
    R: Send,
{
    fn lead<'s, E>(
        &'s self,
        scope: &Scope<'s>,
        mut take: impl FnMut(R) -> Result<(), E>,
    ) -> Result<(), E> {
        let most = current_num_threads() - 1;
        let mut taken = Ok(());
        let mut state = self.lock();
        while taken.is_ok() {
            let next = state.taken;
            let result = state.done.remove(&next);
            state.taken += usize::from(result.is_some());
            let begun = if result.is_none() {
                self.begin(&mut state)
            } else {
                None
            };
            // This thread will be busy: let another one help if there is an item.
            if state.helpers < most && self.may_begin(&mut state) {
                state.helpers += 1;
                drop(state);
                scope.spawn(|_| self.help());
                state = self.lock();
            }
            if let Some(result) = result {
                drop(state);
                taken = take(result);
                state = self.lock();
            } else if let Some((number, item)) = begun {
                drop(state);
                let result = (self.work)(item);
                state = self.lock();
                state.done.insert(number, result);
            } else if state.taken == state.begun || state.is_over {
                break;
            } else {
                let (woken, waited) = self
                    .changed
                    .wait_timeout(state, PATIENCE)
                    .unwrap_or_else(PoisonError::into_inner);
                state = woken;
                if waited.timed_out() {
                    drop(state);
                    yield_now();
                    state = self.lock();
                }
            }
        }
        state.is_over = true;
        let had_helpers = state.helpers > 0;
        while state.working > 0 {
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        if had_helpers {
            // Their jobs are about to end. Without this, the scope would start unrelated work
            // meanwhile.
            thread::yield_now();
        }
        taken
    }

    /// Works on items until none may be begun.
    fn help(&self) {
        let mut helper = Helper {
            shared: self,
            has_panicked: true,
        };
        let mut state = self.lock();
        state.working += 1;
        while let Some((number, item)) = self.begin(&mut state) {
            drop(state);
            let result = (self.work)(item);
            state = self.lock();
            state.done.insert(number, result);
            if number == state.taken {
                self.changed.notify_one();
            }
        }
        drop(state);
        helper.has_panicked = false;
    }

    /// True if an item may be begun now.
    fn may_begin(&self, state: &mut State<I, R>) -> bool {
        !state.is_over && state.begun < state.taken + self.ahead && state.items.peek().is_some()
    }

    /// The next item to work on, and its number.
    fn begin(&self, state: &mut State<I, R>) -> Option<(usize, I::Item)> {
        let item = if self.may_begin(state) {
            state.items.next()?
        } else {
            return None;
        };
        state.begun += 1;
        Some((state.begun - 1, item))
    }
}

impl<I: Iterator, W, R> Shared<I, W, R> {
    fn lock(&self) -> MutexGuard<'_, State<I, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the helpers when the calling thread leaves, even if it panics.
struct Ended<'s, I: Iterator, W, R>(&'s Shared<I, W, R>);

impl<I: Iterator, W, R> Drop for Ended<'_, I, W, R> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
    }
}

/// Notifies the calling thread when a helper ends, even if it panics.
struct Helper<'s, I: Iterator, W, R> {
    shared: &'s Shared<I, W, R>,
    has_panicked: bool,
}

impl<I: Iterator, W, R> Drop for Helper<'_, I, W, R> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.working -= 1;
        state.helpers -= 1;
        state.is_over |= self.has_panicked;
        self.shared.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("threads")
    }

    #[test]
    fn results_come_in_their_order() {
        for (threads, ahead, count) in [(1, 1, 5), (1, 9, 0), (2, 1, 50), (3, 4, 500), (4, 0, 9)] {
            let mut taken = Vec::new();
            let (begun, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let work = |item: usize| {
                let ahead_now = begun
                    .fetch_add(1, Ordering::SeqCst)
                    .saturating_sub(finished.load(Ordering::SeqCst));
                assert!(ahead_now <= ahead.max(1), "too many at a time");
                if item.is_multiple_of(7) {
                    thread::sleep(Duration::from_micros(200));
                }
                item * 2
            };
            let take = |result| {
                finished.fetch_add(1, Ordering::SeqCst);
                taken.push(result);
                Ok::<(), ()>(())
            };
            pool(threads)
                .install(|| in_order(0..count, ahead, work, take))
                .expect("no error");
            assert!(taken.into_iter().eq((0..count).map(|item| item * 2)));
        }
    }

    #[test]
    fn the_first_error_ends_it() {
        let begun = AtomicUsize::new(0);
        let work = |item: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            item
        };
        let take = |result| if result < 10 { Ok(()) } else { Err(result) };
        let failed = pool(3).install(|| in_order(0..1000, 5, work, take));
        assert_eq!(failed, Err(10));
        assert!(begun.into_inner() <= 16);
    }

    #[test]
    fn panics_reach_the_caller() {
        for threads in [1, 2, 4] {
            for bad in [0, 1, 50, 99] {
                let work = |item: usize| assert!(item != bad, "on purpose");
                let run = || in_order(0..100, 8, work, |()| Ok::<(), ()>(()));
                let caught = pool(threads).install(|| catch_unwind(AssertUnwindSafe(run)));
                assert!(caught.is_err());
            }
        }
    }

    #[test]
    fn so_does_a_panic_of_the_iterator() {
        for threads in [1, 2, 4] {
            for bad in [0, 1, 50, 99] {
                let items = (0..100).inspect(|item| assert!(*item != bad, "on purpose"));
                let run = || in_order(items, 8, |item: usize| item, |_| Ok::<(), ()>(()));
                let caught = pool(threads).install(|| catch_unwind(AssertUnwindSafe(run)));
                assert!(caught.is_err());
            }
        }
    }

    #[test]
    fn what_panics_is_the_end() {
        let begun = AtomicUsize::new(0);
        let work = |_: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(1));
        };
        let take = |()| -> Result<(), ()> { panic!("on purpose") };
        let run = || in_order(0..100, 90, work, take);
        let caught = pool(2).install(|| catch_unwind(AssertUnwindSafe(run)));
        assert!(caught.is_err());
        assert!(begun.into_inner() < 50);
    }

    #[test]
    fn work_may_call_it_again() {
        let work = |item: usize| {
            let mut sum = 0;
            let add = |number| {
                sum += number;
                Ok::<(), ()>(())
            };
            in_order(0..item, 4, |number| number, add).expect("no error");
            sum
        };
        let mut sums = Vec::new();
        let take = |sum| {
            sums.push(sum);
            Ok::<(), ()>(())
        };
        pool(3)
            .install(|| in_order(0..40, 6, work, take))
            .expect("no error");
        assert!(
            sums.into_iter()
                .eq((0..40).map(|item| (0..item).sum::<usize>()))
        );
    }
}
