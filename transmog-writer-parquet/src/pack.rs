//! Takes the nulls out of columns, and puts them back into texts.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, StringArray,
    cast::AsArray,
    types::{
        Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampSecondType,
    },
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, TimeUnit};
use arrow_select::filter::filter;

use crate::Cause;

/// True for the types whose values are kept without nulls.
pub(crate) fn is_packed(data_type: &DataType) -> bool {
    !matches!(
        data_type,
        DataType::List(_) | DataType::FixedSizeBinary(_) | DataType::Null
    )
}

/// The values of the rows that are `present`. All others must be null.
///
/// # Errors
/// If the type is not packed.
pub(crate) fn pack(array: &ArrayRef, present: &BooleanBuffer) -> Result<ArrayRef, Cause> {
    Ok(match array.data_type() {
        DataType::Boolean => {
            let bits = pack_bits(array.as_boolean().values(), present);
            Arc::new(BooleanArray::new(bits, None))
        }
        DataType::Int64 => pack_numbers::<Int64Type>(array, present),
        DataType::Float64 => pack_numbers::<Float64Type>(array, present),
        DataType::Decimal128(..) => pack_numbers::<Decimal128Type>(array, present),
        DataType::Date32 => pack_numbers::<Date32Type>(array, present),
        DataType::Timestamp(TimeUnit::Second, _) => {
            pack_numbers::<TimestampSecondType>(array, present)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            pack_numbers::<TimestampMillisecondType>(array, present)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            pack_numbers::<TimestampMicrosecondType>(array, present)
        }
        DataType::Utf8 => pack_texts(array.as_string(), present)?,
        other => return Err(format!("values of type {other} are not kept packed").into()),
    })
}

/// The bits of the rows that are `present`.
pub(crate) fn pack_bits(bits: &BooleanBuffer, present: &BooleanBuffer) -> BooleanBuffer {
    present.set_indices().map(|row| bits.value(row)).collect()
}

fn pack_numbers<T: ArrowPrimitiveType>(array: &ArrayRef, present: &BooleanBuffer) -> ArrayRef {
    let rows = array.as_primitive::<T>().values();
    let mut values = Vec::with_capacity(present.count_set_bits());
    values.extend(present.set_indices().map(|row| rows[row]));
    let values = PrimitiveArray::<T>::new(values.into(), None);
    Arc::new(values.with_data_type(array.data_type().clone()))
}

/// Copies no text unless there is some at a null.
fn pack_texts(texts: &StringArray, present: &BooleanBuffer) -> Result<ArrayRef, Cause> {
    let offsets = texts.value_offsets();
    let first = offsets[0];
    let mut ends = Vec::with_capacity(present.count_set_bits() + 1);
    ends.push(0);
    let mut length = 0;
    for row in present.set_indices() {
        length += offsets[row + 1] - offsets[row];
        ends.push(offsets[row + 1] - first);
    }
    if length < offsets[texts.len()] - first {
        let texts = filter(texts, &BooleanArray::new(present.clone(), None))?;
        let (offsets, bytes, _) = texts.as_string::<i32>().clone().into_parts();
        return Ok(Arc::new(StringArray::try_new(offsets, bytes, None)?));
    }
    let bytes = texts
        .values()
        .slice_with_length(first as usize, length as usize);
    let offsets = OffsetBuffer::new(ends.into());
    Ok(Arc::new(StringArray::try_new(offsets, bytes, None)?))
}

/// Texts of the rows that are `present`, and nulls elsewhere. Copies no text.
///
/// # Errors
/// None that input can cause.
pub(crate) fn unpack_texts(texts: &StringArray, present: BooleanBuffer) -> Result<ArrayRef, Cause> {
    let mut ends = texts.value_offsets().iter().copied();
    let mut end = ends.next().unwrap_or_default();
    let mut offsets = Vec::with_capacity(present.len() + 1);
    offsets.push(end);
    for is_present in &present {
        if is_present {
            end = ends.next().unwrap_or(end);
        }
        offsets.push(end);
    }
    let (offsets, bytes) = (OffsetBuffer::new(offsets.into()), texts.values().clone());
    let nulls = Some(NullBuffer::new(present));
    Ok(Arc::new(StringArray::try_new(offsets, bytes, nulls)?))
}
