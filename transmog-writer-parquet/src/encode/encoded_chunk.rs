//! Holds an encoded column chunk until it is appended to the file.
//!
//! Parquet's metadata counts bytes from the start of the file. While a chunk is in memory, its
//! metadata counts from its own first byte; [`append_to`](EncodedChunk::append_to) adds where it
//! was put.

use std::sync::Arc;

use parquet::{file::metadata::ColumnChunkMetaData, schema::types::ColumnDescPtr};
use transmog_io::Output;

use super::page_index::PageIndex;
use crate::Cause;

/// The metadata and the page index of a chunk in the file.
pub(crate) type Placed = (ColumnChunkMetaData, Option<PageIndex>);

/// The bytes of a chunk, then those of its bloom filter. Offsets count from the first byte.
#[derive(Debug, Clone)]
pub(crate) struct EncodedChunk {
    bytes: Vec<u8>,
    metadata: ColumnChunkMetaData,
    index: Option<PageIndex>,
}

impl EncodedChunk {
    /// A chunk without a bloom filter.
    pub(super) fn new(
        bytes: Vec<u8>,
        metadata: ColumnChunkMetaData,
        index: Option<PageIndex>,
    ) -> Self {
        Self {
            bytes,
            metadata,
            index,
        }
    }

    /// Appends a bloom filter.
    ///
    /// # Errors
    /// Chunk or filter are too long for Parquet's integers.
    pub(super) fn with_bloom_filter(mut self, filter: &[u8]) -> Result<Self, Cause> {
        let builder = self.metadata.into_builder();
        self.metadata = builder
            .set_bloom_filter_offset(Some(i64::try_from(self.bytes.len())?))
            .set_bloom_filter_length(Some(i32::try_from(filter.len())?))
            .build()?;
        self.bytes.extend_from_slice(filter);
        Ok(self)
    }

    /// Length in bytes, with the bloom filter.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Appends the bytes to a file, and gives the metadata with the offsets in that file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn append_to(&self, output: &mut dyn Output) -> Result<Placed, Cause> {
        let by = output.len() as i64;
        output.write_all(&self.bytes)?;
        let metadata = relocate(&self.metadata, &self.metadata.column_descr_ptr(), by)?;
        let index = self.index.clone();
        Ok((metadata, index.map(|index| index.relocated(by))))
    }
}

/// Copies metadata: for a chunk `by` bytes further on, as a chunk of `column`. The offsets of the
/// page index stay as they are.
///
/// # Errors
/// The parquet crate refuses the metadata; it has no reason to today.
pub(crate) fn relocate(
    chunk: &ColumnChunkMetaData,
    column: &ColumnDescPtr,
    by: i64,
) -> Result<ColumnChunkMetaData, Cause> {
    // Histograms of levels are left out: they take more memory than all the rest, and no reader
    // needs them.
    let mut moved = ColumnChunkMetaData::builder(Arc::clone(column))
        .set_encodings_mask(*chunk.encodings_mask())
        .set_num_values(chunk.num_values())
        .set_compression_codec(chunk.compression_codec())
        .set_total_compressed_size(chunk.compressed_size())
        .set_total_uncompressed_size(chunk.uncompressed_size())
        .set_data_page_offset(chunk.data_page_offset() + by)
        .set_dictionary_page_offset(chunk.dictionary_page_offset().map(|offset| offset + by))
        .set_bloom_filter_offset(chunk.bloom_filter_offset().map(|offset| offset + by))
        .set_bloom_filter_length(chunk.bloom_filter_length())
        .set_column_index_offset(chunk.column_index_offset())
        .set_column_index_length(chunk.column_index_length())
        .set_offset_index_offset(chunk.offset_index_offset())
        .set_offset_index_length(chunk.offset_index_length())
        .set_unencoded_byte_array_data_bytes(chunk.unencoded_byte_array_data_bytes());
    if let Some(statistics) = chunk.statistics() {
        moved = moved.set_statistics(statistics.clone());
    }
    if let Some(pages) = chunk.page_encoding_stats() {
        moved = moved.set_page_encoding_stats(pages.clone());
    }
    Ok(moved.build()?)
}
