//! Reads output files back into rows of cells, each format with a reader that is not Transmog's.

use arrow_array::{
    Array, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, StringArray,
    TimestampMicrosecondArray,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::{cell::Cell, json::Json};

/// The cells of a row that hold something, with their columns' names, in order.
pub(crate) type Row = Vec<(String, Cell)>;

/// The columns, if the file names them apart from the rows, and the rows.
type Content = (Option<Vec<String>>, Vec<Row>);

/// Reads a CSV file. An empty cell holds nothing.
pub(crate) fn read_csv(file: &[u8]) -> Result<Content, String> {
    let mut reader = csv::Reader::from_reader(file);
    let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = texts(reader.headers().map_err(|e| e.to_string())?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let cells = texts(&record.map_err(|e| e.to_string())?);
        let row = header.iter().cloned().zip(cells);
        rows.push(
            row.filter(|(_, cell)| !cell.is_empty())
                .map(|(name, cell)| (name, Cell::Text(cell)))
                .collect(),
        );
    }
    Ok((Some(header), rows))
}

/// Reads a JSON file that is an array.
pub(crate) fn read_json(file: &[u8]) -> Result<Content, String> {
    // The runner's own reader keeps order and digits, and this one knows what JSON is.
    serde_json::from_slice::<serde::de::IgnoredAny>(file).map_err(|e| e.to_string())?;
    let text = str::from_utf8(file).map_err(|e| e.to_string())?;
    let Json::Array(objects) = Json::read(text)? else {
        return Err("no array".into());
    };
    let mut rows = Vec::new();
    for object in objects {
        let Json::Object(fields) = object else {
            return Err("a row is no object".into());
        };
        let cell = |(name, value): (String, Json)| {
            let cell = Cell::new(&value).ok_or_else(|| format!("{name} is an object"))?;
            Ok((name, cell))
        };
        rows.push(
            fields
                .into_iter()
                .map(cell)
                .collect::<Result<_, String>>()?,
        );
    }
    Ok((None, rows))
}

/// Reads a Parquet file.
pub(crate) fn read_parquet(file: &[u8]) -> Result<Content, String> {
    let bytes = bytes::Bytes::copy_from_slice(file);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|e| e.to_string())?;
    let fields = reader.schema().fields().iter();
    let header: Vec<_> = fields.map(|field| field.name().clone()).collect();
    let mut rows = Vec::new();
    for batch in reader.build().map_err(|e| e.to_string())? {
        let batch = batch.map_err(|e| e.to_string())?;
        for number in 0..batch.num_rows() {
            let mut row = Row::new();
            for (name, column) in header.iter().zip(batch.columns()) {
                match cell(column.as_ref(), number)? {
                    Cell::Null => {}
                    cell => row.push((name.clone(), cell)),
                }
            }
            rows.push(row);
        }
    }
    Ok((Some(header), rows))
}

fn cell(array: &dyn Array, row: usize) -> Result<Cell, String> {
    if array.is_null(row) {
        return Ok(Cell::Null);
    }
    let any = array.as_any();
    Ok(if let Some(array) = any.downcast_ref::<BooleanArray>() {
        Cell::Bool(array.value(row))
    } else if let Some(array) = any.downcast_ref::<Int64Array>() {
        Cell::Int(array.value(row).to_string())
    } else if let Some(array) = any.downcast_ref::<Decimal128Array>() {
        if array.scale() != 0 {
            return Err(format!("a column of type {}", array.data_type()));
        }
        Cell::Int(array.value(row).to_string())
    } else if let Some(array) = any.downcast_ref::<Float64Array>() {
        Cell::Float(array.value(row))
    } else if let Some(array) = any.downcast_ref::<StringArray>() {
        Cell::Text(array.value(row).to_owned())
    } else if let Some(array) = any.downcast_ref::<TimestampMicrosecondArray>() {
        Cell::Time(array.value(row))
    } else if let Some(array) = any.downcast_ref::<ListArray>() {
        let items = array.value(row);
        let items = (0..items.len()).map(|item| cell(items.as_ref(), item));
        Cell::List(items.collect::<Result<_, String>>()?)
    } else {
        return Err(format!("a column of type {}", array.data_type()));
    })
}
