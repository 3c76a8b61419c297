//! Shreds the rows of a CSV chunk: parses cells, gives them values, and hands them to the shredder.

use std::{cell::RefCell, ops::Range, sync::Arc};

use memchr::memchr;
use transmog_core::{Cast, Error, ErrorKind, Scalar, Shredder, Value};

use super::reader::RecordReader;
use crate::{
    csv::{Cells, CsvTable, Misquoted, Width, wrong_quotes},
    fault::{Fault, Step, not_utf8, zero_byte},
};

mod as_written;
mod text_columns;

use as_written::is_as_written;
pub(crate) use text_columns::{TextColumns, TextFrom};

/// Shreds the rows of a chunk. `text_from` lists columns that are text in addition to those of the
/// table.
///
/// # Errors
/// If a row is bad and the strategy ends the run.
pub(crate) fn shred(
    reader: &mut RecordReader<'_>,
    rows: &[Range<usize>],
    table: &Arc<CsvTable>,
    text_from: &TextFrom,
) -> Result<(), Error> {
    let chunk = reader.chunk;
    let mut table = typed(&table.with_text(&text_from.whole), reader);
    let mut parser = RowParser::new(&table, reader.rules.cast);
    let mut keeper = RowParser::new(&table, reader.rules.cast);
    reader.shredder.name_cells(table.names());
    // Most chunks are UTF-8 as a whole; otherwise each row is checked.
    let text = simdutf8::basic::from_utf8(&chunk.data).ok();
    let text = text.filter(|_| memchr(0, &chunk.data).is_none());
    let mut later = text_from.later.iter().peekable();
    for row in rows {
        while let Some((_, name)) = later.next_if(|(record, _)| *record <= reader.records()) {
            // From here on, cells of this column are text.
            table = typed(&table.with_text(&[name.clone()].into()), reader);
        }
        let bytes = chunk.data.get(row.clone()).unwrap_or_default();
        let unfinished = reader.unfinished_row(row).cloned();
        let mut width = Width::Full;
        reader.record(
            row.clone(),
            |shredder| {
                let text = text.and_then(|text| text.get(row.clone()));
                width = shred_row(shredder, bytes, text, &table, &mut parser)?;
                Ok(())
            },
            |shredder| match &unfinished {
                None => keep_row(shredder, bytes, &table, &mut keeper),
                Some(kind) => keep_cells(shredder, bytes, &table, &mut keeper, kind),
            },
        )?;
        if width != Width::Full {
            note_ragged(reader, row.start, width);
        }
    }
    // A header without rows still has columns, unless the header may be cut off.
    if !reader.has_rows() && chunk.ends_early.is_none() {
        reader.shredder.add_columns();
    }
    reader.respelled = [&parser, &keeper]
        .into_iter()
        .flat_map(|parser| parser.respelled(&table))
        .collect();
    Ok(())
}

/// Counts the last row, which begins at `start`, as short or too long.
#[cold]
fn note_ragged(reader: &mut RecordReader<'_>, start: usize, width: Width) {
    let is_first = reader
        .ragged
        .of(width)
        .is_some_and(|count| count.first.is_none());
    let place = is_first.then(|| reader.last_place(start));
    if let Some(count) = reader.ragged.of(width) {
        count.rows += 1;
        count.first = count.first.take().or(place);
    }
}

/// The table with the types that settings give.
fn typed(table: &Arc<CsvTable>, reader: &RecordReader<'_>) -> Arc<CsvTable> {
    table.with_types(|name| reader.shredder.is_text(name))
}

/// Buffers for parsing rows, reused from row to row.
#[derive(Debug)]
struct RowParser {
    cells: Cells,
    /// True if cells get types; false if all columns are cast to text, which is then as written.
    typed: bool,
    /// Which cells of the row are quoted, if quoted cells are text; else empty.
    quoted: Vec<bool>,
    /// Columns of the current row whose values are formatted differently from their cells.
    odd: RefCell<Vec<usize>>,
    /// The number of such cells in accepted rows, by column.
    respelled: Vec<u64>,
}

impl RowParser {
    fn new(table: &CsvTable, cast: Cast) -> Self {
        Self {
            cells: Cells::new(table.dialect(), table.width()),
            typed: cast == Cast::Off,
            quoted: Vec::new(),
            odd: RefCell::default(),
            respelled: Vec::new(),
        }
    }

    /// Notes which cells of the last row are quoted, if quoted cells are text.
    fn note_quoted(&mut self, row: &[u8], table: &CsvTable) {
        if table.takes_quoted_for_text() {
            self.cells.quoted(row, &mut self.quoted);
        }
    }

