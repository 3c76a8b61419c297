//! Compares a cell with the text of its value: `1.5` stays as it is, `1.50` becomes `1.5`, `yes`
//! becomes `true`.
//!
//! It matters if the column becomes text later: then the cells before must be counted, or read
//! again.

use transmog_core::{Scalar, text::write_float};

/// A number of at most this length, with a point, has at most 15 digits: a float has them all.
const SHORT: usize = 16;

/// The bit that letters have set, and digits, points and signs have not; in each byte.
const LETTERS: u64 = 0x4040_4040_4040_4040;

/// True if the value of a cell is formatted exactly as the cell was written.
///
/// By reference, because a copy would wait for the store just before it.
#[inline]
pub(crate) fn is_as_written(cell: &str, value: &Scalar<'_>) -> bool {
    match value {
        Scalar::Float(value) => match is_shortest(cell.as_bytes()) {
            Some(is_shortest) => is_shortest,
            None => is_spelled(*value, cell),
        },
        Scalar::Bool(value) => cell == if *value { "true" } else { "false" },
        // `-0`
        Scalar::Int(0) => cell == "0",
        _ => true,
    }
}

#[cold]
fn is_spelled(value: f64, cell: &str) -> bool {
    let mut spelled = Vec::new();
    write_float(&mut spelled, value);
    spelled == cell.as_bytes()
}

/// True for numbers such as `12.5` and `-3.0`, the shortest form of their floats; false for `1.50`,
/// `.5` and `5.`. `None` for rarer forms, which must be formatted to know.
#[inline]
fn is_shortest(cell: &[u8]) -> Option<bool> {
    let number = match cell {
        [b'-', rest @ ..] => rest,
        _ => cell,
    };
    let ([b'0'..=b'9', ..], [.., before, last]) = (number, number) else {
        return Some(false);
    };
    if number.len() > SHORT || has_letters(number) {
        return None;
    }
    match (before, last) {
        (b'.', b'0'..=b'9') => Some(true),
        (_, b'0' | b'.') => Some(false),
        // A smaller number is formatted with an exponent.
        _ if number.starts_with(b"0.000") => None,
        _ => Some(true),
    }
}

/// True if a number of at most 16 bytes has an exponent.
#[inline]
fn has_letters(number: &[u8]) -> bool {
    match (number.first_chunk::<8>(), number.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            (u64::from_ne_bytes(*first) | u64::from_ne_bytes(*last)) & LETTERS != 0
        }
        _ => number.iter().fold(0, |all, byte| all | byte) & 0x40 != 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::csv::infer;

    proptest! {
        #[test]
        fn the_quick_look_says_what_the_spelling_says(
            cell in "-?(0|[1-9][0-9]{0,17})\\.[0-9]{0,18}|-?0\\.0{0,6}[0-9]{1,12}|-?[0-9]{1,3}e-?[0-9]{1,2}",
        ) {
            if let Scalar::Float(value) = infer(&cell) {
                let quick = is_shortest(cell.as_bytes());
                prop_assert!(quick.is_none_or(|quick| quick == is_spelled(value, &cell)), "{}", cell);
            }
        }
    }

    #[test]
    fn cells_that_values_do_not_give_back() {
        let odd = ["1.50", "0E2", "1e3", ".5", "5.", "-0", "0.0000001", "1.00"];
        for cell in odd {
            assert!(!is_as_written(cell, &infer(cell)), "{cell}");
        }
        let plain = [
            "1.5",
            "-3.0",
            "0.0",
            "-0.0",
            "0",
            "-7",
            "x",
            "007",
            "0.001",
            "0.0001",
            "1e+16",
            "123456789012.345",
            "18446744073709551616",
        ];
        for cell in plain {
            assert!(is_as_written(cell, &infer(cell)), "{cell}");
        }
        for (cell, is_plain) in [("true", true), ("TRUE", false), ("yes", false)] {
            assert_eq!(is_as_written(cell, &Scalar::Bool(true)), is_plain, "{cell}");
        }
    }
}
