//! Allocates the buffers of waiting rows in slabs of 256 KiB, which are used again.
//!
//! Thousands of columns with small buffers fragment the heap: allocators keep free memory apart by
//! thread and by size, and what one row group frees is seldom what the next one needs. A slab holds
//! many buffers and goes back to its writer once none of them is used:
//!
//! ```text
//! slab    | ids | bits | offsets | texts .... | ids | ... | free |
//!             ^ a Buffer: a reference to the slab and a range
//! ```

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use arrow_buffer::{BooleanBuffer, Buffer, MutableBuffer};
use bytes::Bytes;

/// Size of a slab.
const SLAB_BYTES: usize = 256 * 1024;

/// Size of the largest buffer in a slab; larger ones are allocated alone. So at most an eighth of a
/// slab stays empty.
const LARGEST_SHARED: usize = SLAB_BYTES / 8;

/// Buffers begin at multiples of this, the alignment of the largest number.
const ALIGNMENT: usize = 16;

/// The free slabs of one writer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slabs(Arc<Mutex<Vec<MutableBuffer>>>);

impl Slabs {
    /// Frees slabs that together exceed `bytes` bytes.
    pub(crate) fn keep(&self, bytes: u64) {
        let most = usize::try_from(bytes).unwrap_or(usize::MAX) / SLAB_BYTES;
        self.free(|free| free.truncate(most));
    }

    /// How many slabs are free.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.free(|free| free.len())
    }

    fn take(&self) -> MutableBuffer {
        let used = self.free(Vec::pop);
        used.unwrap_or_else(|| MutableBuffer::with_capacity(SLAB_BYTES))
    }

    fn lend(&self, bytes: MutableBuffer) -> Buffer {
        let slabs = self.clone();
        Buffer::from(Bytes::from_owner(Lent { bytes, slabs }))
    }

    fn free<T>(&self, change: impl FnOnce(&mut Vec<MutableBuffer>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A slab in use. Dropping its last buffer drops it, which returns it to the free slabs.
struct Lent {
    bytes: MutableBuffer,
    slabs: Slabs,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.bytes);
        bytes.clear();
        self.slabs.free(|free| free.push(bytes));
    }
}

/// Copies buffers to slabs, one after another.
#[derive(Debug)]
pub(crate) struct SlabWriter<'s> {
    slabs: &'s Slabs,
    full: Vec<Buffer>,
    open: MutableBuffer,
    /// Bytes that are still to be copied to shared slabs.
    to_come: usize,
}

/// The place of a copied buffer.
#[derive(Debug)]
pub(crate) enum SlabSlice {
    Alone(Buffer),
    Shared {
        slab: usize,
        start: usize,
        length: usize,
    },
}

impl<'s> SlabWriter<'s> {
    /// Begins, for buffers of these lengths. Others can be copied, too, but cost a slab more.
    pub(crate) fn new(slabs: &'s Slabs, lengths: impl Iterator<Item = usize>) -> Self {
        let rooms = lengths.map(room_for);
        Self {
            slabs,
            full: Vec::new(),
            open: MutableBuffer::default(),
            to_come: rooms.filter(|room| *room <= LARGEST_SHARED).sum(),
        }
    }

    /// Copies a buffer.
    pub(crate) fn copy(&mut self, buffer: &[u8]) -> SlabSlice {
        let (length, room) = (buffer.len(), room_for(buffer.len()));
        if room > LARGEST_SHARED {
            return SlabSlice::Alone(Buffer::from_slice_ref(buffer));
        }
        if self.open.capacity() - self.open.len() < room {
            self.close();
            self.open = match self.to_come.max(room) {
                // The last slab is just as large as it must be.
                few if few < SLAB_BYTES => MutableBuffer::with_capacity(few),
                _ => self.slabs.take(),
            };
        }
        self.to_come = self.to_come.saturating_sub(room);
        let (slab, start) = (self.full.len(), self.open.len());
        self.open.extend_from_slice(buffer);
        self.open.resize(start + room, 0);
        SlabSlice::Shared {
            slab,
            start,
            length,
        }
    }

    pub(crate) fn finish(mut self) -> WrittenSlabs {
        self.close();
        WrittenSlabs(self.full)
    }

