//! Which inputs were not simply UTF-8, and how that was known.

use std::fmt;

use serde::Serialize;

use super::Report;
use crate::source::EncodingFoundBy;

/// Inputs that the screen names; the report names all.
const MOST_SHOWN: usize = 10;

/// The encoding of an input that is not UTF-8, or of which a mark or a setting said something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EncodingReport {
    /// Name of the input.
    pub input: String,
    /// Name of the encoding that it was read in.
    pub encoding: String,
    /// What it was known by: `default`, `setting`, `byte_order_mark` or `zero_bytes`.
    pub found_by: EncodingFoundBy,
    /// The encoding that was set, if the input was read in another one.
    pub instead_of: Option<String>,
    /// The first zero byte of a CSV input in its first two mebibytes, where text should have none. It is kept in its cell.
    pub zero_byte: Option<u64>,
}

impl EncodingReport {
    /// What the screen says about it, if it matters there.
    fn line(&self) -> Option<String> {
        let Self {
            input, encoding, ..
        } = self;
        let because = match self.found_by {
            EncodingFoundBy::ByteOrderMark => "as its byte order mark says",
            EncodingFoundBy::ZeroBytes => "as its zero bytes suggest",
            EncodingFoundBy::Default | EncodingFoundBy::Setting => {
                let at = self.zero_byte?;
                return Some(format!(
                    "{input}: there are zero bytes in it, the first at byte {at}; is it {encoding}?"
                ));
            }
        };
        let instead = match &self.instead_of {
            Some(wanted) => format!(", not {wanted}"),
            None => String::new(),
        };
        Some(format!("{input}: read as {encoding}{instead}, {because}"))
    }
}

impl Report {
    /// A line for each input that was read in an encoding that was not asked for.
    pub(super) fn write_encodings(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let mut lines = self.encodings.iter().filter_map(EncodingReport::line);
        for line in lines.by_ref().take(MOST_SHOWN) {
            writeln!(f, "{line}")?;
        }
        match lines.count() {
            0 => Ok(()),
            more => writeln!(f, "... and {more} more like these"),
        }
    }

    /// What the screen says about encodings.
    pub fn encoding_lines(&self) -> String {
        let mut text = String::new();
        self.write_encodings(&mut text).ok(); // Writing to a string does not fail.
        text
    }
}
