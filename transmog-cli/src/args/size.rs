//! Sizes and counts as people write them.

/// Bytes: a whole number, which `K`, `M`, `G` or `T` behind it multiplies by 1024 once or more.
///
/// # Errors
/// If the text is something else, or more than 64 bits hold.
pub(super) fn size(text: &str) -> Result<u64, String> {
    transmog::read_size(text)
        .ok_or_else(|| format!("{text:?} is no size: expected bytes, such as 5000000, 500M or 10G"))
}

/// A count: a whole number, which `K` or `M` behind it multiplies by 1000 once or twice.
///
/// # Errors
/// If the text is something else, or more than `T` holds.
pub(super) fn count<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let count = transmog::read_count(text).and_then(|count| T::try_from(count).ok());
    count.ok_or_else(|| {
        format!("{text:?} is no count: expected a whole number, such as 2000, 2K or 1M")
    })
}

/// A small number, such as of threads.
///
/// # Errors
/// If the text is something else.
pub(super) fn number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    number.ok_or_else(|| format!("{text:?} is no number: expected a whole number, such as 8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(count("2K"), Ok(2000_u64));
        assert_eq!(count("1M"), Ok(1_000_000_usize));
        assert_eq!(count("7"), Ok(7_u64));
        for wrong in ["", "x", "-1", "2.5", "2KB"] {
            let told = count::<u64>(wrong).expect_err("no count");
            assert!(told.contains("such as 2000, 2K or 1M"), "{told}");
            assert!(number(wrong).is_err());
        }
        assert!(count::<u8>("1K").is_err());
    }
}
