//! Packs columns: removes their nulls and keeps a validity bitmap, as Parquet does.
//!
//! ```text
//! array     7   null  null   9
//! packed    7    9
//! validity  1    0     0     1
//! ```
//!
//! Lists, ids of 16 bytes and columns without a type are not packed.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, StringArray, cast::AsArray,
};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use arrow_select::filter::filter;

use crate::Cause;

/// Calls a function that is generic over Arrow's primitive types with the one of `data_type`. Gives
/// an `Option`, which is `None` for all other types.
macro_rules! of_number {
    ($data_type:expr, $function:ident($($argument:expr),*)) => {{
        use arrow_array::types;
        use arrow_schema::{DataType, TimeUnit};
        match $data_type {
            DataType::Int64 => Some($function::<types::Int64Type>($($argument),*)),
            DataType::Float64 => Some($function::<types::Float64Type>($($argument),*)),
            DataType::Decimal128(..) => Some($function::<types::Decimal128Type>($($argument),*)),
            DataType::Date32 => Some($function::<types::Date32Type>($($argument),*)),
            DataType::Timestamp(TimeUnit::Second, _) => {
                Some($function::<types::TimestampSecondType>($($argument),*))
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                Some($function::<types::TimestampMillisecondType>($($argument),*))
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Some($function::<types::TimestampMicrosecondType>($($argument),*))
            }
            _ => None,
        }
    }};
}
pub(crate) use of_number;

/// True for types whose values are kept without nulls.
pub(crate) fn is_packed(data_type: &DataType) -> bool {
    !matches!(
        data_type,
        DataType::List(_) | DataType::FixedSizeBinary(_) | DataType::Null
    )
}

/// The values of the rows that `validity` marks. All others must be null.
///
/// # Errors
/// The type is not packed.
pub(crate) fn pack(array: &ArrayRef, validity: &BooleanBuffer) -> Result<ArrayRef, Cause> {
    let data_type = array.data_type();
    if let Some(numbers) = of_number!(data_type, pack_numbers(array, validity)) {
        return Ok(numbers);
    }
    Ok(match data_type {
        DataType::Boolean => {
            let bits = pack_bits(array.as_boolean().values(), validity);
            Arc::new(BooleanArray::new(bits, None))
        }
        DataType::Utf8 => pack_texts(array.as_string(), validity)?,
        other => return Err(not_packed(other)),
    })
}

/// The error for a type that should be [packed](is_packed).
pub(crate) fn not_packed(data_type: &DataType) -> Cause {
    format!("values of type {data_type} are not kept packed").into()
}

/// The bits of the rows that `validity` marks.
pub(crate) fn pack_bits(bits: &BooleanBuffer, validity: &BooleanBuffer) -> BooleanBuffer {
    validity.set_indices().map(|row| bits.value(row)).collect()
}

/// Appends the bits of the rows that `validity` marks; of all rows if it is `None`.
pub(crate) fn append_bits(
    kept: &mut BooleanBufferBuilder,
    bits: &BooleanBuffer,
    validity: Option<&BooleanBuffer>,
) {
    match validity {
        Some(validity) => validity
            .set_indices()
            .for_each(|row| kept.append(bits.value(row))),
        None => kept.append_buffer(bits),
    }
}

fn pack_numbers<T: ArrowPrimitiveType>(array: &ArrayRef, validity: &BooleanBuffer) -> ArrayRef {
    let rows = array.as_primitive::<T>().values();
    let mut values = Vec::with_capacity(validity.count_set_bits());
    values.extend(validity.set_indices().map(|row| rows[row]));
    let values = PrimitiveArray::<T>::new(values.into(), None);
    Arc::new(values.with_data_type(array.data_type().clone()))
}

/// Shares the texts, and copies them only if there is a text at a null.
fn pack_texts(texts: &StringArray, validity: &BooleanBuffer) -> Result<ArrayRef, Cause> {
    let offsets = texts.value_offsets();
    let first = offsets[0];
    let mut ends = Vec::with_capacity(validity.count_set_bits() + 1);
    ends.push(0);
    let mut length = 0;
    for row in validity.set_indices() {
        length += offsets[row + 1] - offsets[row];
        ends.push(offsets[row + 1] - first);
    }
    if length < offsets[texts.len()] - first {
        let texts = filter(texts, &BooleanArray::new(validity.clone(), None))?;
        let (offsets, bytes, _) = texts.as_string::<i32>().clone().into_parts();
        return Ok(Arc::new(StringArray::try_new(offsets, bytes, None)?));
    }
    let bytes = texts
        .values()
        .slice_with_length(first as usize, length as usize);
    let offsets = OffsetBuffer::new(ends.into());
    Ok(Arc::new(StringArray::try_new(offsets, bytes, None)?))
}

/// Puts nulls back into packed texts. Shares the texts.
///
/// # Errors
/// Offsets and texts do not fit together.
pub(crate) fn unpack_texts(
    texts: &StringArray,
    validity: BooleanBuffer,
) -> Result<ArrayRef, Cause> {
    let ends = texts.value_offsets();
    let mut offsets = Vec::with_capacity(validity.len() + 1);
    let mut taken = 0;
    for (from, to) in validity.set_slices() {
        offsets.resize(from + 1, ends[taken]);
        let next = taken + (to - from);
        offsets.extend_from_slice(&ends[taken + 1..=next]);
        taken = next;
    }
    offsets.resize(validity.len() + 1, ends[taken]);
    let (offsets, bytes) = (OffsetBuffer::new(offsets.into()), texts.values().clone());
    let nulls = Some(NullBuffer::new(validity));
    Ok(Arc::new(StringArray::try_new(offsets, bytes, nulls)?))
}
