//! Skips the byte order mark of UTF-8 (EF BB BF), at the beginning of an input and of any record.
//!
//! `cat a.json b.json` leaves the mark of `b.json` in the middle.

/// The byte order mark of UTF-8.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes after any marks at their beginning.
pub(crate) fn behind_marks(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(MARK) {
        bytes = rest;
    }
    bytes
}
