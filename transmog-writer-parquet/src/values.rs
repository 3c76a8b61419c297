//! The values of one column in some rows. Columns that are mostly null keep only the values that are there, because
//! records of one table often have few of its columns.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, ListArray, StringArray, UInt32Array, cast::AsArray,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::DataType;
use arrow_select::{concat::concat, filter::FilterBuilder, take::take};
use transmog_core::widen;

use crate::Cause;

/// The values of a column, at least one of which is not null.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    /// A value for each row; with `present`, only the values that are not null.
    array: ArrayRef,
    /// Which rows have a value.
    present: Option<BooleanBuffer>,
    /// Which floats of `array` were integers, as in [`TableBatch::integers`](transmog_core::TableBatch::integers).
    integers: Option<BooleanBuffer>,
}

impl Values {
    /// The values of a column with their marks; `None` if all are null.
    ///
    /// # Errors
    /// If the marks are not as many as the values.
    pub(crate) fn new(
        array: &ArrayRef,
        integers: Option<BooleanBuffer>,
    ) -> Result<Option<Self>, Cause> {
        if let Some(marks) = &integers
            && marks.len() != leaf(array).len()
        {
            return Err("a column's marks are not as many as its values".into());
        }
        let nulls = array.logical_null_count();
        if nulls == array.len() {
            return Ok(None);
        }
        let is_list = matches!(array.data_type(), DataType::List(_));
        let present = match array.nulls() {
            Some(validity) if nulls > array.len() / 2 && !is_list => validity.inner().clone(),
            _ => {
                return Ok(Some(Self {
                    array: Arc::clone(array),
                    present: None,
                    integers,
                }));
            }
        };
        let values = FilterBuilder::new(&BooleanArray::new(present.clone(), None)).build();
        let integers = match integers {
            Some(marks) => {
                let marks = values.filter(&BooleanArray::new(marks, None))?;
                Some(marks.as_boolean().values().clone())
            }
            None => None,
        };
        Ok(Some(Self {
            array: values.filter(array.as_ref())?,
            present: Some(present),
            integers,
        }))
    }

    pub(crate) fn has_marks(&self) -> bool {
        self.integers.is_some()
    }

    /// Casts the values to a wider type.
    ///
    /// # Errors
    /// If `to` is not wider.
    pub(crate) fn widen(&mut self, to: &DataType) -> Result<(), Cause> {
        if self.array.data_type() == to {
            return Ok(());
        }
        let wide = widen(&self.array, self.integers.as_ref(), to)?;
        self.integers = match (leaf(&self.array).data_type(), leaf(&wide).data_type()) {
            (DataType::Int64, DataType::Float64) => Some(BooleanBuffer::new_set(leaf(&wide).len())),
            (DataType::Float64, DataType::Float64) => self.integers.take(),
            _ => None,
        };
        self.array = wide;
        Ok(())
    }

    /// Some of the rows, with a value for each, and their marks.
    ///
    /// # Errors
    /// None that the values can cause.
    pub(crate) fn dense(
        &self,
        from: usize,
        rows: usize,
    ) -> Result<(ArrayRef, Option<BooleanBuffer>), Cause> {
        let Some(present) = &self.present else {
            return Ok((self.array.slice(from, rows), self.marks(from, rows)));
        };
        let mut next = present.slice(0, from).count_set_bits() as u32;
        let present = present.slice(from, rows);
        let places = present.iter().map(|is_present| {
            let place = next;
            next += u32::from(is_present);
            place
        });
        let places = places.collect::<Vec<_>>();
        let places = UInt32Array::new(places.into(), Some(NullBuffer::new(present)));
        let array = take(&self.array, &places, None)?;
        let marks = match &self.integers {
            Some(marks) => {
                let marks = take(&BooleanArray::new(marks.clone(), None), &places, None)?;
                Some(marks.as_boolean().values().clone())
            }
            None => None,
        };
        Ok((array, marks))
    }

    /// A sliced list array keeps its whole values, so its marks stay whole too.
    fn marks(&self, from: usize, rows: usize) -> Option<BooleanBuffer> {
        let marks = self.integers.as_ref()?;
        Some(match self.array.data_type() {
            DataType::List(_) => marks.clone(),
            _ => marks.slice(from, rows),
        })
    }

    /// Some of the rows; `None` if they are all null.
    pub(crate) fn slice(&self, from: usize, rows: usize) -> Option<Self> {
        let (first, values, present) = match &self.present {
            None => (from, rows, None),
            Some(present) => {
                let first = present.slice(0, from).count_set_bits();
                let present = present.slice(from, rows);
                (first, present.count_set_bits(), Some(present))
            }
        };
        let array = self.array.slice(first, values);
        (array.logical_null_count() < array.len()).then(|| Self {
            integers: self.marks(first, values),
            array,
            present,
        })
    }

    /// The values of `front` and then of `back`, either of which may be rows of nothing but nulls.
    ///
    /// # Errors
    /// If they get too large for one array.
    pub(crate) fn join(
        front: (Option<&Self>, usize),
        back: (Option<&Self>, usize),
        data_type: &DataType,
    ) -> Result<Option<Self>, Cause> {
        let mut arrays = Vec::with_capacity(2);
        let mut bits = BooleanBufferBuilder::new(0);
        for (values, rows) in [front, back] {
            let (array, marks) = match values {
                Some(values) => values.dense(0, rows)?,
                None => (new_null_array(data_type, rows), None),
            };
            append_marks(&mut bits, marks.as_ref(), &array);
            arrays.push(array);
        }
        let marked = [front.0, back.0].into_iter().flatten().any(Self::has_marks);
        let joined = concat(&[arrays[0].as_ref(), arrays[1].as_ref()])?;
        Self::new(&joined, marked.then(|| bits.finish()))
    }

    /// Logical size in bytes: that of the values, without that of the bits that tell which rows have one.
    pub(crate) fn bytes(&self) -> u64 {
        bytes(&self.array)
    }
}

/// Appends one bit for each value of the rows of `array` (for a list, for each item of its rows), unset without marks.
pub(crate) fn append_marks(
    bits: &mut BooleanBufferBuilder,
    marks: Option<&BooleanBuffer>,
    array: &ArrayRef,
) {
    let (from, length) = leaf_range(array);
    match marks {
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

fn bytes(array: &ArrayRef) -> u64 {
    let valid = (array.len() - array.logical_null_count()) as u64;
    match array.data_type() {
        DataType::Null => 0,
        DataType::Boolean => valid,
        DataType::Utf8 => 4 * valid + text_bytes(array.as_string()),
        DataType::List(_) => 4 * valid + item_bytes(array.as_list()),
        DataType::Decimal128(..) | DataType::FixedSizeBinary(_) => 16 * valid,
        _ => 8 * valid,
    }
}

fn text_bytes(texts: &StringArray) -> u64 {
    let offsets = texts.value_offsets();
    sum_of_valid(texts, |from, to| (offsets[to] - offsets[from]) as u64)
}

fn item_bytes(lists: &ListArray) -> u64 {
    let offsets = lists.value_offsets();
    sum_of_valid(lists, |from, to| {
        let (first, end) = (offsets[from] as usize, offsets[to] as usize);
        bytes(&lists.values().slice(first, end - first))
    })
}

/// Sums over runs of rows that are not null: what stands at a null depends on how rows were cut.
fn sum_of_valid(array: &dyn Array, between: impl Fn(usize, usize) -> u64) -> u64 {
    match array.nulls() {
        Some(nulls) => {
            let runs = nulls.valid_slices();
            runs.map(|(from, to)| between(from, to)).sum()
        }
        None => between(0, array.len()),
    }
}
