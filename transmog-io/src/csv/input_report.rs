//! The part of the report about one CSV input.

use serde::Serialize;

use super::DelimiterFrom;

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
    /// The character in each of the first rows of a `.tsv` file, if these have no tab.
    pub likely_delimiter: Option<char>,
    /// True if the only row was read as the header: there are columns and no records.
    pub only_header: bool,
    /// Rows with fewer cells than columns; the missing cells are null.
    pub short_rows: RowsReport,
    /// Rows with empty cells beyond the last column, as in `1,2,3,` under a header of three. These
    /// cells are dropped.
    pub trailing_delimiters: RowsReport,
    /// Number of the input among all inputs.
    #[serde(skip)]
    pub(crate) number: usize,
}

impl CsvInputReport {
    /// What the source knows of an input. The numbers of rows come later.
    pub(crate) fn new(
        (number, input): (usize, &str),
        delimiter: u8,
        delimiter_from: DelimiterFrom,
    ) -> Self {
        Self {
            number,
            input: input.to_owned(),
            delimiter: delimiter.into(),
            delimiter_from,
            likely_delimiter: None,
            only_header: false,
            short_rows: RowsReport::default(),
            trailing_delimiters: RowsReport::default(),
        }
    }

    /// Adds the character in each row of a file that should have tabs.
    pub(crate) fn with_likely(self, likely_delimiter: Option<char>) -> Self {
        Self {
            likely_delimiter,
            ..self
        }
    }
}

/// A number of rows, and the position of the first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RowsReport {
    /// Number of rows.
    pub rows: u64,
    /// Record number of the first one in the input, from 0.
    pub first_record: Option<u64>,
    /// The line in which it begins, from 1.
    pub first_line: Option<u64>,
    /// The byte at which it begins.
    pub first_byte: Option<u64>,
}
