//! Writes packed values with the column writer of their physical type.
//!
//! Parquet has few physical types: dates are INT32, times INT64, decimals `FIXED_LEN_BYTE_ARRAY`.
//! The rows themselves are definition levels, 1 for a value and 0 for a null:
//!
//! ```text
//! rows      7  -  -  9
//! levels    1  0  0  1
//! values    7  9
//! ```

use arrow_array::{
    Array, StringArray,
    cast::AsArray,
    types::{
        Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampSecondType,
    },
};
use arrow_schema::{DataType, TimeUnit};
use bytes::Bytes;
use parquet::{
    column::writer::ColumnWriter,
    data_type::{ByteArray, FixedLenByteArray},
};

use super::seconds::milliseconds;
use crate::{Cause, rows::ColumnBatch};

/// Texts are allocated together up to this many bytes.
const SHARED_BYTES: i32 = 4096;

/// Writes a batch of a [packed](crate::rows::is_packed) type.
///
/// # Errors
/// The column writer is for another type, a time is beyond what Parquet can hold, or the parquet
/// crate cannot encode the values.
pub(crate) fn write_values(
    writer: &mut ColumnWriter<'_>,
    batch: &ColumnBatch,
) -> Result<(), Cause> {
    debug_assert_eq!(batch.array.null_count(), 0, "packed values have no nulls");
    let levels = levels(batch);
    let levels = Some(levels.as_slice());
    let array = &batch.array;
    match writer {
        ColumnWriter::BoolColumnWriter(writer) => {
            let values: Vec<bool> = array.as_boolean().values().iter().collect();
            writer.write_batch(&values, levels, None)?
        }
        ColumnWriter::Int64ColumnWriter(writer) => {
            let scaled: Vec<i64>;
            let values = match array.data_type() {
                DataType::Timestamp(TimeUnit::Second, _) => {
                    let seconds = array.as_primitive::<TimestampSecondType>().values();
                    scaled = milliseconds(seconds)?;
                    &scaled
                }
                DataType::Timestamp(TimeUnit::Millisecond, _) => {
                    &**array.as_primitive::<TimestampMillisecondType>().values()
                }
                DataType::Timestamp(..) => {
                    &**array.as_primitive::<TimestampMicrosecondType>().values()
                }
                _ => &**array.as_primitive::<Int64Type>().values(),
            };
            writer.write_batch(values, levels, None)?
        }
        ColumnWriter::Int32ColumnWriter(writer) => {
            writer.write_batch(array.as_primitive::<Date32Type>().values(), levels, None)?
        }
        ColumnWriter::DoubleColumnWriter(writer) => {
            writer.write_batch(array.as_primitive::<Float64Type>().values(), levels, None)?
        }
        ColumnWriter::FixedLenByteArrayColumnWriter(writer) => {
            let decimals = array.as_primitive::<Decimal128Type>().values().iter();
            let values = decimals.map(|n| FixedLenByteArray::from(n.to_be_bytes().to_vec()));
            writer.write_batch(&values.collect::<Vec<_>>(), levels, None)?
        }
        ColumnWriter::ByteArrayColumnWriter(writer) => {
            writer.write_batch(&texts(array.as_string()), levels, None)?
        }
        _ => return Err("no column of a table has this physical type".into()),
    };
    Ok(())
}

/// One object per text, of which a few share an allocation. Not all of them: the dictionary keeps
/// what it takes, and with it the allocation.
fn texts(array: &StringArray) -> Vec<ByteArray> {
    let (offsets, data) = (array.value_offsets(), array.value_data());
    let mut texts = Vec::with_capacity(array.len());
    let mut from = 0;
    while from < array.len() {
        let start = offsets[from];
        let fitting = offsets[from + 1..].partition_point(|end| end - start <= SHARED_BYTES);
        let ends = &offsets[from..=from + fitting.max(1)];
        let bytes = Bytes::copy_from_slice(&data[start as usize..ends[ends.len() - 1] as usize]);
        let place = |offset: i32| (offset - start) as usize;
        let each = ends.windows(2);
        texts.extend(each.map(|of| ByteArray::from(bytes.slice(place(of[0])..place(of[1])))));
        from += ends.len() - 1;
    }
    texts
}

/// Definition levels: 1 for a row with a value, 0 for a null.
fn levels(batch: &ColumnBatch) -> Vec<i16> {
    let Some(validity) = &batch.validity else {
        return vec![1; batch.rows];
    };
    let mut levels = vec![0; batch.rows];
    for row in validity.set_indices() {
        levels[row] = 1;
    }
    levels
}
