//! Holds the values of one column in some rows, without nulls.
//!
//! Records often have few of their table's columns, so nulls could take many times the memory of
//! the values. A sparse column of eight rows:
//!
//! ```text
//! rows             -   4   -   -   -  2.5  -   -
//! array            4.0  2.5
//! validity         0 1 0 0 0 1 0 0
//! integer_marks    1    0                    4 was an integer in the input
//! ```
//!
//! A column without nulls has no `validity`. Types that are not [packed](is_packed) keep their
//! nulls in `array`.

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

/// The values of a column in some rows. Invariant: at least one is not null.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    /// The values that are not null; for types that are not [packed](is_packed), one for each row.
    array: ArrayRef,
    /// Which rows have a value; `None` if `array` has one element for each row.
    validity: Option<BooleanBuffer>,
    /// Which floats of `array` (or of its items) were integers, see
    /// [`TableBatch::integers`](transmog_core::TableBatch::integers).
    integer_marks: Option<BooleanBuffer>,
}

impl Values {
    /// The values of an array with their integer marks; `None` if all are null.
    ///
    /// # Errors
    /// The marks are not as many as the values.
    pub(crate) fn new(
        array: &ArrayRef,
        integer_marks: Option<BooleanBuffer>,
    ) -> Result<Option<Self>, Cause> {
        check_marks(array, integer_marks.as_ref())?;
        if array.logical_null_count() == array.len() {
            return Ok(None);
        }
        let has_nulls =
            |nulls: &&NullBuffer| nulls.null_count() > 0 && is_packed(array.data_type());
        let Some(nulls) = array.nulls().filter(has_nulls) else {
            return Ok(Some(Self {
                array: Arc::clone(array),
                validity: None,
                integer_marks,
            }));
        };
        let validity = nulls.inner().clone();
        Ok(Some(Self {
            array: pack(array, &validity)?,
            integer_marks: integer_marks.map(|marks| pack_bits(&marks, &validity)),
            validity: Some(validity),
        }))
    }

