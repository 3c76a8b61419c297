//! Which rows of a column have its values, and what a column looks like in which all rows have a place.

use arrow_array::{StringArray, builder::StringBuilder};
use arrow_buffer::{
    ArrowNativeType, BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer,
};

use super::KEPT_BYTES;
use crate::base::{Error, Result};

/// Rows up to which a look at each takes no longer than an allocation.
pub(in crate::column) const FEW_ROWS: usize = 256;

/// Bytes of a text, on average, from which on a look at all of them takes longer than to copy each.
const LONG_TEXT: usize = 16;

/// Bytes of all texts, from which on they are not held twice.
const MOST_COPIED_BYTES: usize = 4 << 20;

/// Which rows have the values.
#[derive(Debug, Clone, Copy)]
pub(in crate::column) struct Layout<'a> {
    pub(in crate::column) rows: usize,
    /// The values' rows; `None` if every row has one.
    pub(in crate::column) of_values: Option<&'a [u32]>,
}

impl Layout<'_> {
    /// The row of a value, by its number.
    pub(in crate::column) fn row_of(&self, value: usize) -> u32 {
        self.of_values.map_or(value as u32, |rows| rows[value])
    }

    pub(in crate::column) fn nulls(&self) -> Option<NullBuffer> {
        let of_values = self.of_values?;
        let mut bits = vec![0_u8; self.rows.div_ceil(8)];
        for row in of_values {
            bits[*row as usize / 8] |= 1 << (row % 8);
        }
        let bits = BooleanBuffer::new(Buffer::from_vec(bits), 0, self.rows);
        Some(NullBuffer::new(bits))
    }

    /// A bit for each row, unset for nulls.
    pub(in crate::column) fn bits(&self, values: &[bool]) -> BooleanBuffer {
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
    pub(in crate::column) fn numbers<T: ArrowNativeType>(
        &self,
        values: &mut Vec<T>,
    ) -> ScalarBuffer<T> {
        if self.of_values.is_none() {
            return ScalarBuffer::from(taken(values));
        }
        self.spread(values)
    }

    /// Copies of the numbers, each in its row; zero for nulls.
    pub(in crate::column) fn spread<T: ArrowNativeType>(&self, values: &[T]) -> ScalarBuffer<T> {
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
    pub(in crate::column) fn texts(&self, ends: &[i32], texts: &mut String) -> Result<StringArray> {
        // Arrow looks at all bytes and every row to see that they are UTF-8; a builder need not, but copies.
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
    pub(in crate::column) fn spread_texts<'t>(
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
    pub(in crate::column) fn offsets(&self, ends: &[i32]) -> OffsetBuffer<i32> {
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

/// The values, without the room that was reserved in vain: a writer may hold the array for long. A small buffer stays.
pub(in crate::column) fn taken<T: Copy>(values: &mut Vec<T>) -> Vec<T> {
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
