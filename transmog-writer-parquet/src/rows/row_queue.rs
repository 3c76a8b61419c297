//! The rows of one table that wait for their row group: batches as they came, and small ones copied together. Decides
//! nothing.

use std::collections::VecDeque;

use transmog_core::TableBatch;

use super::{
    row_block::RowBlock,
    row_builder::{RowBuilder, is_small},
    size,
    slab::Slabs,
};
use crate::{Cause, columns::Columns};

/// Consecutive rows in blocks, in order.
#[derive(Debug, Default)]
pub(crate) struct RowQueue {
    blocks: VecDeque<RowBlock>,
    /// Rows after those of the blocks.
    builder: RowBuilder,
    rows: usize,
    /// Of the blocks' values.
    bytes: u64,
    slabs: Slabs,
}

impl RowQueue {
    /// No rows.
    pub(crate) fn new(slabs: Slabs) -> Self {
        Self {
            slabs,
            ..Self::default()
        }
    }

    /// Rows that wait.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Their logical size, with a bit for each cell that tells whether it has a value; exact once [`RowQueue::conform`] was
    /// called with the latest schema.
    pub(crate) fn bytes(&self, columns: &Columns) -> u64 {
        self.bytes + self.builder.bytes() + (self.rows * columns.len() / 8) as u64
    }

    /// Adds the rows of a batch, whose schema is the latest one of `columns`.
    ///
    /// # Errors
    /// If the batch's marks do not fit its columns.
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
    /// If the schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        self.builder.conform(columns)?;
        self.bytes = 0;
        for block in &mut self.blocks {
            block.conform(columns, &self.slabs)?;
            self.bytes += block.bytes;
        }
        Ok(())
    }

    /// Lets go of memory that was kept for more rows.
    pub(crate) fn free(&self) {
        self.slabs.keep(0);
    }

    /// Takes the first `rows` rows out; all, if there are not that many.
    ///
    /// # Errors
    /// None that input can cause.
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
