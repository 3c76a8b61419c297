//! Judges numbers with integers of any size: which float is next to a number, what is the float's
//! shortest form, what are its digits. It shares nothing with the code that it judges, neither
//! parser nor printer.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};

/// A decimal: `digits * 10^exponent`.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    is_negative: bool,
    digits: BigUint,
    exponent: i64,
}

/// Exponents of ten beyond which everything is zero or too large for a float.
const MOST_EXPONENT: i64 = 3000;

fn ten() -> BigUint {
    BigUint::from(10_u8)
}

fn power_of_ten(exponent: i64) -> BigUint {
    ten().pow(u32::try_from(exponent).expect("no negative exponent"))
}

impl Decimal {
    /// Reads a number as JSON and CSV write it.
    pub(super) fn read(number: &str) -> Self {
        let unsigned = number.strip_prefix('-').unwrap_or(number);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().expect("an exponent")),
            None => (unsigned, 0_i64),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        Self {
            is_negative: unsigned.len() < number.len(),
            digits: format!("{whole}{fraction}").parse().expect("digits"),
            exponent: exponent - fraction.len() as i64,
        }
    }

    fn is_zero(&self) -> bool {
        self.digits == BigUint::ZERO
    }

    /// True if both are the same number, whatever zeros they are written with.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        if self.is_zero() || other.is_zero() {
            return self.is_zero() && other.is_zero();
        }
        let common = self.exponent.min(other.exponent);
        if (self.exponent - common).max(other.exponent - common) > MOST_EXPONENT {
            return false;
        }
        let scaled = |it: &Self| &it.digits * power_of_ten(it.exponent - common);
        self.is_negative == other.is_negative && scaled(self) == scaled(other)
    }

    /// The number as a fraction without its sign.
    fn fraction(&self) -> (BigUint, BigUint) {
        let one = || BigUint::from(1_u8);
        if self.exponent >= 0 {
            (&self.digits * power_of_ten(self.exponent), one())
        } else {
            (self.digits.clone(), power_of_ten(-self.exponent))
        }
    }

    /// The float next to it, ties to even; infinite if it is too large.
    pub(super) fn nearest(&self) -> f64 {
        let sign = if self.is_negative { -1.0 } else { 1.0 };
        let length = self.digits.to_string().len() as i64;
        if self.is_zero() || self.exponent + length < -MOST_EXPONENT / 2 {
            return 0.0 * sign;
        }
        if self.exponent + length > MOST_EXPONENT / 2 {
            return f64::INFINITY * sign;
        }
        let (above, below) = self.fraction();
        // So that the quotient has 53 bits or one more; floats near zero have fewer.
        let shift = above.bits() as i64 - below.bits() as i64 - 53;
        let shift = shift.max(-1074);
        let (above, below) = if shift >= 0 {
            (above, below << shift)
        } else {
            (above << -shift, below)
        };
        let mantissa = rounded(&above, &below);
        // One bit more than a float has room for is rounded again from the start.
        if mantissa.bits() > 53 {
            let mantissa = rounded(&above, &(below << 1_u8));
            return sign * float(&mantissa, shift + 1);
        }
        sign * float(&mantissa, shift)
    }

    /// True if a float64 stands for the number, because its digits can be had of the float again.
    pub(super) fn is_float(&self) -> bool {
        if self.is_zero() {
            return true;
        }
        let value = self.nearest();
        if !value.is_finite() || value == 0.0 {
            return false;
        }
        self.is_same(&shortest(value)) || self.is_rounding_of(value)
    }

    /// True if it is the exact value of a float, rounded to as many places.
    fn is_rounding_of(&self, value: f64) -> bool {
        let (mut above, mut below) = exact(value);
        if self.exponent >= 0 {
            below *= power_of_ten(self.exponent);
        } else if self.exponent < -MOST_EXPONENT {
            // A float has no digits there.
            return false;
        } else {
            above *= power_of_ten(-self.exponent);
        }
        rounded(&above, &below) == self.digits
    }
}

/// `above / below`, rounded to an integer, halves to even.
fn rounded(above: &BigUint, below: &BigUint) -> BigUint {
    let (quotient, rest) = (above / below, above % below);
    let is_odd = quotient.bit(0);
    match (rest * 2_u8).cmp(below) {
        Ordering::Greater => quotient + 1_u8,
        Ordering::Equal if is_odd => quotient + 1_u8,
        _ => quotient,
    }
}

