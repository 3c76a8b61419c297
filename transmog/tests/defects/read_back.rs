//! Reads tables back from CSV, JSON and Parquet with other libraries. Of what they should hold it
//! knows nothing.

use arrow_array::{
    Array,
    cast::AsArray,
    types::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType},
};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value, json};

/// A table that was read back.
#[derive(Debug)]
pub(crate) struct Found {
    /// Names, and types where the format has them.
    pub(crate) columns: Vec<(String, String)>,
    /// Objects; nulls are left out.
    pub(crate) rows: Vec<Value>,
}

impl Found {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.columns
            .iter()
            .map(|column| column.0.as_str())
            .collect()
    }

    /// The values of a column; null where there are none.
    #[track_caller]
    pub(crate) fn column(&self, name: &str) -> Vec<Value> {
        let has_it = self.columns.is_empty() || self.names().contains(&name);
        assert!(has_it, "no column {name}: {self:?}");
        self.rows.iter().map(|row| row[name].clone()).collect()
    }
}

/// Every cell is text.
pub(crate) fn csv(file: &[u8]) -> Found {
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().expect("a header").clone();
    let columns = header.iter().map(|name| (name.to_owned(), String::new()));
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("as many cells as the header has");
        let cells = std::iter::zip(&header, &row);
        let cells = cells.map(|(name, cell)| (name.to_owned(), Value::from(cell)));
        Value::Object(cells.collect())
    };
    Found {
        columns: columns.collect(),
        rows: reader.records().map(row).collect(),
    }
}

/// One array, or lines.
pub(crate) fn json(file: &[u8]) -> Found {
    let rows = serde_json::from_slice(file).unwrap_or_else(|_| lines(file));
    let columns = Vec::new();
    Found { columns, rows }
}

pub(crate) fn lines(file: &[u8]) -> Vec<Value> {
    let rows = serde_json::Deserializer::from_slice(file).into_iter();
    rows.map(|row| row.expect("JSON")).collect()
}

pub(crate) fn parquet(file: Vec<u8>) -> Found {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file));
    let reader = reader.expect("Parquet");
    let fields = reader.schema().fields().iter();
    let columns: Vec<(String, String)> = fields
        .map(|field| (field.name().clone(), kind(field.data_type())))
        .collect();
    let mut rows = Vec::new();
    for batch in reader.build().expect("Parquet") {
        let batch = batch.expect("a row group");
        for row in 0..batch.num_rows() {
            let cells = std::iter::zip(&columns, batch.columns());
            let cells = cells.map(|(column, cells)| (column.0.clone(), cell(cells, row)));
            let cells = cells.filter(|(_, cell)| !cell.is_null());
            rows.push(Value::Object(cells.collect::<Map<_, _>>()));
        }
    }
    Found { columns, rows }
}

fn kind(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "boolean".into(),
        DataType::Int64 => "int64".into(),
        DataType::Float64 => "float64".into(),
        DataType::Decimal128(38, 0) => "decimal".into(),
        DataType::Utf8 => "text".into(),
        DataType::List(item) => format!("list<{}>", kind(item.data_type())),
        other => format!("{other}"),
    }
}

/// Decimals are text, times are microseconds.
fn cell(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(..) => {
            json!(
                array
                    .as_primitive::<Decimal128Type>()
                    .value(row)
                    .to_string()
            )
        }
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| cell(&items, item)).collect()
        }
        DataType::Timestamp(..) => {
            let times = array.as_primitive::<TimestampMicrosecondType>();
            json!(times.value(row))
        }
        other => json!(format!("{other}")),
    }
}
