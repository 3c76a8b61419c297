//! Holds a scalar on its way into a column.

use super::Value;
use crate::{
    text,
    types::{Class, Kinds},
};

/// A value on its way into a column.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Scalar<'a> {
    /// No value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// A number that no 64-bit type holds, as written in JSON: see [`Scalar::of_number`].
    Number(&'a str),
    /// JSON text of an object or an array. In a [row](crate::shred::Shredder::row) it is text like
    /// any other.
    Json(&'a str),
}

impl<'a> Scalar<'a> {
    /// What a number in JSON's grammar is: an integer if it has 64 bits, a float if that [gives its
    /// digits back](text::gives_back), else the number as written.
    pub fn of_number(number: &'a str) -> Self {
        if text::is_integer(number) {
            number.parse().map_or(Self::Number(number), Self::Int)
        } else {
            text::read_float(number).map_or(Self::Number(number), Self::Float)
        }
    }
}

impl Scalar<'_> {
    /// What it is.
    pub fn kind(&self) -> Kinds {
        match self {
            Self::Null => Kinds::NONE,
            Self::Bool(_) => Kinds::BOOL,
            Self::Int(n) => Kinds::of_integer(*n),
            Self::Float(_) => Kinds::FLOAT,
            Self::Text(_) => Kinds::TEXT,
            Self::Number(raw) => Kinds::of_number(raw),
            Self::Json(_) => Kinds::JSON,
        }
    }

    /// What a cell of a text column that holds it represents; `None` for null.
    pub(crate) fn class(&self) -> Option<Class> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => Class::Bool,
            Self::Int(_) | Self::Float(_) | Self::Number(_) => Class::Number,
            Self::Text(_) => Class::Text,
            Self::Json(_) => Class::Json,
        })
    }

    /// True if it is not spelled as the JSON that it is: text, and floats that no JSON holds.
    pub(crate) fn is_no_json(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Float(value) => !value.is_finite(),
            _ => false,
        }
    }

    /// The value, owned.
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Float(value) => Value::Float(value),
            Self::Text(value) | Self::Json(value) => Value::Text(value.to_owned()),
            Self::Number(raw) => Value::Number(raw.to_owned()),
        }
    }

    /// Appends the value as text.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => {}
            Self::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Int(value) => text::write_integer(out, *value),
            Self::Float(value) => text::write_float(out, *value),
            Self::Text(value) | Self::Number(value) | Self::Json(value) => {
                out.extend_from_slice(value.as_bytes());
            }
        }
    }
}