/// `mantissa * 2^exponent`, which a float holds, or infinity.
fn float(mantissa: &BigUint, exponent: i64) -> f64 {
    let mut bits: u64 = mantissa.try_into().expect("at most 54 bits");
    let mut exponent = exponent;
    while bits >= 1 << 53 {
        assert!(bits.is_multiple_of(2), "it was rounded");
        bits /= 2;
        exponent += 1;
    }
    if bits >= 1 << 52 {
        let biased = exponent + 1075;
        if biased >= 2047 {
            return f64::INFINITY;
        }
        let biased = u64::try_from(biased).expect("normal floats are not below");
        return f64::from_bits(biased << 52 | bits & ((1 << 52) - 1));
    }
    assert!(bits == 0 || exponent == -1074, "it is near zero");
    f64::from_bits(bits)
}

/// The exact value of a float as a fraction, without its sign.
fn exact(value: f64) -> (BigUint, BigUint) {
    let bits = value.to_bits();
    let (biased, low) = ((bits >> 52 & 2047) as i64, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if biased == 0 {
        (low, -1074)
    } else {
        (low | 1 << 52, biased - 1075)
    };
    let (mantissa, one) = (BigUint::from(mantissa), BigUint::from(1_u8));
    if exponent >= 0 {
        (mantissa << exponent, one)
    } else {
        (mantissa, one << -exponent)
    }
}

/// The decimal with the fewest digits that has this float next to it; of several the one that is
/// nearest.
fn shortest(value: f64) -> Decimal {
    let (above, below) = exact(value);
    let is_negative = value.is_sign_negative();
    // The first digit's place, or one beside it.
    let guess = value.abs().log10().floor() as i64;
    for count in 1..=20 {
        let of_count = (-1..=1).flat_map(|off| {
            let exponent = guess + off - count + 1;
            let (above, below) = if exponent >= 0 {
                (above.clone(), &below * power_of_ten(exponent))
            } else {
                (&above * power_of_ten(-exponent), below.clone())
            };
            // Next to a power of two, the floats below are nearer than those above: the decimal
            // next to the value may have another float next to it, and one beside it has not.
            let digits = rounded(&above, &below);
            let below = digits.clone() - u8::from(digits != BigUint::ZERO);
            let beside = [&digits + 1_u8, digits, below];
            beside.map(|digits| Decimal {
                is_negative,
                digits,
                exponent,
            })
        });
        let fits = |it: &Decimal| {
            it.digits < power_of_ten(count) && it.nearest().to_bits() == value.to_bits()
        };
        let distance = |it: &Decimal| {
            // |above/below - n/d| as n-times-below, all over the same.
            let (n, d) = it.fraction();
            let difference = BigInt::from(&above * &d) - BigInt::from(n * &below);
            (difference.magnitude().clone(), d)
        };
        let nearest = of_count.filter(fits).min_by(|a, b| {
            let ((a, of_a), (b, of_b)) = (distance(a), distance(b));
            (a * of_b).cmp(&(b * of_a))
        });
        if let Some(nearest) = nearest {
            return nearest;
        }
    }
    panic!("17 digits are enough for {value:e}")
}

#[test]
fn the_judge_knows_the_floats() {
    for number in [
        "0.1",
        "1e23",
        "5e-324",
        "3e-324",
        "2e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "2.2250738585072011e-308",
        "9007199254740993",
        "0.3",
        "-123456789.125",
        "4.35",
        "1e-400",
        "1e400",
        "2.2250738585072014e-308",
        "1e22",
        "8.5e15",
        "4.887898181599368e-150",
    ] {
        let expected: f64 = number.parse().expect("a float");
        let found = Decimal::read(number).nearest();
        assert_eq!(found.to_bits(), expected.to_bits(), "{number}");
        if expected.is_finite() && expected != 0.0 {
            let form = Decimal::read(&format!("{expected:e}"));
            assert!(form.is_same(&shortest(expected)), "{number}");
        }
    }
    for (number, is_float) in [
        ("0.10000000000000001", true),
        ("0.1000000000000000055511151231257827", true),
        ("0.1000000000000000055511151231257828", false),
        ("1.10", true),
        ("1E5", true),
        ("0.000", true),
        ("1e-400", false),
        ("1e400", false),
        ("12345678901234567.89", false),
        ("4.9e-324", true),
        ("4.8e-324", false),
    ] {
        assert_eq!(Decimal::read(number).is_float(), is_float, "{number}");
    }
}
