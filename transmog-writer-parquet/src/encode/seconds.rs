//! Converts timestamps of seconds to milliseconds and back, because Parquet has no seconds.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ListArray, PrimitiveArray,
    cast::AsArray,
    types::{ArrowTimestampType, TimestampMillisecondType, TimestampSecondType},
};
use arrow_schema::{DataType, Schema, TimeUnit};

use crate::Cause;

const SCALE: i64 = 1000;

/// The type in the file of a column of `data_type`.
pub(crate) fn type_in_file(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(TimeUnit::Second, zone) => {
            DataType::Timestamp(TimeUnit::Millisecond, zone.clone())
        }
        DataType::List(item) => {
            let item_in_file = type_in_file(item.data_type());
            DataType::List(Arc::new(item.as_ref().clone().with_data_type(item_in_file)))
        }
        other => other.clone(),
    }
}

/// The schema with the types in the file.
pub(crate) fn schema_in_file(schema: &Schema) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        let data_type = type_in_file(field.data_type());
        field.as_ref().clone().with_data_type(data_type)
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
}

/// Converts seconds to milliseconds.
///
/// # Errors
/// A time is hundreds of millions of years away; only a caller that makes batches by hand has such
/// times.
pub(crate) fn milliseconds(seconds: &[i64]) -> Result<Vec<i64>, Cause> {
    let scaled = seconds.iter().map(|value| value.checked_mul(SCALE));
    let scaled: Option<Vec<i64>> = scaled.collect();
    scaled.ok_or_else(|| "a timestamp of seconds is beyond what Parquet can hold".into())
}

/// Converts an array to its type in the file.
///
/// # Errors
/// Those of [`milliseconds`].
pub(crate) fn into_file(array: &ArrayRef) -> Result<ArrayRef, Cause> {
    convert(array, &type_in_file(array.data_type()))
}

/// Converts an array that was read from the file to the type `data_type` that it had before.
///
/// # Errors
/// Times or items do not fit the type, because the file is not the one that was written.
pub(crate) fn from_file(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, Cause> {
    convert(array, data_type)
}

fn convert(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, Cause> {
    Ok(match (array.data_type(), to) {
        (DataType::List(_), DataType::List(item)) => {
            let (_, offsets, items, nulls) = array.as_list::<i32>().clone().into_parts();
            let items = convert(&items, item.data_type())?;
            Arc::new(ListArray::try_new(Arc::clone(item), offsets, items, nulls)?)
        }
        (
            DataType::Timestamp(TimeUnit::Second, _),
            DataType::Timestamp(TimeUnit::Millisecond, of),
        ) => {
            let seconds = array.as_primitive::<TimestampSecondType>();
            // What an array holds at a null may be anything, so it must not be multiplied.
            let values = match seconds.nulls() {
                Some(nulls) => std::iter::zip(seconds.values(), nulls)
                    .map(|(value, valid)| if valid { *value } else { 0 })
                    .collect::<Vec<_>>(),
                None => seconds.values().to_vec(),
            };
            times::<TimestampMillisecondType>(milliseconds(&values)?, array, of.clone())
        }
        (
            DataType::Timestamp(TimeUnit::Millisecond, _),
            DataType::Timestamp(TimeUnit::Second, of),
        ) => {
            let values = array.as_primitive::<TimestampMillisecondType>().values();
            let values = values.iter().map(|value| value.div_euclid(SCALE)).collect();
            times::<TimestampSecondType>(values, array, of.clone())
        }
        _ => Arc::clone(array),
    })
}

fn times<T: ArrowTimestampType>(
    values: Vec<i64>,
    like: &ArrayRef,
    zone: Option<Arc<str>>,
) -> ArrayRef {
    let array = PrimitiveArray::<T>::new(values.into(), like.nulls().cloned());
    Arc::new(array.with_timezone_opt(zone))
}
