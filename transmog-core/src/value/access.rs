//! Looks into values and makes them, for closures and for rows in memory.

use std::{fmt, ops::Index};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::Value;
use super::scalar::Scalar;

impl Value {
    /// The value of a key; `None` if there is none, or if this is no object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Object(fields) => fields.get(key),
            _ => None,
        }
    }

    /// True for null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// An integer of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Any number, as the float that is nearest.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Number(raw) => raw.parse().ok(),
            _ => None,
        }
    }

    /// The value as a text column spells it: text as it is, nothing for null, arrays and objects as
    /// compact JSON.
    ///
    /// ```
    /// use transmog_core::Value;
    ///
    /// assert_eq!(Value::from("a").to_text(), "a");
    /// assert_eq!(Value::from("a").to_string(), "\"a\"");
    /// ```
    pub fn to_text(&self) -> String {
        let Some(scalar) = self.scalar() else {
            return self.to_json();
        };
        let mut out = Vec::new();
        scalar.write(&mut out);
        String::from_utf8(out).unwrap_or_default() // Only text was written.
    }
}

impl Index<&str> for Value {
    type Output = Value;

    /// The value of a key; null if there is none, or if this is no object.
    ///
    /// ```
    /// use transmog_core::Value;
    ///
    /// let row: Value = [("sku", Value::from("A-1"))].into_iter().collect();
    /// assert_eq!(row["sku"].as_str(), Some("A-1"));
    /// assert!(row["price"].is_null());
    /// ```
    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&Self::Null)
    }
}

impl fmt::Display for Value {
    /// Compact JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl Serialize for Value {
    /// As what it is. Numbers that no 128-bit integer and no float holds, and what was too deep to
    /// be read, are text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) | Self::Json(text) => serializer.serialize_str(text),
            Self::Number(raw) => match (Scalar::of_number(raw), raw.parse::<u64>(), raw.parse()) {
                (Scalar::Int(value), ..) => serializer.serialize_i64(value),
                (Scalar::Float(value), ..) => serializer.serialize_f64(value),
                (_, Ok(value), _) => serializer.serialize_u64(value),
                (_, _, Ok(value)) => serializer.serialize_i128(value),
                _ => serializer.serialize_str(raw),
            },
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Self::Null => serializer.serialize_unit(),
            Self::Faulty(faulty) => faulty.rest.serialize(serializer),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::Number(value.to_string()), Self::Int)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Value {
    /// An object.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(fields: I) -> Self {
        let fields = fields.into_iter();
        Self::Object(
            fields
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_out_as_what_they_are() {
        let fields = [
            ("b", Value::from(true)),
            ("n", Value::from(None::<i64>)),
            ("big", Value::from(u64::MAX)),
            (
                "bigger",
                Value::Number("-123456789012345678901234567890".into()),
            ),
            ("biggest", Value::Number("1e400".into())),
            ("list", Value::from(vec![1.5, 2.0])),
            ("deep", Value::Json("[[1]]".into())),
        ];
        let object: Value = fields.into_iter().collect();
        let json = serde_json::to_string(&object).expect("it can be written");
        assert_eq!(
            json,
            r#"{"b":true,"n":null,"big":18446744073709551615,"bigger":-123456789012345678901234567890,"biggest":"1e400","list":[1.5,2.0],"deep":"[[1]]"}"#
        );
        assert_eq!(
            object.get("list").map(Value::to_text).as_deref(),
            Some("[1.5,2.0]")
        );
        assert_eq!(
            object.get("big").and_then(Value::as_f64),
            Some(u64::MAX as f64)
        );
        assert!(object.get("n").is_some_and(Value::is_null));
        assert_eq!(object.get("n").map(Value::to_text).as_deref(), Some(""));
        assert_eq!(Value::Null.get("n"), None);
    }
}
