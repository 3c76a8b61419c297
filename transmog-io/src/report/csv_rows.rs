//! Counts the rows of CSV inputs that have the wrong width, and inputs without rows.

use std::{collections::BTreeMap, fmt};

use crate::{
    csv::{CsvInputReport, RaggedRows, RowCount, RowsReport},
    records::CsvChunk,
};

/// Counts of rows, by the number of the input.
#[derive(Debug, Default)]
pub(crate) struct CsvRows(BTreeMap<usize, InputRows>);

#[derive(Debug, Default)]
struct InputRows {
    only_header: bool,
    short: RowsReport,
    trailing: RowsReport,
}

impl CsvRows {
    /// Adds the counts of a chunk; `before` is the number of records of the input before it. Chunks
    /// come in input order.
    pub(crate) fn take(&mut self, input: usize, before: u64, chunk: &CsvChunk) {
        let RaggedRows { short, trailing } = &chunk.ragged;
        if !chunk.only_header && short.rows + trailing.rows == 0 {
            return;
        }
        let known = self.0.entry(input).or_default();
        known.only_header |= chunk.only_header;
        known.short.add(short, before);
        known.trailing.add(trailing, before);
    }

    /// Adds the counts to the reports of the source.
    pub(crate) fn complete(mut self, mut inputs: Vec<CsvInputReport>) -> Vec<CsvInputReport> {
        for input in &mut inputs {
            let rows = self.0.remove(&input.number).unwrap_or_default();
            input.only_header = rows.only_header;
            input.short_rows = rows.short;
            input.trailing_delimiters = rows.trailing;
        }
        inputs
    }
}

impl RowsReport {
    fn add(&mut self, found: &RowCount, before: u64) {
        if let Some(first) = &found.first
            && self.rows == 0
        {
            self.first_record = first.record.map(|record| before + record);
            (self.first_line, self.first_byte) = (first.line, first.byte);
        }
        self.rows += found.rows;
    }

    /// Appends a line about these rows, if there are any.
    fn write(&self, f: &mut impl fmt::Write, input: &str, [are, then]: [&str; 2]) -> fmt::Result {
        match self.rows {
            0 => return Ok(()),
            1 => write!(f, "{input}: 1 row {are}; {then}")?,
            rows => write!(f, "{input}: {rows} rows {are}; {then}")?,
        }
        if let (Some(record), Some(line)) = (self.first_record, self.first_line) {
            let first = if self.rows == 1 { "it" } else { "the first" };
            write!(f, "; {first} is record {record} (line {line})")?;
        }
        writeln!(f)
    }
}

impl CsvInputReport {
    /// True if there is a note about rows.
    pub(super) fn has_row_notes(&self) -> bool {
        self.only_header || self.short_rows.rows + self.trailing_delimiters.rows > 0
    }

    /// Appends the notes about rows.
    pub(super) fn write_rows(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let input = &self.input;
        if self.only_header {
            writeln!(
                f,
                "{input}: its only row was read as the header, so it has no records; \
                 if that row is data, use --csv-no-header"
            )?;
        }
        let short = [
            "with fewer cells than there are columns",
            "missing cells are null",
        ];
        self.short_rows.write(f, input, short)?;
        let trailing = [
            "with empty cells beyond the last column",
            "these are left out",
        ];
        self.trailing_delimiters.write(f, input, trailing)
    }
}
