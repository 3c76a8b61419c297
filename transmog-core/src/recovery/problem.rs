//! A problem with a record, as a strategy sees it.

use crate::base::Error;

/// A problem with a record.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Problem<'a> {
    /// What is wrong and where: input, line, byte and field. The number of the record is not known
    /// yet.
    pub error: &'a Error,
    /// The raw text of the record; empty for a Rust value.
    pub raw: &'a [u8],
}

impl<'a> Problem<'a> {
    /// A problem, with the raw text of the record.
    pub fn new(error: &'a Error, raw: &'a [u8]) -> Self {
        Self { error, raw }
    }
}
