//! The rows of one table that wait for their row group: batches as they came, and small ones copied together. Decides
//! nothing.

use std::collections::VecDeque;

use transmog_core::TableBatch;

use crate::{
    Cause,
    columns::Columns,
    piece::Piece,
    slab::Slabs,
    tail::{Tail, is_small, size},
};

/// Consecutive rows in pieces, in order.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    pieces: VecDeque<Piece>,
    /// Rows after those of the pieces.
    tail: Tail,
    rows: usize,
    /// Of the pieces' values.
    bytes: u64,
    slabs: Slabs,
}

impl Buffer {
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

    /// Their logical size, with a bit for each cell that tells whether it has a value; exact once [`Buffer::conform`] was
    /// called with the latest schema.
    pub(crate) fn bytes(&self, columns: &Columns) -> u64 {
        self.bytes + self.tail.bytes() + (self.rows * columns.len() / 8) as u64
    }

    /// Adds the rows of a batch, whose schema is the latest one of `columns`.
    ///
    /// # Errors
    /// If the batch's marks do not fit its columns.
    pub(crate) fn push(&mut self, batch: &TableBatch, columns: &Columns) -> Result<(), Cause> {
        let size = size(batch);
        let is_small = is_small(size, columns.len());
        if !is_small || !self.tail.has_room(batch, size) {
            self.close_tail()?;
        }
        if is_small {
            self.tail.push(batch, size, columns)?;
        } else {
            let piece = Piece::new(batch, columns)?;
            self.bytes += piece.bytes;
            self.pieces.push_back(piece);
        }
        self.rows += batch.rows.num_rows();
        Ok(())
    }

    fn close_tail(&mut self) -> Result<(), Cause> {
        if let Some(piece) = self.tail.close(&self.slabs)? {
            self.bytes += piece.bytes;
            self.pieces.push_back(piece);
        }
        Ok(())
    }

    /// Casts all rows to the latest schema.
    ///
    /// # Errors
    /// If the schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        self.tail.conform(columns)?;
        self.bytes = 0;
        for piece in &mut self.pieces {
            piece.conform(columns, &self.slabs)?;
            self.bytes += piece.bytes;
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
    pub(crate) fn take(&mut self, rows: usize) -> Result<Vec<Piece>, Cause> {
        self.close_tail()?;
        let mut taken = Vec::new();
        let mut missing = rows;
        while missing > 0 {
            let Some(mut piece) = self.pieces.pop_front() else {
                break;
            };
            self.bytes -= piece.bytes;
            if piece.rows > missing {
                let front = piece.split_front(missing);
                self.bytes += piece.bytes;
                self.pieces.push_front(piece);
                piece = front;
            }
            missing -= piece.rows;
            self.rows -= piece.rows;
            taken.push(piece);
        }
        Ok(taken)
    }
}
