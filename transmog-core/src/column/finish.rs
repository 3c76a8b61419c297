//! Makes an Arrow array of a column: every row gets its value or a null.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, NullArray,
    StringArray, builder::StringBuilder,
};
use arrow_buffer::{
    ArrowNativeType, BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer,
};
use arrow_schema::{DataType, Field};

use super::{Column, Expected, MOST_EXPECTED_BYTES, Values, detected::detected};
use crate::{
    detect::Detection,
    error::{Error, ErrorKind, Result},
    kinds::Kinds,
};

/// A finished column of a chunk.
#[derive(Debug, Clone)]
pub struct FinishedColumn {
    /// One value for each row, of the narrowest type that holds them.
    pub array: ArrayRef,
    /// Which floats were integers, see [`TableBatch`](crate::TableBatch).
    pub integers: Option<BooleanBuffer>,
    /// If its values became text and some of them are none, which are.
    pub(crate) texts: Option<BooleanBuffer>,
    /// What the column has seen.
    pub kinds: Kinds,
    /// What the items of its lists have seen.
    pub items: Kinds,
    /// Values taken, nulls not counted.
    pub leaves: u64,
}

/// Bytes of the largest buffer that a column keeps from one chunk to the next. There may be thousands of columns.
const KEPT_BYTES: usize = 1024;

/// Rows up to which a look at each takes no longer than an allocation.
const FEW_ROWS: usize = 256;

/// Bytes of a text, on average, from which on a look at all of them takes longer than to copy each.
const LONG_TEXT: usize = 16;

/// Bytes of all texts, from which on they are not held twice.
const MOST_COPIED_BYTES: usize = 4 << 20;

/// Which rows have the values.
pub(super) struct Layout<'a> {
    rows: usize,
    /// The values' rows; `None` if every row has one.
    of_values: Option<&'a [u32]>,
}

impl Column {
    /// One array value for each of `rows` rows. If all values are text, `detection` says what else they may be. The column
    /// is empty then, and expects the like.
    ///
    /// # Errors
    /// If the text of the column is larger than Arrow's 32-bit offsets reach.
    pub(crate) fn finish(&mut self, rows: usize, detection: Detection) -> Result<FinishedColumn> {
        self.expected = self.like();
        let finished = self.arrays(rows, detection);
        self.clear();
        finished
    }

    /// What to expect of the next chunk: some more, because it will not be quite the same.
    fn like(&self) -> Expected {
        let bytes = match &self.values {
            Values::Text(_, texts, _) => texts.len().min(MOST_EXPECTED_BYTES),
            _ => 0,
        };
        Expected {
            values: self.count + self.count / 8,
            bytes: bytes + bytes / 8,
        }
    }

    /// Forgets all values, and keeps small buffers: to allocate them takes longer than to fill them.
    fn clear(&mut self) {
        (self.kinds, self.items) = (Kinds::NONE, Kinds::NONE);
        (self.count, self.is_sparse) = (0, false);
        if !clear(&mut self.rows) {
            self.rows = Vec::new();
        }
        let is_kept = match &mut self.values {
            Values::None | Values::List(..) => false,
            Values::Bool(values) => clear(values),
            Values::Int(values) => clear(values),
            Values::Float(values, integers) => {
                *integers = None;
                clear(values)
            }
            Values::Text(ends, texts, marks) => {
                texts.clear();
                *marks = None;
                clear(ends) && texts.capacity() <= KEPT_BYTES
            }
        };
        if !is_kept {
            self.values = Values::None;
        }
    }

