//! Reads tables back from files with other people's readers: what each format's cells say, nulls
//! left out.

use std::collections::BTreeMap;

use arrow_array::{
    Array, RecordBatch, StringArray,
    cast::AsArray,
    types::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType},
};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::json::{self, Json};

/// What a cell holds that is not null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Bool(bool),
    /// A number of which every digit counts.
    Number(String),
    /// A float, as bits.
    Float(u64),
    Text(String),
    /// Microseconds since 1970.
    Time(i64),
}

/// A table as it was read.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) count: usize,
    /// Names in their order, where the format has one.
    pub(crate) names: Option<Vec<String>>,
    /// Rows and values by name. A column without values may be missing.
    pub(crate) columns: BTreeMap<String, Vec<(usize, Cell)>>,
}

impl Rows {
    fn add(&mut self, name: &str, row: usize, cell: Cell) {
        match self.columns.get_mut(name) {
            Some(cells) => cells.push((row, cell)),
            None => {
                self.columns.insert(name.to_owned(), vec![(row, cell)]);
            }
        }
    }
}

/// Reads a table in the format of this name.
pub(crate) fn read(format: &str, file: Vec<u8>) -> Result<Rows, String> {
    match format {
        "csv" => csv(&file).map_err(|error| error.to_string()),
        "json" => json(&file),
        _ => parquet(file).map_err(|error| error.to_string()),
    }
}

fn csv(file: &[u8]) -> Result<Rows, csv::Error> {
    let mut reader = csv::Reader::from_reader(file);
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let mut columns = vec![Vec::new(); names.len()];
    let mut rows = Rows::default();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        for (cells, text) in std::iter::zip(&mut columns, &record) {
            if !text.is_empty() {
                cells.push((rows.count, Cell::Text(text.to_owned())));
            }
        }
        rows.count += 1;
    }
    rows.columns = std::iter::zip(names.iter().cloned(), columns).collect();
    rows.names = Some(names);
    Ok(rows)
}

fn json(file: &[u8]) -> Result<Rows, String> {
    let text = std::str::from_utf8(file).map_err(|error| error.to_string())?;
    let values = json::values(text)?;
    let [Json::Array(items)] = &values[..] else {
        return Err("not one array".into());
    };
    let mut rows = Rows {
        count: items.len(),
        ..Rows::default()
    };
    for (row, item) in items.iter().enumerate() {
        let Json::Object(fields) = item else {
            return Err(format!("row {row} is no object"));
        };
        for (name, value) in fields {
            let cell = match value {
                Json::Bool(value) => Cell::Bool(*value),
                Json::Number(token) => Cell::Number((*token).to_owned()),
                Json::Text(text) => Cell::Text(text.clone().into_owned()),
                other => return Err(format!("row {row}, {name:?}: {other:?}")),
            };
            rows.add(name, row, cell);
        }
    }
    Ok(rows)
}

fn parquet(file: Vec<u8>) -> Result<Rows, Box<dyn std::error::Error>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file))?;
    let names = reader.schema().fields().iter();
    let mut rows = Rows {
        names: Some(names.map(|field| field.name().clone()).collect()),
        ..Rows::default()
    };
    for batch in reader.build()? {
        take_batch(&mut rows, &batch?)?;
    }
    Ok(rows)
}

fn take_batch(rows: &mut Rows, batch: &RecordBatch) -> Result<(), String> {
    let first = rows.count;
    rows.count += batch.num_rows();
    for (field, array) in std::iter::zip(batch.schema_ref().fields(), batch.columns()) {
        let cell: Box<dyn Fn(usize) -> Cell> = match array.data_type() {
            DataType::Boolean => Box::new(|row| Cell::Bool(array.as_boolean().value(row))),
            DataType::Int64 => {
                let array = array.as_primitive::<Int64Type>();
                Box::new(|row| Cell::Number(array.value(row).to_string()))
            }
            DataType::Float64 => {
                let array = array.as_primitive::<Float64Type>();
                Box::new(|row| Cell::Float(array.value(row).to_bits()))
            }
            DataType::Decimal128(38, 0) => {
                let array = array.as_primitive::<Decimal128Type>();
                Box::new(|row| Cell::Number(array.value(row).to_string()))
            }
            DataType::Utf8 => {
                let array: &StringArray = array.as_string();
                Box::new(|row| Cell::Text(array.value(row).to_owned()))
            }
            DataType::Timestamp(..) => {
                let array = array.as_primitive::<TimestampMicrosecondType>();
                Box::new(|row| Cell::Time(array.value(row)))
            }
            other => return Err(format!("column {:?} is {other}", field.name())),
        };
        for row in (0..array.len()).filter(|row| array.is_valid(*row)) {
            rows.add(field.name(), first + row, cell(row));
        }
    }
    Ok(())
}
