//! Decimal digits that are read as numbers, for all inputs that are text.

/// Digits that fit into 64 bits whatever they are.
pub(crate) const SAFE_DIGITS: usize = 19;

/// The largest integer up to which a float holds every one.
const EXACT: u64 = 1 << 53;

/// Powers of ten that a float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Digits one after another.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Digits {
    /// Right if there are at most [`SAFE_DIGITS`].
    pub(crate) value: u64,
    pub(crate) count: usize,
}

impl Digits {
    /// Takes the digits at the start of a text; how many there are.
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

    /// The float that they are with so many of them behind the point; `None` if it must be read in another way.
    #[inline]
    pub(crate) fn with_places(self, places: usize) -> Option<f64> {
        // Both are exact, so that their quotient is rounded once (Clinger 1990, "How to read floating point numbers
        // accurately").
        let is_exact = self.count <= SAFE_DIGITS && self.value <= EXACT;
        let power = POWERS.get(places).filter(|_| is_exact)?;
        Some(self.value as f64 / power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_exact_or_not_told() {
        let float = |text: &str| {
            let (whole, fraction) = text.split_once('.').expect("a point");
            let mut digits = Digits::default();
            digits.take(whole.as_bytes());
            let places = digits.take(fraction.as_bytes());
            digits.with_places(places)
        };
        for text in [
            "0.0",
            "1.5",
            "0.1",
            "5.",
            ".5",
            "9007199254740992.",
            "90071992547.40992",
            ".0000000000000000001",
            "0000.000000000000001",
        ] {
            assert_eq!(float(text), text.parse().ok(), "{text}");
        }
        for text in [
            "9007199254740993.",
            "900719925474.0993",
            "1.0000000000000000000",
            "184467440737095516.15",
            "99999999999999999999.9",
        ] {
            assert_eq!(float(text), None, "{text}");
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
