//! Reads JSON strictly: keeps every digit, survives any depth, and reports errors exactly.
//!
//! It is slow, and reads only records that the fast parser has refused.

use memchr::memchr2;
use transmog_core::{ErrorKind, Value};

use crate::{
    fault::{Fault, Step},
    input::byte_order_mark::behind_marks,
    records::Rules,
};

mod deep;

/// Reads the values of a text one after another.
#[derive(Debug)]
pub(super) struct ExactReader<'t> {
    text: &'t str,
    at: usize,
    /// Levels of nesting that become values; deeper ones stay text.
    deepest: usize,
    allow_nan: bool,
    /// True if faults become marks in the value, instead of errors.
    lenient: bool,
    /// True after a fault after which nothing can be read.
    broken: bool,
}

impl<'t> ExactReader<'t> {
    pub(super) fn new(text: &'t str, rules: &Rules) -> Self {
        Self {
            text,
            at: 0,
            deepest: rules.deepest,
            allow_nan: rules.allow_nan,
            lenient: false,
            broken: false,
        }
    }

    /// A reader for text that this program has written.
    pub(super) fn of_text(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            deepest: 128,
            allow_nan: true,
            lenient: false,
            broken: false,
        }
    }

    /// A reader that keeps the readable part: faults become [`Value::Faulty`].
    pub(super) fn lenient(text: &'t str, rules: &Rules) -> Self {
        Self {
            lenient: true,
            ..Self::new(text, rules)
        }
    }

    /// True if nothing but blanks follows.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_between().is_none()
    }

    /// Bytes read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// True if a fault has ended the reading.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// The next value and where it begins; `None` at the end.
    pub(super) fn next_value(&mut self) -> Result<Option<(usize, Value)>, Fault> {
        if self.broken || self.skip_between().is_none() {
            return Ok(None);
        }
        let start = self.at;
        Ok(Some((start, self.value(0)?)))
    }

    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        let is_plain = !matches!(self.peek(), Some(b'{' | b'[' | b'"'));
        match self.strict_value(depth) {
            // A number or word that continues as something else was not read whole.
            Ok(_) if self.lenient && is_plain && self.may_go_on() => {
                self.broken = true;
                let fault = self.syntax("expected a value");
                Ok(Value::Null.faulty(fault.kind.to_string()))
            }
            Err(fault) if self.lenient => {
                self.broken = true;
                Ok(Value::Null.faulty(fault.kind.to_string()))
            }
            other => other,
        }
    }

    /// True if a number or word may continue here.
    fn may_go_on(&self) -> bool {
        self.peek().is_none_or(|byte| {
            byte.is_ascii_alphanumeric() || b".+-_".contains(&byte) || !byte.is_ascii()
        })
    }

    /// Reads a value; within it, faults become marks if the reader is lenient.
    fn strict_value(&mut self, depth: usize) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'{' | b'[') if depth == self.deepest => self.raw(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(match self.string()? {
                (text, None) => Value::Text(text),
                (text, Some(note)) => Value::Text(text).faulty(note),
            }),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut fields = Vec::new();
        let mut first = true;
        while !self.broken {
            match self.field(depth, first) {
                Ok(Some(field)) => fields.push(field),
                Ok(None) => break,
                Err(fault) if self.lenient => {
                    self.broken = true;
                    let object = Value::Object(fields.into_iter().collect());
                    return Ok(object.faulty(fault.kind.to_string()));
                }
                Err(fault) => return Err(fault),
            }
            first = false;
        }
        Ok(Value::Object(fields.into_iter().collect()))
    }

    /// The next field of an object; `None` after its end.
    fn field(&mut self, depth: usize, first: bool) -> Result<Option<(String, Value)>, Fault> {
        match (self.skip_blanks(), first) {
            (Some(b'}'), _) => {
                self.at += 1;
                return Ok(None);
            }
            (Some(b','), false) => self.at += 1,
            (Some(_), true) => {}
            (Some(_), false) => {
                return Err(self.syntax("expected a comma or the end of the object"));
            }
            (None, _) => return Err(self.syntax("the object does not end")),
        }
        match self.skip_blanks() {
            Some(b'"') => {}
            None => return Err(self.syntax("the object does not end")),
            Some(_) => return Err(self.syntax("expected a key")),
        }
        let (key, note) = self.string()?;
        if self.skip_blanks() != Some(b':') {
            return Err(self.syntax("expected a colon").within(Step::Key(key)));
        }
        self.at += 1;
        self.skip_blanks();
        match self.value(depth + 1) {
            Ok(value) => {
                let value = match note {
                    Some(note) => value.faulty(note),
                    None => value,
                };
                Ok(Some((key, value)))
            }
            Err(fault) => Err(fault.within(Step::Key(key))),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.broken {
            match self.item(depth, items.len()) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(fault) if self.lenient => {
                    self.broken = true;
                    return Ok(Value::Array(items).faulty(fault.kind.to_string()));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(Value::Array(items))
    }

    /// The next item of an array; `None` after its end.
    fn item(&mut self, depth: usize, number: usize) -> Result<Option<Value>, Fault> {
        match (self.skip_blanks(), number) {
            (Some(b']'), _) => {
                self.at += 1;
                return Ok(None);
            }
            (_, 0) => {}
            (Some(b','), _) => {
                self.at += 1;
                self.skip_blanks();
            }
            (Some(_), _) => return Err(self.syntax("expected a comma or the end of the array")),
            (None, _) => return Err(self.syntax("the array does not end")),
        }
        let item = self.value(depth + 1);
        item.map(Some)
            .map_err(|fault| fault.within(Step::Item(number)))
    }

    /// The text of a string; a lenient reader also returns what is wrong with it.
    fn string(&mut self) -> Result<(String, Option<String>), Fault> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut from = start + 1;
        let end = loop {
            let Some(found) = bytes
                .get(from..)
                .and_then(|rest| memchr2(b'"', b'\\', rest))
            else {
                self.at = bytes.len();
                return Err(self.syntax("the text does not end"));
            };
            if bytes[from + found] == b'"' {
                break from + found + 1;
            }
            from += found + 2;
        };
        let literal = &self.text[start..end];
        let fault = match serde_json::from_str(literal) {
            Ok(text) => {
                self.at = end;
                return Ok((text, None));
            }
            Err(error) => match lone_surrogate(literal, 0) {
                Some((at, escape)) => {
                    let message = format!("the escape {escape} is half of a character");
                    Fault::new(ErrorKind::Text { message }, self.at + at)
                }
                None => self.parser(&error),
            },
        };
        if !self.lenient {
            return Err(fault);
        }
        self.at = end;
        Ok((readable(literal), Some(fault.kind.to_string())))
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
            if self.text[self.at..].starts_with("Infinity") {
                self.at = start;
                return self.not_finite("-Infinity", f64::NEG_INFINITY);
            }
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Value::of_number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 {
            return Err(self.syntax("expected a digit"));
        }
        Ok(())
    }

    fn word(&mut self) -> Result<Value, Fault> {
        let rest = &self.text[self.at..];
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ];
        for (word, value) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        for (word, value) in [("NaN", f64::NAN), ("Infinity", f64::INFINITY)] {
            if rest.starts_with(word) {
                return self.not_finite(word, value);
            }
        }
        Err(self.syntax("expected a value"))
    }

    /// Skips what may be between records: blanks, and the byte order marks of concatenated files.
    fn skip_between(&mut self) -> Option<u8> {
        loop {
            let next = self.skip_blanks()?;
            let rest = behind_marks(&self.text.as_bytes()[self.at..]);
            let at = self.text.len() - rest.len();
            if at == self.at {
                return Some(next);
            }
            self.at = at;
        }
    }

    fn skip_blanks(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn syntax(&self, message: &str) -> Fault {
        let message = message.to_owned();
        Fault::new(ErrorKind::Syntax { message }, self.at)
    }

    fn not_finite(&mut self, token: &str, value: f64) -> Result<Value, Fault> {
        let kind = ErrorKind::NotFinite {
            token: token.to_owned(),
        };
        if !self.allow_nan && !self.lenient {
            return Err(Fault::new(kind, self.at));
        }
        self.at += token.len();
        Ok(if self.allow_nan {
            Value::Float(value)
        } else {
            Value::Null.faulty(kind.to_string())
        })
    }

    /// A fault that `serde_json` found in the text from here on.
    fn parser(&self, error: &serde_json::Error) -> Fault {
        let rest = &self.text[self.at..];
        let lines = rest
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1));
        let offset = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let words = error.to_string();
        let message = words.split(" at line ").next().unwrap_or(&words);
        Fault {
            at: self.at + offset.min(rest.len()),
            ..self.syntax(message)
        }
    }
}

