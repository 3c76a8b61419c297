//! Samples the first values of a column chunk to see whether they repeat.
//!
//! A dictionary saves space if values repeat. If they do not, it holds them all and costs a look-up
//! for each.

use std::hash::Hash;

use ahash::AHashSet;
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType,
    cast::AsArray,
    types::{
        Float64Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampSecondType,
    },
};
use arrow_schema::{DataType, TimeUnit};

/// Values in the sample.
const SAMPLE: usize = 4096;

/// With fewer values than this the dictionary stays: it costs little.
const FEWEST: usize = 512;

/// True if at most 5 % of the sampled values repeat; a dictionary would then cost more than it
/// saves. None of `values` may be null.
pub(crate) fn hardly_repeat(values: &ArrayRef) -> bool {
    match values.data_type() {
        DataType::Utf8 => are_distinct(values, values.as_string::<i32>().iter()),
        DataType::Int64 => are_distinct_numbers::<Int64Type>(values),
        DataType::Float64 => {
            let floats = values.as_primitive::<Float64Type>().values().iter();
            are_distinct(values, floats.map(|float| float.to_bits()))
        }
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => are_distinct_numbers::<TimestampSecondType>(values),
            TimeUnit::Millisecond => are_distinct_numbers::<TimestampMillisecondType>(values),
            _ => are_distinct_numbers::<TimestampMicrosecondType>(values),
        },
        _ => false,
    }
}

fn are_distinct_numbers<T: ArrowPrimitiveType<Native = i64>>(values: &ArrayRef) -> bool {
    are_distinct(values, values.as_primitive::<T>().values().iter())
}

fn are_distinct<V: Hash + Eq>(array: &ArrayRef, values: impl Iterator<Item = V>) -> bool {
    let looked_at = array.len().min(SAMPLE);
    if looked_at < FEWEST {
        return false;
    }
    let mut left = looked_at / 20;
    let mut met = AHashSet::with_capacity(looked_at);
    for value in values.take(looked_at) {
        if !met.insert(value) {
            let Some(less) = left.checked_sub(1) else {
                return false;
            };
            left = less;
        }
    }
    true
}
