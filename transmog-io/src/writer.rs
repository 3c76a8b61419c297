//! The contract between formats and the pipeline: what a format implements.

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

/// A table, as it is declared to a writer.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSpec {
    /// Its name, unique among the tables of a run.
    pub name: String,
    /// Name of the parent table; `None` for the main table.
    pub parent: Option<String>,
    /// The columns known so far. They may grow and widen with every batch, see [`TableBatch`].
    pub schema: SchemaRef,
}

/// What a writer has written of one table.
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

/// A column name in an option of a format, and how many columns it has matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionRule {
    /// Name of the option.
    pub option: &'static str,
    /// The column name in the option.
    pub column: String,
    /// Number of columns of all tables that matched.
    pub met: u64,
}

/// Encodes the batches of one tree of linked tables.
///
/// # Call order
/// [`begin_table`](Self::begin_table) once for each table, the main table first and every table
/// after its parent; [`write_batch`](Self::write_batch) any number of times, with
/// [`checkpoint`](Self::checkpoint) in between; [`set_schema`](Self::set_schema) at most once for
/// each table, after its last batch; then [`finish`](Self::finish). After an error only `drop` is
/// allowed: the destination then removes what was written.
///
/// # Growing schemas
/// A later batch of a table may have more data columns than an earlier one and wider types, never
/// fewer or narrower ones. The finished output has one schema: all columns, each with its widest
/// type (a column that is null everywhere is text, see [`final_type`](transmog_core::final_type)),
/// metadata columns last. Earlier rows get nulls in new columns and their values cast by
/// [`widen`](transmog_core::widen).
///
/// # Same input, same bytes
/// The caller may split batches anywhere. Decisions of a writer, such as ending a Parquet row
/// group, are made in [`checkpoint`](Self::checkpoint) only, which is called at positions that
/// depend on the input alone. A program that feeds a writer by hand must call it now and then: rows
/// may wait in memory until then.
pub trait StreamingWriter: Send {
    /// Declares a table. It is written even if it gets no rows.
    ///
    /// # Errors
    /// If its output cannot be created.
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError>;

    /// Appends rows to a declared table.
    ///
    /// # Errors
    /// If the table is unknown, the format does not support the type of a column, or the output
    /// cannot be written.
    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError>;

    /// Marks a position that does not depend on how the input is split into batches, about every
    /// two mebibytes of input: the moment to flush.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn checkpoint(&mut self) -> Result<(), WriteError> {
        Ok(())
    }

    /// Gives a table its final schema, which may be wider than that of its last batch. Without this
    /// call the schema is that of the last batch (of the declaration, if there was none).
    ///
    /// # Errors
    /// If the table is unknown.
    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError>;

    /// Approximate bytes of rows that wait to be written, for callers that call
    /// [`checkpoint`](Self::checkpoint) by hand.
    fn buffered_bytes(&self) -> usize {
        0
    }

    /// The registered name of the format, and the options that a reader needs. `None`: the outputs
    /// cannot be read back.
    fn read_back(&self) -> Option<(&'static str, WriterOptions)> {
        None
    }

    /// Limits the bytes of rows in memory; called before the first table is declared. An explicit
    /// option of the format wins. Formats that hold no rows ignore it.
    fn limit_memory(&mut self, _bytes: usize) {}

    /// Sets the words for booleans; called before the first table is declared. An explicit option
    /// of the format wins. Formats with a boolean type ignore it.
    fn use_words(&mut self, _words: Words) {}

    /// The column names in the format's options, and how many columns each has matched. Called
    /// after the last [`set_schema`](Self::set_schema). Names without a match are reported, and may
    /// end the run before [`finish`](Self::finish). Empty for formats without such options.
    fn option_rules(&self) -> Vec<OptionRule> {
        Vec::new()
    }

    /// Writes everything buffered and all footers, and commits the outputs. Summaries are in the
    /// order of declaration.
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
