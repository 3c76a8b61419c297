//! Parses sizes and counts: `64M`, `1G`, `2K`.

/// Bytes: a whole number, which `K`, `M`, `G` or `T` after it multiplies by 1024 once or more.
/// `None` for anything else, and for more than 64 bits hold.
///
/// ```
/// use transmog_io::read_size;
///
/// assert_eq!(read_size("64M"), Some(64 << 20));
/// assert_eq!(read_size("1.5G"), None);
/// ```
pub fn read_size(text: &str) -> Option<u64> {
    read(text, 1024)
}

/// A count, such as of rows: a whole number, which `K`, `M`, `G` or `T` after it multiplies by
/// 1000 once or more. `None` for anything else.
///
/// ```
/// use transmog_io::read_count;
///
/// assert_eq!(read_count("1M"), Some(1_000_000));
/// ```
pub fn read_count(text: &str) -> Option<u64> {
    read(text, 1000)
}

fn read(text: &str, unit: u64) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let power = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        _ => return None,
    };
    // `parse` takes a sign.
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number)?;
    number.checked_mul(unit.pow(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_counts() {
        for (text, bytes) in [("0", 0), ("17", 17), ("3k", 3072), ("10G", 10 << 30)] {
            assert_eq!(read_size(text), Some(bytes));
        }
        assert_eq!(read_size("1T"), Some(1 << 40));
        assert_eq!(read_count("3k"), Some(3000));
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
            assert_eq!(read_size(text), None, "{text}");
            assert_eq!(read_count(text), None, "{text}");
        }
    }
}
