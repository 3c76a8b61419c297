//! A column that changed its type, for the report and the manifest.

use serde::{Deserialize, Serialize};

/// A value that changed the type of its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TypeChangeReport {
    /// Name of the table.
    pub table: String,
    /// Name of the column.
    pub column: String,
    /// Its keys within the row.
    pub path: Vec<String>,
    /// Its earlier type, a word as in [`ColumnReport`](crate::ColumnReport).
    pub from: String,
    /// Its type from this value on.
    pub to: String,
    /// Name of the input; `None` if tables of two runs with different types were joined.
    pub input: Option<String>,
    /// Number of the record in its input, from 0.
    pub record: Option<u64>,
    /// Number of the line where the record begins, from 1.
    pub line: Option<u64>,
    /// Where the record begins, in bytes.
    pub byte: Option<u64>,
    /// The value as JSON, cut after 60 characters: `"A1"`, `1.5`.
    pub value: Option<String>,
    /// Earlier cells of a CSV column that were written as their values, not as in the input: `1.5`
    /// for `1.50`. Not 0 only if the input could not be read a second time, or the output not
    /// written again.
    pub respelled: u64,
}
