//! Expands sparse values (value + row number) to dense Arrow buffers with a validity bitmap.
//!
//! ```text
//! 5 rows, of_values  1        4
//!         values     "a"      "b"
//!
//! row             0   1   2   3   4
//! text offsets  0   0   1   1   1   2     bytes "ab"
//! validity        0   1   0   0   1
//! ```

use arrow_array::{StringArray, builder::StringBuilder};
use arrow_buffer::{
    ArrowNativeType, BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer,
};

use crate::base::{Error, Result};

/// Bytes of the largest buffer that a column keeps from one chunk to the next. There may be
/// thousands of columns.
pub(super) const KEPT_BYTES: usize = 1024;

/// Rows up to which a look at each takes no longer than an allocation.
pub(super) const FEW_ROWS: usize = 256;

/// Bytes of a text, on average, from which on a look at all of them takes longer than to copy each.
const LONG_TEXT: usize = 16;

/// Bytes of all texts, from which on they are not held twice.
const MOST_COPIED_BYTES: usize = 4 << 20;

/// Which rows have a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Presence<'a> {
    pub(super) rows: usize,
    /// The values' rows; `None` if every row has one.
    pub(super) of_values: Option<&'a [u32]>,
}

impl Presence<'_> {
    /// The row of a value, by its number.
    pub(super) fn row_of(&self, value: usize) -> u32 {
        self.of_values.map_or(value as u32, |rows| rows[value])
    }

    pub(super) fn nulls(&self) -> Option<NullBuffer> {
        let of_values = self.of_values?;
        let mut bits = vec![0_u8; self.rows.div_ceil(8)];
        for row in of_values {
            bits[*row as usize / 8] |= 1 << (row % 8);
        }
        let bits = BooleanBuffer::new(Buffer::from_vec(bits), 0, self.rows);
        Some(NullBuffer::new(bits))
    }

    /// A bit for each row, unset for nulls.
    pub(super) fn bits(&self, values: &[bool]) -> BooleanBuffer {
        let Some(of_values) = self.of_values else {
            return BooleanBuffer::from(values);
        };
        let mut bits = vec![0_u8; self.rows.div_ceil(8)];
        for (row, value) in of_values.iter().zip(values) {
            bits[*row as usize / 8] |= u8::from(*value) << (row % 8);
        }
        BooleanBuffer::new(Buffer::from_vec(bits), 0, self.rows)
    }

    /// A number for each row, zero for nulls.
    pub(super) fn numbers<T: ArrowNativeType>(&self, values: &mut Vec<T>) -> ScalarBuffer<T> {
        if self.of_values.is_none() {
            return ScalarBuffer::from(taken(values));
        }
        self.spread(values)
    }

    /// Copies of the numbers, each in its row; zero for nulls.
    pub(super) fn spread<T: ArrowNativeType>(&self, values: &[T]) -> ScalarBuffer<T> {
        let Some(of_values) = self.of_values else {
            return ScalarBuffer::from(values.to_vec());
        };
        let mut spread = vec![T::default(); self.rows];
        for (row, value) in of_values.iter().zip(values) {
            spread[*row as usize] = *value;
        }
        ScalarBuffer::from(spread)
    }

    /// A text for each row, of texts that end at `ends`.
    ///
    /// # Errors
    /// None that input can cause.
    pub(super) fn texts(&self, ends: &[i32], texts: &mut String) -> Result<StringArray> {
        // Arrow looks at all bytes and every row to see that they are UTF-8; a builder need not,
        // but copies.
        let is_sparse = ends.len() < self.rows / 2;
        let is_long = texts.len() >= LONG_TEXT * ends.len() && texts.len() <= MOST_COPIED_BYTES;
        if self.rows > FEW_ROWS && (is_sparse || is_long) {
            let mut start = 0;
            let each = ends.iter().map(|end| {
                let text = &texts[start..*end as usize];
                start = *end as usize;
                text
            });
            return Ok(self.spread_texts(each, texts.len()));
        }
        let bytes = if texts.capacity() > KEPT_BYTES {
            taken(&mut std::mem::take(texts).into_bytes())
        } else {
            texts.as_bytes().to_vec()
        };
        let bytes = Buffer::from_vec(bytes);
        StringArray::try_new(self.offsets(ends), bytes, self.nulls())
            .map_err(|e| Error::internal(e.to_string()))
    }

    /// Copies of the texts, which have so many bytes together, each in its row.
    pub(super) fn spread_texts<'t>(
        &self,
        texts: impl Iterator<Item = &'t str>,
        bytes: usize,
    ) -> StringArray {
        let mut builder = StringBuilder::with_capacity(self.rows, bytes);
        let mut next = 0;
        for (value, text) in texts.enumerate() {
            let row = self.of_values.map_or(value, |rows| rows[value] as usize);
            if row > next {
                builder.append_nulls(row - next);
            }
            builder.append_value(text);
            next = row + 1;
        }
        builder.append_nulls(self.rows - next);
        builder.finish()
    }

    /// Where each row's text or list begins and ends; for nulls it is empty.
    pub(super) fn offsets(&self, ends: &[i32]) -> OffsetBuffer<i32> {
        let mut offsets = Vec::with_capacity(self.rows + 1);
        offsets.push(0);
        match self.of_values {
            None => offsets.extend_from_slice(ends),
            Some(of_values) => {
                let mut last = 0;
                for (row, end) in of_values.iter().zip(ends) {
                    offsets.resize(*row as usize + 1, last);
                    offsets.push(*end);
                    last = *end;
                }
                offsets.resize(self.rows + 1, last);
            }
        }
        OffsetBuffer::new(ScalarBuffer::from(offsets))
    }
}

/// The values, without the room that was reserved in vain: a writer may hold the array for long. A
/// small buffer stays.
pub(super) fn taken<T: Copy>(values: &mut Vec<T>) -> Vec<T> {
    let bytes = values.capacity() * size_of::<T>();
    if bytes <= KEPT_BYTES {
        return values.as_slice().to_vec();
    }
    let mut values = std::mem::take(values);
    if values.capacity() - values.len() > values.len() / 8 {
        values.shrink_to_fit();
    }
    values
}
