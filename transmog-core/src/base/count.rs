//! Formats a count with its word: `1 record`, `2 records`.

use std::fmt;

/// A number and its word: `1 record`, `2 records`, `0 records`.
///
/// ```
/// use transmog_core::counted;
///
/// assert_eq!(counted(1, "row").to_string(), "1 row");
/// assert_eq!(counted(0, "row").to_string(), "0 rows");
/// ```
pub fn counted<N: TryInto<u64>>(number: N, one: &str) -> impl fmt::Display {
    Counted {
        number: number.try_into().unwrap_or(u64::MAX),
        one,
    }
}

struct Counted<'a> {
    number: u64,
    one: &'a str,
}

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.number == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.number, self.one)
    }
}
