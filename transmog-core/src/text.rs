//! How values are spelled: the one place that turns numbers, times and strings into text.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};

use crate::error::{Error, Result};

mod dates;

pub use dates::{
    Zone, read_date, read_timestamp, read_uuid, write_date, write_timestamp, write_uuid,
};

/// Appends the decimal digits of an integer.
pub fn write_integer(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the shortest text that reads back as the same float, in Python's spelling: plain for exponents from -4 to
/// 15, always with a point (`100000.0`), else `1e+16`, `5e-324`; `NaN`, `Infinity`, `-Infinity`.
pub fn write_float(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(if value.is_nan() {
            b"NaN"
        } else if value > 0.0 {
            b"Infinity"
        } else {
            b"-Infinity"
        });
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) && !text.contains('e') {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = digits.trim_matches('0');
    // Exponent of the first digit that is not zero.
    let exponent = exponent.parse::<i64>().unwrap_or(0) + whole.len() as i64 - 1 - leading as i64;
    out.extend_from_slice(sign.as_bytes());
    if (-4..16).contains(&exponent) {
        let point = exponent + 1;
        if point <= 0 {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + point.unsigned_abs() as usize, b'0');
            out.extend_from_slice(digits.as_bytes());
        } else {
            let (before, after) = digits.split_at(digits.len().min(point as usize));
            out.extend_from_slice(before.as_bytes());
            out.resize(out.len() + point as usize - before.len(), b'0');
            out.push(b'.');
            out.extend_from_slice(if after.is_empty() {
                b"0"
            } else {
                after.as_bytes()
            });
        }
    } else {
        let (first, rest) = digits.split_at(1);
        out.extend_from_slice(first.as_bytes());
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest.as_bytes());
        }
        out.extend_from_slice(
            format!(
                "e{}{:02}",
                if exponent < 0 { '-' } else { '+' },
                exponent.abs()
            )
            .as_bytes(),
        );
    }
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

/// Most bytes of a name where it is repeated, with each row or each fault. A hostile key may have megabytes.
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

/// Appends a JSON string: quotes, and escapes for the quote, the backslash and control characters only.
pub fn write_json_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[start..i]);
        start = i + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
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
    let time = DateTime::parse_from_rfc3339(text).map_err(|error| {
        let reason = format!("{text:?} is not in RFC 3339, such as 2026-01-31T12:00:00Z: {error}");
        Error::setting("timestamp", reason)
    })?;
    let utc = time.to_utc();
    if !(0..=9999).contains(&utc.year()) {
        let reason = format!("{text:?} is not within the years 0000 to 9999 of UTC");
        return Err(Error::setting("timestamp", reason));
    }
    Ok(utc.timestamp_micros())
}
