//! JSON as the oracle sees it: every digit of a number as written, any depth. `serde_json` decides
//! what is JSON and how text is unescaped, and wherever its own `Value` can hold a text, both must
//! agree.

use std::{borrow::Cow, collections::BTreeMap};

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'t> {
    Null,
    Bool(bool),
    /// A number as written.
    Number(&'t str),
    Text(Cow<'t, str>),
    Array(Vec<Json<'t>>),
    /// No key comes twice: the last value stands at the first one's place.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

/// The values that stand one after another in a text.
pub(crate) fn values(text: &str) -> Result<Vec<Json<'_>>, String> {
    // Ignoring a value takes no stack, but looks at no escape and at no exponent.
    let mut whole = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(value) = whole.next() {
        value.map_err(|error| error.to_string())?;
        let part = &text[start..whole.byte_offset()];
        let value = Scanner { text: part, at: 0 }.value()?;
        compare_with_serde(part, &value)?;
        found.push(value);
        start = whole.byte_offset();
    }
    Ok(found)
}

/// Compact JSON: numbers as they are written, text spelled in the one canonical way.
pub(crate) fn compact(value: &Json<'_>, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(token) => out.push_str(token),
        Json::Text(text) => out.push_str(&quoted(text)),
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                compact(item, out);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (i, (key, value)) in fields.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(&quoted(key));
                out.push(':');
                compact(value, out);
            }
            out.push('}');
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Reads text that is known to be JSON, but for its escapes.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn value(&mut self) -> Result<Json<'t>, String> {
        Ok(match self.next_byte() {
            b'{' => return self.object(),
            b'[' => return self.array(),
            b'"' => Json::Text(self.string()?),
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            _ => {
                let rest = &self.text[self.at..];
                let inside =
                    |byte: u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let length = rest.bytes().position(|byte| !inside(byte));
                let token = &rest[..length.unwrap_or(rest.len())];
                assert_ne!(token, "", "not JSON: {rest:.20}");
                self.word(token, Json::Number(token))
            }
        })
    }

    fn array(&mut self) -> Result<Json<'t>, String> {
        self.at += 1;
        let mut items = Vec::new();
        while self.next_byte() != b']' {
            items.push(self.value()?);
            self.pass_comma();
        }
        self.at += 1;
        Ok(Json::Array(items))
    }

    fn object(&mut self) -> Result<Json<'t>, String> {
        self.at += 1;
        let mut fields: Vec<(Cow<'t, str>, Json<'t>)> = Vec::new();
        let mut places = BTreeMap::new();
        while self.next_byte() != b'}' {
            let key = self.string()?;
            assert_eq!(self.next_byte(), b':');
            self.at += 1;
            let value = self.value()?;
            match places.insert(key.clone(), fields.len()) {
                None => fields.push((key, value)),
                Some(first) => {
                    fields[first].1 = value;
                    places.insert(key, first);
                }
            }
            self.pass_comma();
        }
        self.at += 1;
        Ok(Json::Object(fields))
    }

    fn string(&mut self) -> Result<Cow<'t, str>, String> {
        let start = self.at;
        let rest = &self.text[start + 1..];
        let mut length = 0;
        loop {
            length += rest[length..].find('"').unwrap();
            let before = rest[..length].bytes().rev();
            if before.take_while(|byte| *byte == b'\\').count() % 2 == 0 {
                break;
            }
            length += 1;
        }
        self.at += length + 2;
        let inner = &rest[..length];
        if !inner.contains('\\') {
            return Ok(Cow::Borrowed(inner));
        }
        let text = serde_json::from_str(&self.text[start..self.at]);
        text.map(Cow::Owned).map_err(|error| error.to_string())
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Json<'t> {
        self.at += word.len();
        value
    }

    fn pass_comma(&mut self) {
        if self.next_byte() == b',' {
            self.at += 1;
        }
    }

    /// The next byte that is not blank.
    fn next_byte(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while matches!(bytes[self.at], b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        bytes[self.at]
    }
}

/// Holds a value that was read here against `serde_json`'s own.
fn compare_with_serde(text: &str, value: &Json<'_>) -> Result<(), String> {
    match serde_json::from_str::<Value>(text) {
        Ok(theirs) if agree(value, &theirs) => Ok(()),
        Ok(_) => panic!("the oracle misreads {text:.200}"),
        Err(error) => {
            let words = error.to_string();
            let beyond = ["number out of range", "recursion limit exceeded"];
            let held = beyond.iter().any(|reason| words.contains(reason));
            if held { Ok(()) } else { Err(words) }
        }
    }
}

fn agree(ours: &Json<'_>, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::Text(ours), Value::String(theirs)) => ours == theirs,
        (Json::Number(token), Value::Number(number)) => {
            number.to_string() == **token || token.parse() == Ok(number.as_f64().unwrap())
        }
        (Json::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && std::iter::zip(ours, theirs).all(|(a, b)| agree(a, b))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            let same = |(key, value): &(Cow<'_, str>, Json<'_>)| {
                theirs
                    .get(&**key)
                    .is_some_and(|theirs| agree(value, theirs))
            };
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => false,
    }
}

#[test]
fn values_are_read_as_they_are_written() {
    let read =
        values(" {\"a\" : [1e400, -0, 18446744073709551616 ] }[]\"\\u00e9\\\\\\\"\"\n").unwrap();
    let numbers = ["1e400", "-0", "18446744073709551616"].map(Json::Number);
    let array = Json::Array(numbers.into());
    assert_eq!(
        read,
        [
            Json::Object(vec![("a".into(), array)]),
            Json::Array(Vec::new()),
            Json::Text("é\\\"".into()),
        ]
    );
    let mut text = String::new();
    compact(&read[0], &mut text);
    assert_eq!(text, r#"{"a":[1e400,-0,18446744073709551616]}"#);
    let twice = values(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
    let fields = [("a", "3"), ("b", "2")].map(|(key, value)| (key.into(), Json::Number(value)));
    assert_eq!(twice, [Json::Object(fields.into())]);
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "{",
        "{}}",
        "{\"a\": 01}",
        "[1,]",
        "NaN",
        "\"\\ud800\"",
        "\"\n\"",
        "{} x",
    ] {
        assert!(values(text).is_err(), "{text:?}");
    }
}
