//! The rows of one table that wait for their row group. Keeps slices of incoming batches; decides nothing.

use std::collections::VecDeque;

use transmog_core::TableBatch;

use crate::{Cause, columns::Columns, piece::Piece};

/// Neighbouring pieces are joined up to this many rows and bytes, because an array of few values takes many times their
/// size: a table that gets one row per batch would hold far more memory than its rows need.
const SMALL_ROWS: usize = 256;
const SMALL_BYTES: u64 = 1024 * 1024;

/// Beyond these rows they are joined while columns have fewer bytes than this on average: many rows may have few values.
const SMALL_COLUMN: u64 = 384;

/// Consecutive rows in pieces, in order.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    pieces: VecDeque<Piece>,
    rows: usize,
    /// Of the pieces' values.
    bytes: u64,
}

impl Buffer {
    /// Rows that wait.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Their logical size, with a bit for each cell that tells whether it has a value; exact once [`Buffer::conform`] was
    /// called with the latest schema.
    pub(crate) fn bytes(&self, columns: &Columns) -> u64 {
        self.bytes + (self.rows * columns.len() / 8) as u64
    }

    /// Adds the rows of a batch, whose schema is the latest one of `columns`.
    ///
    /// # Errors
    /// If the batch's marks do not fit its columns.
    pub(crate) fn push(&mut self, batch: &TableBatch, columns: &Columns) -> Result<(), Cause> {
        let mut piece = Piece::new(batch, columns)?;
        self.rows += piece.rows;
        // Only with pieces that are not longer: so a row is copied at most as often as the rows of a joined piece can be halved.
        while let Some(mut before) = self.pieces.pop_back_if(|before| {
            before.version == piece.version
                && before.rows <= piece.rows
                && (before.rows + piece.rows <= SMALL_ROWS
                    || before.bytes + piece.bytes <= SMALL_COLUMN * columns.len() as u64)
                && before.bytes + piece.bytes <= SMALL_BYTES
        }) {
            self.bytes -= before.bytes;
            before.append(&piece, columns)?;
            piece = before;
        }
        self.bytes += piece.bytes;
        self.pieces.push_back(piece);
        Ok(())
    }

    /// Casts all rows to the latest schema.
    ///
    /// # Errors
    /// If the schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        self.bytes = 0;
        for piece in &mut self.pieces {
            piece.conform(columns)?;
            self.bytes += piece.bytes;
        }
        Ok(())
    }

    /// Takes the first `rows` rows out; all, if there are not that many.
    pub(crate) fn take(&mut self, rows: usize) -> Vec<Piece> {
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
        taken
    }
}
