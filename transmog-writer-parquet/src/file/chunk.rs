//! A chunk in the file.

use arrow_schema::DataType;
use parquet::file::metadata::ColumnChunkMetaData;

use super::integer_marks::IntegerMarks;
use crate::encode::PageIndex;

/// A chunk that stands in the file.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) data_type: DataType,
    pub(crate) marks: IntegerMarks,
    /// Offsets are the file's; the column descriptor tells nothing but the type.
    pub(crate) metadata: ColumnChunkMetaData,
    /// Of a chunk that was just written; `None` if it has none.
    pub(crate) index: Option<PageIndex>,
}
