//! Describes a column chunk in the file.

use arrow_schema::DataType;
use parquet::file::metadata::ColumnChunkMetaData;

use super::integer_marks::IntegerMarks;
use crate::encode::PageIndex;

/// A column chunk in the file.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) data_type: DataType,
    pub(crate) marks: IntegerMarks,
    /// Offsets count from the start of the file. The column descriptor is right about the type
    /// only.
    pub(crate) metadata: ColumnChunkMetaData,
    /// The page index of a chunk that was just written; `None` if it has none or is in the file
    /// already.
    pub(crate) index: Option<PageIndex>,
}
