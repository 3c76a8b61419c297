//! The contract of formats that can be read back, for `unflatten`.

use std::fs::File;

use transmog_core::{TableLayout, Value};

use crate::writer::WriterOptions;

/// Why a table cannot be read. The caller adds the name of the table.
pub type ReadBackError = Box<dyn std::error::Error + Send + Sync>;

/// Opens one file of a table: the file, the table's columns, and the options that it was written
/// with. A plain fn pointer, because registrations are const.
pub type OpenReader =
    fn(File, &TableLayout, &WriterOptions) -> Result<Box<dyn TableReader>, ReadBackError>;

/// Reads the rows of one file in their order.
pub trait TableReader: Send {
    /// The next rows, a few thousand at most; `None` at the end. Each row has a value for every
    /// column of the layout, in order: null for an empty cell; text for columns of type text or
    /// json, not interpreted; numbers with all digits; lists as arrays; times and ids as text.
    ///
    /// # Errors
    /// If the file cannot be read, or does not match the layout.
    fn next_rows(&mut self) -> Result<Option<Vec<Vec<Value>>>, ReadBackError>;
}
