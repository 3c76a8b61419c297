//! Reads a table's file back, batch by batch. Knows nothing of how rows become records.

use std::{fs::File, sync::Arc};

use arrow_schema::DataType;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use transmog_core::{Cells, TableLayout, Value, type_of_name};
use transmog_io::{ReadBackError, TableReader, WriterOptions};

use crate::seconds::from_file;

/// Rows that are read at a time.
const ROWS: usize = 1024;

struct Reader {
    batches: ParquetRecordBatchReader,
    /// For each column of the layout, its position in the file and the type that it had, if that is known.
    columns: Vec<(usize, Option<DataType>)>,
}

/// Opens a file of a table.
///
/// # Errors
/// If it is no Parquet file, or lacks a column.
pub(crate) fn open(
    file: File,
    table: &TableLayout,
    _options: &WriterOptions,
) -> Result<Box<dyn TableReader>, ReadBackError> {
    // The manifest says the types; parquet 59 panics at an Arrow schema in the file that makes no sense.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
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
    let batches = builder.build()?;
    Ok(Box::new(Reader { batches, columns }))
}

impl TableReader for Reader {
    fn next_rows(&mut self) -> Result<Option<Vec<Vec<Value>>>, ReadBackError> {
        let Some(batch) = self.batches.next().transpose()? else {
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
