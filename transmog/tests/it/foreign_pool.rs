//! Runs that are called from threads of somebody else's rayon pool, which take up other work of
//! that pool wherever rayon waits.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use rayon::{ThreadPoolBuilder, prelude::*};
use transmog::{Memory, OutputSpec, Processor};

use crate::support::plain;

/// Records that are several chunks on several threads.
fn run() -> u64 {
    let records = "{\"a\":1,\"b\":[1,2]}\n".repeat(300);
    let processor = Processor::new()
        .with_config(plain())
        .with_threads(2)
        .and_then(|it| it.with_chunk_size(20))
        .expect("allowed");
    let (memory, _) = Memory::new();
    let report = processor.stream_process(records.as_bytes(), "t", OutputSpec::new("json", memory));
    report.expect("runs").records_read
}

#[test]
fn a_thread_runs_one_at_a_time() {
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .expect("two");
    let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let read: u64 = pool.install(|| {
        let runs = (0..60).into_par_iter();
        let one = |_| {
            most.fetch_max(
                1 + under_way.fetch_add(1, Ordering::SeqCst),
                Ordering::SeqCst,
            );
            let read = run();
            under_way.fetch_sub(1, Ordering::SeqCst);
            read
        };
        runs.map(one).sum()
    });
    assert_eq!(read, 60 * 300);
    assert!(most.into_inner() <= 2);
}

#[test]
fn a_lock_may_be_held_meanwhile() {
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("one");
    let lock = Mutex::new(0);
    pool.scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|_| *lock.lock().expect("no panic") += run());
        }
    });
    assert_eq!(lock.into_inner().expect("no panic"), 5 * 300);
}
