//! Sizes as people write them.

/// Bytes: a whole number, which `K`, `M`, `G` or `T` behind it multiplies by 1024 once or more.
///
/// # Errors
/// If the text is something else, or more than 64 bits hold.
pub(super) fn size(text: &str) -> Result<u64, String> {
    transmog::read_size(text)
        .ok_or_else(|| format!("{text:?} is no size: expected bytes, such as 5000000, 500M or 10G"))
}
