//! Parses numbers: as a type that holds them exactly, or as written.

use serde::de::Visitor;

use super::{Parser, Refused, Result};
use crate::decimal::{Digits, SAFE_DIGITS};

/// A number in the type that holds it exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    /// An integer beyond `i64`.
    Large(u64),
    /// A float that has exactly the digits of the text.
    Float(f64),
    /// Any other number. Its text stays in the chunk: a result with a text is too large for
    /// registers.
    Written,
}

impl<'t> Parser<'t, '_> {
    /// Hands the number that ends here, and began at `start`, to a visitor. A number as written
    /// comes as bytes, which JSON does not have.
    #[inline]
    pub(super) fn visit_number<V: Visitor<'t>>(
        &self,
        number: Number,
        start: usize,
        visitor: V,
    ) -> Result<V::Value> {
        match number {
            Number::Int(value) => visitor.visit_i64(value),
            Number::Large(value) => visitor.visit_u64(value),
            Number::Float(value) => visitor.visit_f64(value),
            Number::Written => {
                let number = &self.text[start..self.at];
                visitor.visit_borrowed_bytes(number.as_bytes())
            }
        }
    }

    /// Reads the number that begins here.
    #[inline]
    pub(super) fn number(&mut self) -> Result<Number> {
        let start = self.at;
        let is_negative = self.byte() == Some(b'-');
        self.at += usize::from(is_negative);
        let first = self.byte();
        let mut digits = Digits::default();
        self.digits(&mut digits);
        if digits.count == 0 || (first == Some(b'0') && digits.count > 1) {
            return Err(Refused);
        }
        match self.byte() {
            Some(b'.' | b'e' | b'E') => self.float(start, digits),
            _ if digits.count < SAFE_DIGITS => {
                let value = digits.value as i64;
                Ok(Number::Int(if is_negative { -value } else { value }))
            }
            _ => Ok(self.large(start)),
        }
    }

    fn large(&self, start: usize) -> Number {
        let number = &self.text[start..self.at];
        match (number.parse(), number.parse()) {
            (Ok(value), _) => Number::Int(value),
            (_, Ok(value)) => Number::Large(value),
            _ => Number::Written,
        }
    }

    /// Reads the number that begins here; as written, unless it is a plain integer.
    pub(super) fn written(&mut self) -> Result<Number> {
        let start = self.at;
        Ok(match self.number()? {
            Number::Int(0) if self.at - start > 1 => Number::Written,
            Number::Float(_) => Number::Written,
            other => other,
        })
    }

    /// Reads the rest of a number with a fraction or an exponent; `digits` are those before the
    /// point.
    fn float(&mut self, start: usize, mut digits: Digits) -> Result<Number> {
        let before = digits.count;
        let mut places = 0;
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits(&mut digits);
            places = digits.count - before;
            if places == 0 {
                return Err(Refused);
            }
        }
        let has_exponent = matches!(self.byte(), Some(b'e' | b'E'));
        if has_exponent {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            let mut exponent = Digits::default();
            self.digits(&mut exponent);
            if exponent.count == 0 {
                return Err(Refused);
            }
        }
        let number = &self.text[start..self.at];
        let value = digits.float(number, places, has_exponent);
        Ok(value.map_or(Number::Written, Number::Float))
    }

    /// Reads digits, and appends them to those before.
    #[inline]
    fn digits(&mut self, digits: &mut Digits) {
        let rest = self.text.as_bytes().get(self.at..);
        self.at += digits.take(rest.unwrap_or_default());
    }
}
