//! Encodes one column of one row group. The bytes do not depend on how its rows were cut into pieces.
//!
//! Each chunk is encoded on its own, in memory. So no encoder outlives a chunk, however many tables and columns there
//! are, and no column is addressed by its name.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::{ArrowSchemaConverter, ArrowWriter, arrow_writer::ArrowWriterOptions},
    column::writer::get_column_writer,
    file::{
        metadata::ColumnChunkMetaData,
        properties::{WriterProperties, WriterPropertiesPtr},
        writer::{SerializedPageWriter, TrackedWrite},
    },
    schema::types::{ColumnDescPtr, SchemaDescPtr, SchemaDescriptor},
};
use transmog_io::Output;

use crate::{
    Cause, ParquetOptions,
    constants::{ConstantChunk, Constants},
    index::PageIndex,
    marks::Marks,
    pack::is_packed,
    piece::Piece,
    seconds::{into_file, schema_in_file, type_in_file},
    style::Style,
    typed::write_block,
    values::{Block, Part, gather},
};

/// Rows handed to the encoder at once. Pages end where a block of values does, so blocks must not depend on pieces.
pub(crate) const BLOCK_ROWS: usize = 8192;

/// Chunks for each thread that may be ahead of the one that is appended to the file next, which bounds what waits for that.
const CHUNKS_PER_THREAD: usize = 8;

/// Chunks to encode in parallel.
pub(crate) fn chunks_at_a_time() -> usize {
    rayon::current_num_threads() * CHUNKS_PER_THREAD
}

/// A chunk that stands in the file.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) data_type: DataType,
    pub(crate) marks: Marks,
    /// Offsets are the file's; the column descriptor tells nothing but the type.
    pub(crate) metadata: ColumnChunkMetaData,
    /// Of a chunk that was just written; `None` if it has none.
    pub(crate) index: Option<PageIndex>,
}

/// A chunk's metadata and page index.
pub(crate) type Placed = (ColumnChunkMetaData, Option<PageIndex>);

/// Encodes chunks with the writer's options, on any number of threads.
#[derive(Debug)]
pub(crate) struct Encoder {
    /// By style.
    properties: [WriterPropertiesPtr; Style::ALL.len()],
    /// The same with bloom filters.
    with_bloom: [WriterPropertiesPtr; Style::ALL.len()],
    options: ParquetOptions,
    shapes: Mutex<Vec<Shape>>,
    constants: Constants,
}

/// A schema of one column; there are as many as types were met, and there are few types.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    data_type: DataType,
    pub(crate) arrow: SchemaRef,
    pub(crate) parquet: SchemaDescPtr,
}

/// True if the column gets a bloom filter if it is asked for: booleans have none.
pub(crate) fn may_have_bloom_filter(field: &Field) -> bool {
    *field.data_type() != DataType::Boolean
}

impl Encoder {
    pub(crate) fn new(options: &ParquetOptions) -> Self {
        Self {
            properties: Style::ALL.map(|style| Arc::new(style.properties(options, false))),
            with_bloom: Style::ALL.map(|style| Arc::new(style.properties(options, true))),
            options: options.clone(),
            shapes: Mutex::default(),
            constants: Constants::default(),
        }
    }

    /// The schema of a file of one column of a type.
    ///
    /// # Errors
    /// If Parquet has no such type.
    pub(crate) fn shape(&self, data_type: &DataType) -> Result<Shape, Cause> {
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = shapes.iter().find(|s| s.data_type == *data_type) {
            return Ok(shape.clone());
        }
        let arrow = Arc::new(Schema::new(vec![Field::new(
            "column",
            type_in_file(data_type),
            true,
        )]));
        let shape = Shape {
            data_type: data_type.clone(),
            parquet: Arc::new(parquet_schema(&arrow)?),
            arrow,
        };
        shapes.push(shape.clone());
        Ok(shape)
    }

    /// True if row groups say by which column their rows are sorted.
    pub(crate) fn marks_sorted(&self) -> bool {
        self.options.sorted
    }

