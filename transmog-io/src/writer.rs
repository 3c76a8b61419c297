//! The writer interface: what a format implements, and what the pipeline calls.

mod in_order;
mod options;
mod reader;
mod size;

pub use in_order::in_order;
pub use options::{OptionSpec, WriterOptions};
pub use reader::{OpenReader, ReadBackError, TableReader};
pub use size::{read_count, read_size};

use arrow_schema::SchemaRef;
use transmog_core::{TableBatch, Words};

use crate::error::WriteError;

/// One table, as it is declared to a writer.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSpec {
    /// Its name, unique among the tables of a run.
    pub name: String,
    /// Name of the parent table; `None` for the main table.
    pub parent: Option<String>,
    /// The columns known so far. They may grow and widen with every batch, see [`TableBatch`].
    pub schema: SchemaRef,
}

/// What a writer made of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSummary {
    /// Name of the table.
    pub table: String,
    /// Rows written.
    pub rows: u64,
    /// Name of the output, relative to the destination.
    pub file: String,
    /// Size of the output in bytes.
    pub bytes: u64,
}

/// A column's name in an option of a format, and how many columns it named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionRule {
    /// Name of the option.
    pub option: &'static str,
    /// The column's name, as the option has it.
    pub column: String,
    /// How many columns of all tables the option was applied to because of it.
    pub met: u64,
}

/// Encodes the batches of one tree of linked tables.
///
/// # Call order
/// [`begin_table`](Self::begin_table) once for each table, the main table first and every table after its parent;
/// [`write_batch`](Self::write_batch) any number of times, with [`checkpoint`](Self::checkpoint) in between;
/// [`set_schema`](Self::set_schema) at most once for each table, after its last batch; then [`finish`](Self::finish).
/// After an error only `drop` is allowed: the destination then removes what was written.
///
/// # Growing schemas
/// A later batch of a table may have more data columns than an earlier one and wider types, never fewer or narrower
/// ones. The finished output has one schema: all columns, each with its widest type (a column that is null everywhere
/// is text, see [`final_type`](transmog_core::final_type)), metadata columns last. Earlier rows get nulls in new columns
/// and their values cast by [`widen`](transmog_core::widen).
///
/// # Same input, same bytes
/// Batches are cut where the caller likes. What a writer decides by itself (ending a Parquet row group, say) it decides
/// in [`checkpoint`](Self::checkpoint), which is called at places that depend on the input alone. Whoever feeds a writer by
/// hand calls it now and then: rows may wait in memory until then.
pub trait StreamingWriter: Send {
    /// Declares a table. It is written even if it gets no rows.
    ///
    /// # Errors
    /// If its output cannot be made.
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError>;

    /// Appends rows to a declared table.
    ///
    /// # Errors
    /// If the table is unknown, a column's type is not one that the format knows, or the output cannot be written.
    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError>;

    /// A place in the input that does not depend on how it is cut into batches (about every two mebibytes): the moment to
    /// flush what is buffered.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn checkpoint(&mut self) -> Result<(), WriteError> {
        Ok(())
    }

    /// Gives a table its final schema, which may be wider than that of its last batch. Without this call the schema is
    /// that of the last batch (of the declaration, if there was none).
    ///
    /// # Errors
    /// If the table is unknown.
    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError>;

    /// Bytes of rows that wait to be written, about: for a caller who wants to know, or to call
    /// [`checkpoint`](Self::checkpoint) by it.
    fn buffered_bytes(&self) -> usize {
        0
    }

    /// The format's registered name, and the options that a reader of these outputs needs. `None`: they cannot be read back.
    fn read_back(&self) -> Option<(&'static str, WriterOptions)> {
        None
    }

    /// Asks the writer to hold at most so many bytes of rows in memory, before the first table is declared. An explicit
    /// option of the format wins, and a format that holds no rows ignores it.
    fn limit_memory(&mut self, _bytes: usize) {}

    /// Says whose words the settings want for booleans, before the first table is declared. An explicit option of the
    /// format wins, and a format whose booleans are no words ignores it.
    fn use_words(&mut self, _words: Words) {}

    /// The names of columns in the format's options, and how many columns each one named. A run asks after the last
    /// [`set_schema`](Self::set_schema), tells its user of names that there are no columns for, and may then end without
    /// [`finish`](Self::finish). Empty for formats without such options.
    fn option_rules(&self) -> Vec<OptionRule> {
        Vec::new()
    }

    /// Writes what is buffered and all footers, and makes every output final. Summaries come in the order in which the
    /// tables were declared.
    ///
    /// # Errors
    /// If the output cannot be written; nothing is final then.
    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError>;
}

impl<W: StreamingWriter + ?Sized> StreamingWriter for Box<W> {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        (**self).begin_table(table)
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        (**self).write_batch(table, batch)
    }

    fn checkpoint(&mut self) -> Result<(), WriteError> {
        (**self).checkpoint()
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        (**self).set_schema(table, schema)
    }

    fn buffered_bytes(&self) -> usize {
        (**self).buffered_bytes()
    }

    fn read_back(&self) -> Option<(&'static str, WriterOptions)> {
        (**self).read_back()
    }

    fn limit_memory(&mut self, bytes: usize) {
        (**self).limit_memory(bytes);
    }

    fn use_words(&mut self, words: Words) {
        (**self).use_words(words);
    }

    fn option_rules(&self) -> Vec<OptionRule> {
        (**self).option_rules()
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        (*self).finish()
    }
}
