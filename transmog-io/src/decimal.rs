//! Reads decimal digits as integers and floats, for JSON and CSV.

use transmog_core::text::{gives_back, rounds_to};

/// This many digits always fit into 64 bits.
pub(crate) const SAFE_DIGITS: usize = 19;

/// Every integer up to this one is exact as a float.
const EXACT: u64 = 1 << 53;

/// Every number of at most 15 digits is the shortest form of its nearest float, if that is normal.
const SURE: u64 = 1_000_000_000_000_000;

/// The powers of ten that are exact as floats.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// A sequence of digits, as one integer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Digits {
    /// Right if there are at most [`SAFE_DIGITS`].
    pub(crate) value: u64,
    pub(crate) count: usize,
}

impl Digits {
    /// Appends the digits at the start of a text, and returns their number.
    #[inline]
    pub(crate) fn take(&mut self, text: &[u8]) -> usize {
        let mut count = 0;
        while let Some(byte @ b'0'..=b'9') = text.get(count) {
            let digit = u64::from(byte - b'0');
            self.value = self.value.wrapping_mul(10).wrapping_add(digit);
            count += 1;
        }
        self.count += count;
        count
    }

    /// The float that has exactly the digits of a number (see [`gives_back`]); `None` if there is
    /// none. `number` is the whole text, `self` the digits of its mantissa, `places` of them after
    /// the point.
    #[inline]
    pub(crate) fn float(self, number: &str, places: usize, has_exponent: bool) -> Option<f64> {
        if self.count <= SAFE_DIGITS && self.value <= EXACT && !has_exponent {
            // Both are exact, so that their quotient is rounded once (Clinger 1990, "How to read
            // floating point numbers accurately").
            if let Some(power) = POWERS.get(places) {
                let value = self.value as f64 / power;
                let is_kept = self.value < SURE || self.is_kept(value, number, places);
                let value = if number.starts_with('-') {
                    -value
                } else {
                    value
                };
                return is_kept.then_some(value);
            }
        }
        let places = if has_exponent { usize::MAX } else { places };
        self.other_float(number, places)
    }

    #[inline(never)]
    fn other_float(self, number: &str, places: usize) -> Option<f64> {
        let value: f64 = number.parse().ok()?;
        if !value.is_finite() {
            return None;
        }
        let is_sure = value.is_normal() && self.count <= SAFE_DIGITS && self.value < SURE;
        (is_sure || self.is_kept(value, number, places)).then_some(value)
    }

    /// True if the nearest float has exactly the digits of the number.
    #[inline(never)]
    fn is_kept(self, value: f64, number: &str, places: usize) -> bool {
        let is_short = self.count <= SAFE_DIGITS;
        is_short && rounds_to(value, self.value.into(), places) == Some(true)
            || gives_back(value, number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use transmog_core::text::read_float;

    use super::*;

    fn float(text: &str) -> Option<f64> {
        let mut digits = Digits::default();
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let mut rest = &unsigned[digits.take(unsigned.as_bytes())..];
        let mut places = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            places = digits.take(fraction.as_bytes());
            rest = &fraction[places..];
        }
        digits.float(text, places, !rest.is_empty())
    }

    #[test]
    fn floats_that_give_their_digits_back() {
        for text in [
            "0.0",
            "-0.0",
            "0.000000000000000000000000",
            "1.5",
            "-1.50",
            "0.1",
            "5.",
            ".5",
            "9007199254740992.",
            ".0000000000000000001",
            "0000.000000000000001",
            "1.0000000000000000000",
            "1E5",
            "1.5e-300",
            "5e-324",
            "0e400",
            "123456789012345680e-1",
            "0.10000000000000001",
            "0.1000000000000000055511151231257827",
        ] {
            let expected: f64 = text.parse().expect("a float");
            let found = float(text).map(f64::to_bits);
            assert_eq!(found, Some(expected.to_bits()), "{text}");
        }
    }

    #[test]
    fn numbers_that_no_float_gives_back() {
        for text in [
            "9007199254740993.",
            "90071992547.40992",
            "900719925474.0993",
            "9007199254.740991234",
            "-12345678901234567.89",
            "184467440737095516.151",
            "99999999999999999999.9",
            "3e-324",
            "1e-400",
            "-1e400",
            "0.12345678901234567890",
        ] {
            assert_eq!(float(text), None, "{text}");
        }
    }

    proptest! {
        /// The ways that are short give what the long one gives.
        #[test]
        fn short_ways_are_right(text in "-?[0-9]{0,20}\\.[0-9]{1,25}(e-?[0-9]{1,3})?") {
            let found = float(&text).map(f64::to_bits);
            prop_assert_eq!(found, read_float(&text).map(f64::to_bits));
        }

        #[test]
        fn short_ways_are_right_for_printed_floats(bits: u64, places in 0_usize..30) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let places = format!("{value:.places$e}");
            let plain = format!("{value:.15}");
            for text in [places, plain, format!("{value:e}")] {
                let found = float(&text).map(f64::to_bits);
                prop_assert_eq!(found, read_float(&text).map(f64::to_bits), "{}", text);
            }
        }
    }

    #[test]
    fn digits_end_where_something_else_stands() {
        let mut digits = Digits::default();
        assert_eq!(digits.take(b"12a3"), 2);
        assert_eq!(digits.take(b"x"), 0);
        assert_eq!(digits.take(b"3"), 1);
        assert_eq!((digits.value, digits.count), (123, 3));
    }
}
