//! Spells the rows of a batch as CSV. Knows no files and nothing about rows written before.

use std::ops::Range;

use arrow_array::{Array, BooleanArray, TimestampMicrosecondArray, cast::AsArray};
use arrow_schema::{DataType, TimeUnit};
use transmog_core::{Cells, Result, Role, TableBatch};
use transmog_io::growing::Draft;

use crate::dialect::Dialect;

/// The rows of one batch, each column opened once.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    dialect: Dialect,
    columns: Vec<Column<'a>>,
}

#[derive(Debug)]
enum Column<'a> {
    /// `True` and `False`, unlike in text columns and lists.
    Boolean(&'a BooleanArray),
    /// The same in most rows, so the first one's text is kept, with quotes if it needs them.
    Time {
        array: &'a TimestampMicrosecondArray,
        cells: Cells<'a>,
        first: Vec<u8>,
    },
    /// Never needs quotes in a plain dialect: dates and ids, too.
    Number(Cells<'a>),
    List(Draft<'a>),
    Text(Cells<'a>),
    Other(Cells<'a>),
}

impl<'a> Rows<'a> {
    /// Opens the columns of a batch.
    ///
    /// # Errors
    /// If a column's type is none of those that Transmog's tables have.
    pub(crate) fn new(batch: &'a TableBatch, dialect: Dialect) -> Result<Self> {
        let mut columns = Vec::with_capacity(batch.rows.num_columns());
        let fields = batch.rows.schema_ref().fields();
        for (index, (field, array)) in std::iter::zip(fields, batch.rows.columns()).enumerate() {
            let integers = batch.integers.get(index).and_then(Option::as_ref);
            columns.push(match array.data_type() {
                DataType::Boolean => Column::Boolean(array.as_boolean()),
                DataType::Timestamp(TimeUnit::Microsecond, _)
                    if Role::of(field) == Some(Role::Time) =>
                {
                    let cells = Cells::of_field(field, array, integers)?;
                    let mut first = Vec::new();
                    if !array.is_empty() {
                        cells.write_text(0, &mut first);
                        dialect.quote(&mut first, 0);
                    }
                    let array = array.as_primitive();
                    Column::Time {
                        array,
                        cells,
                        first,
                    }
                }
                DataType::List(_) => Column::List(Draft::new(field, array, integers)?),
                DataType::Utf8 => Column::Text(Cells::new(array, integers)?),
                _ if dialect.is_plain() => Column::Number(Cells::new(array, integers)?),
                _ => Column::Other(Cells::new(array, integers)?),
            });
        }
        Ok(Self { dialect, columns })
    }

    /// Which columns are drafts, see [`Draft`].
    pub(crate) fn drafts(&self) -> impl Iterator<Item = bool> {
        self.columns
            .iter()
            .map(|column| matches!(column, Column::List(draft) if draft.is_draft()))
    }

    /// Appends rows.
    pub(crate) fn write(&self, rows: Range<usize>, out: &mut Vec<u8>) {
        let sole = self.columns.len() == 1;
        for row in rows {
            let start = out.len();
            for (index, column) in self.columns.iter().enumerate() {
                if index > 0 {
                    out.push(self.dialect.delimiter);
                }
                column.write(row, self.dialect, out);
            }
            end_row(self.dialect, sole, start, out);
        }
    }
}

/// Ends the row that begins at `start`. A sole cell that is empty gets quotes: a blank line would be no row at all.
pub(crate) fn end_row(dialect: Dialect, sole: bool, start: usize, out: &mut Vec<u8>) {
    if sole && out.len() == start {
        out.extend_from_slice(&[dialect.quote; 2]);
    }
    out.extend_from_slice(b"\r\n");
}

impl Column<'_> {
    fn write(&self, row: usize, dialect: Dialect, out: &mut Vec<u8>) {
        let start = out.len();
        match self {
            Self::Boolean(array) => {
                if array.is_valid(row) {
                    out.extend_from_slice(if array.value(row) { b"True" } else { b"False" });
                    if !dialect.is_plain() {
                        dialect.quote(out, start);
                    }
                }
            }
            Self::Time {
                array,
                cells,
                first,
            } => {
                if array.is_valid(row) {
                    if array.is_valid(0) && array.value(row) == array.value(0) {
                        out.extend_from_slice(first);
                    } else {
                        cells.write_text(row, out);
                        dialect.quote(out, start);
                    }
                }
            }
            Self::Number(cells) => cells.write_text(row, out),
            Self::List(draft) => {
                if !draft.is_null(row) {
                    draft.write(row, out);
                    dialect.quote(out, start);
                }
            }
            Self::Text(cells) => {
                cells.write_text(row, out);
                dialect.finish_text(out, start);
            }
            Self::Other(cells) => {
                cells.write_text(row, out);
                dialect.quote(out, start);
            }
        }
    }
}
