//! Spells the rows of a batch as CSV. Knows no files and nothing about rows written before.

use std::{mem, ops::Range};

use arrow_array::{Array, BooleanArray, StringArray, cast::AsArray};
use arrow_schema::DataType;
use transmog_core::{Cells, Result, TableBatch};
use transmog_io::growing::{Draft, Present, constant_columns};

use crate::dialect::Dialect;

/// The rows of one batch, each column opened once.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    dialect: Dialect,
    /// Cells of a row.
    width: usize,
    /// Without the constant ones.
    columns: Vec<Place<'a>>,
    /// Number of the first of the constant columns behind them; the last column's if there are none.
    last: usize,
    /// The cells of these, with delimiters between them.
    end: Vec<u8>,
    drafts: Vec<bool>,
}

/// A column, and where in the row it stands.
#[derive(Debug)]
struct Place<'a> {
    column: Column<'a>,
    /// Number of the first of the constant columns before it; its own if there are none.
    from: usize,
    /// Their cells, each with the delimiter behind it.
    before: Vec<u8>,
    number: usize,
    array: &'a dyn Array,
}

#[derive(Debug)]
enum Column<'a> {
    /// In the dialect's words, unlike in text columns and lists.
    Boolean(&'a BooleanArray),
    /// Never needs quotes in a plain dialect: times, dates and ids, too.
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
        let width = batch.rows.num_columns();
        let mut columns = Vec::with_capacity(width);
        let mut drafts = Vec::with_capacity(width);
        let (mut from, mut before) = (0, Vec::new());
        for (number, is_constant) in constant_columns(&batch.rows).into_iter().enumerate() {
            let column = Column::new(batch, number, dialect)?;
            drafts.push(matches!(&column, Column::List(draft) if draft.is_draft()));
            if is_constant {
                column.write(0, dialect, &mut before);
                before.push(dialect.delimiter);
                continue;
            }
            columns.push(Place {
                column,
                from,
                before: mem::take(&mut before),
                number,
                array: batch.rows.column(number),
            });
            from = number + 1;
        }
        before.pop();
        let last = from.min(width.saturating_sub(1));
        Ok(Self {
            dialect,
            width,
            columns,
            last,
            end: before,
            drafts,
        })
    }

    /// Which columns are drafts, see [`Draft`].
    pub(crate) fn drafts(&self) -> impl Iterator<Item = bool> {
        self.drafts.iter().copied()
    }

    /// Appends rows.
    pub(crate) fn write(&self, rows: Range<usize>, out: &mut Vec<u8>) {
        let present = Present::new(self.columns.iter().map(|place| place.array), rows.clone());
        for (row, present) in rows.zip(present.rows()) {
            let start = out.len();
            let mut at = 0;
            for place in present.map(|column| &self.columns[column]) {
                self.dialect.skip(place.from - at, out);
                // Most have none, and even nothing takes time to append.
                if !place.before.is_empty() {
                    out.extend_from_slice(&place.before);
                }
                at = place.number;
                place.column.write(row, self.dialect, out);
            }
            self.dialect.skip(self.last - at, out);
            out.extend_from_slice(&self.end);
            end_row(self.dialect, self.width == 1, start, out);
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

impl<'a> Column<'a> {
    fn new(batch: &'a TableBatch, number: usize, dialect: Dialect) -> Result<Self> {
        let field = batch.rows.schema_ref().field(number);
        let array = batch.rows.column(number);
        let integers = batch.integers.get(number).and_then(Option::as_ref);
        let cells = || Cells::of_field(field, array, integers);
        Ok(match array.data_type() {
            DataType::Boolean => Self::Boolean(array.as_boolean()),
            DataType::List(_) => Self::List(Draft::new(field, array, integers)?),
            DataType::Utf8 if is_bare(array.as_string(), dialect) => Self::Bare(cells()?),
            DataType::Utf8 => Self::Text(cells()?),
            _ if dialect.is_plain() => Self::Number(cells()?),
            _ => Self::Other(cells()?),
        })
    }

    /// Appends a cell that holds something.
    fn write(&self, row: usize, dialect: Dialect, out: &mut Vec<u8>) {
        let start = out.len();
        match self {
            Self::Boolean(array) => {
                out.extend_from_slice(dialect.boolean(array.value(row)));
                if !dialect.is_plain() {
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
