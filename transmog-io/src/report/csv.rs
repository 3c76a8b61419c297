//! How each CSV input of a run was read.

use std::fmt;

use serde::Serialize;

use super::Report;
use crate::csv::{Character, DelimiterFrom};

/// Inputs that are named on the screen.
const MOST_NAMED: usize = 10;

/// How one CSV input was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CsvInputReport {
    /// Name of the input.
    pub input: String,
    /// The character between its cells.
    pub delimiter: char,
    /// How the delimiter was found.
    pub delimiter_from: DelimiterFrom,
}

impl CsvInputReport {
    pub(crate) fn new(input: &str, delimiter: u8, delimiter_from: DelimiterFrom) -> Self {
        Self {
            input: input.to_owned(),
            delimiter: delimiter.into(),
            delimiter_from,
        }
    }

    /// True if the user should look at what was guessed.
    fn is_worth_a_look(&self) -> bool {
        self.delimiter != ',' && self.delimiter_from == DelimiterFrom::Guess
    }
}

impl Report {
    /// What the user should know about how CSV inputs were read: a line for each whose delimiter was guessed and is
    /// not a comma. Empty if there is nothing to say.
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
            writeln!(f, "... and {more} more inputs whose delimiter is a guess")?;
        }
        Ok(())
    }
}
