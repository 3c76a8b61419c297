//! A row group that stands in the file. Its metadata is kept as a footer has it, because the structs of a wide table's
//! chunks take several times as much memory; its page index waits in the file.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::file::{
    metadata::{
        FileMetaData, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataOptions,
        ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData,
    },
    page_index::column_index::ColumnIndexMetaData,
};
use transmog_io::Output;

use crate::{
    Cause,
    chunk::{Chunk, parquet_schema, relocate},
    index::{PageIndex, shift_index},
    marks::Marks,
};

/// Bytes after the metadata in a footer: its length and the file's last four bytes.
const TAIL: usize = 8;

/// A row group, with the chunks that were written for it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) rows: usize,
    /// The chunks that were written first, and those that were written in place of some and for later columns.
    parts: Vec<Part>,
}

/// Chunks that were written together.
#[derive(Debug)]
struct Part {
    /// What the metadata does not tell: column numbers, types and marks.
    chunks: Vec<(usize, DataType, Marks)>,
    /// Offsets of page indexes count from the first byte of `index`.
    metadata: Box<[u8]>,
    /// Where in the file the page indexes of the chunks wait, and their length.
    index: (u64, usize),
}

impl Group {
    /// A group without chunks.
    pub(crate) fn new(rows: usize) -> Self {
        Self {
            rows,
            parts: Vec::new(),
        }
    }

    /// Adds chunks, with their columns' numbers. They take the places of those that these columns had.
    ///
    /// # Errors
    /// If the metadata does not fit together, or the file cannot be written.
    pub(crate) fn add(
        &mut self,
        chunks: &[(usize, Chunk)],
        output: &mut dyn Output,
    ) -> Result<(), Cause> {
        // Names stand in the schema of the whole file, if anywhere.
        let fields = chunks
            .iter()
            .map(|(_, chunk)| Field::new("", chunk.data_type.clone(), true));
        let schema = Arc::new(parquet_schema(&Schema::new(fields.collect::<Vec<_>>()))?);
        let mut metadata =
            RowGroupMetaData::builder(Arc::clone(&schema)).set_num_rows(self.rows as i64);
        for (place, (_, chunk)) in chunks.iter().enumerate() {
            metadata =
                metadata.add_column_metadata(relocate(&chunk.metadata, &schema.column(place), 0)?);
        }
        let file = FileMetaData::new(1, 0, None, None, schema, None);
        let file = ParquetMetaDataBuilder::new(file).add_row_group(metadata.build()?);
        let indexes: Option<Vec<&PageIndex>> = chunks
            .iter()
            .map(|(_, chunk)| chunk.index.as_ref())
            .collect();
        let file = match indexes {
            Some(indexes) => {
                let columns = indexes.iter().map(|index| index.columns.clone());
                let offsets = indexes.iter().map(|index| index.offsets.clone());
                let columns: Vec<ColumnIndexMetaData> = columns.collect();
                file.set_column_index(Some(vec![columns]))
                    .set_offset_index(Some(vec![offsets.collect()]))
            }
            None => file,
        };
        let (index, metadata) = serialize(&file.build())?;
        let start = output.len();
        output.write_all(&index)?;
        let chunks = chunks
            .iter()
            .map(|(number, chunk)| (*number, chunk.data_type.clone(), chunk.marks));
        self.parts.push(Part {
            chunks: chunks.collect(),
            metadata,
            index: (start, index.len()),
        });
        Ok(())
    }

    /// The types of the chunks by column number; `None` (or nothing at the end) for a column that was not there yet.
    pub(crate) fn types(&self) -> Vec<Option<&DataType>> {
        let mut types = Vec::new();
        for (number, data_type, _) in self.parts.iter().flat_map(|part| &part.chunks) {
            if types.len() <= *number {
                types.resize(number + 1, None);
            }
            types[*number] = Some(data_type);
        }
        types
    }

    /// The chunks by column number, as with [`types`](Self::types). Nothing can be said of their page indexes.
    ///
    /// # Errors
    /// None that input can cause.
    pub(crate) fn chunks(&self) -> Result<Vec<Option<Chunk>>, Cause> {
        let mut chunks = Vec::new();
        for part in &self.parts {
            part.decode(0, &mut chunks)?;
        }
        Ok(chunks)
    }

    /// The chunks, whose page indexes are appended to the file.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub(crate) fn into_chunks(self, output: &mut dyn Output) -> Result<Vec<Option<Chunk>>, Cause> {
        let mut chunks = Vec::new();
        for part in self.parts {
            let (start, length) = part.index;
            let mut index = vec![0; length];
            if length > 0 {
                output.read_at(start, &mut index)?;
            }
            part.decode(output.len(), &mut chunks)?;
            output.write_all(&index)?;
        }
        Ok(chunks)
    }
}

impl Part {
    /// Puts the chunks into `chunks`; their page indexes begin at byte `index` of the file.
    fn decode(&self, index: u64, chunks: &mut Vec<Option<Chunk>>) -> Result<(), Cause> {
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let metadata =
            ParquetMetaDataReader::decode_metadata_with_options(&self.metadata, Some(&options))?;
        for ((number, data_type, marks), metadata) in
            std::iter::zip(&self.chunks, metadata.row_group(0).columns())
        {
            if chunks.len() <= *number {
                chunks.resize_with(number + 1, || None);
            }
            chunks[*number] = Some(Chunk {
                data_type: data_type.clone(),
                marks: *marks,
                metadata: shift_index(metadata, index)?,
                index: None,
            });
        }
        Ok(())
    }
}

/// The page indexes of a file, and its metadata as a footer has it, without the length.
///
/// # Errors
/// None that input can cause.
pub(crate) fn serialize(file: &ParquetMetaData) -> Result<(Vec<u8>, Box<[u8]>), Cause> {
    const CUT: &str = "a footer lacks its end";
    // Into memory: the metadata writer buffers, and drops the error of its last write.
    let mut bytes = Vec::new();
    ParquetMetaDataWriter::new(&mut bytes, file).finish()?;
    let end = bytes.len().checked_sub(TAIL).ok_or(CUT)?;
    let length: [u8; 4] = bytes[end..end + 4].try_into()?;
    let start = end.checked_sub(u32::from_le_bytes(length) as usize);
    let start = start.ok_or(CUT)?;
    // A copy, because allocators leave a block that shrinks where it is.
    let metadata = bytes[start..end].into();
    bytes.truncate(start);
    Ok((bytes, metadata))
}
