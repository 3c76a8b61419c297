//! Makes the overflow column: the values of a row that came after its table had all the columns it
//! may have, as one JSON object, nested as in the record and sorted by key.

use arrow_array::{StringArray, builder::StringBuilder};
use arrow_schema::DataType;

use crate::{
    arrow::Cells,
    base::{ColumnPath, Error, Result},
    shred::{ShreddedColumn, ShreddedTable},
    text,
    value::Scalar,
};

/// What a chunk adds to the column.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) array: StringArray,
    /// Rows that have something in it.
    pub(super) rows: u64,
    /// For each of the chunk's columns that went into it, its position and its values that did.
    pub(super) written: Vec<(usize, u64)>,
}

/// A column without a column of its own in the table.
struct Surplus<'a> {
    column: &'a ShreddedColumn,
    cells: Cells<'a>,
}

/// Makes the column of the chunk's columns at these positions.
///
/// # Errors
/// If its text is too large for Arrow's offsets.
pub(super) fn rest(table: &ShreddedTable, positions: &[usize]) -> Result<Rest> {
    let mut positions = positions.to_vec();
    positions.sort_by(|a, b| table.columns[*a].path.cmp(&table.columns[*b].path));
    let mut columns = Vec::with_capacity(positions.len());
    let mut written = Vec::with_capacity(positions.len());
    // Rows of values, the columns that have them, and their places there.
    let mut values: Vec<(usize, usize, usize)> = Vec::new();
    for position in positions {
        let column = &table.columns[position];
        let cells = column.values.cells()?;
        let before = values.len();
        let places = column.values.places();
        values.extend(places.map(|(row, place)| (row, columns.len(), place)));
        written.push((position, (values.len() - before) as u64));
        columns.push(Surplus { column, cells });
    }
    values.sort_unstable();
    let mut builder = StringBuilder::new();
    let (mut next, mut rows, mut bytes) = (0, 0, 0);
    let mut json = Vec::new();
    for values in values.chunk_by(|(a, ..), (b, ..)| a == b) {
        let row = values[0].0;
        let of_row = values.iter();
        let of_row: Vec<_> = of_row
            .map(|(_, index, place)| (&columns[*index], *place))
            .collect();
        json.clear();
        write_values(&of_row, 0, &mut json)?;
        builder.append_nulls(row - next);
        bytes += json.len();
        crate::arrow::check_text_bytes(1, bytes)?;
        builder.append_value(std::str::from_utf8(&json).unwrap_or_default()); // Only text was written.
        next = row + 1;
        rows += 1;
    }
    builder.append_nulls(table.rows - next);
    Ok(Rest {
        array: builder.finish(),
        rows,
        written,
    })
}

/// Writes the values of a row whose paths have their first `depth` keys in common.
fn write_values(values: &[(&Surplus<'_>, usize)], depth: usize, out: &mut Vec<u8>) -> Result<()> {
    let path = |value: &Surplus<'_>| -> ColumnPath { value.column.path.clone() };
    if let [(value, place)] = values
        && path(value).len() == depth
    {
        value.write(*place, out);
        return Ok(());
    }
    out.push(b'{');
    let key = |value: &Surplus<'_>| path(value).get(depth).cloned();
    for (i, below) in values
        .chunk_by(|(a, _), (b, _)| key(a) == key(b))
        .enumerate()
    {
        let Some(key) = key(below[0].0) else {
            return Err(Error::internal("a value is a scalar and an object in one"));
        };
        if i > 0 {
            out.push(b',');
        }
        text::write_json_string(out, &key);
        out.push(b':');
        write_values(below, depth + 1, out)?;
    }
    out.push(b'}');
    Ok(())
}

impl Surplus<'_> {
    /// Writes the value at a place as the JSON that it was, whatever its column had to become.
    fn write(&self, place: usize, out: &mut Vec<u8>) {
        let values = &self.column.values;
        let is_text = match values.data_type() {
            DataType::Utf8 => values.is_text(place),
            DataType::Float64 => !self.is_finite(place),
            _ => return self.cells.write_json(place, out),
        };
        let mut cell = Vec::new();
        self.cells.write_text(place, &mut cell);
        if is_text {
            let cell = std::str::from_utf8(&cell).unwrap_or_default(); // Only text was written.
            text::write_json_string(out, cell);
        } else {
            out.extend_from_slice(&cell);
        }
    }

    fn is_finite(&self, place: usize) -> bool {
        match self.cells.scalar(place, &mut String::new()) {
            Scalar::Float(x) => x.is_finite(),
            _ => true,
        }
    }
}
