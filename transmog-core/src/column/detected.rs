//! Makes dates, timestamps and UUIDs of a finished column of text, where every value is spelled alike.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, FixedSizeBinaryArray, PrimitiveArray,
    types::{
        ArrowTimestampType, TimestampMicrosecondType, TimestampMillisecondType, TimestampSecondType,
    },
};
use arrow_schema::TimeUnit;

use super::layout::Layout;
use crate::{
    detect::Detection,
    error::{Error, Result},
    kinds::Kinds,
    text::{self, Zone},
};

/// The values of a column whose texts end at `ends`, as what the first of them is; `None` if that is nothing but text, or
/// one of the others is something else.
///
/// # Errors
/// None that input can cause.
pub(super) fn detected(
    ends: &[i32],
    texts: &str,
    detection: Detection,
    layout: &Layout<'_>,
) -> Result<Option<(Kinds, ArrayRef)>> {
    let first = ends.first().map_or("", |end| &texts[..*end as usize]);
    let Some(kind) = detection.kind(first) else {
        return Ok(None);
    };
    let array: Option<ArrayRef> = if let Some((unit, zone)) = kind.timestamp() {
        timestamps(ends, texts, unit, zone, layout)
    } else if kind == Kinds::DATE {
        read_all(ends, texts, text::read_date).map(|mut days| {
            let days = layout.numbers(&mut days);
            Arc::new(Date32Array::new(days, layout.nulls())) as ArrayRef
        })
    } else {
        match read_all(ends, texts, |text| {
            text::read_uuid(text).map(i128::from_ne_bytes)
        }) {
            Some(mut ids) => {
                let bytes = layout.numbers(&mut ids).into_inner();
                let array = FixedSizeBinaryArray::try_new(16, bytes, layout.nulls());
                Some(Arc::new(array.map_err(|e| Error::internal(e.to_string()))?))
            }
            None => None,
        }
    };
    Ok(array.map(|array| (kind, array)))
}

/// Every text's value; `None` if one has none.
fn read_all<T>(ends: &[i32], texts: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let mut values = Vec::with_capacity(ends.len());
    let mut start = 0;
    for end in ends {
        values.push(read(&texts[start..*end as usize])?);
        start = *end as usize;
    }
    Some(values)
}

fn timestamps(
    ends: &[i32],
    texts: &str,
    unit: TimeUnit,
    zone: Zone,
    layout: &Layout<'_>,
) -> Option<ArrayRef> {
    let values = read_all(ends, texts, |text| {
        let (value, of_text, zone_of_text) = text::read_timestamp(text)?;
        ((of_text, zone_of_text) == (unit, zone)).then_some(value)
    })?;
    match unit {
        TimeUnit::Second => Some(array::<TimestampSecondType>(values, zone, layout)),
        TimeUnit::Millisecond => Some(array::<TimestampMillisecondType>(values, zone, layout)),
        TimeUnit::Microsecond => Some(array::<TimestampMicrosecondType>(values, zone, layout)),
        TimeUnit::Nanosecond => None,
    }
}

fn array<T: ArrowTimestampType>(mut values: Vec<i64>, zone: Zone, layout: &Layout<'_>) -> ArrayRef {
    let array = PrimitiveArray::<T>::new(layout.numbers(&mut values), layout.nulls());
    Arc::new(array.with_timezone_opt(zone.name()))
}
