//! Numbers: exactly as they are written, or not at all.

use super::{Parser, Refused, Result};
use crate::decimal::{Digits, SAFE_DIGITS};

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    /// An integer that is too large for the others, and has 64 bits.
    Large(u64),
    Float(f64),
}

impl Parser<'_, '_> {
    /// Reads the number that begins here. `-0` and what no 64-bit type holds are refused.
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
            Some(b'.' | b'e' | b'E') => self.float(start, is_negative, digits),
            _ if digits.count < SAFE_DIGITS => match (is_negative, digits.value as i64) {
                (false, value) => Ok(Number::Int(value)),
                (true, 0) => Err(Refused),
                (true, value) => Ok(Number::Int(-value)),
            },
            _ => self.large(start),
        }
    }

    fn large(&self, start: usize) -> Result<Number> {
        let raw = &self.text[start..self.at];
        match raw.parse() {
            Ok(value) => Ok(Number::Int(value)),
            Err(_) => raw.parse().map(Number::Large).map_err(|_| Refused),
        }
    }

    /// Reads the rest of a float, `digits` being what stands before the point.
    fn float(&mut self, start: usize, is_negative: bool, mut digits: Digits) -> Result<Number> {
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
        } else if let Some(value) = digits.with_places(places) {
            return Ok(Number::Float(if is_negative { -value } else { value }));
        }
        match self.text[start..self.at].parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Number::Float(value)),
            _ => Err(Refused),
        }
    }

    /// Reads digits, and appends them to those before.
    #[inline]
    fn digits(&mut self, digits: &mut Digits) {
        let rest = self.text.as_bytes().get(self.at..);
        self.at += digits.take(rest.unwrap_or_default());
    }
}
