//! Numbers as text: which of them a float stands for, and which only their digits do.

use std::fmt::Write;

/// More significant digits than any float has when it is written in full, which are 767 at most.
const MOST_DIGITS: usize = 800;

/// True if a text is a number in JSON's grammar.
///
/// ```
/// use transmog_core::text::is_json_number;
///
/// assert!(is_json_number(b"-1.50E+3"));
/// assert!(!is_json_number(b".5") && !is_json_number(b"007") && !is_json_number(b"NaN"));
/// ```
pub fn is_json_number(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = split_digits(unsigned);
    if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
        return false;
    }
    let rest = match rest {
        [b'.', rest @ ..] => match split_digits(rest) {
            ([], _) => return false,
            (_, rest) => rest,
        },
        rest => rest,
    };
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            matches!(split_digits(exponent), ([_, ..], []))
        }
        _ => false,
    }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(count)
}

/// True for a number that is written as an integer.
pub(crate) fn is_integer(number: &str) -> bool {
    !number
        .bytes()
        .any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// Reads a number with a fraction or an exponent as a float, if the float [gives its digits
/// back](gives_back).
///
/// ```
/// use transmog_core::text::read_float;
///
/// assert_eq!(read_float("1.50"), Some(1.5));
/// assert_eq!(read_float("0.10000000000000001"), Some(0.1)); // What C prints with `%.17g`.
/// assert_eq!(read_float("12345678901234567.89"), None);
/// ```
pub fn read_float(number: &str) -> Option<f64> {
    let value: f64 = number.parse().ok()?;
    gives_back(value, number).then_some(value)
}

/// True if the digits of a number can be had of the float next to it, `value`: they are those of
/// the float's shortest form, or its exact value rounded to as many digits. Zeros at the end of a
/// shortest form do not count. A float that is not finite gives no digits back, and zero only those
/// of zero.
///
/// The nearest floats of `0.3` and `0.299999999999999989` (`%.18f` of the same) give them back;
/// that of `0.3000000000000000001` is `0.3`, too, and does not.
pub fn gives_back(value: f64, number: &str) -> bool {
    if !value.is_finite() {
        return false;
    }
    let mut shortest = zmij::Buffer::new();
    if are_same(
        significant(number),
        significant(shortest.format_finite(value)),
    ) {
        return true;
    }
    let count = significant(number).count().min(MOST_DIGITS);
    let mut rounded = String::with_capacity(count + 8);
    // The standard library rounds the exact value, and halves to even, as C does.
    write!(rounded, "{value:.*e}", count.saturating_sub(1)).is_ok()
        && are_same(significant(number), significant(&rounded))
}

/// True if the shortest form of a float has these significant digits, as a whole number; zeros at
/// their end do not count. `value` must be the float nearest to a number of these digits, so that
/// the exponents are the same.
#[inline]
pub fn is_shortest(value: f64, mut digits: u64) -> bool {
    let mut buffer = zmij::Buffer::new();
    let mut shortest = 0;
    for byte in buffer.format_finite(value).bytes() {
        match byte {
            b'0'..=b'9' => shortest = shortest * 10 + u64::from(byte - b'0'),
            b'e' => break,
            _ => {}
        }
    }
    // `1.0` has one that another spelling has not.
    while shortest > digits && shortest.is_multiple_of(10) {
        shortest /= 10;
    }
    while digits > shortest && digits.is_multiple_of(10) {
        digits /= 10;
    }
    shortest == digits
}

/// The digits of a number's mantissa without zeros in front.
fn significant(number: &str) -> impl Iterator<Item = u8> {
    let mantissa = number
        .bytes()
        .take_while(|byte| !matches!(byte, b'e' | b'E'));
    mantissa
        .filter(u8::is_ascii_digit)
        .skip_while(|digit| *digit == b'0')
}

/// True if digits differ by zeros at their ends only.
fn are_same(mut a: impl Iterator<Item = u8>, mut b: impl Iterator<Item = u8>) -> bool {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (a, b) if a.unwrap_or(b'0') != b.unwrap_or(b'0') => return false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_float_gives_back() {
        for number in [
            "0.0",
            "-0.0",
            "0e5",
            "0.000",
            "0E-400",
            "1.10",
            "1.5000",
            "1E5",
            "-2.5e-3",
            "5.",
            ".5",
            "0.1",
            "1e22",
            "1e23",
            "1.0e23",
            "123456789012345680.0",
            // Printed from floats with 17 digits, 20 places, 25 places and an exponent, and in
            // full.
            "0.10000000000000001",
            "0.10000000000000000555",
            "1.0000000000000000555111512e-01",
            "0.1000000000000000055511151231257827021181583404541015625",
            "0.1000000000000000055511151231257827021181583404541015625000",
            "99999999999999991611392.0",
            "0.29999999999999999",
            // The largest and the smallest floats, and one that is not normal.
            "1.7976931348623157e308",
            "1.79769313486231571e308",
            "5e-324",
            "4.9e-324",
            "4.9406564584124654e-324",
            "2.225073858507201e-308",
        ] {
            assert!(read_float(number).is_some(), "{number}");
        }
    }

    #[test]
    fn halves_are_rounded_to_even() {
        let rounded = |value: f64, digits: usize| format!("{value:.digits$e}");
        assert_eq!(rounded(0.125, 1), "1.2e-1");
        assert_eq!(rounded(0.375, 1), "3.8e-1");
        assert_eq!(rounded(2.5, 0), "2e0");
        assert_eq!(rounded(4_503_599_627_370_497.5, 15), "4.503599627370498e15");
        assert_eq!(rounded(4_503_599_627_370_496.5, 15), "4.503599627370496e15");
    }

    #[test]
    fn numbers_that_no_float_gives_back() {
        for number in [
            "12345678901234567.89",
            "0.123456789012345678",
            "1234.567890123456789012",
            "0.3000000000000000001",
            "1.00000000000000001e23",
            "1e-400",
            "1e400",
            "3e-324",
            "9007199254740993.0",
            "9007199254740993e0",
            "123456789012345677.0",
            "2.2250738585072011e-308",
            "0.1000000000000000055511151231257827021181583404541015626",
        ] {
            assert_eq!(read_float(number), None, "{number}");
        }
        let long = format!("0.{}1", "0".repeat(100_000));
        assert_eq!(read_float(&long), None);
        let long = format!("1.{}1", "0".repeat(100_000));
        assert_eq!(read_float(&long), None);
        let long = format!("1.{}", "0".repeat(100_000));
        assert_eq!(read_float(&long), Some(1.0));
    }

    #[test]
    fn shortest_forms() {
        for (value, digits) in [
            (0.1, 1),
            (0.1, 100),
            (1e15, 1),
            (1e15, 1_000_000_000_000_000),
            (100.5, 1005),
            (1e23, 1),
            (0.0, 0),
            (1.234_567_890_123_456_7e300, 12_345_678_901_234_567),
            (123_456_789_012_345_680.0, 12_345_678_901_234_568),
        ] {
            assert!(is_shortest(value, digits), "{value}");
            assert!(!is_shortest(value, digits + 1), "{value}");
        }
    }

    #[test]
    fn the_grammar_of_json() {
        for number in ["0", "-0", "10", "1.0", "0.10", "1e5", "1E+5", "-1.5e-07"] {
            assert!(is_json_number(number.as_bytes()), "{number}");
        }
        for other in [
            "", "-", "+1", "01", ".5", "5.", "1.e5", "1e", "1e+", "1e5.5", "1 ", "1.2.3", "NaN",
            "1-2", "0x1",
        ] {
            assert!(!is_json_number(other.as_bytes()), "{other}");
        }
    }
}
