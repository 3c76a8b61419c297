//! Formats floats: the shortest text that reads back as the same float.

/// Appends the shortest text that reads back as the same float, in Python's spelling: plain for
/// exponents from -4 to 15, always with a point (`100000.0`), else `1e+16`, `5e-324`; `NaN`,
/// `Infinity`, `-Infinity`.
pub fn write_float(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(if value.is_nan() {
            b"NaN"
        } else if value > 0.0 {
            b"Infinity"
        } else {
            b"-Infinity"
        });
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) && !text.contains('e') {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    respell(out, text);
}

/// True if [`write_float`] spells a finite float like this.
pub(crate) fn is_float_spelling(value: f64, text: &str) -> bool {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        let mut buffer = zmij::Buffer::new();
        let shortest = buffer.format_finite(value);
        if !shortest.contains('e') {
            return shortest == text;
        }
    }
    let mut spelled = Vec::with_capacity(text.len());
    write_float(&mut spelled, value);
    spelled == text.as_bytes()
}

/// Appends a float that another spelling would give an exponent where this has none, or none where
/// it has one.
fn respell(out: &mut Vec<u8>, text: &str) {
    let text = match text.strip_prefix('-') {
        Some(rest) => {
            out.push(b'-');
            rest
        }
        None => text,
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let start = out.len();
    out.extend_from_slice(whole.as_bytes());
    out.extend_from_slice(fraction.as_bytes());
    let zeros = out[start..].iter().take_while(|digit| **digit == b'0');
    let leading = zeros.count();
    out.drain(start..start + leading);
    while out.len() > start + 1 && out.ends_with(b"0") {
        out.pop();
    }
    // Of the first digit that is not zero.
    let exponent = exponent.parse::<i64>().unwrap_or(0) + whole.len() as i64 - 1 - leading as i64;
    if (-4..0).contains(&exponent) {
        let zeros = &b"0.000"[..=exponent.unsigned_abs() as usize];
        out.splice(start..start, zeros.iter().copied());
    } else if (0..16).contains(&exponent) {
        let point = start + 1 + exponent as usize;
        if out.len() <= point {
            out.resize(point, b'0');
            out.push(b'0');
        }
        out.insert(point, b'.');
    } else {
        if out.len() > start + 1 {
            out.insert(start + 1, b'.');
        }
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        if exponent.abs() < 10 {
            out.push(b'0');
        }
        super::write_integer(out, exponent.abs());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by the standard library's spellings. Of two that are as short and as near, Python
    /// takes the even one; the standard library does so only if it is told how many digits there
    /// are.
    fn expected(value: f64) -> String {
        let shortest = format!("{value:e}");
        let (mantissa, _) = shortest.split_once('e').expect("an exponent");
        let decimals = mantissa
            .split_once('.')
            .map_or(0, |(_, digits)| digits.len());
        let even = format!("{value:.decimals$e}");
        let is_same = even.parse() == Ok(value);
        let scientific = if is_same { even } else { shortest };
        let (digits, exponent) = scientific.split_once('e').expect("an exponent");
        let exponent: i32 = exponent.parse().expect("a number");
        if value != 0.0 && !(-4..16).contains(&exponent) {
            let sign = if exponent < 0 { '-' } else { '+' };
            return format!("{digits}e{sign}{:02}", exponent.abs());
        }
        let decimals = usize::try_from(decimals as i32 - exponent).unwrap_or(0);
        let plain = if is_same {
            format!("{value:.decimals$}")
        } else {
            value.to_string()
        };
        if plain.contains('.') {
            plain
        } else {
            format!("{plain}.0")
        }
    }

    fn written(value: f64) -> String {
        let mut out = b"x".to_vec();
        write_float(&mut out, value);
        String::from_utf8(out).expect("text")[1..].to_owned()
    }

    proptest! {
        #[test]
        fn floats_are_spelled_as_python_does(bits: u64, digits in 0_u64..10_000_000, power in -330..310_i32) {
            for value in [f64::from_bits(bits), format!("-{digits}e{power}").parse().expect("a float")] {
                if value.is_finite() {
                    prop_assert_eq!(written(value), expected(value));
                    prop_assert!(is_float_spelling(value, &expected(value)));
                    let other = expected(value) + "0";
                    prop_assert!(!is_float_spelling(value, &other));
                }
            }
        }
    }

    #[test]
    fn floats_at_the_ends_of_plain_spelling() {
        for power in -8..20 {
            for digits in ["1", "9.999999999999999", "1.5", "1234567"] {
                let value: f64 = format!("{digits}e{power}").parse().expect("a float");
                assert_eq!(written(value), expected(value));
            }
        }
        for (value, text) in [
            (-0.0, "-0.0"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::from_bits(1), "5e-324"),
            (1_369_657_041_882_241.0 / 8.0, "171207130235280.12"),
        ] {
            assert_eq!(written(value), text);
        }
    }
}
