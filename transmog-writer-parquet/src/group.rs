//! A row group that stands in the file. Its metadata is kept as a footer has it, because the structs of a wide table's
//! chunks take several times as much memory.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader,
    ParquetMetaDataWriter, RowGroupMetaData,
};

use crate::{
    Cause,
    chunk::{Chunk, parquet_schema, relocate},
    marks::Marks,
};

/// Bytes after the metadata in a footer: its length and the file's last four bytes.
const TAIL: usize = 8;

/// A row group, with the chunks that were written for it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) rows: usize,
    /// What the metadata does not tell: column numbers, types and marks.
    chunks: Vec<(usize, DataType, Marks)>,
    metadata: Box<[u8]>,
}

impl Group {
    /// Packs a group; `chunks` with their columns' numbers.
    ///
    /// # Errors
    /// If the metadata does not fit together.
    pub(crate) fn new(rows: usize, chunks: &[(usize, Chunk)]) -> Result<Self, Cause> {
        // Names stand in the schema of the whole file, if anywhere.
        let fields = chunks
            .iter()
            .map(|(_, chunk)| Field::new("", chunk.data_type.clone(), true));
        let schema = Arc::new(parquet_schema(&Schema::new(fields.collect::<Vec<_>>()))?);
        let mut metadata = RowGroupMetaData::builder(Arc::clone(&schema)).set_num_rows(rows as i64);
        for (place, (_, chunk)) in chunks.iter().enumerate() {
            metadata =
                metadata.add_column_metadata(relocate(&chunk.metadata, &schema.column(place), 0)?);
        }
        let file = FileMetaData::new(1, 0, None, None, schema, None);
        let metadata = serialize(file, vec![metadata.build()?])?;
        let chunks = chunks
            .iter()
            .map(|(number, chunk)| (*number, chunk.data_type.clone(), chunk.marks));
        Ok(Self {
            rows,
            chunks: chunks.collect(),
            metadata,
        })
    }

    /// The chunks by column number; `None` (or nothing at the end) for a column that was not there yet.
    ///
    /// # Errors
    /// None that input can cause.
    pub(crate) fn into_chunks(self) -> Result<Vec<Option<Chunk>>, Cause> {
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let metadata =
            ParquetMetaDataReader::decode_metadata_with_options(&self.metadata, Some(&options))?;
        let mut chunks = Vec::new();
        for ((number, data_type, marks), metadata) in
            std::iter::zip(self.chunks, metadata.row_group(0).columns())
        {
            if chunks.len() <= number {
                chunks.resize_with(number + 1, || None);
            }
            chunks[number] = Some(Chunk {
                data_type,
                marks,
                metadata: metadata.clone(),
            });
        }
        Ok(chunks)
    }
}

/// The metadata of a file as its footer has it, without the length.
///
/// # Errors
/// None that input can cause.
pub(crate) fn serialize(
    file: FileMetaData,
    groups: Vec<RowGroupMetaData>,
) -> Result<Box<[u8]>, Cause> {
    // Into memory: the metadata writer buffers, and drops the error of its last write.
    let mut bytes = Vec::new();
    ParquetMetaDataWriter::new(&mut bytes, &ParquetMetaData::new(file, groups)).finish()?;
    let length = bytes.len().checked_sub(TAIL);
    // A copy, because allocators leave a block that shrinks where it is.
    Ok(bytes[..length.ok_or("a footer lacks its end")?].into())
}
