//! Notes about CSV inputs: guessed delimiters, rows of the wrong width, inputs without rows.

use std::fmt;

use transmog_core::counted;

use super::Report;
use crate::csv::{Character, CsvInputReport, DelimiterFrom};

/// Most inputs named on the screen.
const MOST_NAMED: usize = 10;

impl CsvInputReport {
    /// True if the delimiter is another one than usual, and nobody asked for it.
    fn is_worth_a_look(&self) -> bool {
        self.delimiter != ',' && self.delimiter_from != DelimiterFrom::Option
    }

    /// The line about the delimiter.
    fn write_delimiter(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let (input, delimiter) = (&self.input, Character(self.delimiter));
        let from = match self.delimiter_from {
            DelimiterFrom::Guess => "a guess (--csv-delimiter sets it)",
            DelimiterFrom::SepLine => "as its line \"sep=\" says",
            DelimiterFrom::Extension => "as the file's name says",
            DelimiterFrom::Option => "as it was set",
        };
        write!(f, "{input}: the delimiter is {delimiter}, {from}")?;
        if let Some(likely) = self.likely_delimiter {
            let likely = Character(likely);
            write!(
                f,
                ", but the first rows have no tab, and {likely} in each; --csv-delimiter sets it"
            )?;
        }
        writeln!(f)
    }
}

impl Report {
    /// Notes about CSV inputs: a line for each whose delimiter is not a comma and was not set, that
    /// has rows of the wrong width, or that has no rows. Empty if there are none.
    pub fn csv_notes(&self) -> String {
        let mut notes = String::new();
        // Writing to a string does not fail.
        self.write_csv(&mut notes).ok();
        notes
    }

    pub(super) fn write_csv(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let told = self.csv.iter().filter(|input| input.is_worth_a_look());
        for one in told.clone().take(MOST_NAMED) {
            one.write_delimiter(f)?;
        }
        let more = told.count().saturating_sub(MOST_NAMED);
        if more > 0 {
            let more = counted(more, "more input");
            writeln!(f, "... and {more} whose delimiter is no comma")?;
        }
        let noted = self.csv.iter().filter(|input| input.has_row_notes());
        for one in noted.clone().take(MOST_NAMED) {
            one.write_rows(f)?;
        }
        let more = noted.count().saturating_sub(MOST_NAMED);
        if more > 0 {
            writeln!(
                f,
                "... and {} without rows, or with rows too short or too long",
                counted(more, "more input")
            )?;
        }
        Ok(())
    }
}
