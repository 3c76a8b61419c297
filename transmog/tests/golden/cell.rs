//! Cells as they are compared, and what the cells of an expected column become: a column with
//! several kinds of values is text, integers among floats are floats where a format has one type a
//! column.

use crate::json::Json;

/// A value in a row.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    /// Decimal digits.
    Int(String),
    Float(f64),
    Text(String),
    /// Microseconds since 1970.
    Time(i64),
    List(Vec<Cell>),
}

impl PartialEq for Cell {
    /// Floats by their bits: a negative zero is not a zero.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) | (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            _ => false,
        }
    }
}

impl Cell {
    /// The cell of a value; a number is what its spelling says. `None` for an object.
    pub(crate) fn new(value: &Json) -> Option<Self> {
        Some(match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(_) if value.is_integer() => Self::Int(value.compact()),
            Json::Number(raw) => Self::Float(raw.parse().ok()?),
            Json::Text(value) => Self::Text(value.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::new).collect::<Option<_>>()?),
            Json::Object(_) => return None,
        })
    }
}

/// What a format keeps of a value's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typing {
    /// All is text.
    Text,
    /// All is text, booleans in Python's words.
    PythonText,
    /// Each number in a column of numbers as it was.
    Values,
    /// One type a column.
    Columns,
}

/// What the cells of a column become.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wide {
    /// Each what it is.
    Own,
    Float,
    Text,
    /// Lists with such items.
    List(Box<Wide>),
}

/// Integers up to here are floats without loss.
const EXACT: u64 = 1 << 53;

impl Wide {
    /// What a column with these values becomes; without `lists` arrays are JSON text.
    pub(crate) fn of(values: &[&Json], lists: bool) -> Self {
        let any = |test: fn(&Json) -> bool| values.iter().any(|value| test(value));
        let bools = any(|value| matches!(value, Json::Bool(_)));
        let texts = any(|value| matches!(value, Json::Text(_)));
        let nested = any(|value| matches!(value, Json::Array(_) | Json::Object(_)));
        let numbers = any(|value| matches!(value, Json::Number(_)));
        if u8::from(bools) + u8::from(texts) + u8::from(nested) + u8::from(numbers) > 1 {
            return Self::Text;
        }
        if nested {
            return if lists {
                Self::of_lists(values)
            } else {
                Self::Text
            };
        }
        if !numbers {
            return Self::Own;
        }
        let integers = any(Json::is_integer);
        let floats = any(|value| matches!(value, Json::Number(_)) && !value.is_integer());
        let large = any(|value| {
            let digits = value.compact();
            let exact = digits
                .trim_start_matches('-')
                .parse()
                .is_ok_and(|n: u64| n <= EXACT);
            value.is_integer() && !exact
        });
        // A float64 does not hold it, or neither does a decimal(38,0).
        let huge = any(|value| match value {
            Json::Number(raw) if value.is_integer() => raw.trim_start_matches('-').len() > 38,
            Json::Number(raw) => raw.parse().is_ok_and(f64::is_infinite),
            _ => false,
        });
        match (integers, floats) {
            _ if huge => Self::Text,
            (true, true) if large => Self::Text,
            (true, true) => Self::Float,
            _ => Self::Own,
        }
    }

    fn of_lists(values: &[&Json]) -> Self {
        let items = values.iter().flat_map(|value| match value {
            Json::Array(items) => items.as_slice(),
            _ => &[],
        });
        // Items of several kinds stay apart in JSON text only.
        match Self::of(&items.collect::<Vec<_>>(), false) {
            Self::Text => Self::Text,
            items => Self::List(Box::new(items)),
        }
    }

    /// The cell that a value becomes in a column like this.
    pub(crate) fn cell(&self, value: &Json, typing: Typing) -> Cell {
        if *value == Json::Null {
            return Cell::Null;
        }
        if let (Self::Own, Json::Bool(value), Typing::PythonText) = (self, value, typing) {
            return Cell::Text(if *value { "True" } else { "False" }.into());
        }
        if *self == Self::Text || matches!(typing, Typing::Text | Typing::PythonText) {
            return Cell::Text(spelled(value));
        }
        match (self, value) {
            (Self::List(wide), Json::Array(items)) => {
                Cell::List(items.iter().map(|item| wide.cell(item, typing)).collect())
            }
            (Self::Float, Json::Number(raw)) if typing == Typing::Columns => {
                Cell::Float(raw.parse().expect("numbers were read as such"))
            }
            _ => Cell::new(value).expect("a column with objects is text"),
        }
    }
}

/// A value as text: text as it is, all else as JSON.
fn spelled(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        // A number that no float holds stays as written.
        other => other.compact(),
    }
}
