//! Reads the Parquet file of a table back, so that `unflatten` can rebuild records.
//!
//! The file may be damaged, or not ours. parquet 59 panics at some damaged files, so panics become
//! errors here.

use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
        ParquetRecordBatchReaderBuilder,
    },
    file::metadata::ParquetMetaData,
};
use transmog_core::{Cells, TableLayout, Value, type_of_name};
use transmog_io::{ReadBackError, TableReader, WriterOptions};

use crate::encode::from_file;

/// Rows per batch.
const ROWS: usize = 1024;

struct Reader {
    /// `None` after the last batch.
    batches: Option<ParquetRecordBatchReader>,
    /// For each column of the manifest, its position in the file and its type, if that is known.
    columns: Vec<(usize, Option<DataType>)>,
}

/// Opens the file of a table.
///
/// # Errors
/// It is no Parquet file, is damaged, or lacks a column.
pub(crate) fn open(
    file: File,
    table: &TableLayout,
    _options: &WriterOptions,
) -> Result<Box<dyn TableReader>, ReadBackError> {
    // The manifest has the types; parquet 59 panics if the Arrow schema in the file is damaged.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let size = file.metadata()?.len();
    let metadata = guarded(|| Ok(ArrowReaderMetadata::load(&file, options)?))?;
    check_places(metadata.metadata(), size)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    let builder = builder.with_batch_size(ROWS);
    let fields = builder.schema().fields();
    let position = |name: &str| {
        let position = fields.iter().position(|field| field.name() == name);
        position.ok_or_else(|| format!("it has no column {name:?}"))
    };
    let columns = table.columns.iter().map(|column| {
        let data_type = type_of_name(&column.data_type);
        position(&column.name).map(|position| (position, data_type))
    });
    let columns = columns.collect::<Result<_, _>>()?;
    let batches = guarded(|| Ok(builder.build()?))?;
    let batches = Some(batches);
    Ok(Box::new(Reader { batches, columns }))
}

/// Fails if a column chunk lies outside the file: parquet 59 would panic, or allocate memory for
/// it.
fn check_places(metadata: &ParquetMetaData, size: u64) -> Result<(), ReadBackError> {
    for group in metadata.row_groups() {
        for column in group.columns() {
            let start = column.dictionary_page_offset();
            let start = u64::try_from(start.unwrap_or(column.data_page_offset()));
            let length = u64::try_from(column.compressed_size());
            let end = start.ok().zip(length.ok());
            let end = end.and_then(|(start, length)| start.checked_add(length));
            if end.is_none_or(|end| end > size) {
                let path = column.column_path();
                return Err(format!("it is damaged: column {path} lies outside of it").into());
            }
        }
    }
    Ok(())
}

/// Turns a panic into an error: parquet 59 panics at some kinds of damage. Whatever panicked must
/// not be used again.
fn guarded<T>(read: impl FnOnce() -> Result<T, ReadBackError>) -> Result<T, ReadBackError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("it is damaged".into()))
}

impl Reader {
    /// The next batch; `None` at the end. After an error there are no more batches.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ReadBackError> {
        let Some(mut batches) = self.batches.take() else {
            return Ok(None);
        };
        let batch = guarded(|| Ok(batches.next().transpose()?.map(|batch| (batch, batches))))?;
        let Some((batch, batches)) = batch else {
            return Ok(None);
        };
        self.batches = Some(batches);
        Ok(Some(batch))
    }
}

impl TableReader for Reader {
    fn next_rows(&mut self) -> Result<Option<Vec<Vec<Value>>>, ReadBackError> {
        let Some(batch) = self.next_batch()? else {
            return Ok(None);
        };
        let mut rows: Vec<Vec<Value>> =
            vec![Vec::with_capacity(self.columns.len()); batch.num_rows()];
        for (column, data_type) in &self.columns {
            let array = batch.column(*column);
            let array = match data_type {
                Some(data_type) => from_file(array, data_type)?,
                None => Arc::clone(array),
            };
            let cells = Cells::new(&array, None)?;
            for (number, row) in rows.iter_mut().enumerate() {
                row.push(cells.value(number));
            }
        }
        Ok(Some(rows))
    }
}