    /// Encodes the rows of a column, unless the same were encoded before.
    ///
    /// # Errors
    /// If the rows cannot be had or encoded.
    pub(crate) fn encode_pieces(
        &self,
        field: &Field,
        pieces: &[Piece],
        number: usize,
    ) -> Result<Encoded, Cause> {
        let constant = ConstantChunk::of(field, pieces, number, self.has_bloom(field));
        if let Some(encoded) = constant
            .as_ref()
            .and_then(|known| self.constants.get(known))
        {
            return Ok(encoded);
        }
        let blocks = blocks(pieces, number, field.data_type());
        let encoded = self.encode(field, blocks)?;
        if let Some(constant) = constant {
            self.constants.keep(constant, &encoded);
        }
        Ok(encoded)
    }

    fn has_bloom(&self, field: &Field) -> bool {
        may_have_bloom_filter(field) && self.options.bloom_filter.is_for(field.name())
    }

    /// Encodes the blocks of a column.
    ///
    /// # Errors
    /// If a block cannot be had or encoded.
    pub(crate) fn encode(
        &self,
        field: &Field,
        mut blocks: impl Iterator<Item = Result<Block, Cause>>,
    ) -> Result<Encoded, Cause> {
        let first = blocks.next().transpose()?;
        let (mut style, mut is_sparse) = (Style::of(field), true);
        if let Some(first) = &first {
            style = style.with_values(&first.array);
            is_sparse = first.is_sparse();
        }
        let blocks = first.map(Ok).into_iter().chain(blocks);
        let properties = if self.has_bloom(field) {
            &self.with_bloom
        } else {
            &self.properties
        };
        let properties = Arc::clone(&properties[style as usize]);
        self.encode_as(field.data_type(), is_sparse, properties, blocks)
    }

    fn encode_as(
        &self,
        data_type: &DataType,
        is_sparse: bool,
        properties: WriterPropertiesPtr,
        blocks: impl Iterator<Item = Result<Block, Cause>>,
    ) -> Result<Encoded, Cause> {
        let shape = self.shape(data_type)?;
        // Parquet's encoder of Arrow's arrays reads texts where they are, but looks at every row; its column writer takes an
        // object for each text.
        if is_packed(data_type) && (is_sparse || *data_type != DataType::Utf8) {
            encode_packed(shape.parquet.column(0), properties, blocks)
        } else {
            encode_rows(&shape, &properties, blocks)
        }
    }

    /// Encodes a chunk of nothing but nulls.
    ///
    /// # Errors
    /// If Parquet has no such type.
    pub(crate) fn encode_nulls(&self, data_type: &DataType, rows: usize) -> Result<Encoded, Cause> {
        let blocks = (0..rows)
            .step_by(BLOCK_ROWS)
            .map(|from| Ok(Block::nulls(data_type, BLOCK_ROWS.min(rows - from))));
        let properties = Arc::clone(&self.properties[Style::Nulls as usize]);
        self.encode_as(data_type, true, properties, blocks)
    }
}

/// Values without nulls are what Parquet's own column writers take.
fn encode_packed(
    column: ColumnDescPtr,
    properties: WriterPropertiesPtr,
    blocks: impl Iterator<Item = Result<Block, Cause>>,
) -> Result<Encoded, Cause> {
    let mut bytes = TrackedWrite::new(Vec::new());
    let pages = Box::new(SerializedPageWriter::new(&mut bytes));
    let mut writer = get_column_writer(column, properties, pages);
    for block in blocks {
        write_block(&mut writer, &block?)?;
    }
    let mut closed = writer.close()?;
    let mut bytes = bytes.into_inner()?;
    let mut metadata = closed.metadata.clone();
    if let Some(filter) = &closed.bloom_filter {
        let start = bytes.len();
        filter.write(&mut bytes)?;
        metadata = set_bloom(metadata, start, bytes.len() - start)?;
    }
    Ok(Encoded {
        bytes,
        metadata,
        index: PageIndex::of_column(&mut closed),
    })
}

