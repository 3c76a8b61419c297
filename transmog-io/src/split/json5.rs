//! Translates JSON5 to JSON, token by token.
//!
//! ```text
//! {a: 'x', // comment      {"a":"x",
//!  b: +.5,}                 "b":0.5}
//! ```
//!
//! Comments go, keys and texts get double quotes, numbers keep their digits, and line breaks stay,
//! so that errors name the right line. The order of tokens is not checked here: the JSON parser
//! does that. There is no recursion, so nesting of any depth is fine.

use std::sync::Arc;

use memchr::memchr_iter;
use transmog_core::{Error as DataError, ErrorKind, Location, text::write_json_string};

use super::reading::Reading;
use crate::{
    error::Error,
    fault::{no_text, not_utf8, with_found},
};

/// Reads a whole input.
///
/// # Errors
/// If it cannot be read, is not UTF-8, or has a token that JSON5 does not have.
pub(super) fn read_json(reading: &mut Reading<'_>) -> Result<Vec<u8>, Error> {
    while !reading.at_end {
        reading.fill_more()?;
    }
    let text = std::str::from_utf8(&reading.buffer).map_err(|error| {
        let wrong = no_text(&reading.buffer, reading.text.encoding, false);
        wrong.unwrap_or_else(|| (not_utf8(&error), error.valid_up_to()))
    });
    text.and_then(translate).map_err(|(kind, at)| {
        let mut place = Location::default();
        place.input = Some(Arc::clone(&reading.name));
        place.byte = Some(reading.offset + at as u64);
        let before = memchr_iter(b'\n', &reading.buffer[..at]).count() as u64;
        place.line = Some(reading.line + before);
        DataError::new(kind, place).into()
    })
}

/// What is wrong, and at which byte.
type Wrong = (ErrorKind, usize);

fn translate(text: &str) -> Result<Vec<u8>, Wrong> {
    let mut translation = Translation {
        text,
        at: 0,
        out: Vec::with_capacity(text.len() + text.len() / 8),
        before: b'[',
    };
    while let Some(c) = translation.skip_blanks()? {
        translation.token(c)?;
    }
    Ok(translation.out)
}

struct Translation<'t> {
    text: &'t str,
    at: usize,
    out: Vec<u8>,
    /// The previous token: a bracket, comma or colon as itself, any value as `v`.
    before: u8,
}

