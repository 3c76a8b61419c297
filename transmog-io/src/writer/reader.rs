//! The reader interface: what a format implements so that its tables can be read back.

use std::fs::File;

use transmog_core::{TableLayout, Value};

use crate::writer::WriterOptions;

/// Why a table cannot be read; whoever reads adds which one it is.
pub type ReadBackError = Box<dyn std::error::Error + Send + Sync>;

/// Opens one file of a table: the file, the table's columns, and the options that it was written with. A plain fn pointer,
/// because registrations are const.
pub type OpenReader =
    fn(File, &TableLayout, &WriterOptions) -> Result<Box<dyn TableReader>, ReadBackError>;

/// Reads the rows of one file in their order.
pub trait TableReader: Send {
    /// The next rows, a few thousand at most; `None` at the end. Each has a cell for every column of the layout, in its
    /// order: null where there is nothing, text where the column's type is text or json (what that stands for is none of
    /// the reader's business), else the value: numbers with all digits, lists as arrays, times and ids as text.
    ///
    /// # Errors
    /// If the file cannot be read, or is not what the layout says.
    fn next_rows(&mut self) -> Result<Option<Vec<Vec<Value>>>, ReadBackError>;
}
