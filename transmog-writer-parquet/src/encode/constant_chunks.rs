//! Chunks in which every row has the same value, such as the time of a run: they are encoded once for all row groups of as
//! many rows.

use std::sync::{Mutex, PoisonError};

use arrow_schema::Field;
use transmog_core::Constant;

use super::encoded_chunk::EncodedChunk;
use crate::rows::RowBlock;

/// Chunks that are kept: two for each table, of which tables have those with times in common.
const MOST: usize = 1024;

/// Bytes of the largest chunk that is kept. Most have some hundred.
const LARGEST: usize = 4096;

/// The chunks that were encoded last.
#[derive(Debug, Default)]
pub(crate) struct ConstantChunks(Mutex<Vec<(ConstantKey, EncodedChunk)>>);

/// What such a chunk holds. Columns that may be constants have one style, so it needs not say which.
#[derive(Debug, PartialEq)]
pub(crate) struct ConstantKey {
    rows: usize,
    value: Constant,
    has_bloom: bool,
}

impl ConstantKey {
    /// The value of a column that may be one; `None` if it is none.
    pub(crate) fn of(
        field: &Field,
        blocks: &[RowBlock],
        number: usize,
        has_bloom: bool,
    ) -> Option<Self> {
        let mut rows = 0;
        let mut value = None;
        for block in blocks {
            let of_block = Constant::of(field, block.values(number)?.every_row()?)?;
            if *value.get_or_insert_with(|| of_block.clone()) != of_block {
                return None;
            }
            rows += block.rows;
        }
        Some(Self {
            rows,
            value: value?,
            has_bloom,
        })
    }
}

impl ConstantChunks {
    /// The chunk, if it was encoded.
    pub(crate) fn get(&self, constant: &ConstantKey) -> Option<EncodedChunk> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = known.iter();
        known
            .find(|(other, _)| other == constant)
            .map(|(_, encoded)| encoded.clone())
    }

    /// Keeps a chunk for the next time.
    pub(crate) fn keep(&self, constant: ConstantKey, encoded: &EncodedChunk) {
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
