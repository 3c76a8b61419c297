//! Casts columns to wider types without losing a digit, with numbers formatted as everywhere else
//! in this crate.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Decimal128Array, Float64Array, Int64Array, ListArray, StringArray,
    builder::StringBuilder,
    cast::AsArray,
    new_null_array,
    types::{Decimal128Type, Float64Type, Int64Type},
};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;

use super::cells::Cells;
use crate::base::{Error, Result};

/// Casts a column to a wider type. `integers` are the column's marks (see
/// [`TableBatch`](crate::TableBatch)): with them, floats that were integers become text as
/// integers. Integers cast to floats are exact, because a column becomes a float column only then.
///
/// # Errors
/// If `to` is not wider than the column's type.
pub fn widen(
    array: &ArrayRef,
    integers: Option<&BooleanBuffer>,
    to: &DataType,
) -> Result<ArrayRef> {
    let from = array.data_type();
    Ok(match (from, to) {
        (from, to) if from == to => Arc::clone(array),
        (DataType::Null, _) => new_null_array(to, array.len()),
        (_, DataType::Utf8) => Arc::new(to_text(array, integers)?),
        (DataType::Int64, DataType::Float64) => {
            let floats: Float64Array = array.as_primitive::<Int64Type>().unary(|n| n as f64);
            Arc::new(floats)
        }
        (DataType::Int64, DataType::Decimal128(precision, scale)) => {
            let decimals: Decimal128Array = array.as_primitive::<Int64Type>().unary(i128::from);
            Arc::new(
                decimals
                    .with_precision_and_scale(*precision, *scale)
                    .map_err(cannot(from, to))?,
            )
        }
        // Not wider, but lossless when the marks say so: a value was taken back and the column was
        // an integer column.
        (DataType::Float64, DataType::Int64) => {
            let integers: Int64Array = array.as_primitive::<Float64Type>().unary(|x| x as i64);
            Arc::new(integers)
        }
        (DataType::Decimal128(..), DataType::Int64) => {
            let narrowed = array
                .as_primitive::<Decimal128Type>()
                .unary_opt::<_, Int64Type>(|n| i64::try_from(n).ok());
            Arc::new(narrowed)
        }
        (DataType::List(_), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            let values = widen(list.values(), integers, item.data_type())?;
            let nulls = list.nulls().cloned();
            let cast = ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, nulls);
            Arc::new(cast.map_err(cannot(from, to))?)
        }
        _ => return Err(Error::internal(format!("no cast from {from} to {to}"))),
    })
}

/// Casts a column to a wider type, with its marks. Whatever holds no value fits every type.
///
/// # Errors
/// If `to` is not wider than the column's type.
pub(crate) fn widen_marked(
    array: &ArrayRef,
    integers: Option<&BooleanBuffer>,
    to: &DataType,
) -> Result<(ArrayRef, Option<BooleanBuffer>)> {
    let from = array.data_type();
    let wide = match (from, to) {
        (from, to) if from == to => Arc::clone(array),
        _ if is_empty(array) => new_null_array(to, array.len()),
        (DataType::List(_), DataType::List(item)) if is_empty(array.as_list::<i32>().values()) => {
            let list = array.as_list::<i32>();
            let values = new_null_array(item.data_type(), list.values().len());
            let nulls = list.nulls().cloned();
            let cast = ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, nulls);
            Arc::new(cast.map_err(cannot(from, to))?)
        }
        _ => widen(array, integers, to)?,
    };
    let marks = match (number_type(from), number_type(to)) {
        (DataType::Float64, DataType::Float64) => integers.cloned(),
        (DataType::Int64, DataType::Float64) => {
            let len = match wide.as_list_opt::<i32>() {
                Some(list) => list.values().len(),
                None => wide.len(),
            };
            Some(BooleanBuffer::new_set(len))
        }
        _ => None,
    };
    Ok((wide, marks))
}

fn is_empty(array: &ArrayRef) -> bool {
    array.logical_null_count() == array.len()
}

/// The type itself, or that of a list's items.
fn number_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::List(item) => item.data_type(),
        other => other,
    }
}

fn cannot(from: &DataType, to: &DataType) -> impl FnOnce(arrow_schema::ArrowError) -> Error {
    move |e| Error::internal(format!("cast from {from} to {to}: {e}"))
}

fn to_text(array: &ArrayRef, integers: Option<&BooleanBuffer>) -> Result<StringArray> {
    let cells = Cells::new(array, integers)?;
    // Most columns that are cast are sparse, so room for texts goes by the values and not by the
    // rows.
    let values = array.len() - array.null_count();
    let mut out = StringBuilder::with_capacity(array.len(), values * 8);
    let mut cell = Vec::new();
    let mut next = 0;
    let mut append = |row: usize| {
        if row > next {
            out.append_nulls(row - next);
        }
        next = row + 1;
        cell.clear();
        cells.write_text(row, &mut cell);
        let text = std::str::from_utf8(&cell).map_err(|e| Error::internal(e.to_string()))?;
        out.append_value(text);
        Ok::<(), Error>(())
    };
    match array.nulls() {
        Some(nulls) => nulls.valid_indices().try_for_each(append)?,
        None => (0..array.len()).try_for_each(&mut append)?,
    }
    if next < array.len() {
        out.append_nulls(array.len() - next);
    }
    Ok(out.finish())
}
