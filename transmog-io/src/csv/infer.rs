//! What a cell is: a number, a boolean, or text, by plain ASCII forms only, so that nothing is read into a cell that its
//! writer may not have meant.

use transmog_core::{Kinds, Value};

/// A cell that was looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer beyond that.
    Unsigned(u64),
    Float(f64),
    /// An integer beyond 64 bits, as written.
    Number(&'t str),
    Text(&'t str),
}

impl<'t> Cell<'t> {
    /// The value of a cell that is no null marker.
    pub(super) fn infer(text: &'t str) -> Self {
        let cell = match text.as_bytes() {
            [b'0'..=b'9' | b'-' | b'.', ..] => number(text),
            [b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'n' | b'N', ..] => boolean(text),
            _ => None,
        };
        cell.unwrap_or(Self::Text(text))
    }

    /// The kind that it adds to its column.
    pub(super) fn kinds(self) -> Kinds {
        match self {
            Self::Null => Kinds::NONE,
            Self::Bool(_) => Kinds::BOOL,
            Self::Int(value) => Kinds::of_integer(value),
            Self::Unsigned(_) => Kinds::BIG,
            Self::Number(raw) => Kinds::of_number(raw),
            Self::Float(_) => Kinds::FLOAT,
            Self::Text(_) => Kinds::TEXT,
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Int(value) => Self::Int(value),
            Cell::Unsigned(value) => Self::Number(value.to_string()),
            Cell::Float(value) => Self::Float(value),
            Cell::Number(raw) => Self::Number(raw.to_owned()),
            Cell::Text(text) => Self::Text(text.to_owned()),
        }
    }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?` or `-?\.[0-9]+`, if it is finite.
fn number(text: &str) -> Option<Cell<'_>> {
    let bytes = text.as_bytes();
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let (whole, rest) = digits(unsigned);
    if whole.len() > 1 && whole[0] == b'0' {
        return None;
    }
    if rest.is_empty() {
        if whole.is_empty() {
            return None;
        }
        let cell = text.parse().map(Cell::Int);
        let cell = cell.or_else(|_| text.parse().map(Cell::Unsigned));
        return Some(cell.unwrap_or(Cell::Number(text)));
    }
    let rest = match rest.strip_prefix(b".") {
        Some(rest) => {
            let (fraction, rest) = digits(rest);
            if whole.is_empty() && (fraction.is_empty() || !rest.is_empty()) {
                return None;
            }
            rest
        }
        None if whole.is_empty() => return None,
        None => rest,
    };
    let is_number = match rest {
        [] => true,
        [b'e' | b'E', exponent @ ..] => {
            let exponent = exponent
                .strip_prefix(b"+")
                .or_else(|| exponent.strip_prefix(b"-"))
                .unwrap_or(exponent);
            let (digits, rest) = digits(exponent);
            !digits.is_empty() && rest.is_empty()
        }
        _ => false,
    };
    let value: f64 = is_number.then(|| text.parse().ok()).flatten()?;
    value.is_finite().then_some(Cell::Float(value))
}

/// The digits at the start, and what follows them.
fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit());
    bytes.split_at(count.count())
}

fn boolean(text: &str) -> Option<Cell<'_>> {
    let is = |word| text.eq_ignore_ascii_case(word);
    if is("true") || is("yes") {
        Some(Cell::Bool(true))
    } else if is("false") || is("no") {
        Some(Cell::Bool(false))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_plain_forms() {
        let cells = [
            ("0", Cell::Int(0)),
            ("-0", Cell::Int(0)),
            ("-7", Cell::Int(-7)),
            ("9223372036854775807", Cell::Int(i64::MAX)),
            ("-9223372036854775808", Cell::Int(i64::MIN)),
            ("18446744073709551615", Cell::Unsigned(u64::MAX)),
            ("18446744073709551616", Cell::Number("18446744073709551616")),
            ("-9223372036854775809", Cell::Number("-9223372036854775809")),
            ("1.50", Cell::Float(1.5)),
            ("5.", Cell::Float(5.0)),
            ("5.e1", Cell::Float(50.0)),
            (".5", Cell::Float(0.5)),
            ("-.5", Cell::Float(-0.5)),
            ("0e9", Cell::Float(0.0)),
            ("1E+2", Cell::Float(100.0)),
            ("-1.5e-3", Cell::Float(-0.0015)),
            ("1e-400", Cell::Float(0.0)),
        ];
        for (text, cell) in cells {
            assert_eq!(Cell::infer(text), cell, "{text}");
        }
        let Cell::Float(zero) = Cell::infer("-0.0") else {
            panic!("a float")
        };
        assert!(zero.is_sign_negative());
    }

    #[test]
    fn booleans_in_any_case() {
        for (text, value) in [
            ("true", true),
            ("YES", true),
            ("False", false),
            ("nO", false),
        ] {
            assert_eq!(Cell::infer(text), Cell::Bool(value), "{text}");
        }
    }

    #[test]
    fn everything_else_is_text() {
        let texts = [
            "", "-", ".", "-.", "+1", "007", "-01", "00", "01.5", "1_000", " 1", "1 ", "nan",
            "NaN", "inf", "-inf", "Infinity", "1e", "1e+", "1.e", ".5e1", ".e1", "e1", "1e400",
            "-1e400", "1.2.3", "1-2", "--1", "0x10", "1f", "１２", "٣", "t", "y", "n", "truey",
            " no", "1e5 ",
        ];
        for text in texts {
            assert_eq!(Cell::infer(text), Cell::Text(text), "{text:?}");
        }
    }
}
