//! Writes the rows of one batch as CSV text.
//!
//! Each column is opened once per batch, and the rows are then written on several threads, a range
//! of rows on each. Two things make that fast: cells of constant columns (metadata such as the time
//! of the run) are formatted once per batch, and empty cells are skipped without asking their
//! column. For the columns `id, a, time, b` with a constant `time`, a row is written as
//!
//! ```text
//! 7 , x , 2024-05-01 , y CR LF
//! |   |   '----------' '- a PlacedColumn: `before` holds "2024-05-01,"
//! |   '- a PlacedColumn
//! '- a PlacedColumn
//! ```

use std::{mem, ops::Range};

use arrow_array::{Array, BooleanArray, StringArray, cast::AsArray};
use arrow_schema::DataType;
use transmog_core::{Cells, Result, TableBatch};
use transmog_io::text_tables::{Draft, Present, constant_columns};

use crate::dialect::Dialect;

/// The rows of one batch, ready to be written.
#[derive(Debug)]
pub(crate) struct BatchRows<'a> {
    dialect: Dialect,
    /// How many cells a row has.
    width: usize,
    /// The columns that are not constant.
    columns: Vec<PlacedColumn<'a>>,
    /// Number of the first constant column at the end of the row; of the last column if there is
    /// none.
    last: usize,
    /// The constant cells at the end of the row, with delimiters between them.
    end: Vec<u8>,
    /// Of every column, constant ones too: see [`BatchRows::drafts`].
    drafts: Vec<bool>,
}

/// A column with the constant cells before it.
#[derive(Debug)]
struct PlacedColumn<'a> {
    cells: CellWriter<'a>,
    /// Number of the first constant column right before it; its own if there is none.
    from: usize,
    /// The cells of these constant columns, each followed by the delimiter.
    before: Vec<u8>,
    /// Its own number, counted over all columns.
    number: usize,
    array: &'a dyn Array,
}

/// Formats the cells of one column; the kinds differ in what quoting they need.
#[derive(Debug)]
enum CellWriter<'a> {
    /// With the words of the dialect. Text columns and lists have JSON's words instead.
    Boolean(&'a BooleanArray),
    /// Numbers, times, dates and ids, in a dialect in which these never need quotes.
    Number(Cells<'a>),
    /// JSON text.
    List(Draft<'a>),
    /// Text, which is checked cell by cell.
    Text(Cells<'a>),
    /// Text of which no cell in the batch needs quotes or a guard.
    Bare(Cells<'a>),
    /// Anything else, quoted if it needs quotes but never guarded.
    Other(Cells<'a>),
}

impl<'a> BatchRows<'a> {
    /// Opens the columns of a batch.
    ///
    /// # Errors
    /// A column has a type that Transmog's tables do not have.
    pub(crate) fn new(batch: &'a TableBatch, dialect: Dialect) -> Result<Self> {
        let width = batch.rows.num_columns();
        let mut columns = Vec::with_capacity(width);
        let mut drafts = Vec::with_capacity(width);
        let (mut from, mut before) = (0, Vec::new());
        for (number, is_constant) in constant_columns(&batch.rows).into_iter().enumerate() {
            let column = CellWriter::new(batch, number, dialect)?;
            drafts.push(matches!(&column, CellWriter::List(draft) if draft.is_draft()));
            if is_constant {
                column.write(0, dialect, &mut before);
                before.push(dialect.delimiter);
                continue;
            }
            columns.push(PlacedColumn {
                cells: column,
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

    /// For each column, whether [`Draft`] wrote cells that must be rewritten even if the column
    /// keeps its type.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = bool> {
        self.drafts.iter().copied()
    }

    /// Appends `rows` as text.
    pub(crate) fn write(&self, rows: Range<usize>, out: &mut Vec<u8>) {
        let present = Present::new(self.columns.iter().map(|place| place.array), rows.clone());
        for (row, present) in rows.zip(present.rows()) {
            let start = out.len();
            let mut at = 0;
            for place in present.map(|column| &self.columns[column]) {
                self.dialect.skip(place.from - at, out);
                // Checked because even appending nothing takes time, once for each cell.
                if !place.before.is_empty() {
                    out.extend_from_slice(&place.before);
                }
                at = place.number;
                place.cells.write(row, self.dialect, out);
            }
            self.dialect.skip(self.last - at, out);
            out.extend_from_slice(&self.end);
            end_row(self.dialect, self.width == 1, start, out);
        }
    }
}

/// True if no text needs quotes or a guard: one check of all bytes is faster than one per cell.
fn is_bare(texts: &StringArray, dialect: Dialect) -> bool {
    let offsets = texts.value_offsets();
    match (offsets.first(), offsets.last()) {
        (Some(start), Some(end)) if !dialect.guard => {
            dialect.is_bare(&texts.value_data()[*start as usize..*end as usize])
        }
        _ => false,
    }
}

/// Ends the row that begins at `start`. If a row has one cell (`sole`) and it is empty, it gets
/// quotes, because readers skip blank lines.
pub(crate) fn end_row(dialect: Dialect, sole: bool, start: usize, out: &mut Vec<u8>) {
    if sole && out.len() == start {
        out.extend_from_slice(&[dialect.quote; 2]);
    }
    out.extend_from_slice(b"\r\n");
}

impl<'a> CellWriter<'a> {
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
