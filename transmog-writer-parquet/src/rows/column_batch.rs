//! Gathers rows of one column from several row blocks into one batch for the encoder.
//!
//! The encoder takes 8,192 rows at a time, wherever row blocks begin and end:
//!
//! ```text
//! row blocks     |  400  |        9000        |     5000     |
//! slices         |  400  |    7792    | 1208  |     5000     |
//! batches        |        8192        |         8192 ...
//! ```

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
    /// The values, and which rows have one: see [`Values`].
    pub(crate) array: ArrayRef,
    pub(crate) validity: Option<BooleanBuffer>,
    pub(crate) rows: usize,
}

impl ColumnBatch {
    /// Makes a batch of nulls.
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

    /// Puts nulls back into texts, so that there is one element for each row.
    ///
    /// # Errors
    /// Offsets and texts do not fit together.
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

/// Some rows of a column in one row block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnSlice<'a> {
    /// `None` if the rows are all null.
    pub(crate) values: Option<&'a Values>,
    /// The first of the rows, counted from the first row of `values`.
    pub(crate) from: usize,
    pub(crate) rows: usize,
}

/// Joins slices to one batch.
///
/// # Errors
/// Texts or items get too large for one array.
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
    // Invariant: a batch has a validity bitmap only if it has a null. Whether full rows came with a
    // bitmap depends on how they were cut, and encoders end pages elsewhere if there is one.
    Ok(ColumnBatch {
        validity: validity
            .map(|mut validity| validity.finish())
            .filter(|_| array.len() < rows),
        array: without_full_validity(array)?,
        rows,
    })
}

/// Removes the validity bitmap of texts and ids without a null. Encoders write other types the same
/// with and without it.
///
/// # Errors
/// Values and their offsets do not fit together.
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
