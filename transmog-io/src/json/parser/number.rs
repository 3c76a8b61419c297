//! Numbers: exactly as they are written, or not at all.

use super::{Parser, Refused, Result};

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    /// An integer that is too large for the others, and has 64 bits.
    Large(u64),
    Float(f64),
}

/// Digits that fit into 64 bits whatever they are.
const SAFE_DIGITS: usize = 19;

/// The largest integer up to which a float holds every one.
const EXACT: u64 = 1 << 53;

/// Powers of ten that a float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Digits one after another.
struct Digits {
    /// Right if there are at most [`SAFE_DIGITS`].
    value: u64,
    count: usize,
}

impl Parser<'_, '_> {
    /// Reads the number that begins here. `-0` and what no 64-bit type holds are refused.
    #[inline]
    pub(super) fn number(&mut self) -> Result<Number> {
        let start = self.at;
        let is_negative = self.byte() == Some(b'-');
        self.at += usize::from(is_negative);
        let first = self.byte();
        let mut digits = Digits { value: 0, count: 0 };
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
            let mut exponent = Digits { value: 0, count: 0 };
            self.digits(&mut exponent);
            if exponent.count == 0 {
                return Err(Refused);
            }
        } else if digits.count <= SAFE_DIGITS && digits.value <= EXACT {
            // Both are exact, so that their quotient is rounded once (Clinger 1990, "How to read floating point numbers
            // accurately").
            let value = digits.value as f64 / POWERS[places];
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
        let start = self.at;
        while let Some(byte @ b'0'..=b'9') = self.byte() {
            let digit = u64::from(byte - b'0');
            digits.value = digits.value.wrapping_mul(10).wrapping_add(digit);
            self.at += 1;
        }
        digits.count += self.at - start;
    }
}
