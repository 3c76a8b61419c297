//! Reads output files with other libraries than those that wrote them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::Path,
};

use arrow_array::{
    Array,
    cast::AsArray,
    types::{Float64Type, Int64Type, TimestampMicrosecondType},
};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
    basic::Compression,
    file::{
        metadata::RowGroupMetaData,
        reader::{FileReader, SerializedFileReader},
    },
};
use serde_json::{Value, json};

/// Names of metadata columns begin so.
const METADATA: &str = "__";

/// A table as a file has it.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    /// In the file's order; with JSON, in the order of the alphabet.
    pub(crate) columns: Vec<String>,
    /// Cells that are not null, by column.
    pub(crate) rows: Vec<BTreeMap<String, Value>>,
}

impl Table {
    /// Reads a file by its extension.
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = fs::read(path).expect("a file");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("parquet") => Self::parquet(bytes),
            Some("csv") => Self::csv(&bytes),
            Some("json") => Self::json(&bytes),
            other => panic!("a file of no format: {other:?}"),
        }
    }

    pub(crate) fn parquet(bytes: impl Into<Bytes>) -> Self {
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.into()).expect("Parquet");
        let fields = reader.schema().fields().iter();
        let columns: Vec<String> = fields.map(|field| field.name().clone()).collect();
        let mut rows = Vec::new();
        for batch in reader.build().expect("Parquet") {
            let batch = batch.expect("a batch");
            for row in 0..batch.num_rows() {
                let cells = std::iter::zip(&columns, batch.columns());
                let cells = cells.filter(|(_, array)| !array.is_null(row));
                rows.push(
                    cells
                        .map(|(name, array)| (name.clone(), cell(array, row)))
                        .collect(),
                );
            }
        }
        Self { columns, rows }
    }

    /// All cells are text, and those that are empty are null.
    pub(crate) fn csv(bytes: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().expect("a header").clone();
        let row = |row: Result<csv::StringRecord, _>| {
            let row = row.expect("a row");
            assert_eq!(row.len(), header.len());
            let cells = std::iter::zip(&header, &row).filter(|(_, cell)| !cell.is_empty());
            cells
                .map(|(name, cell)| (name.to_owned(), json!(cell)))
                .collect()
        };
        Self {
            rows: reader.records().map(row).collect(),
            columns: header.iter().map(str::to_owned).collect(),
        }
    }

    pub(crate) fn json(bytes: &[u8]) -> Self {
        let mut rows: Vec<BTreeMap<String, Value>> = serde_json::from_slice(bytes).expect("JSON");
        let columns: BTreeSet<String> = rows.iter().flat_map(BTreeMap::keys).cloned().collect();
        for row in &mut rows {
            row.retain(|_, cell| !cell.is_null());
        }
        Self {
            columns: columns.into_iter().collect(),
            rows,
        }
    }

    /// Names of the columns that hold data.
    pub(crate) fn data_columns(&self) -> Vec<&str> {
        let columns = self.columns.iter().map(String::as_str);
        columns.filter(|name| !name.starts_with(METADATA)).collect()
    }

    /// Rows without metadata.
    pub(crate) fn data(&self) -> Vec<Value> {
        let rows = self.rows.iter();
        rows.map(|row| {
            let cells = row.iter().filter(|(name, _)| !name.starts_with(METADATA));
            let cells = cells.map(|(name, cell)| (name.clone(), cell.clone()));
            Value::Object(cells.collect())
        })
        .collect()
    }

    /// A column's cells, null where there is none.
    pub(crate) fn column(&self, name: &str) -> Vec<Value> {
        let cell = |row: &BTreeMap<String, Value>| row.get(name).cloned().unwrap_or_default();
        self.rows.iter().map(cell).collect()
    }

    /// The row that has a value in a column.
    #[track_caller]
    pub(crate) fn find(&self, column: &str, value: &Value) -> &BTreeMap<String, Value> {
        let found = self.rows.iter().find(|row| row.get(column) == Some(value));
        found.expect("a row")
    }

    /// Checks that ids differ, and that every row of `child` has a parent here; gives the parents,
    /// one for each row.
    #[track_caller]
    pub(crate) fn parents_of(&self, child: &Self) -> Vec<&BTreeMap<String, Value>> {
        let by_id: BTreeMap<String, _> = self
            .rows
            .iter()
            .map(|row| (row["__transmog_id"].to_string(), row))
            .collect();
        assert_eq!(by_id.len(), self.rows.len());
        let parent =
            |row: &BTreeMap<String, Value>| by_id[&row["__parent_transmog_id"].to_string()];
        child.rows.iter().map(parent).collect()
    }
}

/// A cell that is not null.
fn cell(array: &dyn Array, row: usize) -> Value {
    match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
        DataType::Timestamp(..) => {
            json!(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        other => panic!("a column of type {other}"),
    }
}

/// Rows of each row group, and the compression of each of its column's chunks.
pub(crate) fn row_groups(path: &Path) -> (Vec<i64>, BTreeMap<String, Vec<Compression>>) {
    let file = File::open(path).expect("a file");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    let groups = reader.metadata().row_groups();
    let mut codecs: BTreeMap<String, Vec<Compression>> = BTreeMap::new();
    for chunk in groups.iter().flat_map(RowGroupMetaData::columns) {
        let column = codecs.entry(chunk.column_path().string()).or_default();
        column.push(chunk.compression());
    }
    (
        groups.iter().map(RowGroupMetaData::num_rows).collect(),
        codecs,
    )
}

/// Checks that all columns of data, of which there are some, are compressed in one way.
#[track_caller]
pub(crate) fn assert_compressed(path: &Path, is: impl Fn(Compression) -> bool) {
    let (_, codecs) = row_groups(path);
    let data = codecs
        .iter()
        .filter(|(name, _)| !name.starts_with(METADATA));
    let codecs: Vec<Compression> = data.flat_map(|(_, codecs)| codecs.clone()).collect();
    assert!(
        !codecs.is_empty() && codecs.iter().copied().all(is),
        "{codecs:?}"
    );
}
