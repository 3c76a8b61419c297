//! The column of what came when a table had all the columns that it may have: the values of a row as one JSON object, nested
//! as they stood in the record and in the order of their keys.

use arrow_array::{Array, ArrayRef, Float64Array, StringArray, builder::StringBuilder};
use arrow_schema::DataType;

use crate::{
    cells::Cells,
    error::{Error, Result},
    path::ColumnPath,
    shred::{ShreddedColumn, ShreddedTable},
    text,
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
    // Rows of values, and the columns that have them.
    let mut values: Vec<(usize, usize)> = Vec::new();
    for position in positions {
        let column = &table.columns[position];
        let cells = Cells::new(&column.values.array, column.values.integers.as_ref())?;
        let before = values.len();
        let rows = (0..table.rows).filter(|row| !cells.is_null(*row));
        values.extend(rows.map(|row| (row, columns.len())));
        written.push((position, (values.len() - before) as u64));
        columns.push(Surplus { column, cells });
    }
    values.sort_unstable();
    let mut builder = StringBuilder::new();
    let (mut next, mut rows, mut bytes) = (0, 0, 0);
    let mut json = Vec::new();
    for values in values.chunk_by(|(a, _), (b, _)| a == b) {
        let row = values[0].0;
        let of_row: Vec<&Surplus<'_>> = values.iter().map(|(_, index)| &columns[*index]).collect();
        json.clear();
        write_values(&of_row, row, 0, &mut json)?;
        builder.append_nulls(row - next);
        bytes += json.len();
        crate::ids::check_text_bytes(1, bytes)?;
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
fn write_values(
    values: &[&Surplus<'_>],
    row: usize,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<()> {
    let path = |value: &Surplus<'_>| -> ColumnPath { value.column.path.clone() };
    if let [value] = values
        && path(value).len() == depth
    {
        value.write(row, out);
        return Ok(());
    }
    out.push(b'{');
    let key = |value: &Surplus<'_>| path(value).get(depth).cloned();
    for (i, below) in values.chunk_by(|a, b| key(a) == key(b)).enumerate() {
        let Some(key) = key(below[0]) else {
            return Err(Error::internal("a value is a scalar and an object in one"));
        };
        if i > 0 {
            out.push(b',');
        }
        text::write_json_string(out, &key);
        out.push(b':');
        write_values(below, row, depth + 1, out)?;
    }
    out.push(b'}');
    Ok(())
}

impl Surplus<'_> {
    /// Writes a value as the JSON that it was, whatever its column had to become.
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        let values = &self.column.values;
        let is_text = match values.array.data_type() {
            DataType::Utf8 => values.texts.as_ref().is_none_or(|texts| texts.value(row)),
            DataType::Float64 => !is_finite(&values.array, row),
            _ => return self.cells.write_json(row, out),
        };
        let mut cell = Vec::new();
        self.cells.write_text(row, &mut cell);
        if is_text {
            let cell = std::str::from_utf8(&cell).unwrap_or_default(); // Only text was written.
            text::write_json_string(out, cell);
        } else {
            out.extend_from_slice(&cell);
        }
    }
}

fn is_finite(array: &ArrayRef, row: usize) -> bool {
    let floats = array.as_any().downcast_ref::<Float64Array>();
    floats.is_none_or(|floats| floats.value(row).is_finite())
}

/// The first row in which a column holds something.
pub(crate) fn first_value(column: &ShreddedColumn) -> Option<u32> {
    let values = &column.values;
    if values.leaves == 0 {
        return None;
    }
    let rows = 0..values.array.len();
    let first = rows.into_iter().find(|row| values.array.is_valid(*row));
    first.map(|row| row as u32)
}
