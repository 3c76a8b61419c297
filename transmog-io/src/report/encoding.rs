//! Reports inputs that were not plain UTF-8, and how their encoding was found.

use std::fmt;

use super::Report;
use crate::input::{EncodingFoundBy, EncodingReport};

/// Most inputs named on the screen; the report has all.
const MOST_SHOWN: usize = 10;

impl EncodingReport {
    /// The line on the screen, if there is one.
    fn line(&self) -> Option<String> {
        let Self {
            input, encoding, ..
        } = self;
        let because = match self.found_by {
            EncodingFoundBy::ByteOrderMark => "as its byte order mark says",
            EncodingFoundBy::ZeroBytes => "as its zero bytes suggest",
            EncodingFoundBy::Default | EncodingFoundBy::Setting => return None,
        };
        let instead = match &self.instead_of {
            Some(wanted) => format!(", not {wanted}"),
            None => String::new(),
        };
        Some(format!("{input}: read as {encoding}{instead}, {because}"))
    }
}

impl Report {
    /// A line for each input that was read in an encoding other than the set one.
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

    /// The lines about encodings on the screen.
    pub fn encoding_lines(&self) -> String {
        let mut text = String::new();
        self.write_encodings(&mut text).ok(); // Writing to a string does not fail.
        text
    }
}
