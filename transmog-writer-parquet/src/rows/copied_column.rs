//! Refers to the buffers of a column in slabs that are still being written.
//!
//! A slab becomes an Arrow buffer only when it is full. Until then a column is a list of places in
//! slabs; [`into_values`](CopiedColumn::into_values) makes arrays of them.

use std::sync::Arc;

use arrow_array::{ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::{
    slab::{SlabSlice, WrittenSlabs},
    validity::{not_packed, of_number},
    values::Values,
};
use crate::Cause;

/// A column whose buffers were copied to slabs.
#[derive(Debug)]
pub(crate) enum CopiedColumn {
    /// A column of a type that is not [packed](super::validity::is_packed): not copied.
    Whole(Option<Values>),
    Packed {
        data_type: DataType,
        /// How many values are not null.
        count: usize,
        /// Bits, numbers or texts.
        values: SlabSlice,
        /// The offsets of texts.
        ends: Option<SlabSlice>,
        /// Bitmaps as in [`Values`], each with its number of bits.
        validity: Option<(SlabSlice, usize)>,
        integer_marks: Option<(SlabSlice, usize)>,
    },
}

impl CopiedColumn {
    /// Makes arrays of the buffers, after all slabs were written; `None` if all rows are null.
    ///
    /// # Errors
    /// Offsets and texts do not fit together, or the type is not packed.
    pub(crate) fn into_values(self, written: &WrittenSlabs) -> Result<Option<Values>, Cause> {
        let (data_type, count, values, ends, validity, integer_marks) = match self {
            Self::Whole(values) => return Ok(values),
            Self::Packed {
                data_type,
                count,
                values,
                ends,
                validity,
                integer_marks,
            } => (data_type, count, values, ends, validity, integer_marks),
        };
        let array: ArrayRef = match (&data_type, ends) {
            (DataType::Boolean, _) => {
                Arc::new(BooleanArray::new(written.bits(values, count), None))
            }
            (DataType::Utf8, Some(ends)) => {
                let ends = ScalarBuffer::new(written.buffer(ends), 0, count + 1);
                let texts = written.buffer(values);
                Arc::new(StringArray::try_new(OffsetBuffer::new(ends), texts, None)?)
            }
            _ => of_number!(
                data_type,
                numbers(written.buffer(values), count, &data_type)
            )
            .ok_or_else(|| not_packed(&data_type))?,
        };
        let bits = |(spot, length)| written.bits(spot, length);
        Ok(Some(Values::packed(
            array,
            validity.map(bits),
            integer_marks.map(bits),
        )))
    }
}

fn numbers<T: ArrowPrimitiveType>(buffer: Buffer, count: usize, data_type: &DataType) -> ArrayRef {
    let values = PrimitiveArray::<T>::new(ScalarBuffer::new(buffer, 0, count), None);
    Arc::new(values.with_data_type(data_type.clone()))
}