    /// Counts the differing cells of the current row, if it was accepted.
    fn count(&mut self, is_taken: bool) {
        let odd = self.odd.get_mut();
        if odd.is_empty() {
            return;
        }
        if is_taken {
            // A row that was parsed twice has noted them twice.
            odd.sort_unstable();
            odd.dedup();
            for column in &*odd {
                if self.respelled.len() <= *column {
                    self.respelled.resize(column + 1, 0);
                }
                self.respelled[*column] += 1;
            }
        }
        odd.clear();
    }

    /// The counts by column name.
    fn respelled<'r>(&'r self, table: &'r CsvTable) -> impl Iterator<Item = (String, u64)> + 'r {
        let counts = self.respelled.iter().enumerate();
        let counts = counts.filter(|(_, count)| **count > 0);
        counts.map(|(column, count)| (table.name(column).to_owned(), *count))
    }
}

/// The value of a cell. Notes the column if the value is formatted differently.
#[inline]
fn value_of<'t>(
    table: &CsvTable,
    (column, cell): (usize, Option<&'t str>),
    parser: &RowParser,
) -> Scalar<'t> {
    let value = table.value_at(column, cell, parser.typed, &parser.quoted);
    if let Some(cell) = cell
        && (!is_as_written(cell, &value) || table.rounds(value))
    {
        parser.odd.borrow_mut().push(column);
    }
    value
}

/// Shreds one row; `text` is the same row if it is known to be UTF-8.
///
/// # Errors
/// If it has too many cells, is not UTF-8, or has misplaced quotes. The shredder is then unchanged.
fn shred_row(
    shredder: &mut Shredder,
    row: &[u8],
    text: Option<&str>,
    table: &CsvTable,
    parser: &mut RowParser,
) -> Result<Width, Fault> {
    if text.is_none() {
        check_text(row, table, &mut parser.cells)?;
    }
    let read = parser.cells.read(row);
    read.map_err(|wrong| quote_fault(row, wrong, table))?;
    let width = Width::of(row, &mut parser.cells, table)?;
    parser.note_quoted(row, table);
    let cells = &parser.cells;
    // Quotes are ASCII, so the text between them is UTF-8 if the row is.
    let text = match text.filter(|_| cells.are_in_place()) {
        Some(row) => row,
        None => std::str::from_utf8(cells.bytes(row)).map_err(|error| undecodable(&error))?,
    };
    let ranges = cells.ranges();
    if shredder.needs_written() {
        let cell = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
        let texts = ranges.iter().cloned().map(cell);
        shredder.set_written(table.names().map(str::to_owned).zip(texts));
    }
    let taken = shredder.row(|column| {
        let cell = ranges.get(column).and_then(|range| text.get(range.clone()));
        value_of(table, (column, cell), parser)
    });
    parser.count(taken.is_ok());
    taken.map_err(|error| Fault::of(&error, 0))?;
    Ok(width)
}

/// The readable part of a row.
struct ReadRow {
    value: Value,
    /// Its cells as written, by column name.
    texts: Vec<(String, String)>,
    /// All faults of the row.
    faults: Vec<Fault>,
}

/// The readable part of a row, and all its faults: undecodable bytes become U+FFFD, cells beyond
/// the last column get columns `column_N`, an open quote ends with the row.
fn row_value(row: &[u8], table: &CsvTable, parser: &mut RowParser) -> ReadRow {
    let mut faults = Vec::new();
    if let Err(fault) = check_text(row, table, &mut parser.cells) {
        faults.push(fault);
    }
    if let Err(wrong) = parser.cells.read(row) {
        faults.push(quote_fault(row, wrong, table));
    }
    let mut width = table.width();
    if let Err(fault) = Width::of(row, &mut parser.cells, table) {
        faults.push(fault);
        width = width.max(parser.cells.len());
    }
    parser.note_quoted(row, table);
    let cells = &parser.cells;
    let mut texts = Vec::new();
    let fields = table.names_to(width).zip(0..width).map(|(name, column)| {
        let text = cells.get(column, row).map(String::from_utf8_lossy);
        let value = value_of(table, (column, text.as_deref()), parser).to_value();
        texts.extend(text.map(|text| (name.clone(), text.into_owned())));
        (name, value)
    });
    ReadRow {
        value: Value::Object(fields.collect()),
        texts,
        faults,
    }
}

/// Keeps the readable part of a row, marked with its faults.
fn keep_row(shredder: &mut Shredder, row: &[u8], table: &CsvTable, parser: &mut RowParser) -> bool {
    let ReadRow {
        value,
        texts,
        faults,
    } = row_value(row, table, parser);
    let note = |value: Value, fault: &Fault| value.faulty(fault.kind.to_string());
    let value = faults.iter().rev().fold(value, note);
    shredder.set_written(texts.into_iter());
    let is_kept = shredder.keep_value(&value).is_ok();
    parser.count(is_kept);
    is_kept
}

