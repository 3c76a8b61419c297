//! Decides which written numbers a float represents without losing a digit; the others stay text.

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
    let is_rounded = Scaled::read(number).and_then(|it| rounds_to(value, it.digits, it.places));
    if is_rounded == Some(true) {
        return true;
    }
    let mut shortest = zmij::Buffer::new();
    let shortest = significant(shortest.format_finite(value));
    if is_short(number) && are_same(significant(number), shortest) {
        return true;
    }
    is_rounded.unwrap_or_else(|| is_rounding(value, number))
}

/// Powers of ten whose product with 53 bits has at most 128.
const POWERS: usize = 23;

/// True if the exact value of a float, rounded to so many places, has these digits, without its
/// sign; `None` if 128 bits are too few to tell.
#[inline]
pub fn rounds_to(value: f64, digits: u128, places: usize) -> Option<bool> {
    const TENS: [u128; POWERS] = {
        let mut tens = [1; POWERS];
        let mut power = 1;
        while power < POWERS {
            tens[power] = tens[power - 1] * 10;
            power += 1;
        }
        tens
    };
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as u32;
    // The float is `mantissa / 2^below`. Those near zero, very large ones and integers are not
    // looked at.
    let below = 1075_u32
        .checked_sub(exponent)
        .filter(|below| (1..128).contains(below))?;
    let mantissa = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
    let scaled = mantissa * TENS.get(places)?;
    let (whole, rest, half) = (
        scaled >> below,
        scaled & ((1 << below) - 1),
        1 << (below - 1),
    );
    let goes_up = rest > half || rest == half && whole % 2 == 1;
    Some(whole + u128::from(goes_up) == digits)
}

/// A number as `digits / 10^places`.
struct Scaled {
    digits: u128,
    places: usize,
}

impl Scaled {
    /// `None` for digits that 128 bits do not hold, and for numbers of no places.
    fn read(number: &str) -> Option<Self> {
        let (mantissa, exponent) = match number.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (number, 0),
        };
        let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let point = mantissa.find('.').map_or(0, |at| mantissa.len() - at - 1);
        let mut digits = 0_u128;
        for byte in mantissa.bytes().filter(u8::is_ascii_digit) {
            digits = digits
                .checked_mul(10)?
                .checked_add(u128::from(byte - b'0'))?;
        }
        let places = i64::try_from(point).ok()?.checked_sub(exponent)?;
        Some(Self {
            digits,
            places: usize::try_from(places).ok()?,
        })
    }
}

/// True if a number has no more significant digits than the shortest form of a float may have.
fn is_short(number: &str) -> bool {
    significant(number).skip(17).all(|digit| digit == b'0')
}

/// True if the exact value of a float has the digits of a number when it is rounded to as many.
fn is_rounding(value: f64, number: &str) -> bool {
    let count = significant(number).count().min(MOST_DIGITS);
    let mut rounded = String::with_capacity(count + 8);
    // The standard library rounds the exact value, and halves to even, as C does.
    write!(rounded, "{value:.*e}", count.saturating_sub(1)).is_ok()
        && are_same(significant(number), significant(&rounded))
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// 128 bits say what printing says.
        #[test]
        fn both_ways_of_rounding_are_one(number in "[0-9]{1,17}\\.[0-9]{1,22}", places in 0_usize..23) {
            let value: f64 = number.parse().expect("a float");
            for number in [number, format!("{value:.places$}"), format!("{value:.places$e}")] {
                let scaled = Scaled::read(&number);
                let short = scaled.and_then(|it| rounds_to(value, it.digits, it.places));
                // Rounding up to a power of ten, as 9.5 to 10, gives one digit more than printing
                // counts. Numbers meet only their own float, and of a power of ten that is shortest
                // form, so nobody asks how it rounds.
                let digits = number.split('e').next().unwrap_or_default().replace('.', "");
                let carries = digits.trim_matches('0') == "1";
                if let Some(short) = short.filter(|_| !carries) {
                    prop_assert_eq!(short, is_rounding(value, &number), "{}", number);
                }
            }
        }
    }

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
    fn rounded_values() {
        for (value, digits, places, expected) in [
            (0.1, 1, 1, Some(true)),
            (0.1, 10_000_000_000_000_001, 17, Some(true)),
            (0.1, 10_000_000_000_000_000, 17, Some(false)),
            (-0.1, 1_000_000_000_000_000_055_511, 22, Some(true)),
            (2.5, 2, 0, Some(true)),
            (3.5, 4, 0, Some(true)),
            (1e15, 1_000_000_000_000_000, 0, Some(true)),
            (1e16, 10_000_000_000_000_000, 0, None),
            (0.1, 1, 23, None),
            (0.0, 0, 1, None),
            (1e-300, 0, 1, None),
        ] {
            assert_eq!(rounds_to(value, digits, places), expected, "{value}");
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
