//! A writer that discards all rows, for runs of which only the report is wanted.

use arrow_schema::SchemaRef;
use transmog_core::TableBatch;

use crate::{
    error::WriteError,
    writer::{StreamingWriter, TableSpec, TableSummary},
};

/// Accepts everything and writes nothing. There are no files, so there are no summaries.
#[derive(Debug, Clone, Copy, Default)]
pub struct Discard;

impl StreamingWriter for Discard {
    fn begin_table(&mut self, _: &TableSpec) -> Result<(), WriteError> {
        Ok(())
    }

    fn write_batch(&mut self, _: &str, _: &TableBatch) -> Result<(), WriteError> {
        Ok(())
    }

    fn set_schema(&mut self, _: &str, _: &SchemaRef) -> Result<(), WriteError> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        Ok(Vec::new())
    }
}
