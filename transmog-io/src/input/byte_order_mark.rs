//! Skips the byte order mark of UTF-8, where an input begins and where a record may begin.

/// The byte order mark of UTF-8. It is skipped where an input begins, and where a record may begin: files that are put
/// together, as `cat` does, leave theirs in the middle.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes without the marks that they begin with.
pub(crate) fn behind_marks(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(MARK) {
        bytes = rest;
    }
    bytes
}
