//! A column that changed its type, as reports and manifests tell it.

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
    /// Its type before: a word as in [`ColumnReport`](crate::ColumnReport).
    pub from: String,
    /// Its type from this value on.
    pub to: String,
    /// Name of the input; `None` if the tables of two runs were put together and have different types.
    pub input: Option<String>,
    /// Number of the record in its input, from 0.
    pub record: Option<u64>,
    /// Number of the line where the record begins, from 1.
    pub line: Option<u64>,
    /// Where the record begins, in bytes.
    pub byte: Option<u64>,
    /// The value as JSON, cut after 60 characters: `"A1"`, `1.5`.
    pub value: Option<String>,
    /// Cells of a CSV column before this one that were written otherwise than they are spelled now that they are text: `1.50`
    /// as `1.5`. The input could not be read once more, or the output not be written once more.
    pub respelled: u64,
}
