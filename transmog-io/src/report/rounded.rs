//! Reports numbers that were rounded to float64, because a type or the settings ask for it.

use std::fmt;

use serde::Serialize;
use transmog_core::Rounded;

use super::{Report, hops, spelled, strings};

/// Most columns in a report.
const MOST_COLUMNS: usize = 100;

/// Numbers of one column that were rounded to float64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoundedReport {
    /// Path of the table.
    pub table_path: Vec<Vec<String>>,
    /// Keys within a row.
    pub path: Vec<String>,
    /// Number of rounded numbers.
    pub numbers: u64,
}

/// Sums by column.
#[derive(Debug, Default)]
pub(crate) struct Roundings {
    columns: Vec<Rounded>,
    numbers: u64,
}

impl Roundings {
    /// Adds the numbers rounded in a chunk. Chunks come in input order.
    pub(crate) fn take(&mut self, rounded: &[Rounded]) {
        for one in rounded {
            self.numbers += one.numbers;
            let same = |known: &&mut Rounded| known.path == one.path && known.table == one.table;
            let has_room = self.columns.len() < MOST_COLUMNS;
            match self.columns.iter_mut().find(same) {
                Some(known) => known.numbers += one.numbers,
                None if has_room => self.columns.push(one.clone()),
                None => {}
            }
        }
    }

    /// Fills the report.
    pub(crate) fn finish(self, report: &mut Report) {
        report.numbers_rounded = self.numbers;
        let one = |rounded: Rounded| RoundedReport {
            table_path: hops(&rounded.table),
            path: strings(&rounded.path),
            numbers: rounded.numbers,
        };
        report.rounded = self.columns.into_iter().map(one).collect();
    }
}

impl Report {
    /// Adds the report of another run.
    pub(super) fn add_rounded(&mut self, other: &Self) {
        self.numbers_rounded += other.numbers_rounded;
        for one in &other.rounded {
            let same = |known: &&mut RoundedReport| {
                (&known.path, &known.table_path) == (&one.path, &one.table_path)
            };
            let has_room = self.rounded.len() < MOST_COLUMNS;
            match self.rounded.iter_mut().find(same) {
                Some(known) => known.numbers += one.numbers,
                None if has_room => self.rounded.push(one.clone()),
                None => {}
            }
        }
    }

    /// A line for each column.
    pub(super) fn write_rounded(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rounded in &self.rounded {
            let (table, numbers) = (spelled(&rounded.table_path), rounded.numbers);
            let column = match rounded.path.as_slice() {
                // The items of an array themselves.
                [] => "value".to_owned(),
                keys => keys.join("."),
            };
            let numbers = counted(numbers);
            writeln!(
                f,
                "{table}: {numbers} of column {column} rounded to float64"
            )?;
        }
        let named: u64 = self.rounded.iter().map(|rounded| rounded.numbers).sum();
        if self.numbers_rounded > named {
            let more = self.numbers_rounded - named;
            writeln!(f, "... and {more} more numbers rounded to float64")?;
        }
        Ok(())
    }
}

fn counted(numbers: u64) -> String {
    let noun = if numbers == 1 { "number" } else { "numbers" };
    format!("{numbers} {noun}")
}
