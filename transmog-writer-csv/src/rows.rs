//! Spells the rows of a batch as CSV. Knows no files and nothing about rows written before.

use std::ops::Range;

use arrow_array::{
    Array, ArrayRef, BooleanArray, StringArray, TimestampMicrosecondArray, cast::AsArray,
};
use arrow_schema::{DataType, TimeUnit};
use transmog_core::{Cells, Result, Role, TableBatch};
use transmog_io::growing::{Draft, Present};

use crate::dialect::Dialect;

/// The rows of one batch, each column opened once.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    dialect: Dialect,
    arrays: &'a [ArrayRef],
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
    /// No text of the batch needs quotes or a guard.
    Bare(Cells<'a>),
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
                DataType::Utf8 if is_bare(array.as_string(), dialect) => {
                    Column::Bare(Cells::new(array, integers)?)
                }
                DataType::Utf8 => Column::Text(Cells::new(array, integers)?),
                _ if dialect.is_plain() => Column::Number(Cells::new(array, integers)?),
                _ => Column::Other(Cells::new(array, integers)?),
            });
        }
        Ok(Self {
            dialect,
            arrays: batch.rows.columns(),
            columns,
        })
    }

    /// Which columns are drafts, see [`Draft`].
    pub(crate) fn drafts(&self) -> impl Iterator<Item = bool> {
        self.columns
            .iter()
            .map(|column| matches!(column, Column::List(draft) if draft.is_draft()))
    }

    /// Appends rows.
    pub(crate) fn write(&self, rows: Range<usize>, out: &mut Vec<u8>) {
        let last = self.columns.len().saturating_sub(1);
        let sole = self.columns.len() == 1;
        let present = Present::new(self.arrays.iter().map(AsRef::as_ref), rows.clone());
        for (row, present) in rows.zip(present.rows()) {
            let start = out.len();
            let mut at = 0;
            for number in present {
                self.dialect.skip(number - at, out);
                at = number;
                self.columns[number].write(row, self.dialect, out);
            }
            self.dialect.skip(last - at, out);
            end_row(self.dialect, sole, start, out);
        }
    }
}

/// True if no text needs quotes or a guard. That is faster to see for all rows than for each.
fn is_bare(texts: &StringArray, dialect: Dialect) -> bool {
    let offsets = texts.value_offsets();
    match (offsets.first(), offsets.last()) {
        (Some(start), Some(end)) if !dialect.guard => {
            dialect.is_bare(&texts.value_data()[*start as usize..*end as usize])
        }
        _ => false,
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
    /// Appends a cell that holds something.
    fn write(&self, row: usize, dialect: Dialect, out: &mut Vec<u8>) {
        let start = out.len();
        match self {
            Self::Boolean(array) => {
                out.extend_from_slice(if array.value(row) { b"True" } else { b"False" });
                if !dialect.is_plain() {
                    dialect.quote(out, start);
                }
            }
            Self::Time {
                array,
                cells,
                first,
            } => {
                if array.is_valid(0) && array.value(row) == array.value(0) {
                    out.extend_from_slice(first);
                } else {
                    cells.write_text(row, out);
                    dialect.quote(out, start);
                }
            }
            Self::Number(cells) | Self::Bare(cells) => cells.write_text(row, out),
            Self::List(draft) => {
                draft.write(row, out);
                dialect.quote(out, start);
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
