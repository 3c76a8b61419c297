//! Rows that wait to be encoded, with their size. The size is a function of the values and the schema, never of how
//! rows were cut into batches, of types that columns had before, or of buffers' capacities.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, cast::AsArray, new_null_array};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use transmog_core::{TableBatch, widen};

use crate::{Cause, columns::Columns};

/// The values of one column in a piece.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    pub(crate) array: ArrayRef,
    /// Which floats were integers, as in [`TableBatch::integers`].
    pub(crate) integers: Option<BooleanBuffer>,
}

/// Some consecutive rows of a table.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) rows: usize,
    /// By column number; `None` (or nothing at the end) for a column that the rows lack or that is null everywhere.
    pub(crate) columns: Vec<Option<Values>>,
    /// Logical size under the schema of `version`.
    pub(crate) bytes: u64,
    pub(crate) version: u32,
}

impl Piece {
    /// Keeps the rows of a batch, whose schema is the latest one of `columns`.
    ///
    /// # Errors
    /// If the batch's marks do not fit its columns.
    pub(crate) fn new(batch: &TableBatch, columns: &Columns) -> Result<Self, Cause> {
        let mut kept = vec![None; columns.len()];
        for (place, (number, array)) in
            std::iter::zip(columns.numbers(), batch.rows.columns()).enumerate()
        {
            let integers = batch.integers.get(place).cloned().flatten();
            if integers
                .as_ref()
                .is_some_and(|marks| marks.len() != leaf(array).len())
            {
                return Err("a column's marks are not as many as its values".into());
            }
            if *array.data_type() != DataType::Null {
                let array = Arc::clone(array);
                kept[*number] = Some(Values { array, integers });
            }
        }
        let mut piece = Self {
            rows: batch.rows.num_rows(),
            columns: kept,
            bytes: 0,
            version: columns.version(),
        };
        piece.measure(columns);
        Ok(piece)
    }

    /// Casts what is narrower than the latest schema.
    ///
    /// # Errors
    /// If the schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        if self.version == columns.version() {
            return Ok(());
        }
        for (number, values) in self.columns.iter_mut().enumerate() {
            let Some(values) = values else { continue };
            let to = columns.data_type(number);
            if values.array.data_type() == to {
                continue;
            }
            let wide = widen(&values.array, values.integers.as_ref(), to)?;
            values.integers = match (leaf(&values.array).data_type(), leaf(&wide).data_type()) {
                (DataType::Int64, DataType::Float64) => {
                    Some(BooleanBuffer::new_set(leaf(&wide).len()))
                }
                (DataType::Float64, DataType::Float64) => values.integers.take(),
                _ => None,
            };
            values.array = wide;
        }
        self.version = columns.version();
        self.measure(columns);
        Ok(())
    }

    fn measure(&mut self, columns: &Columns) {
        self.bytes = (0..columns.len())
            .map(|number| match self.values(number) {
                Some(values) => logical_bytes(&values.array),
                None => width(columns.data_type(number)) * self.rows as u64,
            })
            .sum();
    }

    /// The values of a column; `None` if all are null.
    pub(crate) fn values(&self, number: usize) -> Option<&Values> {
        self.columns.get(number)?.as_ref()
    }

    /// Cuts off the first `rows` rows.
    pub(crate) fn split_front(&mut self, rows: usize, columns: &Columns) -> Self {
        let part = |from: usize, length: usize| {
            let columns = self.columns.iter().map(|values| {
                let values = values.as_ref()?;
                let array = values.array.slice(from, length);
                let integers = values.integers.as_ref().map(|marks| {
                    // A sliced list array keeps its whole values, so its marks stay whole too.
                    if matches!(array.data_type(), DataType::List(_)) {
                        marks.clone()
                    } else {
                        marks.slice(from, length)
                    }
                });
                Some(Values { array, integers })
            });
            Self {
                rows: length,
                columns: columns.collect(),
                bytes: 0,
                version: self.version,
            }
        };
        let mut front = part(0, rows);
        let mut back = part(rows, self.rows - rows);
        front.measure(columns);
        back.measure(columns);
        *self = back;
        front
    }

    /// Puts the rows of `next` after these. Both must have the latest schema.
    ///
    /// # Errors
    /// If a column gets too large for one array.
    pub(crate) fn append(&mut self, next: &Self, columns: &Columns) -> Result<(), Cause> {
        let joined = (0..columns.len()).map(|number| {
            let (front, back) = (self.values(number), next.values(number));
            if front.is_none() && back.is_none() {
                return Ok(None);
            }
            let or_nulls = |values: Option<&Values>, rows| match values {
                Some(values) => Arc::clone(&values.array),
                None => new_null_array(columns.data_type(number), rows),
            };
            let (a, b) = (or_nulls(front, self.rows), or_nulls(back, next.rows));
            let marked = |values: Option<&Values>| values.is_some_and(|v| v.integers.is_some());
            let integers = (marked(front) || marked(back)).then(|| {
                let mut bits = BooleanBufferBuilder::new(0);
                append_marks(&mut bits, front, &a);
                append_marks(&mut bits, back, &b);
                bits.finish()
            });
            let array = concat(&[a.as_ref(), b.as_ref()])?;
            Ok(Some(Values { array, integers }))
        });
        self.columns = joined.collect::<Result<_, Cause>>()?;
        self.rows += next.rows;
        self.bytes += next.bytes;
        Ok(())
    }
}

/// Appends one bit for each value of the rows of `array` (for a list, for each item of its rows), unset without marks.
pub(crate) fn append_marks(
    bits: &mut BooleanBufferBuilder,
    values: Option<&Values>,
    array: &ArrayRef,
) {
    let (from, length) = leaf_range(array);
    match values.and_then(|values| values.integers.as_ref()) {
        Some(marks) => bits.append_buffer(&marks.slice(from, length)),
        None => bits.append_n(length, false),
    }
}

/// The items of a list array (all that it keeps), the array itself otherwise.
pub(crate) fn leaf(array: &ArrayRef) -> &ArrayRef {
    match array.as_list_opt::<i32>() {
        Some(list) => list.values(),
        None => array,
    }
}

/// Where in its [`leaf`] the rows of an array begin, and how many values they have there.
pub(crate) fn leaf_range(array: &ArrayRef) -> (usize, usize) {
    let Some(list) = array.as_list_opt::<i32>() else {
        return (0, array.len());
    };
    let offsets = list.value_offsets();
    let (from, to) = (offsets[0] as usize, offsets[list.len()] as usize);
    (from, to - from)
}

/// Bytes that a value of a type counts for, without text and items.
fn width(data_type: &DataType) -> u64 {
    match data_type {
        DataType::Null => 0,
        DataType::Boolean => 1,
        DataType::Utf8 | DataType::List(_) => 4,
        DataType::Decimal128(..) | DataType::FixedSizeBinary(_) => 16,
        _ => 8,
    }
}

fn logical_bytes(array: &ArrayRef) -> u64 {
    let fixed = width(array.data_type()) * array.len() as u64;
    let more = if let Some(text) = array.as_string_opt::<i32>() {
        let offsets = text.value_offsets();
        (offsets[text.len()] - offsets[0]) as u64
    } else if let Some(list) = array.as_list_opt::<i32>() {
        let (from, length) = leaf_range(array);
        logical_bytes(&list.values().slice(from, length))
    } else {
        0
    };
    fixed + more
}
