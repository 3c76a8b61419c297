//! Holds a record in memory, for what cannot go straight into columns: values that are too deep or
//! partly left out, and records that are read twice.

use std::fmt;

use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

use crate::text;

mod access;
mod scalar;

pub use scalar::Scalar;

/// What a seed asks a deserializer for, as the name of a newtype, if it wants numbers as they are
/// written: those that it would get as floats then come to `visit_borrowed_bytes` as text.
/// [`Value`] asks for that, and what becomes JSON text in a cell. A deserializer that does not know
/// the name gives floats.
///
/// Without being asked, a deserializer of text should hand over as bytes what no 64-bit type holds:
/// longer integers, and numbers whose digits [no float gives back](crate::text::gives_back).
pub const NUMBERS_AS_WRITTEN: &str = "$transmog::numbers_as_written";

/// A JSON value that keeps every digit of its numbers and the order of its keys. A key that comes
/// twice keeps its first place and its last value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A number as written, in JSON's grammar: one that neither of them holds, or that is spelled
    /// in another way, such as `1.50`. See [`Value::of_number`].
    Number(String),
    /// Text.
    Text(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(IndexMap<String, Value, ahash::RandomState>),
    /// Compact JSON text of something that was too deep to be read into values.
    Json(String),
    /// What could be read of a value that something is wrong with; null if that is nothing.
    Faulty(Box<Faulty>),
}

/// A value that something is wrong with.
#[derive(Debug, Clone, PartialEq)]
pub struct Faulty {
    /// What is wrong.
    pub message: String,
    /// What could be read.
    pub rest: Value,
}

impl Value {
    /// The value of a number in JSON's grammar, which keeps how it is written.
    ///
    /// ```
    /// use transmog_core::Value;
    ///
    /// assert_eq!(Value::of_number("1.5"), Value::Float(1.5));
    /// assert_eq!(Value::of_number("1.50"), Value::Number("1.50".into()));
    /// assert_eq!(Value::of_number("1.50").to_text(), "1.5");
    /// ```
    pub fn of_number(number: &str) -> Self {
        let value = if text::is_integer(number) {
            number.parse().ok().map(Self::Int)
        } else {
            // A shortest form gives its digits back.
            let value = number.parse().ok().filter(|value: &f64| value.is_finite());
            let value = value.filter(|value| text::is_float_spelling(*value, number));
            value.map(Self::Float)
        };
        value
            .filter(|_| number != "-0")
            .unwrap_or_else(|| Self::Number(number.to_owned()))
    }

