//! A column whose buffers were copied to slabs, which are not full yet.

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

/// The values of a column.
#[derive(Debug)]
pub(crate) enum CopiedColumn {
    /// Of types that are not [packed](crate::pack::is_packed): as they are.
    Whole(Option<Values>),
    Packed {
        data_type: DataType,
        /// Values that are not null.
        count: usize,
        /// Bits, numbers or texts.
        values: SlabSlice,
        /// Where texts begin and where the last ends.
        ends: Option<SlabSlice>,
        /// Bits as in [`Values`], and how many.
        validity: Option<(SlabSlice, usize)>,
        integers: Option<(SlabSlice, usize)>,
    },
}

impl CopiedColumn {
    /// The values, now that all buffers are there; `None` if all are null.
    ///
    /// # Errors
    /// None that input can cause.
    pub(crate) fn into_values(self, written: &WrittenSlabs) -> Result<Option<Values>, Cause> {
        let (data_type, count, values, ends, validity, integers) = match self {
            Self::Whole(values) => return Ok(values),
            Self::Packed {
                data_type,
                count,
                values,
                ends,
                validity,
                integers,
            } => (data_type, count, values, ends, validity, integers),
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
            integers.map(bits),
        )))
    }
}

fn numbers<T: ArrowPrimitiveType>(buffer: Buffer, count: usize, data_type: &DataType) -> ArrayRef {
    let values = PrimitiveArray::<T>::new(ScalarBuffer::new(buffer, 0, count), None);
    Arc::new(values.with_data_type(data_type.clone()))
}
