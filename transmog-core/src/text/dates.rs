//! Formats and parses dates, timestamps and UUIDs. Only text that formats back to itself is parsed,
//! so a column can become text again at any time without keeping the original.

use arrow_schema::TimeUnit;

/// Longest spelling that is read here: a UUID.
const LONGEST: usize = 36;

const HOUR_SECONDS: i64 = 60 * 60;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;

/// How a timestamp says which time zone it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Not at all.
    None,
    /// `Z`.
    Z,
    /// `+00:00`.
    Zero,
}

impl Zone {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Z, Self::Zero];

    /// The zone of an Arrow type. Values of all zones count from 1970 UTC, so others than `+00:00`
    /// are spelled `Z`.
    pub fn of(zone: Option<&str>) -> Self {
        match zone {
            None => Self::None,
            Some("+00:00") => Self::Zero,
            Some(_) => Self::Z,
        }
    }

    /// The zone of an Arrow type.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Z => Some("UTC"),
            Self::Zero => Some("+00:00"),
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Z => "Z",
            Self::Zero => "+00:00",
        }
    }
}

/// Digits of a second's fraction, and how many units make a second.
fn fraction(unit: TimeUnit) -> (usize, i64) {
    match unit {
        TimeUnit::Second => (0, 1),
        TimeUnit::Millisecond => (3, 1_000),
        TimeUnit::Microsecond => (6, 1_000_000),
        TimeUnit::Nanosecond => (9, 1_000_000_000),
    }
}

/// Appends a date (days since 1970): `2026-11-22`.
pub fn write_date(out: &mut Vec<u8>, days: i32) {
    let (year, month, day) = civil(i64::from(days));
    write_year(out, year);
    out.push(b'-');
    write_digits(out, month, 2);
    out.push(b'-');
    write_digits(out, day, 2);
}

/// Appends a timestamp (units since 1970) with all digits of its unit: `2026-11-22T05:58:50.255Z`.
pub fn write_timestamp(out: &mut Vec<u8>, value: i64, unit: TimeUnit, zone: Zone) {
    let (digits, scale) = fraction(unit);
    let (seconds, rest) = (value.div_euclid(scale), value.rem_euclid(scale));
    let (days, second) = (
        seconds.div_euclid(DAY_SECONDS),
        seconds.rem_euclid(DAY_SECONDS),
    );
    let (year, month, day) = civil(days);
    write_year(out, year);
    for (mark, part) in [
        (b'-', month),
        (b'-', day),
        (b'T', second / HOUR_SECONDS),
        (b':', second / 60 % 60),
        (b':', second % 60),
    ] {
        out.push(mark);
        write_digits(out, part, 2);
    }
    if digits > 0 {
        out.push(b'.');
        write_digits(out, rest, digits);
    }
    out.extend_from_slice(zone.suffix().as_bytes());
}

/// Appends a UUID: `cad8d5c0-9fc9-4a0f-b97b-8c8c0d3c3b6b`.
pub fn write_uuid(out: &mut Vec<u8>, bytes: &[u8]) {
    if let Ok(id) = uuid::Uuid::from_slice(bytes) {
        out.extend_from_slice(id.hyphenated().encode_lower(&mut [0; LONGEST]).as_bytes());
    }
}

/// Reads what [`write_date`] writes: a day of the calendar in the years 0001 to 9999.
pub fn read_date(text: &str) -> Option<i32> {
    let text = text.as_bytes();
    if text.len() != 10 {
        return None;
    }
    days_of(text).and_then(|days| i32::try_from(days).ok())
}

/// Reads what [`write_timestamp`] writes, with a fraction of no, 3 or 6 digits, of the years 0001
/// to 9999.
pub fn read_timestamp(text: &str) -> Option<(i64, TimeUnit, Zone)> {
    let text = text.as_bytes();
    if text.len() < 19 || text[10] != b'T' || text[13] != b':' || text[16] != b':' {
        return None;
    }
    let part = |at: usize, below: i64| digits(&text[at..at + 2]).filter(|part| *part < below);
    let (hour, minute, second) = (part(11, 24)?, part(14, 60)?, part(17, 60)?);
    let (unit, value, rest) = match text.get(19) {
        Some(b'.') => {
            let count = text[20..].iter().take_while(|b| b.is_ascii_digit()).count();
            let unit = match count {
                3 => TimeUnit::Millisecond,
                6 => TimeUnit::Microsecond,
                _ => return None,
            };
            (unit, digits(&text[20..20 + count])?, &text[20 + count..])
        }
        _ => (TimeUnit::Second, 0, &text[19..]),
    };
    let mut zones = Zone::ALL.into_iter();
    let zone = zones.find(|zone| zone.suffix().as_bytes() == rest)?;
    let seconds = days_of(&text[..10])? * DAY_SECONDS + hour * HOUR_SECONDS + minute * 60 + second;
    let (_, scale) = fraction(unit);
    Some((seconds * scale + value, unit, zone))
}

/// Reads what [`write_uuid`] writes.
pub fn read_uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != LONGEST || [8, 13, 18, 23].iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    let mut at = 0;
    for byte in &mut bytes {
        at += usize::from(matches!(at, 8 | 13 | 18 | 23));
        *byte = hex(text[at])? << 4 | hex(text[at + 1])?;
        at += 2;
    }
    Some(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        Some(value * 10 + digit)
    })
}

