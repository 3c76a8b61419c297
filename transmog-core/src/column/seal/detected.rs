//! Makes dates, timestamps and UUIDs of a sealed column of text, where every value is spelled
//! alike.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, FixedSizeBinaryArray, PrimitiveArray,
    types::{
        ArrowTimestampType, TimestampMicrosecondType, TimestampMillisecondType, TimestampSecondType,
    },
};
use arrow_schema::TimeUnit;

use super::expand::Presence;
use crate::{
    base::Error,
    text::{self, Zone},
    types::{Detection, Kinds},
};

/// What the texts of a column are.
pub(super) enum Detected {
    /// The first of them is nothing but text.
    Text,
    /// The first is of this kind, and the text of this number is the first that is not.
    Misfit(Kinds, usize),
    /// All are of this kind, with these values.
    All(Kinds, ArrayRef),
}

/// The values of a column whose texts end at `ends`, as what the first of them is.
///
/// # Errors
/// None that input can cause.
pub(super) fn detected(
    ends: &[i32],
    texts: &str,
    detection: Detection,
    presence: &Presence<'_>,
) -> crate::base::Result<Detected> {
    let first = ends.first().map_or("", |end| &texts[..*end as usize]);
    let Some(kind) = detection.kind(first) else {
        return Ok(Detected::Text);
    };
    let array: Result<ArrayRef, usize> = if let Some((unit, zone)) = kind.timestamp() {
        timestamps(ends, texts, unit, zone, presence)
    } else if kind == Kinds::DATE {
        read_all(ends, texts, text::read_date).map(|mut days| {
            let days = presence.numbers(&mut days);
            Arc::new(Date32Array::new(days, presence.nulls())) as ArrayRef
        })
    } else {
        match read_all(ends, texts, |text| {
            text::read_uuid(text).map(i128::from_ne_bytes)
        }) {
            Ok(mut ids) => {
                let bytes = presence.numbers(&mut ids).into_inner();
                let array = FixedSizeBinaryArray::try_new(16, bytes, presence.nulls());
                Ok(Arc::new(array.map_err(|e| Error::internal(e.to_string()))?))
            }
            Err(misfit) => Err(misfit),
        }
    };
    Ok(match array {
        Ok(array) => Detected::All(kind, array),
        Err(misfit) => Detected::Misfit(kind, misfit),
    })
}

/// Every text's value; the number of the first that has none, if there is one.
fn read_all<T>(
    ends: &[i32],
    texts: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, usize> {
    let mut values = Vec::with_capacity(ends.len());
    let mut start = 0;
    for end in ends {
        let value = read(&texts[start..*end as usize]);
        values.push(value.ok_or(values.len())?);
        start = *end as usize;
    }
    Ok(values)
}

fn timestamps(
    ends: &[i32],
    texts: &str,
    unit: TimeUnit,
    zone: Zone,
    presence: &Presence<'_>,
) -> Result<ArrayRef, usize> {
    let values = read_all(ends, texts, |text| {
        let (value, of_text, zone_of_text) = text::read_timestamp(text)?;
        ((of_text, zone_of_text) == (unit, zone)).then_some(value)
    })?;
    match unit {
        TimeUnit::Second => Ok(array::<TimestampSecondType>(values, zone, presence)),
        TimeUnit::Millisecond => Ok(array::<TimestampMillisecondType>(values, zone, presence)),
        TimeUnit::Microsecond => Ok(array::<TimestampMicrosecondType>(values, zone, presence)),
        TimeUnit::Nanosecond => Err(0),
    }
}

fn array<T: ArrowTimestampType>(
    mut values: Vec<i64>,
    zone: Zone,
    presence: &Presence<'_>,
) -> ArrayRef {
    let array = PrimitiveArray::<T>::new(presence.numbers(&mut values), presence.nulls());
    Arc::new(array.with_timezone_opt(zone.name()))
}