/// Everything else is encoded as a file of one column in memory, of which only the chunk's bytes are kept.
fn encode_rows(
    shape: &Shape,
    properties: &WriterProperties,
    blocks: impl Iterator<Item = Result<Block, Cause>>,
) -> Result<Encoded, Cause> {
    let options = ArrowWriterOptions::new()
        .with_properties(properties.clone())
        .with_parquet_schema(shape.parquet.as_ref().clone())
        .with_skip_arrow_metadata(true);
    let arrow = Arc::clone(&shape.arrow);
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new_with_options(&mut file, arrow, options)?;
    for block in blocks {
        let (arrow, array) = (
            Arc::clone(&shape.arrow),
            into_file(&block?.unpacked()?.array)?,
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
    let mut bytes = part(start as usize, length as usize)?.to_vec();
    let back = -(start as i64);
    let mut moved = relocate(chunk, &shape.parquet.column(0), back)?;
    if let (Some(at), Some(length)) = (chunk.bloom_filter_offset(), chunk.bloom_filter_length()) {
        let filter = part(usize::try_from(at)?, usize::try_from(length)?)?;
        moved = set_bloom(moved, bytes.len(), filter.len())?;
        bytes.extend_from_slice(filter);
    }
    // The page index comes later, and says itself where it is.
    let moved = moved
        .into_builder()
        .set_column_index_offset(None)
        .set_column_index_length(None);
    Ok(Encoded {
        bytes,
        metadata: moved.build()?,
        index: PageIndex::of_file(&metadata).map(|index| index.relocated(back)),
    })
}

/// Says where in the bytes of a chunk its bloom filter stands.
fn set_bloom(
    metadata: ColumnChunkMetaData,
    start: usize,
    length: usize,
) -> Result<ColumnChunkMetaData, Cause> {
    let builder = metadata.into_builder();
    let builder = builder.set_bloom_filter_offset(Some(i64::try_from(start)?));
    let length = Some(i32::try_from(length)?);
    Ok(builder.set_bloom_filter_length(length).build()?)
}

/// The Parquet schema of an Arrow schema. Ids of 16 bytes are not marked as UUIDs: Spark refuses files that have such
/// columns, and PyArrow can neither compare nor group by them.
///
/// # Errors
/// If Parquet has no such types.
pub(crate) fn parquet_schema(schema: &Schema) -> Result<SchemaDescriptor, Cause> {
    Ok(ArrowSchemaConverter::new()
        .with_coerce_types(true)
        .convert(&schema_in_file(schema))?)
}

/// The type as Parquet readers see it: they take the name of a list's items from the Parquet schema.
pub(crate) fn type_read_back(data_type: &DataType) -> DataType {
    match data_type {
        DataType::List(item) => {
            let data_type = type_in_file(item.data_type());
            let item = item.as_ref().clone().with_name("element");
            DataType::List(Arc::new(item.with_data_type(data_type)))
        }
        other => type_in_file(other),
    }
}

/// The bytes of a chunk, and of its bloom filter; its metadata counts from the first of them.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    bytes: Vec<u8>,
    metadata: ColumnChunkMetaData,
    index: Option<PageIndex>,
}

impl Encoded {
    /// Bytes in the file.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Appends the chunk's bytes to a file and tells where they stand.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn append_to(&self, output: &mut dyn Output) -> Result<Placed, Cause> {
        let by = output.len() as i64;
        output.write_all(&self.bytes)?;
        let metadata = relocate(&self.metadata, &self.metadata.column_descr_ptr(), by)?;
        let index = self.index.clone();
        Ok((metadata, index.map(|index| index.relocated(by))))
    }
}

/// The metadata of the same chunk `by` bytes further on, as that of another column. Its page index stays where it is.
///
/// # Errors
/// None so far; the builder reserves the right.
pub(crate) fn relocate(
    chunk: &ColumnChunkMetaData,
    column: &ColumnDescPtr,
    by: i64,
) -> Result<ColumnChunkMetaData, Cause> {
    // Histograms of levels are left out: they take more memory than all the rest, and readers do without.
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

/// The values of a column in blocks of [`BLOCK_ROWS`] rows, wherever pieces end.
fn blocks<'a>(
    pieces: &'a [Piece],
    number: usize,
    data_type: &'a DataType,
) -> impl Iterator<Item = Result<Block, Cause>> + 'a {
    let mut pieces = pieces.iter();
    let mut current = pieces.next();
    let mut used = 0;
    std::iter::from_fn(move || {
        let mut parts = Vec::new();
        let mut missing = BLOCK_ROWS;
        while let Some(piece) = current
            && missing > 0
        {
            let rows = missing.min(piece.rows - used);
            let values = piece.values(number);
            match parts.last_mut() {
                Some(Part {
                    values: None,
                    rows: before,
                    ..
                }) if values.is_none() => *before += rows,
                _ => parts.push(Part {
                    values,
                    from: used,
                    rows,
                }),
            }
            missing -= rows;
            used += rows;
            if used == piece.rows {
                current = pieces.next();
                used = 0;
            }
        }
        (!parts.is_empty()).then(|| gather(&parts, data_type))
    })
}
