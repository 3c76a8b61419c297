//! Formats the rows of a batch as text on all threads, and writes them in order.

use std::{
    mem,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::writer::in_order;

/// Rows that a thread formats in one step.
const ROWS: usize = 256;

/// Blocks for each thread that may be formatted before the first of them is written.
const BLOCKS_PER_THREAD: usize = 4;

/// Buffers for formatted rows, reused from batch to batch.
#[derive(Debug, Default)]
pub struct Blocks {
    blocks: Vec<Vec<u8>>,
}

impl Blocks {
    /// Formats rows 0 to `rows` with `spell`, on the threads of the current pool, and hands the
    /// buffers to `append` in row order.
    ///
    /// # Errors
    /// The first one of `append`.
    pub fn write<E>(
        &mut self,
        rows: usize,
        spell: impl Fn(Range<usize>, &mut Vec<u8>) + Sync,
        mut append: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let ranges = (0..rows).step_by(ROWS);
        let ranges = ranges.map(|from| from..rows.min(from + ROWS));
        let unused = Mutex::new(mem::take(&mut self.blocks));
        let spelled = |range| {
            let mut block = lock(&unused).pop().unwrap_or_default();
            block.clear();
            spell(range, &mut block);
            block
        };
        let most = rayon::current_num_threads() * BLOCKS_PER_THREAD;
        let written = in_order(ranges, most, spelled, |block: Vec<u8>| {
            append(&block)?;
            lock(&unused).push(block);
            Ok(())
        });
        self.blocks = unused.into_inner().unwrap_or_else(PoisonError::into_inner);
        written
    }

    /// Bytes that the buffers hold.
    pub fn bytes(&self) -> usize {
        self.blocks.iter().map(Vec::capacity).sum()
    }
}

/// Locks a mutex, even after a panic: buffers are always valid.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_their_order() {
        let mut blocks = Blocks::default();
        for rows in [0, 1, ROWS, 40 * ROWS + 7] {
            let mut all = Vec::new();
            let spell = |range: Range<usize>, out: &mut Vec<u8>| {
                for row in range {
                    out.extend_from_slice(format!("{row}\n").as_bytes());
                }
            };
            let append = |block: &[u8]| {
                all.extend_from_slice(block);
                Ok::<_, String>(())
            };
            blocks.write(rows, spell, append).expect("no error");
            let lines = String::from_utf8(all).expect("text");
            assert!(lines.lines().eq((0..rows).map(|row| row.to_string())));
        }
    }
}
