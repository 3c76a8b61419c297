//! Where a chunk's pages are and what they hold at least and at most: the page index. It is written together with those of the other
//! chunks, because readers fetch all of it at once.

use parquet::{
    column::writer::ColumnCloseResult,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData},
        page_index::{column_index::ColumnIndexMetaData, offset_index::OffsetIndexMetaData},
    },
};

/// The page index of one chunk. Columns without statistics have only offsets, and so have lists: parquet 59 counts a list
/// page's nulls by item and compares them with its rows, so that pages with values may pass for pages of nulls.
#[derive(Debug, Clone)]
pub(crate) struct PageIndex {
    pub(crate) columns: ColumnIndexMetaData,
    pub(crate) offsets: OffsetIndexMetaData,
}

impl PageIndex {
    /// That of a chunk that was just encoded.
    pub(crate) fn of_column(chunk: &mut ColumnCloseResult) -> Option<Self> {
        Some(Self {
            columns: chunk
                .column_index
                .take()
                .unwrap_or(ColumnIndexMetaData::NONE),
            offsets: chunk.offset_index.take()?,
        })
    }

    /// That of a file of one chunk.
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

    /// The same for pages `by` bytes further on.
    #[must_use]
    pub(crate) fn relocated(mut self, by: i64) -> Self {
        for page in &mut self.offsets.page_locations {
            page.offset += by;
        }
        self
    }
}
