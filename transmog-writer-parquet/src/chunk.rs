//! Encodes one column of one row group. The bytes do not depend on how its rows were cut into pieces.
//!
//! Each chunk is encoded on its own, in memory. So no encoder outlives a chunk, however many tables and columns there
//! are, and no column is addressed by its name.

use std::sync::Arc;

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

/// A chunk that stands in the file.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) data_type: DataType,
    pub(crate) marks: Marks,
    /// Offsets are the file's; the column descriptor tells nothing but the type.
    pub(crate) metadata: ColumnChunkMetaData,
}

/// Encodes chunks with the writer's options.
#[derive(Debug)]
pub(crate) struct Encoder {
    /// By style.
    properties: [WriterPropertiesPtr; Style::ALL.len()],
    shapes: Vec<Shape>,
}

/// A schema of one column; there are as many as types were met, and there are few types.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    data_type: DataType,
    pub(crate) arrow: SchemaRef,
    pub(crate) parquet: SchemaDescPtr,
}

impl Encoder {
    pub(crate) fn new(options: &ParquetOptions) -> Self {
        Self {
            properties: Style::ALL
                .map(|style| Arc::new(style.properties(options.compression.codec()))),
            shapes: Vec::new(),
        }
    }

    /// The schema of a file of one column of a type.
    ///
    /// # Errors
    /// If Parquet has no such type.
    pub(crate) fn shape(&mut self, data_type: &DataType) -> Result<Shape, Cause> {
        if let Some(shape) = self.shapes.iter().find(|s| s.data_type == *data_type) {
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
        self.shapes.push(shape.clone());
        Ok(shape)
    }

    /// Encodes the blocks of a column.
    ///
    /// # Errors
    /// If a block cannot be had or encoded.
    pub(crate) fn encode(
        &mut self,
        data_type: &DataType,
        style: Style,
        blocks: impl Iterator<Item = Result<Block, Cause>>,
    ) -> Result<Encoded, Cause> {
        let shape = self.shape(data_type)?;
        let properties = Arc::clone(&self.properties[style as usize]);
        if is_packed(data_type) {
            encode_packed(shape.parquet.column(0), properties, blocks)
        } else {
            encode_rows(&shape, &properties, blocks)
        }
    }

    /// Encodes a chunk of nothing but nulls.
    ///
    /// # Errors
    /// If Parquet has no such type.
    pub(crate) fn encode_nulls(
        &mut self,
        data_type: &DataType,
        rows: usize,
    ) -> Result<Encoded, Cause> {
        let blocks = (0..rows)
            .step_by(BLOCK_ROWS)
            .map(|from| Ok(Block::nulls(data_type, BLOCK_ROWS.min(rows - from))));
        self.encode(data_type, Style::Nulls, blocks)
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
    let metadata = writer.close()?.metadata;
    Ok(Encoded {
        bytes: bytes.into_inner()?,
        metadata,
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
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), arrow, options)?;
    for block in blocks {
        let (arrow, array) = (Arc::clone(&shape.arrow), into_file(&block?.array)?);
        writer.write(&RecordBatch::try_new(arrow, vec![array])?)?;
    }
    writer.flush()?;
    let [group] = writer.flushed_row_groups() else {
        return Err("a chunk was not encoded as one row group".into());
    };
    let (start, length) = group.column(0).byte_range();
    let metadata = relocate(group.column(0), &shape.parquet.column(0), -(start as i64))?;
    let file = writer.into_inner()?;
    let bytes = file.get(start as usize..(start + length) as usize);
    Ok(Encoded {
        bytes: bytes.ok_or("a chunk lies outside of its file")?.to_vec(),
        metadata,
    })
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

/// The bytes of a chunk; its metadata counts from the first of them.
#[derive(Debug)]
pub(crate) struct Encoded {
    bytes: Vec<u8>,
    metadata: ColumnChunkMetaData,
}

impl Encoded {
    /// Appends the chunk's bytes to a file and tells where they stand.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn append_to(&self, output: &mut dyn Output) -> Result<ColumnChunkMetaData, Cause> {
        let by = output.len() as i64;
        output.write_all(&self.bytes)?;
        relocate(&self.metadata, &self.metadata.column_descr_ptr(), by)
    }
}

/// The metadata of the same chunk `by` bytes further on, as that of another column.
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
pub(crate) fn blocks<'a>(
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
