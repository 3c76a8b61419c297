//! What the command asks of the system's allocator. A hint: nothing depends on it.

/// Bytes of the block that is given back.
const BLOCK: usize = 4 << 20;

/// Lets glibc keep freed memory for what comes next, up to twice a block in each thread's arena. By
/// default it gives back all that is more than 128 KiB, and asks for it again a moment later: page
/// faults took a tenth of the time of some runs. It learns how much to keep when a block is freed
/// that it had from the system (`mallopt(3)`, `M_MMAP_THRESHOLD`), unless the environment says it.
/// This block is never touched and takes no memory. Other allocators do not mind.
pub(crate) fn keep_freed_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(BLOCK)));
}
