//! Parses texts: borrowed from the input, or unescaped into a buffer.

use serde::de::Visitor;
use transmog_core::text::plain_json;

use super::{Parser, Refused, Result};

impl<'t> Parser<'t, '_> {
    /// Reads the text whose opening quote is next. Without escapes it is borrowed from the input.
    #[inline]
    pub(super) fn visit_text<V: Visitor<'t>>(&mut self, visitor: V) -> Result<V::Value> {
        let start = self.at + 1;
        let end = start + plain_json(&self.text.as_bytes()[start..]);
        self.at = end;
        if self.text.as_bytes().get(end) != Some(&b'"') {
            self.unescape(start)?;
            return visitor.visit_str(self.unescaped);
        }
        self.at += 1;
        visitor.visit_borrowed_str(&self.text[start..end])
    }

    /// Continues at the first escape of a text, into the buffer.
    #[cold]
    fn unescape(&mut self, start: usize) -> Result<()> {
        let text = self.text;
        self.unescaped.clear();
        self.unescaped.push_str(&text[start..self.at]);
        loop {
            match text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                // The text does not end, or has a control character.
                _ => return Err(Refused),
            }
            let end = self.at + plain_json(&text.as_bytes()[self.at..]);
            self.unescaped.push_str(&text[self.at..end]);
            self.at = end;
        }
    }

    /// Reads an escape.
    fn escape(&mut self) -> Result<()> {
        let what = self.text.as_bytes().get(self.at + 1);
        self.at += 2;
        let char = match what {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => self.unicode()?,
            _ => return Err(Refused),
        };
        self.unescaped.push(char);
        Ok(())
    }

    /// Reads the digits of a `\u` escape, and the other half of its surrogate pair.
    fn unicode(&mut self) -> Result<char> {
        let unit = self.unit()?;
        let code = match unit {
            0xd800..=0xdbff => {
                self.word("\\u")?;
                let low = self.unit()?;
                if !(0xdc00..=0xdfff).contains(&low) {
                    return Err(Refused);
                }
                0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => unit,
        };
        char::from_u32(code).ok_or(Refused)
    }

    fn unit(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Refused)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Refused);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Refused)
    }
}
