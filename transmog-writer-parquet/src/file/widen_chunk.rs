//! Casts a chunk whose column became wider after it was written.
//!
//! The bytes of just this chunk are read back from the unfinished file, decoded, cast and encoded
//! again. The chunks of one row group are widened on several threads.

use std::sync::Arc;

use arrow_buffer::BooleanBuffer;
use arrow_schema::{Field, Schema};
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
        ParquetRecordBatchReaderBuilder,
    },
    file::metadata::{FileMetaData, ParquetMetaData, RowGroupMetaData},
};
use transmog_io::Output;

use super::chunk::Chunk;
use crate::{
    Cause,
    encode::{
        BATCH_ROWS, ColumnSchema, EncodedChunk, Encoder, from_file, relocate, type_read_back,
    },
    rows::{ColumnBatch, Values, leaf, leaf_range},
};

/// Bytes in front of a chunk that is read alone: readers take an offset of 0 for none.
const BEFORE: usize = 4;

/// A chunk that was read from the file.
#[derive(Debug)]
pub(crate) struct NarrowChunk<'c> {
    chunk: &'c Chunk,
    rows: usize,
    marks: BooleanBuffer,
    /// The bytes of the chunk, after [`BEFORE`] others.
    bytes: Bytes,
}

impl<'c> NarrowChunk<'c> {
    /// Reads a chunk of `rows` rows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read(
        chunk: &'c Chunk,
        rows: usize,
        output: &mut dyn Output,
    ) -> Result<Self, Cause> {
        let (start, length) = chunk.metadata.byte_range();
        let mut bytes = vec![0; BEFORE + length as usize];
        output.read_at(start, &mut bytes[BEFORE..])?;
        Ok(Self {
            chunk,
            rows,
            marks: chunk.marks.load(output)?,
            bytes: bytes.into(),
        })
    }

    /// Encodes the chunk once more, cast to the type of `field`.
    ///
    /// # Errors
    /// The chunk cannot be decoded, or there is no such cast.
    pub(crate) fn widen(self, field: &Field, encoder: &Encoder) -> Result<EncodedChunk, Cause> {
        let (chunk, marks) = (self.chunk, self.marks.clone());
        let schema = encoder.schema(&chunk.data_type)?;
        let mut from = 0;
        let batches = self.decode(&schema)?.map(|batch| {
            // Converts the name of a list's items, too, which is another one in the file.
            let array = from_file(batch?.column(0), &chunk.data_type)?;
            let (first, length) = leaf_range(&array);
            if first != 0 || leaf(&array).len() != length {
                return Err("a list read back does not begin with its first item".into());
            }
            let Some(values) = Values::new(&array, None)? else {
                return Ok(ColumnBatch::nulls(field.data_type(), array.len()));
            };
            let mut values = values.with_marks(|count| {
                let integers = chunk.marks.slice(&marks, from, count);
                from += count;
                integers
            })?;
            values.widen(field.data_type())?;
            Ok(values.into_batch(array.len()))
        });
        encoder.encode_batches(field, batches)
    }

    fn decode(self, schema: &ColumnSchema) -> Result<ParquetRecordBatchReader, Cause> {
        let (chunk, rows) = (self.chunk, self.rows);
        let (start, _) = chunk.metadata.byte_range();
        let by = BEFORE as i64 - start as i64;
        let metadata = relocate(&chunk.metadata, &schema.parquet.column(0), by)?;
        let group = RowGroupMetaData::builder(Arc::clone(&schema.parquet))
            .set_num_rows(rows as i64)
            .set_total_byte_size(metadata.uncompressed_size())
            .add_column_metadata(metadata)
            .build()?;
        let file = FileMetaData::new(
            1,
            rows as i64,
            None,
            None,
            Arc::clone(&schema.parquet),
            None,
        );
        let column = schema.arrow.field(0).clone();
        let column = column.with_data_type(type_read_back(&chunk.data_type));
        let metadata = ArrowReaderMetadata::try_new(
            Arc::new(ParquetMetaData::new(file, vec![group])),
            ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(vec![column]))),
        )?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.bytes, metadata);
        Ok(reader.with_batch_size(BATCH_ROWS).build()?)
    }
}