    /// Appends the value as compact JSON. Numbers are as they were written.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => Scalar::Bool(*value).write(out),
            Self::Int(value) => text::write_integer(out, *value),
            Self::Float(value) if value.is_finite() => text::write_float(out, *value),
            Self::Null | Self::Float(_) => out.extend_from_slice(b"null"),
            Self::Faulty(faulty) => faulty.rest.write_json(out),
            Self::Number(raw) | Self::Json(raw) => out.extend_from_slice(raw.as_bytes()),
            Self::Text(value) => text::write_json_string(out, value),
            Self::Array(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    item.write_json(out);
                }
                out.push(b']');
            }
            Self::Object(fields) => {
                out.push(b'{');
                for (i, (key, value)) in fields.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    text::write_json_string(out, key);
                    out.push(b':');
                    value.write_json(out);
                }
                out.push(b'}');
            }
        }
    }

    /// Compact JSON.
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write_json(&mut out);
        String::from_utf8(out).unwrap_or_default() // Only text was written.
    }

    /// Scalars in it, nulls not counted.
    pub fn leaves(&self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Array(items) => items.iter().map(Self::leaves).sum(),
            Self::Object(fields) => fields.values().map(Self::leaves).sum(),
            Self::Faulty(faulty) => faulty.rest.leaves(),
            _ => 1,
        }
    }

    /// The value as a scalar; `None` for arrays and objects.
    pub(crate) fn scalar(&self) -> Option<Scalar<'_>> {
        Some(match self {
            Self::Null => Scalar::Null,
            Self::Bool(value) => Scalar::Bool(*value),
            Self::Int(value) => Scalar::Int(*value),
            Self::Float(value) => Scalar::Float(*value),
            Self::Number(raw) => Scalar::of_number(raw),
            Self::Text(value) => Scalar::Text(value),
            Self::Array(_) | Self::Object(_) | Self::Json(_) | Self::Faulty(_) => return None,
        })
    }

    /// The same with a number as it is written; null for arrays and objects.
    pub(crate) fn written(&self) -> Scalar<'_> {
        match self.readable() {
            Self::Number(number) => Scalar::Number(number),
            other => other.scalar().unwrap_or(Scalar::Null),
        }
    }

    /// The value without the note of what is wrong with it.
    pub(crate) fn readable(&self) -> &Self {
        match self {
            Self::Faulty(faulty) => faulty.rest.readable(),
            other => other,
        }
    }

    /// The value with a note of what is wrong with it.
    #[must_use]
    pub fn faulty(self, message: impl Into<String>) -> Self {
        Self::Faulty(Box::new(Faulty {
            message: message.into(),
            rest: self,
        }))
    }

    /// The first thing that is wrong in it.
    pub fn first_fault(&self) -> Option<String> {
        let mut first = None;
        self.each_fault(&mut |message| {
            first.get_or_insert_with(|| message.to_owned());
        });
        first
    }

    /// Calls `take` with everything that is wrong in it.
    pub(crate) fn each_fault(&self, take: &mut dyn FnMut(&str)) {
        match self {
            Self::Array(items) => items.iter().for_each(|item| item.each_fault(take)),
            Self::Object(fields) => fields.values().for_each(|value| value.each_fault(take)),
            Self::Faulty(faulty) => {
                take(&faulty.message);
                faulty.rest.each_fault(take);
            }
            _ => {}
        }
    }

    /// What stands there instead of an object.
    pub(crate) fn found(&self) -> Option<&'static str> {
        Some(match self.readable() {
            Self::Object(_) | Self::Faulty(_) => return None,
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) | Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::Array(_) | Self::Json(_) => "an array",
        })
    }

    /// True for an object, or what could be read of one.
    pub(crate) fn is_object(&self) -> bool {
        matches!(self.readable(), Self::Object(_))
    }

    /// True for `{}` and `[]`.
    pub(crate) fn is_empty_container(&self) -> bool {
        match self.readable() {
            Self::Array(items) => items.is_empty(),
            Self::Object(fields) => fields.is_empty(),
            _ => false,
        }
    }
}

/// Floats from here on may be integers that a parser has rounded.
const SUSPECT: f64 = 9_223_372_036_854_775_808.0; // 2^63

/// True if a parser that has only 64-bit types may have made this float of an integer: a rounded
/// one, or `-0`.
pub(crate) fn may_be_integer(value: f64) -> bool {
    value.abs() >= SUSPECT || value == 0.0 && value.is_sign_negative()
}

/// The text of a number that a deserializer hands over as bytes.
pub(crate) fn written<E: de::Error>(number: &[u8]) -> Result<&str, E> {
    let text = text::is_json_number(number).then(|| str::from_utf8(number).ok());
    let wrong = || E::invalid_type(de::Unexpected::Bytes(number), &"a number");
    text.flatten().ok_or_else(wrong)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NUMBERS_AS_WRITTEN, ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, it: D) -> Result<Value, D::Error> {
        it.deserialize_any(self)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::Number(value.to_string()), Value::Int))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        if may_be_integer(value) {
            return Err(E::custom("the number needs an exact look"));
        }
        Ok(Value::Float(value))
    }

    fn visit_bytes<E: de::Error>(self, number: &[u8]) -> Result<Value, E> {
        written(number).map(Value::of_number)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = IndexMap::default();
        while let Some((key, value)) = fields.next_entry()? {
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
