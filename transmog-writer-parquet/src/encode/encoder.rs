//! Encodes one column of one row group with the parquet crate.
//!
//! Every chunk has an encoder of its own, which ends with the chunk. So the memory of encoders does
//! not grow with tables and columns, and a column that comes late is no special case. There are two
//! ways to encode:
//!
//! ```text
//! values                                        encoder of the parquet crate
//! numbers, times, booleans, sparse texts        its column writers: no time for nulls
//! dense texts, lists, ids of 16 bytes           ArrowWriter: a file of one column in memory
//! ```

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field};
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    column::writer::get_column_writer,
    file::{
        properties::{WriterProperties, WriterPropertiesPtr},
        writer::{SerializedPageWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};

use super::{
    column_batches::{BATCH_ROWS, column_batches},
    constant_chunks::{ConstantChunks, ConstantKey},
    encoded_chunk::{EncodedChunk, relocate},
    encoding_choice::EncodingChoice,
    page_index::PageIndex,
    physical_types::write_values,
    schema::ColumnSchema,
    seconds::into_file,
};
use crate::{
    Cause, ParquetOptions,
    rows::{ColumnBatch, RowBlock, is_packed},
};

/// Chunks per thread that may be encoded before the one that is appended next. This bounds the
/// memory of encoded chunks.
const CHUNKS_PER_THREAD: usize = 8;

/// How many chunks are encoded in parallel or wait to be appended.
pub(crate) fn chunks_at_a_time() -> usize {
    rayon::current_num_threads() * CHUNKS_PER_THREAD
}

/// Encodes chunks with the options of the writer; shared by all threads.
#[derive(Debug)]
pub(crate) struct Encoder {
    /// By [`EncodingChoice`].
    properties: [WriterPropertiesPtr; EncodingChoice::ALL.len()],
    /// The same, with bloom filters.
    with_bloom: [WriterPropertiesPtr; EncodingChoice::ALL.len()],
    options: ParquetOptions,
    schemas: Mutex<Vec<ColumnSchema>>,
    constants: ConstantChunks,
}

/// True if the column can have a bloom filter: booleans cannot.
pub(crate) fn may_have_bloom_filter(field: &Field) -> bool {
    *field.data_type() != DataType::Boolean
}

impl Encoder {
    pub(crate) fn new(options: &ParquetOptions) -> Self {
        Self {
            properties: EncodingChoice::ALL
                .map(|choice| Arc::new(choice.properties(options, false))),
            with_bloom: EncodingChoice::ALL
                .map(|choice| Arc::new(choice.properties(options, true))),
            options: options.clone(),
            schemas: Mutex::default(),
            constants: ConstantChunks::default(),
        }
    }

    /// The schema of a file whose one column has `data_type`.
    ///
    /// # Errors
    /// Parquet has no such type.
    pub(crate) fn schema(&self, data_type: &DataType) -> Result<ColumnSchema, Cause> {
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = schemas.iter().find(|known| known.is_of(data_type)) {
            return Ok(schema.clone());
        }
        let schema = ColumnSchema::new(data_type)?;
        schemas.push(schema.clone());
        Ok(schema)
    }

    /// True if row groups name the column by which their rows are sorted.
    pub(crate) fn marks_sorted(&self) -> bool {
        self.options.sorted
    }

    /// Encodes the rows of column `number`, unless the cache of constant chunks has them.
    ///
    /// # Errors
    /// Texts or items get too large for one array, or the parquet crate cannot encode them.
    pub(crate) fn encode_blocks(
        &self,
        field: &Field,
        blocks: &[RowBlock],
        number: usize,
    ) -> Result<EncodedChunk, Cause> {
        let constant = ConstantKey::of(field, blocks, number, self.has_bloom(field));
        if let Some(encoded) = constant
            .as_ref()
            .and_then(|known| self.constants.get(known))
        {
            return Ok(encoded);
        }
        let batches = column_batches(blocks, number, field.data_type());
        let encoded = self.encode_batches(field, batches)?;
        if let Some(constant) = constant {
            self.constants.keep(constant, &encoded);
        }
        Ok(encoded)
    }

    fn has_bloom(&self, field: &Field) -> bool {
        may_have_bloom_filter(field) && self.options.bloom_filter.is_for(field.name())
    }

    /// Encodes a column in batches.
    ///
    /// # Errors
    /// A batch is an error, or the parquet crate cannot encode it.
    pub(crate) fn encode_batches(
        &self,
        field: &Field,
        mut batches: impl Iterator<Item = Result<ColumnBatch, Cause>>,
    ) -> Result<EncodedChunk, Cause> {
        let first = batches.next().transpose()?;
        let (mut choice, mut is_sparse) = (EncodingChoice::of(field), true);
        if let Some(first) = &first {
            choice = choice.with_values(&first.array);
            is_sparse = first.is_sparse();
        }
        let batches = first.map(Ok).into_iter().chain(batches);
        let properties = if self.has_bloom(field) {
            &self.with_bloom
        } else {
            &self.properties
        };
        let properties = Arc::clone(&properties[choice as usize]);
        self.encode_as(field.data_type(), is_sparse, properties, batches)
    }

    fn encode_as(
        &self,
        data_type: &DataType,
        is_sparse: bool,
        properties: WriterPropertiesPtr,
        batches: impl Iterator<Item = Result<ColumnBatch, Cause>>,
    ) -> Result<EncodedChunk, Cause> {
        let schema = self.schema(data_type)?;
        // ArrowWriter reads texts where they are, but looks at every row; the column writer wants
        // an object for each text. So sparse texts are faster as objects, dense ones as an array.
        if is_packed(data_type) && (is_sparse || *data_type != DataType::Utf8) {
            encode_packed(schema.parquet.column(0), properties, batches)
        } else {
            encode_rows(&schema, &properties, batches)
        }
    }

    /// Encodes a chunk of `rows` nulls.
    ///
    /// # Errors
    /// Parquet has no such type.
    pub(crate) fn encode_nulls(
        &self,
        data_type: &DataType,
        rows: usize,
    ) -> Result<EncodedChunk, Cause> {
        let batches = (0..rows)
            .step_by(BATCH_ROWS)
            .map(|from| Ok(ColumnBatch::nulls(data_type, BATCH_ROWS.min(rows - from))));
        let properties = Arc::clone(&self.properties[EncodingChoice::Nulls as usize]);
        self.encode_as(data_type, true, properties, batches)
    }
}

/// Encodes packed values with the column writers of the parquet crate.
fn encode_packed(
    column: ColumnDescPtr,
    properties: WriterPropertiesPtr,
    batches: impl Iterator<Item = Result<ColumnBatch, Cause>>,
) -> Result<EncodedChunk, Cause> {
    let mut bytes = TrackedWrite::new(Vec::new());
    let pages = Box::new(SerializedPageWriter::new(&mut bytes));
    let mut writer = get_column_writer(column, properties, pages);
    for batch in batches {
        write_values(&mut writer, &batch?)?;
    }
    let mut closed = writer.close()?;
    let index = PageIndex::of_column(&mut closed);
    let chunk = EncodedChunk::new(bytes.into_inner()?, closed.metadata, index);
    let Some(filter) = closed.bloom_filter else {
        return Ok(chunk);
    };
    let mut bytes = Vec::new();
    filter.write(&mut bytes)?;
    chunk.with_bloom_filter(&bytes)
}

/// Encodes arrays with nulls as a file of one column in memory, and keeps the bytes of its chunk.
fn encode_rows(
    schema: &ColumnSchema,
    properties: &WriterProperties,
    batches: impl Iterator<Item = Result<ColumnBatch, Cause>>,
) -> Result<EncodedChunk, Cause> {
    let options = ArrowWriterOptions::new()
        .with_properties(properties.clone())
        .with_parquet_schema(schema.parquet.as_ref().clone())
        .with_skip_arrow_metadata(true);
    let arrow = Arc::clone(&schema.arrow);
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new_with_options(&mut file, arrow, options)?;
    for batch in batches {
        let (arrow, array) = (
            Arc::clone(&schema.arrow),
            into_file(&batch?.unpacked()?.array)?,
        );
        writer.write(&RecordBatch::try_new(arrow, vec![array])?)?;
    }
    let metadata = writer.close()?;
    let [group] = metadata.row_groups() else {
        return Err("a chunk was not encoded as one row group".into());
    };
    let chunk = group.column(0);
    let (start, length) = chunk.byte_range();
    let part = |start: usize, length: usize| {
        let bytes = file.get(start..start + length);
        bytes.ok_or("a chunk lies outside of its file")
    };
    let bytes = part(start as usize, length as usize)?.to_vec();
    let back = -(start as i64);
    let moved = relocate(chunk, &schema.parquet.column(0), back)?
        .into_builder()
        // The page index is written later, and is located then.
        .set_column_index_offset(None)
        .set_column_index_length(None)
        .build()?;
    let index = PageIndex::of_file(&metadata).map(|index| index.relocated(back));
    let encoded = EncodedChunk::new(bytes, moved, index);
    match (chunk.bloom_filter_offset(), chunk.bloom_filter_length()) {
        (Some(start), Some(length)) => {
            let filter = part(usize::try_from(start)?, usize::try_from(length)?)?;
            encoded.with_bloom_filter(filter)
        }
        _ => Ok(encoded),
    }
}
