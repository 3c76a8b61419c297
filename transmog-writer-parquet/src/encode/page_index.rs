//! Holds the page index of a chunk: where each page is, and its least and greatest value.
//!
//! Readers use it to skip pages. They fetch the page indexes of all chunks with one request, so
//! these are written together, at the end of the file.

use parquet::{
    column::writer::ColumnCloseResult,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData},
        page_index::{column_index::ColumnIndexMetaData, offset_index::OffsetIndexMetaData},
    },
};

/// The page index of one chunk. Columns without statistics have only offsets. So have lists:
/// parquet 59 counts the nulls of a list page by item but compares them with its rows, so a page
/// with values may pass for a page of nulls.
#[derive(Debug, Clone)]
pub(crate) struct PageIndex {
    pub(crate) columns: ColumnIndexMetaData,
    pub(crate) offsets: OffsetIndexMetaData,
}

impl PageIndex {
    /// Takes the page index out of a chunk that a column writer has finished.
    pub(crate) fn of_column(chunk: &mut ColumnCloseResult) -> Option<Self> {
        Some(Self {
            columns: chunk
                .column_index
                .take()
                .unwrap_or(ColumnIndexMetaData::NONE),
            offsets: chunk.offset_index.take()?,
        })
    }

    /// The page index of the only chunk of a file.
    pub(crate) fn of_file(file: &ParquetMetaData) -> Option<Self> {
        let is_list = |column: &ColumnChunkMetaData| column.column_descr().max_rep_level() > 0;
        let columns = file
            .column_index()
            .and_then(|groups| groups.first()?.first())
            .filter(|_| !file.row_group(0).columns().iter().any(is_list));
        Some(Self {
            columns: columns.cloned().unwrap_or(ColumnIndexMetaData::NONE),
            offsets: file.offset_index()?.first()?.first()?.clone(),
        })
    }

    /// The page index for pages `by` bytes further on.
    #[must_use]
    pub(crate) fn relocated(mut self, by: i64) -> Self {
        for page in &mut self.offsets.page_locations {
            page.offset += by;
        }
        self
    }
}
