//! Sizes as people write them.

/// Bytes: a whole number, which `K`, `M`, `G` or `T` behind it multiplies by 1024 once or more.
///
/// # Errors
/// If the text is something else, or more than 64 bits hold.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no size: expected bytes, such as 5000000, 500M or 10G");
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err(wrong()),
    };
    let number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: Option<u64> = digits.parse().ok().filter(|_| number);
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [("0", 0), ("17", 17), ("3k", 3072), ("10G", 10 << 30)] {
            assert_eq!(size(text), Ok(bytes));
        }
        assert_eq!(size("1T"), Ok(1 << 40));
        for text in [
            "",
            "G",
            "1.5G",
            "-1",
            "+1",
            "1 G",
            "1GB",
            "99999999T",
            "1e3",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