    /// The array, if every row has a value.
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
        self.integer_marks.is_some()
    }

    /// Casts the values to a wider type.
    ///
    /// # Errors
    /// `to` is not wider.
    pub(crate) fn widen(&mut self, to: &DataType) -> Result<(), Cause> {
        if self.array.data_type() == to {
            return Ok(());
        }
        let wide = widen(&self.array, self.integer_marks.as_ref(), to)?;
        self.integer_marks = match (leaf(&self.array).data_type(), leaf(&wide).data_type()) {
            (DataType::Int64, DataType::Float64) => Some(BooleanBuffer::new_set(leaf(&wide).len())),
            (DataType::Float64, DataType::Float64) => self.integer_marks.take(),
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
        let integer_marks = self
            .integer_marks
            .as_ref()
            .map(|marks| match array.data_type() {
                // A slice of a list array keeps all items, so it keeps all marks, too.
                DataType::List(_) => marks.clone(),
                _ => marks.slice(first, values),
            });
        (array.logical_null_count() < array.len()).then_some(Self {
            array,
            validity,
            integer_marks,
        })
    }

    pub(super) fn has_validity(&self) -> bool {
        self.validity.is_some()
    }

    /// The packed values of some rows, and their validity bitmap.
    pub(super) fn slice_parts(
        &self,
        from: usize,
        rows: usize,
    ) -> (ArrayRef, Option<BooleanBuffer>) {
        let (first, values, validity) = self.range(from, rows);
        (self.array.slice(first, values), validity)
    }

    /// The range of `array` that holds the values of some rows: first, length, and validity bitmap.
    fn range(&self, from: usize, rows: usize) -> (usize, usize, Option<BooleanBuffer>) {
        let Some(validity) = &self.validity else {
            return (from, rows, None);
        };
        let first = validity.slice(0, from).count_set_bits();
        let validity = validity.slice(from, rows);
        (first, validity.count_set_bits(), Some(validity))
    }

    /// Joins slices; `None` if all rows are null.
    ///
    /// # Errors
    /// Texts or items get too large for one array.
    pub(crate) fn join(
        slices: &[ColumnSlice<'_>],
        data_type: &DataType,
    ) -> Result<Option<Self>, Cause> {
        // A single slice is not copied, and a sliced list array would keep items of other rows.
        if let [slice] = slices {
            return Ok(slice
                .values
                .and_then(|values| values.slice(slice.from, slice.rows)));
        }
        let ColumnBatch {
            array, validity, ..
        } = gather(slices, data_type)?;
        let all = || slices.iter().filter_map(|slice| slice.values);
        let integer_marks = all().any(Self::has_marks).then(|| {
            let mut bits = BooleanBufferBuilder::new(array.len());
            all().for_each(|values| values.append_marks(&mut bits));
            bits.finish()
        });
        Ok((array.logical_null_count() < array.len()).then_some(Self {
            array,
            validity,
            integer_marks,
        }))
    }

    /// Values without nulls of a [packed](is_packed) type, with their validity bitmap.
    pub(crate) fn packed(
        array: ArrayRef,
        validity: Option<BooleanBuffer>,
        integer_marks: Option<BooleanBuffer>,
    ) -> Self {
        debug_assert!(is_packed(array.data_type()) && array.null_count() == 0);
        debug_assert!(
            validity
                .as_ref()
                .is_none_or(|rows| rows.count_set_bits() == array.len()),
            "one value for each row that is marked as having one"
        );
        Self {
            array,
            validity,
            integer_marks,
        }
    }

    /// Appends one mark for each value, or for each item of lists; unset ones if there are no
    /// marks.
    pub(crate) fn append_marks(&self, bits: &mut BooleanBufferBuilder) {
        let (from, length) = leaf_range(&self.array);
        match &self.integer_marks {
            Some(marks) => bits.append_buffer(&marks.slice(from, length)),
            None => bits.append_n(length, false),
        }
    }

    /// Appends one bit for each mark: whether its value or item is not null.
    pub(crate) fn append_validity(&self, bits: &mut BooleanBufferBuilder) {
        let (from, length) = leaf_range(&self.array);
        match leaf(&self.array).nulls() {
            Some(nulls) => bits.append_buffer(&nulls.inner().slice(from, length)),
            None => bits.append_n(length, true),
        }
    }

    /// Replaces the marks. `marks` receives their number.
    ///
    /// # Errors
    /// Those of `marks`.
    pub(crate) fn with_marks(
        self,
        marks: impl FnOnce(usize) -> Result<Option<BooleanBuffer>, Cause>,
    ) -> Result<Self, Cause> {
        let integer_marks = marks(leaf(&self.array).len())?;
        Ok(Self {
            integer_marks,
            ..self
        })
    }

    /// The array, its validity bitmap and its integer marks.
    pub(crate) fn into_parts(self) -> (ArrayRef, Option<BooleanBuffer>, Option<BooleanBuffer>) {
        (self.array, self.validity, self.integer_marks)
    }

    /// All rows, ready to be encoded.
    pub(crate) fn into_batch(self, rows: usize) -> ColumnBatch {
        ColumnBatch {
            array: self.array,
            validity: self.validity,
            rows,
        }
    }

    /// Logical size of the values in bytes, without the validity bitmap.
    pub(crate) fn bytes(&self) -> u64 {
        size::of_rows(&self.array)
    }
}

/// Checks that there is one mark for each value, or for each item of lists.
///
/// # Errors
/// There are more marks, or fewer.
pub(crate) fn check_marks(array: &ArrayRef, marks: Option<&BooleanBuffer>) -> Result<(), Cause> {
    if marks.is_some_and(|marks| marks.len() != leaf(array).len()) {
        return Err("a column's marks are not as many as its values".into());
    }
    Ok(())
}

/// The items of a list array (all that it holds); any other array itself.
pub(crate) fn leaf(array: &ArrayRef) -> &ArrayRef {
    match array.as_list_opt::<i32>() {
        Some(list) => list.values(),
        None => array,
    }
}

/// The range of the [`leaf`] that belongs to the rows of an array: first and length.
pub(crate) fn leaf_range(array: &ArrayRef) -> (usize, usize) {
    let Some(list) = array.as_list_opt::<i32>() else {
        return (0, array.len());
    };
    let offsets = list.value_offsets();
    let (from, to) = (offsets[0] as usize, offsets[list.len()] as usize);
    (from, to - from)
}
