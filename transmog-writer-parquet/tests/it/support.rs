//! Makes batches, writes one table and reads its file.

use std::{collections::BTreeMap, num::NonZeroUsize, sync::Arc};

use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, NullArray,
    RecordBatch, StringArray,
};
use arrow_buffer::{BooleanBuffer, OffsetBuffer};
use arrow_schema::{Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
    file::metadata::{ParquetMetaData, RowGroupMetaData},
};
use transmog_core::TableBatch;
use transmog_io::{Memory, StreamingWriter, TableSpec};
use transmog_writer_parquet::{ParquetOptions, ParquetStreamingWriter};

pub(crate) fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

pub(crate) fn range(values: std::ops::Range<i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub(crate) fn floats(values: &[Option<f64>]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

pub(crate) fn bools(values: &[Option<bool>]) -> ArrayRef {
    Arc::new(BooleanArray::from(values.to_vec()))
}

pub(crate) fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub(crate) fn decimals(values: &[Option<i128>]) -> ArrayRef {
    let array = Decimal128Array::from(values.to_vec());
    Arc::new(array.with_precision_and_scale(38, 0).unwrap())
}

pub(crate) fn nulls(rows: usize) -> ArrayRef {
    Arc::new(NullArray::new(rows))
}

/// Lists of consecutive items; a length of `None` is a null list.
pub(crate) fn lists(lengths: &[Option<usize>], items: ArrayRef) -> ArrayRef {
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths(lengths.iter().map(|length| length.unwrap_or(0)));
    let valid = lengths.iter().map(Option::is_some).collect::<Vec<_>>();
    Arc::new(ListArray::new(field, offsets, items, Some(valid.into())))
}

pub(crate) fn batch(columns: &[(&str, ArrayRef)]) -> TableBatch {
    let fields: Vec<_> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    TableBatch::from(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap())
}

pub(crate) fn with_marks(mut batch: TableBatch, column: usize, marks: &[bool]) -> TableBatch {
    batch.integers[column] = Some(BooleanBuffer::from(marks.to_vec()));
    batch
}

/// Options with which every checkpoint ends the row groups of all tables.
pub(crate) fn eager() -> ParquetOptions {
    ParquetOptions::default().with_memory_bytes(0)
}

pub(crate) fn group_size(rows: usize) -> ParquetOptions {
    ParquetOptions::default().with_row_group_size(NonZeroUsize::new(rows).unwrap())
}

pub(crate) fn spec(name: &str, schema: SchemaRef) -> TableSpec {
    TableSpec {
        name: name.to_owned(),
        parent: None,
        schema,
    }
}

/// The bytes of a table `t`, with a checkpoint after each batch.
pub(crate) fn write(options: ParquetOptions, batches: &[TableBatch]) -> Vec<u8> {
    let steps: Vec<_> = batches.iter().map(std::slice::from_ref).collect();
    write_steps(options, &steps)
}

/// The bytes of a table `t`, with a checkpoint after each slice of batches.
pub(crate) fn write_steps(options: ParquetOptions, steps: &[&[TableBatch]]) -> Vec<u8> {
    let (memory, files) = Memory::new();
    let mut writer = Box::new(ParquetStreamingWriter::new(options, Box::new(memory)));
    let first = steps[0][0].rows.schema();
    writer.begin_table(&spec("t", first)).unwrap();
    for step in steps {
        for batch in *step {
            writer.write_batch("t", batch).unwrap();
        }
        writer.checkpoint().unwrap();
    }
    let summaries = writer.finish().unwrap();
    let file = files.take().remove("t.parquet").unwrap();
    assert_eq!(summaries[0].bytes, file.len() as u64);
    file
}

/// The content of a file, as one batch.
pub(crate) fn read(file: &[u8]) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(file)).unwrap();
    let schema = Arc::clone(reader.schema());
    let batches: Result<Vec<_>, _> = reader.build().unwrap().collect();
    concat_batches(&schema, &batches.unwrap()).unwrap()
}

pub(crate) fn footer(file: &[u8]) -> Arc<ParquetMetaData> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(file)).unwrap();
    Arc::clone(reader.metadata())
}

pub(crate) fn group_rows(file: &[u8]) -> Vec<i64> {
    let footer = footer(file);
    footer
        .row_groups()
        .iter()
        .map(RowGroupMetaData::num_rows)
        .collect()
}

/// The array with its items named as Arrow does; files name them as Parquet does.
fn arrow_named(array: &ArrayRef) -> ArrayRef {
    let Some(list) = array.as_any().downcast_ref::<ListArray>() else {
        return Arc::clone(array);
    };
    let (item, offsets, items, nulls) = list.clone().into_parts();
    assert_eq!(item.name(), "element");
    let item = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    Arc::new(ListArray::new(item, offsets, items, nulls))
}

/// Asserts that a file holds exactly these columns, in this order.
#[track_caller]
pub(crate) fn assert_columns(file: &[u8], expected: &[(&str, ArrayRef)]) {
    let found = read(file);
    let names: Vec<_> = found
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    let wanted: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, wanted);
    for (array, (name, wanted)) in std::iter::zip(found.columns(), expected) {
        assert_eq!(&arrow_named(array), wanted, "column {name:?}");
    }
}

/// Files of several tables, written without a checkpoint before the end.
pub(crate) fn finish_all(
    writer: Box<ParquetStreamingWriter>,
    files: &transmog_io::MemoryFiles,
) -> BTreeMap<String, Vec<u8>> {
    writer.finish().unwrap();
    files.take()
}
