//! Infers the value of a cell: a number or text.
//!
//! Only plain ASCII forms are numbers: `-1`, `2.50`, `1e3`. Text such as `007`, `+1`, `1_000` and
//! `nan` stays text, because its writer may have meant text.

use transmog_core::{Scalar, text::is_json_number};

use crate::decimal::{Digits, SAFE_DIGITS};

/// The value of a cell that is neither a null nor a boolean.
#[inline]
pub(crate) fn infer(text: &str) -> Scalar<'_> {
    let value = match text.as_bytes() {
        [b'0'..=b'9' | b'-' | b'.', ..] => number(text),
        _ => None,
    };
    value.unwrap_or(Scalar::Text(text))
}

/// True if a cell looks like a number, a boolean or a date, even in forms that stay text: `1,5`,
/// `12.05.2026`, `007`. Shows that a row was split at the right delimiter.
pub(crate) fn looks_typed(cell: &[u8], delimiter: u8) -> bool {
    let Ok(text) = str::from_utf8(cell) else {
        return false;
    };
    if !matches!(infer(text), Scalar::Text(_)) {
        return true;
    }
    let is_made_of = |marks: &[u8]| {
        let is_fit = |byte: &u8| byte.is_ascii_digit() || marks.contains(byte);
        cell.iter().all(is_fit) && cell.iter().any(u8::is_ascii_digit)
    };
    let is_date = || is_made_of(b"+-.:/ TZ");
    // A decimal comma, or commas between groups of three digits.
    let is_number = || {
        let parts: Vec<&[u8]> = cell.split(|byte| *byte == b',').collect();
        is_made_of(b",.-+") && (parts.len() == 2 || parts[1..].iter().all(|part| part.len() >= 3))
    };
    is_date() || (delimiter != b',' && is_number())
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?` or `-?\.[0-9]+`.
fn number(text: &str) -> Option<Scalar<'_>> {
    let bytes = text.as_bytes();
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let is_negative = unsigned.len() < bytes.len();
    let mut digits = Digits::default();
    let whole = digits.take(unsigned);
    if whole > 1 && unsigned[0] == b'0' {
        return None;
    }
    let mut places = 0;
    let rest = match &unsigned[whole..] {
        [] if whole == 0 => return None,
        [] => return Some(integer(text, digits, is_negative)),
        [b'.', rest @ ..] => {
            places = digits.take(rest);
            let rest = &rest[places..];
            if rest.is_empty() && digits.count > 0 {
                return float(text, digits, places, false);
            }
            if whole == 0 {
                return None;
            }
            rest
        }
        _ if whole == 0 => return None,
        rest => rest,
    };
    let [b'e' | b'E', exponent @ ..] = rest else {
        return None;
    };
    let exponent = exponent
        .strip_prefix(b"+")
        .or_else(|| exponent.strip_prefix(b"-"))
        .unwrap_or(exponent);
    let count = Digits::default().take(exponent);
    if count == 0 || count < exponent.len() {
        return None;
    }
    float(text, digits, places, true)
}

/// An integer.
fn integer(text: &str, digits: Digits, is_negative: bool) -> Scalar<'_> {
    // With more digits, negating could overflow.
    if digits.count < SAFE_DIGITS {
        let value = digits.value as i64;
        return Scalar::Int(if is_negative { -value } else { value });
    }
    text.parse().map_or(Scalar::Number(text), Scalar::Int)
}

/// A float; or the number as written if no float has exactly its digits and JSON would write it
/// alike; else text.
#[inline]
fn float(text: &str, digits: Digits, places: usize, has_exponent: bool) -> Option<Scalar<'_>> {
    match digits.float(text, places, has_exponent) {
        Some(value) => Some(Scalar::Float(value)),
        None => is_json_number(text.as_bytes()).then_some(Scalar::Number(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_plain_forms() {
        let cells = [
            ("0", Scalar::Int(0)),
            ("-0", Scalar::Int(0)),
            ("-7", Scalar::Int(-7)),
            ("9223372036854775807", Scalar::Int(i64::MAX)),
            ("-9223372036854775808", Scalar::Int(i64::MIN)),
            (
                "18446744073709551615",
                Scalar::Number("18446744073709551615"),
            ),
            (
                "18446744073709551616",
                Scalar::Number("18446744073709551616"),
            ),
            (
                "-9223372036854775809",
                Scalar::Number("-9223372036854775809"),
            ),
            ("1.50", Scalar::Float(1.5)),
            ("5.", Scalar::Float(5.0)),
            ("5.e1", Scalar::Float(50.0)),
            (".5", Scalar::Float(0.5)),
            ("-.5", Scalar::Float(-0.5)),
            ("0e9", Scalar::Float(0.0)),
            ("1E+2", Scalar::Float(100.0)),
            ("-1.5e-3", Scalar::Float(-0.0015)),
            ("0.10000000000000001", Scalar::Float(0.1)),
            ("1e-400", Scalar::Number("1e-400")),
            ("-1e400", Scalar::Number("-1e400")),
            (
                "12345678901234567.89",
                Scalar::Number("12345678901234567.89"),
            ),
        ];
        for (text, cell) in cells {
            assert_eq!(infer(text), cell, "{text}");
        }
        let Scalar::Float(zero) = infer("-0.0") else {
            panic!("a float")
        };
        assert!(zero.is_sign_negative());
    }

    #[test]
    fn everything_else_is_text() {
        let texts = [
            "",
            "-",
            ".",
            "-.",
            "+1",
            "007",
            "-01",
            "00",
            "01.5",
            "1_000",
            " 1",
            "1 ",
            "nan",
            "NaN",
            "inf",
            "-inf",
            "Infinity",
            "1e",
            "1e+",
            "1.e",
            ".5e1",
            ".e1",
            "e1",
            ".12345678901234567890",
            "5.e400",
            "1.2.3",
            "1-2",
            "--1",
            "0x10",
            "1f",
            "１２",
            "٣",
            "t",
            "y",
            "n",
            "truey",
            " no",
            "1e5 ",
        ];
        for text in texts {
            assert_eq!(infer(text), Scalar::Text(text), "{text:?}");
        }
    }
}
