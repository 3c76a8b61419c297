//! Looks at the first values of a column chunk, which tell whether a dictionary would help. Decides nothing else.

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

/// Values that are looked at.
const SAMPLE: usize = 4096;

/// Fewer say too little, and cost little either way.
const FEWEST: usize = 512;

/// True if of the first values, none of which may be null, no more than one in twenty was there before: a dictionary would
/// hold them all, and take the time of a look-up for each.
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
