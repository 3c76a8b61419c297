//! The fast parser: a serde `Deserializer` over JSON text, without copies.
//!
//! It refuses what is not JSON and what it cannot read exactly, without a reason:
//! [`exact`](super::exact) reads the text again and explains.

use std::fmt;

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use transmog_core::NUMBERS_AS_WRITTEN;

mod number;
mod text;

/// Most levels of nesting: deeper recursion could overflow the stack.
const DEEPEST: usize = 128;

/// Parses JSON values from a text.
#[derive(Debug)]
pub(super) struct Parser<'t, 's> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// Buffer for texts with escapes.
    unescaped: &'s mut String,
}

/// The text is not JSON, or must be read exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text needs an exact look")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    #[cold]
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Result<T> = std::result::Result<T, Refused>;

impl<'t, 's> Parser<'t, 's> {
    /// A parser at the start of a text. Overwrites `unescaped`.
    pub(super) fn new(text: &'t str, unescaped: &'s mut String) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            unescaped,
        }
    }

    /// Checks that nothing but blanks follows.
    pub(super) fn end(&mut self) -> Result<()> {
        match self.skip_blanks() {
            None => Ok(()),
            Some(_) => Err(Refused),
        }
    }

    /// The next byte that is not blank, without consuming it.
    #[inline]
    fn skip_blanks(&mut self) -> Option<u8> {
        match self.byte() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.skip_some_blanks(),
        }
    }

    #[inline(never)]
    fn skip_some_blanks(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads a byte that must come next, after blanks.
    #[inline]
    fn expect(&mut self, expected: u8) -> Result<()> {
        if self.skip_blanks() != Some(expected) {
            return Err(Refused);
        }
        self.at += 1;
        Ok(())
    }

    /// Reads a word.
    fn word(&mut self, word: &str) -> Result<()> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(Refused);
        }
        self.at += word.len();
        Ok(())
    }

    fn enter(&mut self) -> Result<()> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refused);
        }
        Ok(())
    }

    /// Reads the comma or the closing bracket before an item: true if there is another item.
    #[inline]
    fn goes_on(&mut self, is_first: bool, end: u8) -> Result<bool> {
        match self.skip_blanks() {
            Some(byte) if byte == end => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if is_first => Ok(true),
            _ => Err(Refused),
        }
    }
}

impl<'de> Deserializer<'de> for &mut Parser<'de, '_> {
    type Error = Refused;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.skip_blanks() {
            Some(b'"') => self.visit_text(visitor),
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                let number = self.number()?;
                self.visit_number(number, start, visitor)
            }
            Some(b'{') => {
                self.enter()?;
                let mut items = Items::new(self);
                let value = visitor.visit_map(&mut items)?;
                items.leave(b'}')?;
                Ok(value)
            }
            Some(b'[') => {
                self.enter()?;
                let mut items = Items::new(self);
                let value = visitor.visit_seq(&mut items)?;
                items.leave(b']')?;
                Ok(value)
            }
            Some(b't') => {
                self.word("true")?;
                visitor.visit_bool(true)
            }
            Some(b'f') => {
                self.word("false")?;
                visitor.visit_bool(false)
            }
            Some(b'n') => {
                self.word("null")?;
                visitor.visit_unit()
            }
            _ => Err(Refused),
        }
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        match self.skip_blanks() {
            Some(b'-' | b'0'..=b'9') if name == NUMBERS_AS_WRITTEN => {
                let start = self.at;
                let number = self.written()?;
                self.visit_number(number, start, visitor)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The fields of an object, or the items of an array.
struct Items<'p, 't, 's> {
    parser: &'p mut Parser<'t, 's>,
    is_first: bool,
    ended: bool,
}

impl<'p, 't, 's> Items<'p, 't, 's> {
    fn new(parser: &'p mut Parser<'t, 's>) -> Self {
        Self {
            parser,
            is_first: true,
            ended: false,
        }
    }

    #[inline]
    fn goes_on(&mut self, end: u8) -> Result<bool> {
        // A visitor may ask again after the end.
        if self.ended {
            return Ok(false);
        }
        let goes_on = self.parser.goes_on(self.is_first, end)?;
        self.is_first = false;
        self.ended = !goes_on;
        Ok(goes_on)
    }

    /// Reads the closing bracket, if the visitor has not. It must have read every item.
    fn leave(&mut self, end: u8) -> Result<()> {
        if self.goes_on(end)? {
            return Err(Refused);
        }
        Ok(())
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de, '_> {
    type Error = Refused;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.goes_on(b'}')? {
            return Ok(None);
        }
        seed.deserialize(Key(self.parser)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.parser.expect(b':')?;
        seed.deserialize(&mut *self.parser)
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de, '_> {
    type Error = Refused;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.goes_on(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.parser).map(Some)
    }
}

/// The key of a field, which must be text.
struct Key<'p, 't, 's>(&'p mut Parser<'t, 's>);

impl<'de> Deserializer<'de> for Key<'_, 'de, '_> {
    type Error = Refused;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.skip_blanks() {
            Some(b'"') => self.0.visit_text(visitor),
            _ => Err(Refused),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
