//! Keeps the metadata of the chunks of a row group as bytes, in memory or in the file.
//!
//! A wide table has thousands of chunks per row group, and the structs for them take several times
//! the memory of their serialised form. That form is a list of numbers, then a footer for these
//! chunks only:
//!
//! ```text
//! count | number type marks | number type marks | ... | serialised metadata
//!       '---- one chunk ---'
//! ```
//!
//! Page indexes are larger and not needed before the end, so they are appended to the file at once.

use std::{borrow::Cow, sync::Arc};

use arrow_schema::{DataType, Field, Schema};
use parquet::file::{
    metadata::{
        ColumnChunkMetaData, FileMetaData, ParquetMetaData, ParquetMetaDataBuilder,
        ParquetMetaDataOptions, ParquetMetaDataReader, RowGroupMetaData,
    },
    page_index::column_index::ColumnIndexMetaData,
};
use transmog_io::Output;

use super::{
    chunk::Chunk,
    integer_marks::IntegerMarks,
    thrift::serialize,
    varint::{take_varint, write_varint},
};
use crate::{
    Cause,
    encode::{PageIndex, parquet_schema, relocate},
};

/// Zstandard level. The metadata of two chunks is much alike, so little is left at any level.
const LEVEL: i32 = 1;

/// The metadata of chunks of one row group that were written together.
#[derive(Debug)]
pub(crate) struct ChunkMetadata {
    /// The serialised form above. Offsets of page indexes count from the first byte of `index`.
    notes: Notes,
    /// Where in the file the page indexes of the chunks are: first byte and length.
    index: (u64, usize),
    /// Number in the file of the column of the first chunk.
    pub(crate) first: Option<usize>,
}

#[derive(Debug)]
enum Notes {
    InMemory(Box<[u8]>),
    /// Compressed, because it makes the file longer.
    InFile {
        start: u64,
        compressed: usize,
        bytes: usize,
    },
}

impl ChunkMetadata {
    /// Serialises the metadata of chunks of `rows` rows, given with the numbers of their columns,
    /// and appends their page indexes to the file. `types` are all types so far; new ones are
    /// added.
    ///
    /// # Errors
    /// The metadata does not fit together, or the file cannot be written.
    pub(crate) fn new(
        rows: usize,
        chunks: &[(usize, Chunk)],
        types: &mut Vec<DataType>,
        output: &mut dyn Output,
    ) -> Result<Self, Cause> {
        let mut notes = Vec::new();
        write_varint(chunks.len() as u64, &mut notes);
        for (number, chunk) in chunks {
            let known = types.iter().position(|known| *known == chunk.data_type);
            let data_type = known.unwrap_or_else(|| {
                types.push(chunk.data_type.clone());
                types.len() - 1
            });
            write_varint(*number as u64, &mut notes);
            write_varint(data_type as u64, &mut notes);
            chunk.marks.write(&mut notes);
        }
        let (index, metadata) = serialize(&metadata_of(rows, chunks)?)?;
        let start = output.len();
        output.write_all(&index)?;
        // Reserved exactly: allocators leave an allocation that shrinks where it is.
        notes.reserve_exact(metadata.len());
        notes.extend_from_slice(&metadata);
        Ok(Self {
            notes: Notes::InMemory(notes.into()),
            index: (start, index.len()),
            first: chunks.first().map(|(number, _)| *number),
        })
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        match &self.notes {
            Notes::InMemory(notes) => notes.len(),
            Notes::InFile { .. } => 0,
        }
    }

