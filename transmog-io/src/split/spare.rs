//! Read buffers that are used again, once nobody holds what was read into them: the system clears memory before it gives it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::BLOCK_BYTES;

/// Buffers that are kept.
const MOST: usize = 8;

/// Bytes of the largest buffer that is kept. Those that grew for a large record are not.
const LARGEST: usize = 2 * BLOCK_BYTES;

/// The buffers of one input that are free.
#[derive(Debug, Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

/// Bytes whose buffer comes back.
struct Lent {
    bytes: Vec<u8>,
    spare: Spare,
}

impl Spare {
    /// A buffer without bytes, and room for so many.
    pub(super) fn buffer(&self, room: usize) -> Vec<u8> {
        let mut buffer = self.lock(Vec::pop).unwrap_or_default();
        buffer.clear();
        buffer.reserve(room);
        buffer
    }

    /// Bytes to hold and share.
    pub(super) fn lend(&self, bytes: Vec<u8>) -> Bytes {
        let spare = self.clone();
        Bytes::from_owner(Lent { bytes, spare })
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
        self.spare.lock(|free| {
            if free.len() < MOST && bytes.capacity() <= LARGEST {
                free.push(bytes);
            }
        });
    }
}
