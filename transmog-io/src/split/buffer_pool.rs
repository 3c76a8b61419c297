//! A pool of read buffers: reusing them is cheaper than having the system clear new memory.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::BLOCK_BYTES;

/// Most buffers that are kept.
const MOST: usize = 8;

/// Larger buffers, which grew for a large record, are freed.
const LARGEST: usize = 2 * BLOCK_BYTES;

/// The free buffers of one input.
#[derive(Debug, Clone, Default)]
pub(super) struct BufferPool(Arc<Mutex<Vec<Vec<u8>>>>);

/// Bytes whose buffer returns to the pool when they are dropped.
struct Lent {
    bytes: Vec<u8>,
    pool: BufferPool,
}

impl BufferPool {
    /// An empty buffer with room for `room` bytes.
    pub(super) fn buffer(&self, room: usize) -> Vec<u8> {
        let mut buffer = self.lock(Vec::pop).unwrap_or_default();
        buffer.clear();
        buffer.reserve(room);
        buffer
    }

    /// Makes shared bytes of a buffer.
    pub(super) fn lend(&self, bytes: Vec<u8>) -> Bytes {
        let pool = self.clone();
        Bytes::from_owner(Lent { bytes, pool })
    }

    fn lock<T>(&self, change: impl FnOnce(&mut Vec<Vec<u8>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.pool.lock(|free| {
            if free.len() < MOST && bytes.capacity() <= LARGEST {
                free.push(bytes);
            }
        });
    }
}