/// Keeps all cells of a row but the last one, which is incomplete. False if there are none.
fn keep_cells(
    shredder: &mut Shredder,
    row: &[u8],
    table: &CsvTable,
    parser: &mut RowParser,
    wrong: &ErrorKind,
) -> bool {
    parser.cells.read(row).ok();
    let last = parser.cells.len().saturating_sub(1);
    // Without the delimiter before it.
    let end = parser.cells.start_of(last, row).checked_sub(1);
    let Some(row) = end.and_then(|end| row.get(..end)) else {
        return false;
    };
    let ReadRow {
        value,
        texts,
        faults,
    } = row_value(row, table, parser);
    shredder.set_written(texts.into_iter());
    let faults = faults.iter().map(|fault| &fault.kind).chain([wrong]);
    let value = faults.fold(value, |value, kind| value.faulty(kind.to_string()));
    let is_kept = shredder.keep_value(&value).is_ok();
    parser.count(is_kept);
    is_kept
}

fn quote_fault(row: &[u8], wrong: Misquoted, table: &CsvTable) -> Fault {
    let (kind, at) = wrong_quotes(row, wrong);
    let name = (wrong.cell < table.width()).then(|| table.name(wrong.cell).to_owned());
    Fault {
        path: name.map(Step::Key).into_iter().collect(),
        ..Fault::new(kind, at)
    }
}

fn check_text(row: &[u8], table: &CsvTable, cells: &mut Cells) -> Result<(), Fault> {
    let Some((kind, at)) = not_text(row) else {
        return Ok(());
    };
    // The text before it ends in the same cell.
    cells.read(&row[..at]).ok();
    let column = cells.len().saturating_sub(1);
    let path = (column < table.width()).then(|| Step::Key(table.name(column).to_owned()));
    Err(Fault {
        path: path.into_iter().collect(),
        ..Fault::new(kind, at)
    })
}

/// What is wrong with the text of a row, and where: bytes that are no UTF-8, or a zero byte.
fn not_text(row: &[u8]) -> Option<(ErrorKind, usize)> {
    let error = std::str::from_utf8(row).err();
    let valid = error.map_or(row.len(), |error| error.valid_up_to());
    let of_encoding = |error| (not_utf8(&error), valid);
    zero_byte(&row[..valid]).or(error.map(of_encoding))
}

fn undecodable(error: &std::str::Utf8Error) -> Fault {
    Fault::new(not_utf8(error), error.valid_up_to())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::{CsvReadOptions, Dialect};

    fn partly(row: &[u8]) -> (String, Vec<String>) {
        let names = ["a", "column_3", "c"];
        let options = CsvReadOptions::default();
        let table = CsvTable::with_header(&options, Dialect::rfc(b',', b'"'), names);
        let mut parser = RowParser::new(&table, Cast::Off);
        let ReadRow { value, faults, .. } = row_value(row, &table, &mut parser);
        // The parser can go on.
        assert_eq!(row_value(b"1", &table, &mut parser).faults, []);
        let fault = |fault: &Fault| {
            let field = fault.field().unwrap_or_default();
            format!("{} at {} {field}", fault.kind, fault.at)
        };
        (value.to_json(), faults.iter().map(fault).collect())
    }

    #[test]
    fn rows_that_are_right() {
        let (value, faults) = partly(b"1.5,,\"x\"");
        assert_eq!(value, r#"{"a":1.5,"column_3":null,"c":"x"}"#);
        assert!(faults.is_empty());
    }

    #[test]
    fn rows_as_far_as_they_can_be_read() {
        let (value, faults) = partly(b"1,2,3,4,,yes");
        let expected =
            r#"{"a":1,"column_3":2,"c":3,"column_4":"4","column_5":null,"column_6":"yes"}"#;
        assert_eq!(value, expected);
        assert_eq!(faults, ["6 cells, but only 3 columns at 6 "]);

        let (value, faults) = partly(b"\"1\",\"\xff,\",2");
        assert_eq!(value, "{\"a\":1,\"column_3\":\"\u{fffd},\",\"c\":2}");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].ends_with(" at 5 column_3"), "{faults:?}");

        let (value, faults) = partly(b"x,\"y\n3,4\n");
        assert_eq!(value, r#"{"a":"x","column_3":"y\n3,4\n","c":null}"#);
        assert_eq!(faults, ["a quote is opened and never closed at 2 column_3"]);

        let (_, faults) = partly(b"1,2,\xff,\"\xff");
        assert_eq!(faults.len(), 3, "{faults:?}");
    }

    #[test]
    fn names_of_more_cells_are_unlike_all_others() {
        let options = CsvReadOptions::default();
        let names = ["column_2", "column_4"];
        let table = CsvTable::with_header(&options, Dialect::rfc(b',', b'"'), names);
        let names: Vec<String> = table.names_to(4).collect();
        assert_eq!(names, ["column_2", "column_4", "column_3", "column_4_1"]);
    }
}
