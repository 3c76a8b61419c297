//! Tells cells whose values would be spelled as they were written from others: `1.5` from `1.50`, `true` from `yes`.

use transmog_core::{Scalar, text::write_float};

/// Most bytes of a number with a point that has at most 15 digits, which every float gives back.
const SHORT: usize = 16;

/// True if the value of a cell is spelled as the cell was written.
#[inline]
pub(super) fn is_as_written(cell: &str, value: Scalar<'_>) -> bool {
    match value {
        Scalar::Float(value) => is_shortest(cell.as_bytes()) || is_spelled(value, cell),
        Scalar::Bool(value) => cell == if value { "true" } else { "false" },
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

/// True for some numbers that are the shortest spelling of their floats, most of those that people write: `12.5`, `-3.0`.
#[inline]
fn is_shortest(cell: &[u8]) -> bool {
    let number = cell.strip_prefix(b"-").unwrap_or(cell);
    let [b'0'..=b'9', .., before, last] = number else {
        return false;
    };
    let ends_well = matches!((before, last), (b'.', b'0'..=b'9') | (_, b'1'..=b'9'));
    ends_well
        && number.len() <= SHORT
        // What is smaller has an exponent.
        && !number.starts_with(b"0.000")
        && number.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::csv::infer::infer;

    proptest! {
        #[test]
        fn the_quick_look_says_what_the_spelling_says(
            cell in "-?(0|[1-9][0-9]{0,17})\\.[0-9]{0,18}|-?0\\.0{0,6}[0-9]{1,12}|-?[0-9]{1,3}e-?[0-9]{1,2}",
        ) {
            if let Scalar::Float(value) = infer(&cell) {
                prop_assert!(!is_shortest(cell.as_bytes()) || is_spelled(value, &cell), "{}", cell);
            }
        }
    }

    #[test]
    fn cells_that_values_do_not_give_back() {
        let odd = [
            "1.50",
            "0E2",
            "1e3",
            ".5",
            "5.",
            "-0",
            "True",
            "0.0000001",
            "1.00",
        ];
        for cell in odd {
            assert!(!is_as_written(cell, infer(cell)), "{cell}");
        }
        let plain = [
            "1.5",
            "-3.0",
            "0.0",
            "-0.0",
            "0",
            "-7",
            "true",
            "false",
            "x",
            "007",
            "0.001",
            "0.0001",
            "1e+16",
            "123456789012.345",
            "18446744073709551616",
        ];
        for cell in plain {
            assert!(is_as_written(cell, infer(cell)), "{cell}");
        }
    }
}
