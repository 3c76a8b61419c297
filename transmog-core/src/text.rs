//! Formats and parses numbers, times and strings, in one place for all formats.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};

use crate::base::{Error, Result};

mod dates;
mod floats;
mod json;
mod numbers;

pub use dates::{
    Zone, read_date, read_timestamp, read_uuid, write_date, write_timestamp, write_uuid,
};
pub(crate) use floats::is_float_spelling;
pub use floats::write_float;
pub use json::{plain_json, write_json_string};
pub(crate) use numbers::is_integer;
pub use numbers::{gives_back, is_json_number, read_float, rounds_to};

/// Appends the decimal digits of an integer.
pub fn write_integer(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the decimal digits of an integer that may have more than 64 bits.
pub fn write_decimal(out: &mut Vec<u8>, value: i128) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends an instant (microseconds since 1970, UTC) in RFC 3339: `2026-11-22T05:58:50.255083Z`.
pub fn write_time(out: &mut Vec<u8>, micros: i64) {
    match DateTime::<Utc>::from_timestamp_micros(micros) {
        Some(time) => {
            out.extend_from_slice(time.to_rfc3339_opts(SecondsFormat::AutoSi, true).as_bytes());
        }
        None => write_integer(out, micros),
    }
}

/// Most bytes of a name where it is repeated, with each row or each fault. A hostile key may have
/// megabytes.
const LONGEST_REPEATED: usize = 256;

/// Keys as one name for where it is repeated. Takes no longer if they are longer.
pub(crate) fn joined(keys: &[impl AsRef<str>]) -> String {
    let start = |key: &str| key[..key.floor_char_boundary(LONGEST_REPEATED + 1)].to_owned();
    let keys = keys.iter().map(AsRef::as_ref).map(start);
    shortened(keys.collect::<Vec<_>>().join("."))
}

/// A name for where it is repeated: its beginning, if it is very long.
pub(crate) fn shortened(mut name: String) -> String {
    if name.len() > LONGEST_REPEATED {
        name.truncate(name.floor_char_boundary(LONGEST_REPEATED - '…'.len_utf8()));
        name.push('…');
    }
    name
}

/// Reads an instant in RFC 3339: microseconds since 1970, UTC.
///
/// # Errors
/// If the text is something else.
///
/// ```
/// assert_eq!(transmog_core::text::read_time("1970-01-01T01:00:01+01:00")?, 1_000_000);
/// # Ok::<(), transmog_core::Error>(())
/// ```
pub fn read_time(text: &str) -> Result<i64> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| {
        let reason = format!(
            "{text:?} is no time in RFC 3339, with date, time and zone, such as 2026-01-31T12:00:00Z"
        );
        Error::setting("timestamp", reason)
    })?;
    let utc = time.to_utc();
    if !(0..=9999).contains(&utc.year()) {
        let reason = format!("{text:?} is not within the years 0000 to 9999 of UTC");
        return Err(Error::setting("timestamp", reason));
    }
    Ok(utc.timestamp_micros())
}
