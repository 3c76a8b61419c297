//! Computes logical sizes: the bytes of values, whatever memory they happen to take.
//!
//! Row groups end when waiting rows reach a budget. Sizes must therefore be the same however the
//! rows were cut, so capacities and what an array holds at its nulls do not count. [`of_rows`] is
//! exact; [`of_batch`] is an estimate that does not look at each row.

use arrow_array::{Array, ArrayRef, ListArray, StringArray, cast::AsArray};
use arrow_schema::DataType;
use transmog_core::TableBatch;

pub(crate) fn of_rows(array: &ArrayRef) -> u64 {
    let valid = (array.len() - array.logical_null_count()) as u64;
    let of_variable = match array.data_type() {
        DataType::Utf8 => text_bytes(array.as_string()),
        DataType::List(_) => item_bytes(array.as_list()),
        _ => 0,
    };
    valid * value_bytes(array.data_type()) + of_variable
}

/// Logical size of one value, without its text or its items.
pub(crate) fn value_bytes(data_type: &DataType) -> u64 {
    match data_type {
        DataType::Null => 0,
        DataType::Boolean => 1,
        DataType::Date32 | DataType::Utf8 | DataType::List(_) => 4,
        DataType::Decimal128(..) | DataType::FixedSizeBinary(_) => 16,
        _ => 8,
    }
}

fn text_bytes(texts: &StringArray) -> u64 {
    let offsets = texts.value_offsets();
    sum_of_valid(texts, |from, to| (offsets[to] - offsets[from]) as u64)
}

fn item_bytes(lists: &ListArray) -> u64 {
    let offsets = lists.value_offsets();
    sum_of_valid(lists, |from, to| {
        let (first, end) = (offsets[from] as usize, offsets[to] as usize);
        of_rows(&lists.values().slice(first, end - first))
    })
}

/// Sums over runs of rows that are not null, because what an array holds at a null depends on how
/// rows were cut.
fn sum_of_valid(array: &dyn Array, between: impl Fn(usize, usize) -> u64) -> u64 {
    match array.nulls() {
        Some(nulls) => {
            let runs = nulls.valid_slices();
            runs.map(|(from, to)| between(from, to)).sum()
        }
        None => between(0, array.len()),
    }
}

/// Estimates the size of a batch. Items of lists count even if they are null.
pub(crate) fn of_batch(batch: &TableBatch) -> u64 {
    batch.rows.columns().iter().map(of_column).sum()
}

fn of_column(array: &ArrayRef) -> u64 {
    let valid = (array.len() - array.null_count()) as u64;
    let of_variable = match array.data_type() {
        DataType::Utf8 => span(array.as_string::<i32>().value_offsets()),
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let items = span(list.value_offsets());
            let per_item = of_column(list.values()).div_ceil(list.values().len().max(1) as u64);
            items * per_item.max(1)
        }
        _ => 0,
    };
    valid * value_bytes(array.data_type()) + of_variable
}

fn span(offsets: &[i32]) -> u64 {
    let ends = offsets.first().zip(offsets.last());
    ends.map_or(0, |(first, last)| (last - first) as u64)
}
