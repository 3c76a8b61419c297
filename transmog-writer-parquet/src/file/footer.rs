//! Completes a file: adds the chunks that row groups lack, then writes the footer.
//!
//! A footer as structs would hold all chunks of all row groups in memory at once. So it is written
//! piece by piece: the parquet crate serialises a footer without row groups, and one for each row
//! group alone, and their bytes are put together.
//!
//! ```text
//! footer without row groups   | version schema | rows | [] | creator ... |
//! footers of one row group           ... [A] ...     ... [B] ...
//! written                     | version schema | rows | [A B] | creator ... |
//! ```

use std::sync::Arc;

use arrow_schema::{DataType, Schema};
use parquet::{
    arrow::{ARROW_SCHEMA_META_KEY, encode_arrow_schema},
    file::metadata::{
        FileMetaData, KeyValue, ParquetMetaData, RowGroupMetaData, RowGroupMetaDataBuilder,
        SortingColumn,
    },
    schema::types::SchemaDescPtr,
};
use transmog_core::Role;
use transmog_io::Output;

use super::{
    chunk::Chunk,
    missing_columns::add_missing_columns,
    row_groups::RowGroups,
    thrift::{field, only_item, serialize, write_integer, write_list_header},
};
use crate::{
    Cause,
    columns::Columns,
    encode::{Encoder, parquet_schema, relocate, type_read_back},
};

/// The first and the last four bytes of a file.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// Numbers of fields in
/// [`FileMetaData`](https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift).
const ROWS: i64 = 3;
const ROW_GROUPS: i64 = 4;

const CREATED_BY: &str = concat!("transmog version ", env!("CARGO_PKG_VERSION"));

/// The ordinal of a row group is a signed 16-bit integer.
pub(crate) const MOST_ROW_GROUPS: usize = i16::MAX as usize;

/// The length of a footer has 32 bits, which many readers take as signed.
const LONGEST_FOOTER: u64 = i32::MAX as u64;

/// Completes a file whose rows are all written. `columns` have their final types.
///
/// # Errors
/// A chunk cannot be read back or cast, the footer is too long, or the file cannot be read or
/// written.
pub(crate) fn write_footer(
    mut groups: RowGroups,
    columns: &Columns,
    encoder: &Encoder,
    output: &mut dyn Output,
) -> Result<(), Cause> {
    for group in 0..groups.len() {
        add_missing_columns(&mut groups, group, columns, encoder, output)?;
    }
    groups.copy_indexes(output)?;
    pad(last_middle(&groups, columns, output)?, output)?;

    let sorted = if encoder.marks_sorted() {
        sorted_by(columns)
    } else {
        None
    };
    let parquet = Arc::new(parquet_schema(columns.schema())?);
    let arrow = encode_arrow_schema(&schema_read_back(columns.schema()));
    let arrow = vec![KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), arrow)];
    let file = |key_values| {
        let (parquet, creator) = (Arc::clone(&parquet), Some(CREATED_BY.to_owned()));
        FileMetaData::new(1, 0, creator, key_values, parquet, None)
    };
    let (_, empty) = serialize(&ParquetMetaData::new(file(Some(arrow)), Vec::new()))?;
    let (rows_field, groups_field) = (field(&empty, ROWS)?, field(&empty, ROW_GROUPS)?);
    let start = output.len();
    let mut head = empty[..rows_field.value].to_vec();
    write_integer(groups.all_rows(), &mut head);
    head.extend_from_slice(&empty[groups_field.start..groups_field.value]);
    write_list_header(groups.len(), &mut head);
    output.write_all(&head)?;
    for group in 0..groups.len() {
        let chunks = groups.chunks(group, output)?;
        let complete = complete_group(&chunks, columns, &parquet)?
            .set_num_rows(groups.rows(group) as i64)
            .set_sorting_columns(sorted.clone())
            .set_ordinal(i16::try_from(group)?)
            .build()?;
        let (_, alone) = serialize(&ParquetMetaData::new(file(None), vec![complete]))?;
        output.write_all(only_item(&alone, field(&alone, ROW_GROUPS)?)?)?;
    }
    output.write_all(&empty[groups_field.end..])?;
    let length = output.len() - start;
    if length > LONGEST_FOOTER {
        return Err("the footer is too long; use larger row groups".into());
    }
    output.write_all(&(length as u32).to_le_bytes())?;
    output.write_all(MAGIC)?;
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

/// The column by which rows are sorted: ids that are row numbers rise from row to row.
fn sorted_by(columns: &Columns) -> Option<Vec<SortingColumn>> {
    let mut fields = columns.schema().fields().iter();
    let place = fields.position(|field| {
        let is_number = field.metadata().contains_key(Role::ROW_NUMBERS);
        is_number && *field.data_type() == DataType::Int64
    })?;
    // Invariant: every column, lists too, has one leaf, so its place in the schema is its leaf's.
    Some(vec![SortingColumn {
        column_idx: i32::try_from(place).ok()?,
        descending: false,
        nulls_first: false,
    }])
}

/// The metadata of a row group with one chunk for each column.
fn complete_group(
    chunks: &[Option<Chunk>],
    columns: &Columns,
    parquet: &SchemaDescPtr,
) -> Result<RowGroupMetaDataBuilder, Cause> {
    let mut complete = RowGroupMetaData::builder(Arc::clone(parquet));
    let mut bytes = 0;
    for (place, number) in columns.numbers_in_file().enumerate() {
        let chunk = chunks.get(number).and_then(Option::as_ref);
        let chunk = chunk.ok_or("a row group lacks a chunk")?;
        let chunk = relocate(&chunk.metadata, &parquet.column(place), 0)?;
        bytes += chunk.uncompressed_size();
        complete = complete.add_column_metadata(chunk);
    }
    Ok(complete.set_total_byte_size(bytes))
}

/// The greatest middle of a row group. Spark and others compute it as the offset of the first
/// column plus half of the size. A row group that begins with its first column has its middle
/// within itself and does not count.
fn last_middle(
    groups: &RowGroups,
    columns: &Columns,
    output: &mut dyn Output,
) -> Result<u64, Cause> {
    let Some(first) = columns.numbers_in_file().next() else {
        return Ok(0);
    };
    let mut last = 0;
    for group in 0..groups.len() {
        if groups.begins_with(group, first) {
            continue;
        }
        let chunks = groups.chunks(group, output)?;
        let column = chunks.get(first).and_then(Option::as_ref);
        let start = column.map_or(0, |chunk| chunk.metadata.byte_range().0);
        let sizes = chunks.iter().flatten();
        let size: i64 = sizes.map(|chunk| chunk.metadata.compressed_size()).sum();
        last = last.max(start + size as u64 / 2);
    }
    Ok(last)
}

/// Appends zeros until the middle of every row group is within the file.
///
/// Readers that split a file give each row group to the split that holds its middle. If the chunk
/// of the first column was appended at the end, the computed middle may be beyond the end of the
/// file, and the row group would be skipped in silence.
fn pad(middle: u64, output: &mut dyn Output) -> Result<(), Cause> {
    const ZEROS: [u8; 4096] = [0; 4096];
    while output.len() <= middle {
        let missing = (middle + 1 - output.len()).min(ZEROS.len() as u64);
        output.write_all(&ZEROS[..missing as usize])?;
    }
    Ok(())
}
