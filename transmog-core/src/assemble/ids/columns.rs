//! Makes columns of row numbers, and the ids of parent rows for child rows.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, StringArray, cast::AsArray, types::Int64Type};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use crate::{
    arrow::check_total_bytes,
    base::{Error, Result},
};

/// Ids that are row numbers.
pub(crate) fn row_numbers(first: u64, rows: usize) -> Int64Array {
    (first..first + rows as u64)
        .map(|row| row as i64)
        .collect::<Vec<_>>()
        .into()
}

/// For each child row the id of its parent row.
pub(crate) fn parents(ids: &ArrayRef, parent_rows: &[u32]) -> Result<ArrayRef> {
    match ids.data_type() {
        DataType::Int64 => {
            let ids = ids.as_primitive::<Int64Type>().values();
            Ok(Arc::new(Int64Array::from_iter_values(
                parent_rows.iter().map(|row| ids[*row as usize]),
            )))
        }
        DataType::Utf8 => {
            let ids = ids.as_string::<i32>();
            let lengths = parent_rows
                .iter()
                .map(|row| ids.value_length(*row as usize));
            let total = lengths.map(|length| length as usize).sum();
            check_total_bytes(total)?;
            let mut bytes = Vec::with_capacity(total);
            let mut offsets = Vec::with_capacity(parent_rows.len() + 1);
            offsets.push(0);
            for row in parent_rows {
                bytes.extend_from_slice(ids.value(*row as usize).as_bytes());
                offsets.push(bytes.len() as i32);
            }
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            let parents = StringArray::try_new(offsets, Buffer::from_vec(bytes), None);
            Ok(Arc::new(
                parents.map_err(|e| Error::internal(e.to_string()))?,
            ))
        }
        other => Err(Error::internal(format!("ids of type {other}"))),
    }
}
