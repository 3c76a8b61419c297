//! Checks that text fits into one Arrow array, whose offsets have 32 bits.

use crate::base::{ErrorKind, Result};

/// Checks that one array can hold the texts of this many rows.
///
/// # Errors
/// If it cannot; only one record with hundreds of megabytes can be the cause, because others share
/// no chunk then.
pub(crate) fn check_text_bytes(rows: usize, length: usize) -> Result<()> {
    check_total_bytes(rows.saturating_mul(length))
}

/// Checks that one array can hold this many bytes of text.
pub(crate) fn check_total_bytes(bytes: usize) -> Result<()> {
    let (bytes, limit) = (bytes as u64, i32::MAX as u64);
    if bytes > limit {
        return Err(ErrorKind::RecordTooLarge { bytes, limit }.into());
    }
    Ok(())
}
