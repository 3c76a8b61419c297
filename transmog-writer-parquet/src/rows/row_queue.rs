//! Queues the rows of one table, in order, until they become a row group.
//!
//! Large batches are queued as they are, small ones are copied together first. When a row group is
//! due is decided by the writer.

use std::collections::VecDeque;

use transmog_core::TableBatch;

use super::{
    row_block::RowBlock,
    row_builder::{RowBuilder, is_small},
    size,
    slab::Slabs,
};
use crate::{Cause, columns::Columns};

/// The waiting rows of a table: blocks, then the rows of the builder.
#[derive(Debug, Default)]
pub(crate) struct RowQueue {
    blocks: VecDeque<RowBlock>,
    /// Small batches that came after the last block.
    builder: RowBuilder,
    rows: usize,
    /// Logical size of the blocks.
    bytes: u64,
    slabs: Slabs,
}

impl RowQueue {
    /// Makes an empty queue.
    pub(crate) fn new(slabs: Slabs) -> Self {
        Self {
            slabs,
            ..Self::default()
        }
    }

    /// How many rows wait.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Their logical size, with one bit for each cell for its validity. Exact only right after
    /// [`RowQueue::conform`] with the latest schema.
    pub(crate) fn bytes(&self, columns: &Columns) -> u64 {
        self.bytes + self.builder.bytes() + (self.rows * columns.len() / 8) as u64
    }

    /// Appends the rows of a batch, whose schema is the latest one of `columns`.
    ///
    /// # Errors
    /// The integer marks of a column are not as many as its values.
    pub(crate) fn push(&mut self, batch: &TableBatch, columns: &Columns) -> Result<(), Cause> {
        let size = size::of_batch(batch);
        let is_small = is_small(size, columns.len());
        if !is_small || !self.builder.has_room(batch, size) {
            self.close_builder()?;
        }
        if is_small {
            self.builder.push(batch, size, columns)?;
        } else {
            let block = RowBlock::new(batch, columns)?;
            self.bytes += block.bytes;
            self.blocks.push_back(block);
        }
        self.rows += batch.rows.num_rows();
        Ok(())
    }

    fn close_builder(&mut self) -> Result<(), Cause> {
        if let Some(block) = self.builder.close(&self.slabs)? {
            self.bytes += block.bytes;
            self.blocks.push_back(block);
        }
        Ok(())
    }

    /// Casts all rows to the latest schema.
    ///
    /// # Errors
    /// The schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        self.builder.conform(columns)?;
        self.bytes = 0;
        for block in &mut self.blocks {
            block.conform(columns, &self.slabs)?;
            self.bytes += block.bytes;
        }
        Ok(())
    }

    /// Frees the slabs that are kept for more rows.
    pub(crate) fn free(&self) {
        self.slabs.keep(0);
    }

    /// Removes the first `rows` rows, or all if there are fewer.
    ///
    /// # Errors
    /// Lists get too large for one array.
    pub(crate) fn take(&mut self, rows: usize) -> Result<Vec<RowBlock>, Cause> {
        self.close_builder()?;
        let mut taken = Vec::new();
        let mut missing = rows;
        while missing > 0 {
            let Some(mut block) = self.blocks.pop_front() else {
                break;
            };
            self.bytes -= block.bytes;
            if block.rows > missing {
                let front = block.split_front(missing);
                self.bytes += block.bytes;
                self.blocks.push_front(block);
                block = front;
            }
            missing -= block.rows;
            self.rows -= block.rows;
            taken.push(block);
        }
        Ok(taken)
    }
}