impl Translation<'_> {
    fn token(&mut self, c: char) -> Result<(), Wrong> {
        let mut kind = b'v';
        match c {
            '{' | '}' | '[' | ']' | ':' => {
                self.at += 1;
                kind = c as u8;
                self.out.push(kind);
            }
            ',' => {
                self.at += 1;
                kind = b',';
                let place = self.out.len();
                let closes = matches!(self.skip_blanks()?, Some(']' | '}'));
                // JSON5 allows one comma after the last value. Any other is left for the JSON
                // parser to report.
                if !closes || matches!(self.before, b'[' | b'{' | b',' | b':') {
                    self.out.insert(place, b',');
                }
            }
            '"' | '\'' => self.string(c)?,
            '+' | '-' | '.' | '0'..='9' => self.number()?,
            _ => self.word()?,
        }
        self.before = kind;
        Ok(())
    }

    /// Skips blanks and comments.
    fn skip_blanks(&mut self) -> Result<Option<char>, Wrong> {
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else {
                return Ok(None);
            };
            let passed = if rest.starts_with("//") {
                rest.find(is_line_end).unwrap_or(rest.len())
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let end = comment.find("*/");
                end.ok_or_else(|| self.syntax("the comment does not end"))? + 4
            } else if c.is_whitespace() || c == '\u{feff}' {
                c.len_utf8()
            } else {
                return Ok(Some(c));
            };
            self.pass_blanks(passed);
        }
    }

    /// Skips bytes between tokens, but keeps their line breaks.
    fn pass_blanks(&mut self, bytes: usize) {
        let passed = &self.text.as_bytes()[self.at..self.at + bytes];
        self.out
            .extend(passed.iter().filter(|byte| **byte == b'\n'));
        self.at += bytes;
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn string(&mut self, quote: char) -> Result<(), Wrong> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            let special = |c: char| c == quote || matches!(c, '\\' | '\n' | '\r');
            let rest = &self.text[self.at..];
            let Some(end) = rest.find(special) else {
                self.at = self.text.len();
                return Err(self.syntax("the text does not end"));
            };
            text.push_str(&rest[..end]);
            self.at += end;
            match self.peek() {
                Some('\\') => text.extend(self.escape()?),
                Some(c) if c == quote => break,
                _ => return Err(self.syntax("a line ends inside a text")),
            }
        }
        self.at += 1;
        write_json_string(&mut self.out, &text);
        let lines = memchr_iter(b'\n', &self.text.as_bytes()[start..self.at]).count();
        self.out.extend(std::iter::repeat_n(b'\n', lines));
        Ok(())
    }

    /// The character of an escape; none for an escaped line break.
    fn escape(&mut self) -> Result<Option<char>, Wrong> {
        self.at += 1;
        let Some(c) = self.peek() else {
            return Err(self.syntax("the text does not end"));
        };
        self.at += c.len_utf8();
        let next_is = |test: fn(&u8) -> bool| self.text.as_bytes().get(self.at).is_some_and(test);
        Ok(Some(match c {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            '0' if !next_is(u8::is_ascii_digit) => '\0',
            '0'..='9' => return Err(self.syntax("there is no such escape")),
            'x' => char::from_u32(self.hex_digits(2)?).unwrap_or_default(),
            'u' => self.code_unit()?,
            '\r' => {
                self.at += usize::from(next_is(|byte| *byte == b'\n'));
                return Ok(None);
            }
            c if is_line_end(c) => return Ok(None),
            c => c,
        }))
    }

    /// The character of an escape `\u....`, or of two that form a surrogate pair.
    fn code_unit(&mut self) -> Result<char, Wrong> {
        let start = self.at;
        let unit = self.hex_digits(4)?;
        if let Some(c) = char::from_u32(unit) {
            return Ok(c);
        }
        let end = self.at;
        if unit < 0xdc00 && self.text[end..].starts_with("\\u") {
            self.at += 2;
            let low = self.hex_digits(4)?;
            if let Some(low) = low.checked_sub(0xdc00).filter(|low| *low < 0x400)
                && let Some(c) = char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + low)
            {
                return Ok(c);
            }
        }
        let message = format!(
            "the escape \\u{} is half of a character",
            &self.text[start..end]
        );
        Err((ErrorKind::Text { message }, start))
    }

    fn hex_digits(&mut self, count: usize) -> Result<u32, Wrong> {
        let digits = self.text.get(self.at..self.at + count);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let value = value.ok_or_else(|| self.syntax("expected hexadecimal digits"))?;
        self.at += count;
        Ok(value)
    }

    fn number(&mut self) -> Result<(), Wrong> {
        let sign = self.peek().filter(|c| matches!(c, '+' | '-'));
        self.at += usize::from(sign.is_some());
        if sign == Some('-') {
            self.out.push(b'-');
        }
        let rest = &self.text[self.at..];
        if rest.starts_with(['I', 'N']) {
            return self.not_finite(sign);
        }
        if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
            let digits = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
            let value = u128::from_str_radix(&hex[..digits], 16);
            let value = value.map_err(|_| self.syntax("expected at most 32 hexadecimal digits"))?;
            self.out.extend_from_slice(value.to_string().as_bytes());
            self.at += 2 + digits;
            return Ok(());
        }
        let whole = self.digits();
        if whole == 0 {
            self.out.push(b'0');
        }
        let mut fraction = 0;
        if self.peek() == Some('.') {
            self.at += 1;
            self.out.push(b'.');
            fraction = self.digits();
            if fraction == 0 {
                self.out.push(b'0');
            }
        }
        if whole + fraction == 0 {
            return Err(self.syntax("expected a digit"));
        }
        if let Some(sign @ ('e' | 'E')) = self.peek() {
            self.out.push(sign as u8);
            self.at += 1;
            if let Some(sign @ ('+' | '-')) = self.peek() {
                self.out.push(sign as u8);
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.syntax("expected a digit"));
            }
        }
        if self.peek().is_some_and(is_in_word) {
            return Err(self.syntax("expected the end of the number"));
        }
        Ok(())
    }

    /// Copies digits, and counts them.
    fn digits(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.out.extend_from_slice(&rest[..count]);
        self.at += count;
        count
    }

    /// Infinity and NaN with a sign.
    fn not_finite(&mut self, sign: Option<char>) -> Result<(), Wrong> {
        for word in ["Infinity", "NaN"] {
            if self.text[self.at..].starts_with(word) {
                if word == "NaN" && sign == Some('-') {
                    self.out.pop();
                }
                self.out.extend_from_slice(word.as_bytes());
                self.at += word.len();
                return Ok(());
            }
        }
        Err(self.syntax("expected a digit"))
    }

    /// A key without quotes, or a word such as `null`.
    fn word(&mut self) -> Result<(), Wrong> {
        let start = self.at;
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| *c == '\\' || is_in_word(*c)) {
            if c == '\\' {
                self.at += 1;
                if self.peek() != Some('u') {
                    return Err(self.syntax("there is no such escape"));
                }
                self.at += 1;
                word.push(self.code_unit()?);
            } else {
                word.push(c);
                self.at += c.len_utf8();
            }
        }
        if word.is_empty() {
            return Err(self.syntax("expected a value"));
        }
        let place = self.out.len();
        let is_key = self.skip_blanks()? == Some(':');
        let value = matches!(
            word.as_str(),
            "null" | "true" | "false" | "NaN" | "Infinity"
        );
        let blanks = self.out.split_off(place);
        if is_key {
            write_json_string(&mut self.out, &word);
        } else if value {
            self.out.extend_from_slice(word.as_bytes());
        } else {
            self.at = start;
            return Err(self.syntax("expected a value"));
        }
        self.out.extend_from_slice(&blanks);
        Ok(())
    }

    fn syntax(&self, message: &str) -> Wrong {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let message = with_found(message, rest, "the end");
        (ErrorKind::Syntax { message }, self.at)
    }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// True for characters of words. Any letter outside of ASCII is accepted.
fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '_' | '$')
        || !c.is_ascii() && !c.is_whitespace() && c != '\u{feff}'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> Result<String, String> {
        let json = translate(text).map_err(|(kind, at)| format!("{kind} at {at}"))?;
        Ok(String::from_utf8(json).unwrap())
    }

    #[test]
    fn tokens() {
        let cases = [
            (
                "{a: 1, 'b': [1,2,], /* x */ c: +3,}",
                r#"{"a":1,"b":[1,2],"c":3}"#,
            ),
            (
                "[.5, 5., -.5e+3, 5.E3, 0x1F, -0XfF]",
                "[0.5,5.0,-0.5e+3,5.0E3,31,-255]",
            ),
            (
                "[123456789012345678901234567890, 1.50]",
                "[123456789012345678901234567890,1.50]",
            ),
            (
                "0xffffffffffffffffffffffffffffffff",
                "340282366920938463463374607431768211455",
            ),
            (
                "[NaN, -NaN, +Infinity, -Infinity]",
                "[NaN,NaN,Infinity,-Infinity]",
            ),
            (
                r#"{null: null, NaN: "'", "k": '"'}"#,
                r#"{"null":null,"NaN":"'","k":"\""}"#,
            ),
            (
                r"'\x41\u0042\uD83D\uDE00\v\0\q\'\/'",
                r#""AB😀\u000b\u0000q'/""#,
            ),
            ("{\\u0061b: 1, é$_: 2}", r#"{"ab":1,"é$_":2}"#),
            ("[,]", "[,]"),
            ("[1,,]", "[1,,]"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(json(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn lines_stay() {
        let text = "// one\n{\n/* two\nthree */ a /*\n*/ : 'x\\\ny',\n}\n";
        let found = json(text).unwrap();
        assert_eq!(found, "\n{\n\n\"a\"\n:\"xy\"\n\n}\n");
    }

    #[test]
    fn what_is_no_token() {
        let cases = [
            ("/* ", "the comment does not end at 0"),
            ("['a\nb']", "a line ends inside a text at 3"),
            ("'a", "the text does not end at 2"),
            ("'\\u12'", "expected hexadecimal digits at 3"),
            ("'\\ud800'", "half of a character at 3"),
            ("'\\1'", "there is no such escape at 3"),
            ("[nul]", "expected a value at 1"),
            ("0x", "hexadecimal digits at 0"),
            ("[.]", "expected a digit at 2"),
            ("1e", "expected a digit at 2"),
            ("1a", "expected the end of the number at 1"),
            ("+x", "expected a digit at 1"),
            ("#", "expected a value at 0"),
        ];
        for (text, message) in cases {
            let error = json(text).unwrap_err();
            let (words, place) = message.rsplit_once(" at ").unwrap();
            assert!(error.contains(words), "{text:?}: {error}");
            assert!(
                error.ends_with(&format!(" at {place}")),
                "{text:?}: {error}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

        /// What another reader takes for JSON5 is taken here, with the same values.
        #[test]
        fn as_another_reader(tokens in prop::collection::vec(prop_oneof![
            4 => "[\\[\\]{},:]",
            2 => Just("k:".to_owned()),
            2 => "[+-]?(0|[1-9][0-9]{0,3})?\\.?[0-9]{0,2}(e[+-]?[0-9])?",
            1 => "[+-]?0x[0-9a-fA-F]{1,4}",
            1 => "'([a\"é\u{2028}\n]|\\\\[xun0'q\r\n]|\\\\u00e9|\\\\x41)*'",
            1 => "//[a*/]{0,2}\n|/\\*[a*/\n]{0,2}\\*/",
            1 => "null|true|[ \t\n\u{a0}\u{feff}]",
        ], 0..9)) {
            let text = tokens.join(" ");
            let ours = json(&text).ok();
            let ours = ours.and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok());
            // One reader takes -0 for a float, the other for an integer.
            let spelled = |value: serde_json::Value| value.to_string().replace("-0.0", "0");
            if let Ok(theirs) = json5::from_str::<serde_json::Value>(&text) {
                prop_assert_eq!(ours.map(spelled), Some(spelled(theirs)), "{}", text);
            }
        }

        #[test]
        fn no_text_stops_the_process(text in "([\\[\\]{},:'\"\\\\/*ux0-9a-f+.eNI\n ]|.)*") {
            json(&text).ok();
        }
    }
}
