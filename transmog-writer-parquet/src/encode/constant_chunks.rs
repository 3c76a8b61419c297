//! Caches the chunks of columns in which all rows have the same value, such as the time of the run.
//!
//! Every row group of every table has such columns, and most row groups have the same number of
//! rows. A chunk of them is encoded once and written many times.

use std::sync::{Mutex, PoisonError};

use arrow_schema::Field;
use transmog_core::Constant;

use super::encoded_chunk::EncodedChunk;
use crate::rows::RowBlock;

/// Chunks in the cache: two for each of 512 tables. Tables share the chunks of equal values.
const MOST: usize = 1024;

/// Larger chunks are not cached. Most have some hundred bytes.
const LARGEST: usize = 4096;

/// The cache; the oldest chunk comes first.
#[derive(Debug, Default)]
pub(crate) struct ConstantChunks(Mutex<Vec<(ConstantKey, EncodedChunk)>>);

/// What a cached chunk holds. All columns that may be constant are encoded with the same
/// [`EncodingChoice`](super::encoding_choice::EncodingChoice), so that is not part of the key.
#[derive(Debug, PartialEq)]
pub(crate) struct ConstantKey {
    rows: usize,
    value: Constant,
    has_bloom: bool,
}

impl ConstantKey {
    /// The key for the rows of a column; `None` if they do not all have the same value, or if the
    /// column is of a kind that is never constant.
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
    /// The chunk, if it is in the cache.
    pub(crate) fn get(&self, constant: &ConstantKey) -> Option<EncodedChunk> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = known.iter();
        known
            .find(|(other, _)| other == constant)
            .map(|(_, encoded)| encoded.clone())
    }

    /// Adds a chunk to the cache.
    pub(crate) fn keep(&self, constant: ConstantKey, encoded: &EncodedChunk) {
        if encoded.size() > LARGEST {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have encoded the same chunk meanwhile.
        if known.iter().any(|(other, _)| *other == constant) {
            return;
        }
        if known.len() == MOST {
            known.remove(0);
        }
        known.push((constant, encoded.clone()));
    }
}
