//! Ends a file: gives every row group a chunk of every column, then writes the footer.

use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::Schema;
use parquet::{
    arrow::{ARROW_SCHEMA_META_KEY, encode_arrow_schema},
    file::metadata::{
        FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataWriter, RowGroupMetaData,
    },
    schema::types::SchemaDescPtr,
};
use transmog_io::Output;

use crate::{
    Cause,
    chunk::{Chunk, Encoded, Encoder, parquet_schema, relocate, type_read_back},
    columns::Columns,
    rewrite::rewrite,
};

/// First and last bytes of a file.
pub(crate) const MAGIC: &[u8] = b"PAR1";

const CREATED_BY: &str = concat!("transmog version ", env!("CARGO_PKG_VERSION"));

/// Readers number row groups with 16 bits.
pub(crate) const MOST_GROUPS: usize = i16::MAX as usize;

/// Longest footer that readers take: its length is a 32 bit integer, which many read as signed.
const LONGEST_FOOTER: usize = i32::MAX as usize;

/// A row group that stands in the file.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) rows: usize,
    /// By column number; `None` (or nothing at the end) for a column that was not there or held only nulls.
    pub(crate) chunks: Vec<Option<Chunk>>,
}

/// Completes a file whose row groups are all written. `columns` have their final types.
///
/// # Errors
/// If a chunk cannot be read back or cast, or the file cannot be written.
pub(crate) fn write_footer(
    groups: Vec<Group>,
    columns: &Columns,
    encoder: &mut Encoder,
    output: &mut dyn Output,
) -> Result<(), Cause> {
    let parquet = Arc::new(parquet_schema(columns.schema())?);
    let mut rows = 0;
    let mut complete = Vec::with_capacity(groups.len());
    for (ordinal, group) in groups.into_iter().enumerate() {
        rows += group.rows as i64;
        complete.push(complete_group(
            &group, ordinal, columns, &parquet, encoder, output,
        )?);
    }
    pad(&complete, output)?;
    let arrow = encode_arrow_schema(&schema_read_back(columns.schema()));
    let file = FileMetaData::new(
        1,
        rows,
        Some(CREATED_BY.to_owned()),
        Some(vec![KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), arrow)]),
        parquet,
        None,
    );
    // Into memory first: the metadata writer buffers, and drops the error of its last write.
    let mut footer = Vec::new();
    ParquetMetaDataWriter::new(&mut footer, &ParquetMetaData::new(file, complete)).finish()?;
    if footer.len() > LONGEST_FOOTER {
        return Err("the footer is too long; use larger row groups".into());
    }
    output.write_all(&footer)?;
    output.flush()?;
    Ok(())
}

fn schema_read_back(schema: &Schema) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        let data_type = type_read_back(field.data_type());
        field.as_ref().clone().with_data_type(data_type)
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
}

fn complete_group(
    group: &Group,
    ordinal: usize,
    columns: &Columns,
    parquet: &SchemaDescPtr,
    encoder: &mut Encoder,
    output: &mut dyn Output,
) -> Result<RowGroupMetaData, Cause> {
    let mut nulls: BTreeMap<String, Encoded> = BTreeMap::new();
    let mut complete = RowGroupMetaData::builder(Arc::clone(parquet))
        .set_num_rows(group.rows as i64)
        .set_ordinal(i16::try_from(ordinal)?);
    let mut bytes = 0;
    for (place, number) in columns.numbers().iter().enumerate() {
        let field = columns.schema().field(place);
        let data_type = field.data_type();
        let column = parquet.column(place);
        let chunk = match group.chunks.get(*number).and_then(Option::as_ref) {
            Some(chunk) if chunk.data_type == *data_type => relocate(&chunk.metadata, &column, 0)?,
            Some(chunk) => {
                let chunk = rewrite(chunk, group.rows, field, encoder, output)?;
                relocate(&chunk, &column, 0)?
            }
            None => {
                // Encoded once but written for each column: some readers refuse ranges that overlap.
                let key = data_type.to_string();
                let file = match nulls.remove(&key) {
                    Some(file) => file,
                    None => encoder.encode_nulls(data_type, group.rows)?,
                };
                let chunk = relocate(&file.append_to(output)?, &column, 0)?;
                nulls.insert(key, file);
                chunk
            }
        };
        bytes += chunk.uncompressed_size();
        complete = complete.add_column_metadata(chunk);
    }
    Ok(complete.set_total_byte_size(bytes).build()?)
}

/// Appends zeros until the middle of every row group is within the file.
///
/// Spark and others that split files give a group to the split that holds its middle, which they take to be the first
/// column's offset plus half of the group's size. A first column that was appended at the end puts that beyond the end,
/// and they would skip the group without a word.
fn pad(groups: &[RowGroupMetaData], output: &mut dyn Output) -> Result<(), Cause> {
    const ZEROS: [u8; 4096] = [0; 4096];
    let middle = |group: &RowGroupMetaData| {
        let (start, _) = group.columns().first()?.byte_range();
        Some(start + group.compressed_size() as u64 / 2)
    };
    let end = groups.iter().filter_map(middle).max().unwrap_or(0);
    while output.len() <= end {
        let missing = (end + 1 - output.len()).min(ZEROS.len() as u64);
        output.write_all(&ZEROS[..missing as usize])?;
    }
    Ok(())
}
