//! Makes tables and cuts them into batches as the pipeline does: each batch has the columns and the
//! narrowest types that are known so far.

use std::{ops::Range, sync::Arc};

use arrow_array::{
    ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use transmog_core::{Role, TableBatch, time_type};

use crate::value::{Value, array, data_type};

/// One table: each data column is a name and a cell for each row (`None`: the column is not there
/// yet).
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) rows: usize,
    pub(crate) columns: Vec<(String, Vec<Option<Value>>)>,
    pub(crate) metadata: bool,
}

impl Table {
    /// The data columns that are known after `rows` rows, in order of first appearance.
    pub(crate) fn known(&self, rows: usize) -> Vec<&(String, Vec<Option<Value>>)> {
        let first =
            |(_, cells): &(String, Vec<Option<Value>>)| cells.iter().position(Option::is_some);
        let mut known: Vec<_> = self
            .columns
            .iter()
            .filter(|column| first(column).is_some_and(|at| at < rows))
            .collect();
        known.sort_by_key(|column| first(column));
        known
    }

    /// Rows of the table, with the types that hold its first `upto` rows.
    pub(crate) fn batch(&self, rows: Range<usize>, upto: usize) -> TableBatch {
        let (mut fields, mut arrays, mut integers) = (Vec::new(), Vec::new(), Vec::new());
        for (name, cells) in self.known(upto) {
            let cells: Vec<&Value> = cells
                .iter()
                .map(|cell| cell.as_ref().unwrap_or(&Value::Null))
                .collect();
            let (array, marks) = array(&cells[rows.clone()], &data_type(&cells[..upto]));
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
            integers.push(marks);
        }
        if self.metadata {
            fields.push(Role::Id.field("__id", DataType::Int64));
            arrays.push(Arc::new(Int64Array::from_iter_values(
                rows.clone().map(|row| row as i64),
            )));
            fields.push(Role::Time.field("__time", time_type()));
            let times = rows
                .clone()
                .map(|row| 1_700_000_000_000_000 + row as i64 / 3);
            let times = TimestampMicrosecondArray::from_iter_values(times);
            arrays.push(Arc::new(times.with_timezone("UTC")));
            integers.extend([None, None]);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let schema = Arc::new(Schema::new(fields));
        TableBatch {
            rows: RecordBatch::try_new_with_options(schema, arrays, &options).unwrap(),
            integers,
        }
    }

    /// The schema after `rows` rows.
    pub(crate) fn schema(&self, rows: usize) -> SchemaRef {
        self.batch(0..0, rows).rows.schema()
    }
}

/// Three rows of metadata. The key of the array is in the first column and in the third, or another
/// one in the last row; then come the time, numbers, and a last key in front of which is a gap.
pub(crate) fn repeated(key: &str, last_key: &str) -> TableBatch {
    let keys = |last| Arc::new(StringArray::from(vec![key, key, last])) as ArrayRef;
    let times = TimestampMicrosecondArray::from(vec![1_700_000_000_000_000; 3]);
    let numbers =
        |numbers: [Option<i64>; 3]| Arc::new(Int64Array::from(numbers.to_vec())) as ArrayRef;
    let columns = [
        (Role::ArrayField.field("k1", DataType::Utf8), keys(key)),
        (
            Role::Time.field("time", time_type()),
            Arc::new(times.with_timezone("UTC")) as _,
        ),
        (
            Role::ArrayIndex.field("n", DataType::Int64),
            numbers([Some(0), Some(1), Some(2)]),
        ),
        (Role::ArrayField.field("k2", DataType::Utf8), keys(key)),
        (
            Role::ArrayIndex.field("gap", DataType::Int64),
            numbers([Some(7), None, None]),
        ),
        (Role::ArrayField.field("k3", DataType::Utf8), keys(last_key)),
    ];
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .unwrap()
        .into()
}

/// One batch of columns that are given as values.
pub(crate) fn batch(columns: &[(&str, &[Value])]) -> TableBatch {
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    let columns = columns.iter().map(|(name, cells)| {
        let cells = cells.iter().cloned().map(Some).collect();
        ((*name).to_owned(), cells)
    });
    let table = Table {
        rows,
        columns: columns.collect(),
        metadata: false,
    };
    table.batch(0..rows, rows)
}
