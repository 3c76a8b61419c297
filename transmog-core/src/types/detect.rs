//! Detects dates, timestamps and UUIDs in text, on request. [`text`](crate::text) has their
//! formats.

use std::str::FromStr;

use super::kinds::Kinds;
use crate::{
    base::{Error, Result},
    text,
};

/// What is detected in columns of text. A column gets a narrower type only if every value of it has
/// one and the same spelling, which the type then stands for: whatever comes later, the original
/// text can be had again.
///
/// | what | spelling | Arrow type |
/// |---|---|---|
/// | date | `2026-01-31`, a day of the calendar in the years 0001 to 9999 | `Date32` |
/// | timestamp | `2026-01-31T12:00:00`, with no, 3 or 6 digits of a fraction | `Timestamp` of seconds, milliseconds, microseconds |
/// | its zone | nothing, `Z`, `+00:00` | none, `UTC`, `+00:00` |
/// | UUID | 36 characters, lower case | `FixedSizeBinary(16)` |
///
/// ```
/// use transmog_core::{Config, Detection};
///
/// let config = Config::default().with_detection("dates,uuids".parse()?);
/// assert_eq!(config.detection(), Detection { timestamps: false, ..Detection::ALL });
/// # Ok::<(), transmog_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detection {
    /// Dates.
    pub dates: bool,
    /// Timestamps.
    pub timestamps: bool,
    /// UUIDs.
    pub uuids: bool,
}

impl Detection {
    /// Nothing: text stays text.
    pub const NONE: Self = Self {
        dates: false,
        timestamps: false,
        uuids: false,
    };

    /// Dates, timestamps and UUIDs.
    pub const ALL: Self = Self {
        dates: true,
        timestamps: true,
        uuids: true,
    };

    /// Both together.
    pub(crate) fn join(self, other: Self) -> Self {
        Self {
            dates: self.dates || other.dates,
            timestamps: self.timestamps || other.timestamps,
            uuids: self.uuids || other.uuids,
        }
    }

    /// What a column of this kind, and only of this kind, was detected as.
    pub(crate) fn of(kinds: Kinds) -> Self {
        Self {
            dates: kinds == Kinds::DATE,
            timestamps: kinds.timestamp().is_some(),
            uuids: kinds == Kinds::UUID,
        }
    }

    /// The kind of a text. It holds for as many texts as have this kind.
    pub(crate) fn kind(self, value: &str) -> Option<Kinds> {
        if self.dates && text::read_date(value).is_some() {
            return Some(Kinds::DATE);
        }
        if self.uuids && text::read_uuid(value).is_some() {
            return Some(Kinds::UUID);
        }
        let (_, unit, zone) = self
            .timestamps
            .then(|| text::read_timestamp(value))
            .flatten()?;
        Kinds::of_timestamp(unit, zone)
    }
}

/// What the first of the texts that end at `ends` is, and the number of the first that is something
/// else. `None` if the first is nothing but text.
pub(crate) fn first_misfit(
    ends: &[i32],
    texts: &str,
    detection: Detection,
) -> Option<(Kinds, Option<usize>)> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let kinds = std::iter::zip(starts, ends)
        .map(|(start, end)| detection.kind(&texts[start as usize..*end as usize]));
    let mut kinds = kinds.enumerate();
    let (_, first) = kinds.next()?;
    let first = first?;
    let misfit = kinds.find(|(_, kind)| *kind != Some(first));
    Some((first, misfit.map(|(value, _)| value)))
}

impl FromStr for Detection {
    type Err = Error;

    /// Reads words set off by commas: `dates`, `timestamps`, `uuids`, or `all` or `none`.
    fn from_str(words: &str) -> Result<Self> {
        let mut detection = Self::NONE;
        for word in words.split(',') {
            match word {
                "dates" => detection.dates = true,
                "timestamps" => detection.timestamps = true,
                "uuids" => detection.uuids = true,
                "all" => detection = Self::ALL,
                "none" if words == "none" => {}
                _ => {
                    let reason = format!("{word:?} is none of dates, timestamps, uuids, all");
                    return Err(Error::setting("detection", reason));
                }
            }
        }
        Ok(detection)
    }
}