    /// Moves what is in memory to the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn store(&mut self, output: &mut dyn Output) -> Result<(), Cause> {
        if let Notes::InMemory(notes) = &self.notes {
            let compressed = zstd::bulk::compress(notes, LEVEL)?;
            let (start, bytes) = (output.len(), notes.len());
            output.write_all(&compressed)?;
            self.notes = Notes::InFile {
                start,
                compressed: compressed.len(),
                bytes,
            };
        }
        Ok(())
    }

    fn notes(&self, output: &mut dyn Output) -> Result<Cow<'_, [u8]>, Cause> {
        match &self.notes {
            Notes::InMemory(notes) => Ok(Cow::Borrowed(notes)),
            Notes::InFile {
                start,
                compressed,
                bytes,
            } => {
                let mut notes = vec![0; *compressed];
                output.read_at(*start, &mut notes)?;
                Ok(Cow::Owned(zstd::bulk::decompress(&notes, *bytes)?))
            }
        }
    }

    /// Puts the types of the chunks into `found`, by column number. `types` are those of
    /// [`ChunkMetadata::new`].
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn types<'t>(
        &self,
        types: &'t [DataType],
        output: &mut dyn Output,
        found: &mut Vec<Option<&'t DataType>>,
    ) -> Result<(), Cause> {
        let notes = self.notes(output)?;
        for (number, data_type, _) in each_chunk(&mut &*notes, types)? {
            put(found, number, data_type);
        }
        Ok(())
    }

    /// Puts the chunks into `found`, by column number, without their page indexes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn chunks(
        &self,
        types: &[DataType],
        output: &mut dyn Output,
        found: &mut Vec<Option<Chunk>>,
    ) -> Result<(), Cause> {
        let notes = self.notes(output)?;
        let mut rest = &*notes;
        let chunks = each_chunk(&mut rest, types)?;
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let metadata = ParquetMetaDataReader::decode_metadata_with_options(rest, Some(&options))?;
        for ((number, data_type, marks), metadata) in
            std::iter::zip(chunks, metadata.row_group(0).columns())
        {
            let chunk = Chunk {
                data_type: data_type.clone(),
                marks,
                metadata: shift_index(metadata, self.index.0)?,
                index: None,
            };
            put(found, number, chunk);
        }
        Ok(())
    }

    /// Copies the page indexes to the end of the file, and refers to the copy from now on.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(crate) fn copy_index(&mut self, output: &mut dyn Output) -> Result<(), Cause> {
        let (start, length) = self.index;
        if length > 0 {
            let mut index = vec![0; length];
            output.read_at(start, &mut index)?;
            self.index.0 = output.len();
            output.write_all(&index)?;
        }
        Ok(())
    }
}

/// Reads number, type and marks of all chunks, and leaves the metadata in `notes`.
fn each_chunk<'t>(
    notes: &mut &[u8],
    types: &'t [DataType],
) -> Result<Vec<(usize, &'t DataType, IntegerMarks)>, Cause> {
    let mut number = || usize::try_from(take_varint(notes)?).ok();
    let chunks = number().unwrap_or_default();
    let chunks = (0..chunks).map(|_| {
        let mut next = || usize::try_from(take_varint(notes)?).ok();
        let (number, data_type) = (next()?, next()?);
        Some((number, types.get(data_type)?, IntegerMarks::read(notes)?))
    });
    let chunks: Option<Vec<_>> = chunks.collect();
    chunks.ok_or_else(|| "what the file holds of a row group is damaged".into())
}

fn put<T>(found: &mut Vec<Option<T>>, number: usize, value: T) {
    if found.len() <= number {
        found.resize_with(number + 1, || None);
    }
    found[number] = Some(value);
}

/// The metadata of a file of nothing but these chunks. Columns have no names in it; the final
/// footer has them.
fn metadata_of(rows: usize, chunks: &[(usize, Chunk)]) -> Result<ParquetMetaData, Cause> {
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
    let file = ParquetMetaDataBuilder::new(file).add_row_group(metadata.build()?);
    let indexes: Option<Vec<&PageIndex>> = chunks
        .iter()
        .map(|(_, chunk)| chunk.index.as_ref())
        .collect();
    let Some(indexes) = indexes else {
        return Ok(file.build());
    };
    let columns = indexes.iter().map(|index| index.columns.clone());
    let offsets = indexes.iter().map(|index| index.offsets.clone());
    let columns: Vec<ColumnIndexMetaData> = columns.collect();
    let file = file.set_column_index(Some(vec![columns]));
    Ok(file.set_offset_index(Some(vec![offsets.collect()])).build())
}

/// The metadata of a chunk whose page index is `by` bytes further on.
///
/// # Errors
/// The parquet crate refuses the metadata; it has no reason to today.
fn shift_index(chunk: &ColumnChunkMetaData, by: u64) -> Result<ColumnChunkMetaData, Cause> {
    let shifted = |offset: Option<i64>| offset.map(|offset| offset + by as i64);
    let columns = shifted(chunk.column_index_offset());
    let offsets = shifted(chunk.offset_index_offset());
    let moved = chunk.clone().into_builder();
    Ok(moved
        .set_column_index_offset(columns)
        .set_offset_index_offset(offsets)
        .build()?)
}