    fn close(&mut self) {
        let open = mem::take(&mut self.open);
        // A slab of full size goes to the free slabs later, even if it was not taken from them.
        if open.capacity() == SLAB_BYTES {
            self.full.push(self.slabs.lend(open));
        } else if !open.is_empty() {
            self.full.push(open.into());
        }
    }
}

fn room_for(bytes: usize) -> usize {
    bytes.next_multiple_of(ALIGNMENT)
}

/// All slabs that were written.
#[derive(Debug)]
pub(crate) struct WrittenSlabs(Vec<Buffer>);

impl WrittenSlabs {
    /// The buffer at a place.
    pub(crate) fn buffer(&self, spot: SlabSlice) -> Buffer {
        match spot {
            SlabSlice::Alone(buffer) => buffer,
            // There is no slab only if the buffer is empty.
            SlabSlice::Shared {
                slab,
                start,
                length,
            } => self.0.get(slab).map_or_else(Buffer::default, |slab| {
                slab.slice_with_length(start, length)
            }),
        }
    }

    /// The bitmap at a place.
    pub(crate) fn bits(&self, spot: SlabSlice, length: usize) -> BooleanBuffer {
        BooleanBuffer::new(self.buffer(spot), 0, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Buffers of these lengths, each filled with a byte of its own.
    fn buffers(lengths: &[usize]) -> Vec<Buffer> {
        let numbered = lengths.iter().zip(1_u8..);
        numbered
            .map(|(length, byte)| Buffer::from_vec(vec![byte; *length]))
            .collect()
    }

    fn written(slabs: &Slabs, buffers: &[Buffer]) -> Vec<Buffer> {
        let mut writer = SlabWriter::new(slabs, buffers.iter().map(Buffer::len));
        let spots: Vec<SlabSlice> = buffers.iter().map(|buffer| writer.copy(buffer)).collect();
        let written = writer.finish();
        spots.into_iter().map(|spot| written.buffer(spot)).collect()
    }

    #[test]
    fn buffers_come_back_aligned_whatever_their_lengths() {
        let slabs = Slabs::default();
        let (shared, alone) = (LARGEST_SHARED, LARGEST_SHARED + 1);
        for lengths in [
            &[][..],
            &[0],
            &[0, 0, 1, 0],
            &[1, 15, 16, 17, 0, 4096],
            &[alone],
            &[3, alone, 5, 3 * SLAB_BYTES, 7],
            &[shared; 7],
            &[shared; 8],
            &[shared; 9],
            &[shared - 1; 40],
            &[0, shared, 0, shared, 0, 0],
        ] {
            let original = buffers(lengths);
            let read = written(&slabs, &original);
            assert_eq!(read, original, "{lengths:?}");
            assert!(
                read.iter()
                    .all(|read| read.as_ptr().align_offset(ALIGNMENT) == 0)
            );
        }
    }

    #[test]
    fn slabs_are_used_again_once_nobody_holds_a_buffer() {
        let slabs = Slabs::default();
        let original = buffers(&[LARGEST_SHARED; 24]);
        let mut held = written(&slabs, &original);
        assert_eq!(slabs.count(), 0);
        // The first slab holds eight buffers.
        held.drain(1..8);
        assert_eq!(slabs.count(), 0);
        held.remove(0);
        assert_eq!(slabs.count(), 1);
        let again = written(&slabs, &original[..8]);
        assert_eq!(slabs.count(), 0);
        assert_eq!(again, original[..8]);
        assert_eq!(held, original[8..]);
        drop((held, again));
        assert_eq!(slabs.count(), 3);
        slabs.keep(2 * SLAB_BYTES as u64 + 1);
        assert_eq!(slabs.count(), 2);
        slabs.keep(u64::MAX);
        assert_eq!(slabs.count(), 2);
    }

    #[test]
    fn few_bytes_take_no_slab() {
        let slabs = Slabs::default();
        let original = buffers(&[100, 200, 5000]);
        let held = written(&slabs, &original);
        assert_eq!(held, original);
        drop(held);
        assert_eq!(slabs.count(), 0);
    }
}