    fn arrays(&mut self, rows: usize, detection: Detection) -> Result<FinishedColumn> {
        let (mut kinds, mut items) = self.seen();
        let leaves = self.count as u64;
        if self.count == 0 {
            let array = Arc::new(NullArray::new(rows));
            return Ok(FinishedColumn {
                array,
                integers: None,
                texts: None,
                kinds,
                items,
                leaves,
            });
        }
        if !self.is_sparse && self.count < rows {
            self.become_sparse();
        }
        let layout = Layout {
            rows,
            of_values: self.is_sparse.then_some(self.rows.as_slice()),
        };
        let mut target = kinds.data_type(items);
        let (mut integers, mut of_texts) = (None, None);
        let array: ArrayRef = match &mut self.values {
            Values::None => Arc::new(NullArray::new(rows)),
            Values::Bool(values) => {
                Arc::new(BooleanArray::new(layout.bits(values), layout.nulls()))
            }
            Values::Int(values) => Arc::new(Int64Array::new(layout.spread(values), layout.nulls())),
            // A float came and was taken back.
            Values::Float(values, _) if target == DataType::Int64 => {
                let mut values = values.iter().map(|x| *x as i64).collect();
                let values = layout.spread(&mut values);
                Arc::new(Int64Array::new(values, layout.nulls()))
            }
            Values::Float(values, marks) => {
                integers = marks.as_ref().map(|marks| layout.bits(marks));
                Arc::new(Float64Array::new(layout.spread(values), layout.nulls()))
            }
            Values::Text(ends, texts, marks) => {
                of_texts = marks.as_ref().map(|marks| layout.bits(marks));
                if i32::try_from(texts.len()).is_err() {
                    let (bytes, limit) = (texts.len() as u64, i32::MAX as u64);
                    return Err(ErrorKind::RecordTooLarge { bytes, limit }.into());
                }
                let found = if kinds == Kinds::TEXT {
                    detected(ends, texts, detection, &layout)?
                } else {
                    None
                };
                if let Some((kind, array)) = found {
                    kinds = kind;
                    target = kinds.data_type(items);
                    array
                } else {
                    numbers(layout.texts(ends, texts)?, &target)?
                }
            }
            Values::List(ends, values) => {
                let count = ends.last().map_or(0, |end| *end as usize);
                let values = values.finish(count, detection)?;
                integers = values.integers;
                if items == Kinds::TEXT {
                    items = values.kinds;
                    target = kinds.data_type(items);
                }
                let field = Arc::new(Field::new_list_field(
                    values.array.data_type().clone(),
                    true,
                ));
                Arc::new(
                    ListArray::try_new(field, layout.offsets(ends), values.array, layout.nulls())
                        .map_err(|e| Error::internal(e.to_string()))?,
                )
            }
        };
        debug_assert_eq!(
            array.data_type(),
            &target,
            "representation follows the kinds"
        );
        Ok(FinishedColumn {
            array,
            integers,
            texts: of_texts,
            kinds,
            items,
            leaves,
        })
    }
}

/// Spelled numbers as what they are, other text as it is.
fn numbers(text: StringArray, target: &DataType) -> Result<ArrayRef> {
    Ok(match target {
        DataType::Decimal128(precision, scale) => {
            let decimals: Decimal128Array = text.iter().map(|n| n?.parse().ok()).collect();
            let decimals = decimals.with_precision_and_scale(*precision, *scale);
            Arc::new(decimals.map_err(|e| Error::internal(e.to_string()))?)
        }
        // A longer integer came and was taken back.
        DataType::Int64 => Arc::new(text.iter().map(|n| n?.parse().ok()).collect::<Int64Array>()),
        _ => Arc::new(text),
    })
}

impl Layout<'_> {
    pub(super) fn nulls(&self) -> Option<NullBuffer> {
        let of_values = self.of_values?;
        let mut bits = vec![0_u8; self.rows.div_ceil(8)];
        for row in of_values {
            bits[*row as usize / 8] |= 1 << (row % 8);
        }
        Some(NullBuffer::new(BooleanBuffer::new(
            Buffer::from_vec(bits),
            0,
            self.rows,
        )))
    }

    /// A bit for each row, unset for nulls.
    fn bits(&self, values: &[bool]) -> BooleanBuffer {
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
    pub(super) fn spread<T: ArrowNativeType>(&self, values: &mut Vec<T>) -> ScalarBuffer<T> {
        let Some(of_values) = self.of_values else {
            return ScalarBuffer::from(taken(values));
        };
        let mut spread = vec![T::default(); self.rows];
        for (row, value) in of_values.iter().zip(values) {
            spread[*row as usize] = *value;
        }
        ScalarBuffer::from(spread)
    }

    /// A text for each row.
    fn texts(&self, ends: &[i32], texts: &mut String) -> Result<StringArray> {
        // Arrow looks at all bytes and every row to see that they are UTF-8; a builder need not, but copies.
        let is_sparse = ends.len() < self.rows / 2;
        let is_long = texts.len() >= LONG_TEXT * ends.len() && texts.len() <= MOST_COPIED_BYTES;
        if self.rows > FEW_ROWS && (is_sparse || is_long) {
            return Ok(self.built_texts(ends, texts));
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

    fn built_texts(&self, ends: &[i32], texts: &str) -> StringArray {
        let mut builder = StringBuilder::with_capacity(self.rows, texts.len());
        let (mut start, mut next) = (0, 0);
        for (value, end) in ends.iter().enumerate() {
            let row = self.of_values.map_or(value, |rows| rows[value] as usize);
            if row > next {
                builder.append_nulls(row - next);
            }
            builder.append_value(&texts[start..*end as usize]);
            (start, next) = (*end as usize, row + 1);
        }
        builder.append_nulls(self.rows - next);
        builder.finish()
    }

    /// Where each row's text or list begins and ends; for nulls it is empty.
    fn offsets(&self, ends: &[i32]) -> OffsetBuffer<i32> {
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
fn taken<T: Copy>(values: &mut Vec<T>) -> Vec<T> {
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

/// Forgets the values. False if the buffer is too large to be kept, or holds nothing to keep.
fn clear<T>(values: &mut Vec<T>) -> bool {
    values.clear();
    (1..=KEPT_BYTES).contains(&(values.capacity() * size_of::<T>()))
}