/// The first lone surrogate escape from byte `at` on, with its position.
fn lone_surrogate(literal: &str, mut at: usize) -> Option<(usize, &str)> {
    let code = |at: usize| {
        let digits = literal.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    while let Some(found) = literal.get(at..)?.find('\\') {
        at += found;
        at += match code(at) {
            Some(0xd800..=0xdbff) if matches!(code(at + 6), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => return Some((at, &literal[at..at + 6])),
            _ => 2, // What is escaped is ASCII, or the parser has refused it before.
        };
    }
    None
}

/// The readable text of a literal: U+FFFD for a lone surrogate, other invalid escapes as written.
fn readable(literal: &str) -> String {
    let inner = literal
        .get(1..literal.len().saturating_sub(1))
        .unwrap_or_default();
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        // One escape, or a surrogate pair.
        let lengths = [12, 6, 2]
            .into_iter()
            .filter_map(|length| rest.get(..length));
        let read = lengths.filter_map(|escape| {
            let one = serde_json::from_str::<String>(&format!("\"{escape}\"")).ok()?;
            (one.chars().count() == 1).then_some((one, escape.len()))
        });
        let (one, length) = match read.take(1).next() {
            Some(found) => found,
            None if lone_surrogate(rest, 0).is_some_and(|(at, _)| at == 0) => {
                ("\u{fffd}".into(), 6)
            }
            None => ("\\".into(), 1),
        };
        text.push_str(&one);
        rest = &rest[length..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use transmog_core::Recovery;

    fn rules(deepest: usize) -> Rules {
        Rules {
            deepest,
            allow_nan: false,
            cast: transmog_core::Cast::Off,
            recovery: Recovery::default(),
            max_record_bytes: usize::MAX,
        }
    }

    fn fault(text: &str) -> (String, usize, Option<String>) {
        let mut reader = ExactReader::new(text, &rules(10));
        loop {
            match reader.next_value() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{text:?} is taken"),
                Err(fault) => return (fault.kind.to_string(), fault.at, fault.field()),
            }
        }
    }

    #[test]
    fn faults_have_a_place_and_a_path() {
        let cases = [
            (r#"{"a": 1,}"#, "expected a key", 8, None),
            (
                r#"{"a": [1, {"b": tru}]}"#,
                "expected a value",
                16,
                Some("a[1].b"),
            ),
            (
                r#"{"a": [1 2]}"#,
                "expected a comma or the end of the array",
                9,
                Some("a"),
            ),
            (r#"{"a": 1"#, "the object does not end", 7, None),
            (r#"{"a": "x"#, "the text does not end", 8, Some("a")),
            (r#"{"a": -}"#, "expected a digit", 7, Some("a")),
            (r#"{"a" 1}"#, "expected a colon", 5, Some("a")),
            (r#"{"a": 1} x"#, "expected a value", 9, None),
            (
                "{\"a\": \"\u{1}\"}",
                "control character (\\u0000-\\u001F) found while parsing a string",
                8,
                Some("a"),
            ),
        ];
        for (text, message, at, field) in cases {
            let (found, byte, path) = fault(text);
            assert_eq!(
                (found, path.as_deref()),
                (format!("invalid JSON: {message}"), field),
                "{text}"
            );
            assert!(byte.abs_diff(at) <= 1, "{text}: {byte} instead of {at}");
        }
        assert_eq!(fault(r#"{"a": NaN}"#).0, "NaN is not a JSON number");
        assert_eq!(
            fault(r#"{"a": -Infinity}"#).0,
            "-Infinity is not a JSON number"
        );
        let halves = [
            (r#"{"a": "\ud800"}"#, 7),
            (r#"{"a": "\\\udc00 \ud83d\ude00"}"#, 9),
            (r#"{"a": "\ud83d\ude00\ud800x"}"#, 19),
            (r#"{"\udfff": 1}"#, 2),
        ];
        for (text, at) in halves {
            let (message, byte, _) = fault(text);
            assert!(
                message.starts_with("invalid text: the escape \\ud"),
                "{message}"
            );
            assert_eq!(byte, at, "{text}");
        }
    }

    #[test]
    fn numbers_keep_every_digit() {
        let text = "[9223372036854775807, 9223372036854775808, -0, -0.0, 1e400, 1.50]";
        let mut reader = ExactReader::new(text, &rules(10));
        let (_, value) = reader.next_value().expect("valid").expect("a value");
        assert_eq!(
            value.to_json(),
            "[9223372036854775807,9223372036854775808,-0,-0.0,1e400,1.50]"
        );
    }

    #[test]
    fn what_is_too_deep_stays_text() {
        let text = format!(
            "{}{{ \"a b\\\" \" : [ 1 ] }}{}",
            "[".repeat(9),
            "]".repeat(9)
        );
        let mut reader = ExactReader::new(&text, &rules(9));
        let (_, value) = reader.next_value().expect("valid").expect("a value");
        assert_eq!(
            value.to_json(),
            text.replace(" : [ 1 ] ", ":[1]").replace("{ ", "{")
        );
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        let mut reader = ExactReader::new(&deep, &rules(9));
        let (_, value) = reader.next_value().expect("valid").expect("a value");
        assert_eq!(value.to_json(), deep);
    }
}