/// Days since 1970 of `YYYY-MM-DD`.
fn days_of(text: &[u8]) -> Option<i64> {
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let (year, month, day) = (
        digits(&text[..4])?,
        digits(&text[5..7])?,
        digits(&text[8..])?,
    );
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year == 0 || !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last one of its year.
    let (year, month) = (year - i64::from(month < 3), (month + 9) % 12);
    let before_year = year * 365 + year / 4 - year / 100 + year / 400;
    Some(before_year + (month * 153 + 2) / 5 + day - 1 - EPOCH)
}

/// Days from 1 March of the year 0 to 1970.
const EPOCH: i64 = 719_468;
/// Days of 400 years.
const ERA: i64 = 146_097;

/// Year, month and day of a day since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    let month = (day * 5 + 2) / 153;
    let day = day - (month * 153 + 2) / 5 + 1;
    let (year, month) = (year + era * 400, month + 3);
    if month > 12 {
        (year + 1, month - 12, day)
    } else {
        (year, month, day)
    }
}

/// Four digits; what is not within 0 to 9999 is in no text that is read.
fn write_year(out: &mut Vec<u8>, year: i64) {
    if (0..=9999).contains(&year) {
        write_digits(out, year, 4);
    } else {
        out.extend_from_slice(format!("{year:+05}").as_bytes());
    }
}

fn write_digits(out: &mut Vec<u8>, value: i64, count: usize) {
    let end = out.len() + count;
    out.resize(end, b'0');
    let mut rest = value;
    for digit in out[end - count..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Datelike, NaiveDate};

    use super::*;

    #[test]
    fn every_day_is_that_of_chrono() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");
        let mut day = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day");
        while day.year() <= 9999 {
            let days = (day - epoch).num_days() as i32;
            let mut text = Vec::new();
            write_date(&mut text, days);
            let text = String::from_utf8(text).expect("text");
            assert_eq!(text, day.format("%Y-%m-%d").to_string());
            assert_eq!(read_date(&text), Some(days));
            day = day.succ_opt().expect("a day");
        }
    }

    #[test]
    fn timestamps_are_those_of_chrono() {
        let mut value: i64 = -62_135_596_800_000_000;
        while value < 253_402_300_800_000_000 {
            let time = DateTime::from_timestamp_micros(value).expect("a time");
            for (unit, form, scale) in [
                (TimeUnit::Second, "%Y-%m-%dT%H:%M:%S", 1_000_000),
                (TimeUnit::Millisecond, "%Y-%m-%dT%H:%M:%S%.3f", 1_000),
                (TimeUnit::Microsecond, "%Y-%m-%dT%H:%M:%S%.6f", 1),
            ] {
                for zone in Zone::ALL {
                    let expected = time.format(form).to_string() + zone.suffix();
                    let mut text = Vec::new();
                    write_timestamp(&mut text, value.div_euclid(scale), unit, zone);
                    assert_eq!(String::from_utf8_lossy(&text), expected);
                    let read = Some((value.div_euclid(scale), unit, zone));
                    assert_eq!(read_timestamp(&expected), read);
                }
            }
            value += 86_400_000_000 * 333 + 12_345_678_901;
        }
    }

    #[test]
    fn other_spellings_are_not_read() {
        for wrong in [
            "",
            "0000-01-01",
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-13-01",
            "2024-00-10",
            "2024-01-00",
            "2024/01/01",
            "2024-1-01",
            "+2024-01-1",
            "2024-01-01 ",
            "20240101",
            "2024-é1-01",
        ] {
            assert_eq!(read_date(wrong), None, "{wrong}");
        }
        for wrong in [
            "2024-01-01",
            "2024-01-01 00:00:00",
            "2024-01-01t00:00:00",
            "2024-01-01T00:00:60Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00Z",
            "2024-01-01T00:00:00z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00.1Z",
            "2024-01-01T00:00:00.1234Z",
            "2024-01-01T00:00:00.123456789Z",
            "2024-01-01T00:00:00,123Z",
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:00-00:00",
            "2024-01-01T00:00:00+0000",
            "2024-01-01T00:00:00 Z",
            "2024-02-30T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2024-01-01T0é:00:00",
        ] {
            assert_eq!(read_timestamp(wrong), None, "{wrong}");
        }
        for wrong in [
            "CAD8D5C0-9FC9-4A0F-B97B-8C8C0D3C3B6B",
            "cad8d5c09fc94a0fb97b8c8c0d3c3b6b",
            "{cad8d5c0-9fc9-4a0f-b97b-8c8c0d3c3b6b}",
            "cad8d5c0-9fc9-4a0f-b97b-8c8c0d3c3b6g",
            "cad8d5c09-fc9-4a0f-b97b-8c8c0d3c3b6b",
            "cad8d5c0-9fc9-4a0f-b97b-8c8c0d3c3bé",
        ] {
            assert_eq!(read_uuid(wrong), None, "{wrong}");
        }
        let uuid = "cad8d5c0-9fc9-4a0f-b97b-8c8c0d3c3b6b";
        let mut text = Vec::new();
        write_uuid(&mut text, &read_uuid(uuid).expect("a uuid"));
        assert_eq!(text, uuid.as_bytes());
    }
}
