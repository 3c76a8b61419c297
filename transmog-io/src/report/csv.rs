//! Notes about CSV inputs: guessed delimiters, rows of the wrong width, inputs without rows.

use std::fmt;

use transmog_core::counted;

use super::Report;
use crate::csv::{Character, CsvInputReport, DelimiterFrom};

/// Most inputs named on the screen.
const MOST_NAMED: usize = 10;

impl CsvInputReport {
    /// True if the user should check a guess.
    fn is_worth_a_look(&self) -> bool {
        self.delimiter != ',' && self.delimiter_from == DelimiterFrom::Guess
    }
}

impl Report {
    /// Notes about CSV inputs: a line for each whose delimiter was guessed and is not a comma, that
    /// has rows of the wrong width, or that has no rows. Empty if there are none.
    pub fn csv_notes(&self) -> String {
        let mut notes = String::new();
        // Writing to a string does not fail.
        self.write_csv(&mut notes).ok();
        notes
    }

    pub(super) fn write_csv(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let guessed = self.csv.iter().filter(|input| input.is_worth_a_look());
        for one in guessed.clone().take(MOST_NAMED) {
            let (input, delimiter) = (&one.input, Character(one.delimiter));
            writeln!(
                f,
                "{input}: the delimiter is {delimiter}, a guess (--csv-delimiter sets it)"
            )?;
        }
        let more = guessed.count().saturating_sub(MOST_NAMED);
        if more > 0 {
            let more = counted(more, "more input");
            writeln!(f, "... and {more} whose delimiter is a guess")?;
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
