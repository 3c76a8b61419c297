//! Rows of one column.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, FixedSizeBinaryArray, StringArray, cast::AsArray, new_empty_array,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use arrow_schema::DataType;
use arrow_select::concat::concat;

use super::{
    validity::{is_packed, unpack_texts},
    values::Values,
};
use crate::Cause;

/// Rows of one column, ready to be encoded.
#[derive(Debug)]
pub(crate) struct ColumnBatch {
    /// As in [`Values`].
    pub(crate) array: ArrayRef,
    pub(crate) validity: Option<BooleanBuffer>,
    pub(crate) rows: usize,
}

impl ColumnBatch {
    /// Rows of nothing but nulls.
    pub(crate) fn nulls(data_type: &DataType, rows: usize) -> Self {
        let (array, validity) = if is_packed(data_type) {
            let none = BooleanBuffer::new_unset(rows);
            (new_empty_array(data_type), Some(none))
        } else {
            (new_null_array(data_type, rows), None)
        };
        Self {
            array,
            validity,
            rows,
        }
    }

    /// True if less than half of the rows have a value.
    pub(crate) fn is_sparse(&self) -> bool {
        self.array.len() < self.rows / 2
    }

    /// The same rows of text as an array with nulls.
    ///
    /// # Errors
    /// None that input can cause.
    pub(crate) fn unpacked(self) -> Result<Self, Cause> {
        let Some(validity) = self.validity else {
            return Ok(self);
        };
        Ok(Self {
            array: unpack_texts(self.array.as_string(), validity)?,
            validity: None,
            rows: self.rows,
        })
    }
}

/// Some rows of values, or that many nulls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnSlice<'a> {
    pub(crate) values: Option<&'a Values>,
    pub(crate) from: usize,
    pub(crate) rows: usize,
}

/// The rows of several slices, one after another.
///
/// # Errors
/// If they get too large for one array.
pub(crate) fn gather(
    slices: &[ColumnSlice<'_>],
    data_type: &DataType,
) -> Result<ColumnBatch, Cause> {
    let rows = slices.iter().map(|slice| slice.rows).sum();
    let has_nulls = |slice: &ColumnSlice<'_>| slice.values.is_none_or(Values::has_validity);
    let is_packed = is_packed(data_type);
    let mut validity =
        (is_packed && slices.iter().any(has_nulls)).then(|| BooleanBufferBuilder::new(rows));
    let mut arrays = Vec::with_capacity(slices.len());
    for slice in slices {
        let Some(values) = slice.values else {
            match &mut validity {
                Some(validity) => validity.append_n(slice.rows, false),
                None => arrays.push(new_null_array(data_type, slice.rows)),
            }
            continue;
        };
        let (array, bits) = values.slice_parts(slice.from, slice.rows);
        arrays.push(array);
        match (&mut validity, bits) {
            (Some(validity), Some(bits)) => validity.append_buffer(&bits),
            (Some(validity), None) => validity.append_n(slice.rows, true),
            (None, _) => {}
        }
    }
    let array = match arrays.as_slice() {
        [] => return Ok(ColumnBatch::nulls(data_type, rows)),
        [one] => Arc::clone(one),
        several => {
            let several: Vec<_> = several.iter().map(AsRef::as_ref).collect();
            concat(&several)?
        }
    };
    // Rows that all have a value come with or without bits that say so, depending on how they were cut. Encoders end pages
    // elsewhere if there are bits.
    Ok(ColumnBatch {
        validity: validity
            .map(|mut validity| validity.finish())
            .filter(|_| array.len() < rows),
        array: without_full_validity(array)?,
        rows,
    })
}

/// The same array. Texts and ids of which none is null lose their validity bitmap. Of other types the encoders do not see it, or
/// write the same with and without it.
///
/// # Errors
/// None that input can cause.
fn without_full_validity(array: ArrayRef) -> Result<ArrayRef, Cause> {
    if array.nulls().is_none_or(|nulls| nulls.null_count() > 0) {
        return Ok(array);
    }
    Ok(match array.data_type() {
        DataType::Utf8 => {
            let (offsets, bytes, _) = array.as_string::<i32>().clone().into_parts();
            Arc::new(StringArray::try_new(offsets, bytes, None)?)
        }
        DataType::FixedSizeBinary(_) => {
            let (size, bytes, _) = array.as_fixed_size_binary().clone().into_parts();
            Arc::new(FixedSizeBinaryArray::try_new(size, bytes, None)?)
        }
        _ => array,
    })
}
