//! Chunks in which every row has the same value, such as the time of a run: they are encoded once for all row groups of as
//! many rows.

use std::sync::{Mutex, PoisonError};

use arrow_schema::Field;
use transmog_core::Constant;

use crate::{chunk::Encoded, piece::Piece};

/// Chunks that are kept: two for each table, of which tables have those with times in common.
const MOST: usize = 1024;

/// Bytes of the largest chunk that is kept. Most have some hundred.
const LARGEST: usize = 4096;

/// The chunks that were encoded last.
#[derive(Debug, Default)]
pub(crate) struct Constants(Mutex<Vec<(ConstantChunk, Encoded)>>);

/// What such a chunk holds. Columns that may be constants have one style, so it needs not say which.
#[derive(Debug, PartialEq)]
pub(crate) struct ConstantChunk {
    rows: usize,
    value: Constant,
    has_bloom: bool,
}

impl ConstantChunk {
    /// The value of a column that may be one; `None` if it is none.
    pub(crate) fn of(
        field: &Field,
        pieces: &[Piece],
        number: usize,
        has_bloom: bool,
    ) -> Option<Self> {
        let mut rows = 0;
        let mut value = None;
        for piece in pieces {
            let of_piece = Constant::of(field, piece.values(number)?.every_row()?)?;
            if *value.get_or_insert_with(|| of_piece.clone()) != of_piece {
                return None;
            }
            rows += piece.rows;
        }
        Some(Self {
            rows,
            value: value?,
            has_bloom,
        })
    }
}

impl Constants {
    /// The chunk, if it was encoded.
    pub(crate) fn get(&self, constant: &ConstantChunk) -> Option<Encoded> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = known.iter();
        known
            .find(|(other, _)| other == constant)
            .map(|(_, encoded)| encoded.clone())
    }

    /// Keeps a chunk for the next time.
    pub(crate) fn keep(&self, constant: ConstantChunk, encoded: &Encoded) {
        if encoded.size() > LARGEST {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been at the same.
        if known.iter().any(|(other, _)| *other == constant) {
            return;
        }
        if known.len() == MOST {
            known.remove(0);
        }
        known.push((constant, encoded.clone()));
    }
}
