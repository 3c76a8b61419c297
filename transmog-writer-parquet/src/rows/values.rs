//! The values of one column in some rows, in the shape in which Parquet has them: those that are not null, and which
//! rows have one. Records often have few of their table's columns, so rows with their nulls could take many times the
//! memory.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::DataType;
use transmog_core::widen;

use super::{
    column_batch::{ColumnBatch, ColumnSlice, gather},
    size,
    validity::{is_packed, pack, pack_bits},
};
use crate::Cause;

/// The values of a column, at least one of which is not null.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    /// The values that are not null; for types that are not [packed](crate::pack::is_packed), one for each row.
    array: ArrayRef,
    /// Which rows have a value; `None` if `array` has one for each.
    validity: Option<BooleanBuffer>,
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
        check_marks(array, integers.as_ref())?;
        if array.logical_null_count() == array.len() {
            return Ok(None);
        }
        let has_nulls =
            |nulls: &&NullBuffer| nulls.null_count() > 0 && is_packed(array.data_type());
        let Some(nulls) = array.nulls().filter(has_nulls) else {
            return Ok(Some(Self {
                array: Arc::clone(array),
                validity: None,
                integers,
            }));
        };
        let validity = nulls.inner().clone();
        Ok(Some(Self {
            array: pack(array, &validity)?,
            integers: integers.map(|marks| pack_bits(&marks, &validity)),
            validity: Some(validity),
        }))
    }

    /// The values, if every row has one.
    pub(crate) fn every_row(&self) -> Option<&dyn Array> {
        let is_full = self.validity.is_none() && self.array.null_count() == 0;
        is_full.then_some(&*self.array)
    }

    pub(crate) fn data_type(&self) -> &DataType {
        self.array.data_type()
    }

    /// How many values are not null.
    pub(crate) fn count(&self) -> usize {
        self.array.len() - self.array.logical_null_count()
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
        if is_packed(to)
            && let Some(nulls) = wide.nulls().filter(|nulls| nulls.null_count() > 0)
        {
            self.validity = Some(nulls.inner().clone());
            self.array = pack(&wide, nulls.inner())?;
        } else {
            self.array = wide;
        }
        Ok(())
    }

    /// Some of the rows; `None` if they are all null.
    pub(crate) fn slice(&self, from: usize, rows: usize) -> Option<Self> {
        let (first, values, validity) = self.range(from, rows);
        let array = self.array.slice(first, values);
        let integers = self.integers.as_ref().map(|marks| match array.data_type() {
            // A sliced list array keeps its whole items, so its marks stay whole too.
            DataType::List(_) => marks.clone(),
            _ => marks.slice(first, values),
        });
        (array.logical_null_count() < array.len()).then_some(Self {
            array,
            validity,
            integers,
        })
    }

    pub(super) fn has_validity(&self) -> bool {
        self.validity.is_some()
    }

    /// The values of some rows, and which of these rows have one: see [`packed`](Self::packed).
    pub(super) fn slice_parts(
        &self,
        from: usize,
        rows: usize,
    ) -> (ArrayRef, Option<BooleanBuffer>) {
        let (first, values, validity) = self.range(from, rows);
        (self.array.slice(first, values), validity)
    }

    /// Where in `array` the values of some rows stand, how many they are, and which rows have one.
    fn range(&self, from: usize, rows: usize) -> (usize, usize, Option<BooleanBuffer>) {
        let Some(validity) = &self.validity else {
            return (from, rows, None);
        };
        let first = validity.slice(0, from).count_set_bits();
        let validity = validity.slice(from, rows);
        (first, validity.count_set_bits(), Some(validity))
    }

    /// The values of several slices, one after another; `None` if all are null.
    ///
    /// # Errors
    /// If they get too large for one array.
    pub(crate) fn join(
        slices: &[ColumnSlice<'_>],
        data_type: &DataType,
    ) -> Result<Option<Self>, Cause> {
        // Of one slice the array is not copied, and a list array that was sliced keeps items that are not its own.
        if let [slice] = slices {
            return Ok(slice
                .values
                .and_then(|values| values.slice(slice.from, slice.rows)));
        }
        let ColumnBatch {
            array, validity, ..
        } = gather(slices, data_type)?;
        let all = || slices.iter().filter_map(|slice| slice.values);
        let integers = all().any(Self::has_marks).then(|| {
            let mut bits = BooleanBufferBuilder::new(array.len());
            all().for_each(|values| values.append_marks(&mut bits));
            bits.finish()
        });
        Ok((array.logical_null_count() < array.len()).then_some(Self {
            array,
            validity,
            integers,
        }))
    }

    /// Values without nulls, of a type that is [packed](crate::pack::is_packed), and the rows that have one.
    pub(crate) fn packed(
        array: ArrayRef,
        validity: Option<BooleanBuffer>,
        integers: Option<BooleanBuffer>,
    ) -> Self {
        Self {
            array,
            validity,
            integers,
        }
    }

    /// Appends the marks, unset ones if there are none: one for each value, or for each item of lists.
    pub(crate) fn append_marks(&self, bits: &mut BooleanBufferBuilder) {
        let (from, length) = leaf_range(&self.array);
        match &self.integers {
            Some(marks) => bits.append_buffer(&marks.slice(from, length)),
            None => bits.append_n(length, false),
        }
    }

    /// Appends a bit for each mark that tells whether its value or item is not null.
    pub(crate) fn append_validity(&self, bits: &mut BooleanBufferBuilder) {
        let (from, length) = leaf_range(&self.array);
        match leaf(&self.array).nulls() {
            Some(nulls) => bits.append_buffer(&nulls.inner().slice(from, length)),
            None => bits.append_n(length, true),
        }
    }

    /// The same values with other marks, of which `marks` is given the number.
    ///
    /// # Errors
    /// Those of `marks`.
    pub(crate) fn with_marks(
        self,
        marks: impl FnOnce(usize) -> Result<Option<BooleanBuffer>, Cause>,
    ) -> Result<Self, Cause> {
        let integers = marks(leaf(&self.array).len())?;
        Ok(Self { integers, ..self })
    }

    /// The values, which rows have one, and the marks: see [`packed`](Self::packed).
    pub(crate) fn into_parts(self) -> (ArrayRef, Option<BooleanBuffer>, Option<BooleanBuffer>) {
        (self.array, self.validity, self.integers)
    }

    /// All rows, ready to be encoded.
    pub(crate) fn into_batch(self, rows: usize) -> ColumnBatch {
        ColumnBatch {
            array: self.array,
            validity: self.validity,
            rows,
        }
    }

    /// Logical size in bytes: that of the values, without that of the bits that tell which rows have one.
    pub(crate) fn bytes(&self) -> u64 {
        size::of_rows(&self.array)
    }
}

/// Checks that there is a mark for each value, or for each item of lists.
///
/// # Errors
/// If the marks are not as many.
pub(crate) fn check_marks(array: &ArrayRef, marks: Option<&BooleanBuffer>) -> Result<(), Cause> {
    if marks.is_some_and(|marks| marks.len() != leaf(array).len()) {
        return Err("a column's marks are not as many as its values".into());
    }
    Ok(())
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
