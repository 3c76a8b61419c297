//! Splits a row into cells.
//!
//! ```text
//! row     1,"a ""b""",1.50
//! cells   1 | a "b" | 1.50
//! ```
//!
//! Most rows have no doubled quotes and no escapes: then cells are ranges of the row, found 16
//! bytes at a time. Others are copied.

use std::ops::Range;

use memchr::memchr;
use wide::u8x16;

use super::{
    Dialect,
    dialect::Quoting,
    tsv::{is_in_quotes, unquoted},
};

mod raw;

use raw::{RawCell, RawCells, Style};

/// Bytes compared in one step.
const BLOCK: usize = 16;

/// Initial capacity, in cells.
const FEW: usize = 32;

/// The cells of the last row that was read, without their quotes.
#[derive(Debug)]
pub(crate) struct Cells {
    dialect: Dialect,
    /// The number of columns; 0 if not known yet. The cells of `.tsv` rows depend on it.
    width: usize,
    /// The range of each cell, in the row or in `text`.
    ranges: Vec<Range<usize>>,
    in_place: bool,
    /// The text of cells with escapes or doubled quotes, if the row has any. Few inputs need it.
    text: Vec<u8>,
}

/// A cell with misplaced quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misquoted {
    /// Its index in the row.
    pub(crate) cell: usize,
    /// The byte of the row at which it begins.
    pub(crate) start: usize,
    /// The byte at which text follows its closing quote; `None` if no quote closes it.
    pub(crate) text: Option<usize>,
}

/// The state before a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Plain,
    Quotes,
    /// After a quote at this byte, which closes the cell unless another quote follows.
    Closed(usize),
}

/// The number of cells in a row.
///
/// # Errors
/// If the quotes of a cell are misplaced.
pub(crate) fn count(dialect: Dialect, row: &[u8]) -> Result<usize, ()> {
    RawCells::new(dialect, row).try_fold(0, |count, (_, cell)| match cell.style {
        Style::Plain | Style::Quoted { .. } => Ok(count + 1),
        Style::Open | Style::TextAfter { .. } => Err(()),
    })
}

/// The number of cells in a row, without empty ones beyond the last column.
///
/// # Errors
/// If the quotes of a cell are misplaced.
pub(crate) fn width(dialect: Dialect, row: &[u8], columns: usize) -> Result<usize, ()> {
    let (mut count, mut filled) = (0, 0);
    for (style, cell) in styled_cells(dialect, row) {
        if style == CellStyle::Misquoted {
            return Err(());
        }
        count += 1;
        filled = if cell.is_empty() { filled } else { count };
    }
    Ok(count.min(columns.max(filled)))
}

/// How a cell is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellStyle {
    Plain,
    Quoted,
    Misquoted,
}

/// The cells of a row, without the quotes around them.
pub(crate) fn styled_cells(
    dialect: Dialect,
    row: &[u8],
) -> impl Iterator<Item = (CellStyle, &[u8])> {
    RawCells::new(dialect, row).map(|(start, cell)| match cell.style {
        Style::Plain => (CellStyle::Plain, &row[start..cell.end]),
        Style::Quoted { close } => (CellStyle::Quoted, &row[start + 1..close]),
        Style::Open | Style::TextAfter { .. } => (CellStyle::Misquoted, &row[start..cell.end]),
    })
}

impl Cells {
    pub(crate) fn new(dialect: Dialect, width: usize) -> Self {
        Self {
            dialect,
            width,
            ranges: Vec::with_capacity(FEW),
            in_place: true,
            text: Vec::new(),
        }
    }

    /// Reads a row, without its line end. A cell with text after its closing quote is read as
    /// written, quotes and all, up to the next delimiter; one that is not closed, to the end of the
    /// row.
    ///
    /// # Errors
    /// The first cell with misplaced quotes.
    #[inline]
    pub(crate) fn read(&mut self, row: &[u8]) -> Result<(), Misquoted> {
        self.in_place = self.read_in_place(row);
        if self.in_place {
            Ok(())
        } else {
            self.read_others(row)
        }
    }

    /// The fast path: reads a row whose cells need no copy, quoted or not. False if one does.
    fn read_in_place(&mut self, row: &[u8]) -> bool {
        // An empty row has no cell.
        if row.is_empty()
            || self
                .dialect
                .escape
                .is_some_and(|it| memchr(it, row).is_some())
        {
            return false;
        }
        let delimiter = self.dialect.delimiter;
        let quote = match self.dialect.quoting {
            Quoting::Rfc(quote) => quote,
            Quoting::WholeCells(quote) if memchr(quote, row).is_some() => return false,
            // No quotes: search for the delimiter twice.
            Quoting::WholeCells(_) | Quoting::Off => delimiter,
        };
        let marks = [delimiter, quote].map(u8x16::splat);
        self.ranges.clear();
        let (mut start, mut within) = (0, Within::Plain);
        let (blocks, rest) = row.as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        for (at, block) in (0..).step_by(BLOCK).zip(blocks.iter().chain([&last])) {
            let block = u8x16::new(*block);
            let [delimiters, quotes] = marks.map(|mark| block.simd_eq(mark));
            let mut met = (delimiters | quotes).to_bitmask();
            while met != 0 {
                let at = at + met.trailing_zeros() as usize;
                met &= met - 1;
                let Some(&byte) = row.get(at) else {
                    break; // After the end of the row.
                };
                match within {
                    Within::Plain if byte == delimiter => {
                        self.ranges.push(start..at);
                        start = at + 1;
                    }
                    Within::Plain => {
                        // Inside an unquoted cell, a quote is text.
                        if at == start {
                            within = Within::Quotes;
                            start += 1;
                        }
                    }
                    Within::Quotes if byte == quote => within = Within::Closed(at),
                    Within::Quotes => {}
                    Within::Closed(end) if byte == delimiter && at == end + 1 => {
                        self.ranges.push(start..end);
                        (start, within) = (at + 1, Within::Plain);
                    }
                    // A doubled quote, or text after a closing one.
                    Within::Closed(_) => return false,
                }
            }
        }
        let end = match within {
            Within::Plain => row.len(),
            Within::Closed(end) if end + 1 == row.len() => end,
            Within::Closed(_) | Within::Quotes => return false,
        };
        self.ranges.push(start..end);
        true
    }

    /// The slow path: reads any row, and copies the cells.
    fn read_others(&mut self, row: &[u8]) -> Result<(), Misquoted> {
        self.ranges.clear();
        self.text.clear();
        let mut read = Ok(());
        for (start, cell) in RawCells::new(self.dialect_of(row), row) {
            let from = self.text.len();
            let text = match cell.style {
                Style::TextAfter { text } => Some(Some(text)),
                Style::Open => Some(None),
                Style::Plain | Style::Quoted { .. } => None,
            };
            if let Some(text) = text {
                let cell = self.ranges.len();
                read = read.and(Err(Misquoted { cell, start, text }));
            }
            self.copy(row, start, cell);
            self.ranges.push(from..self.text.len());
        }
        read
    }

    /// Copies the text of a cell.
    fn copy(&mut self, row: &[u8], start: usize, cell: RawCell) {
        let all = &row[start..cell.end];
        match cell.style {
            Style::Plain => match self.dialect.quoting {
                Quoting::WholeCells(quote) => match unquoted(quote, all) {
                    Some(inner) => self.copy_quoted(quote, inner),
                    None => self.text.extend_from_slice(all),
                },
                Quoting::Rfc(_) | Quoting::Off => self.copy_escaped(all),
            },
            Style::Quoted { close } => {
                self.copy_quoted(row[start], &row[start + 1..close]);
                self.text.extend_from_slice(&row[close + 1..cell.end]);
            }
            Style::Open => self.copy_quoted(row[start], &row[start + 1..]),
            Style::TextAfter { .. } => self.text.extend_from_slice(all),
        }
    }

    /// Copies the text between quotes; doubled quotes become one.
    fn copy_quoted(&mut self, quote: u8, mut inner: &[u8]) {
        while let Some(at) = self.dialect.find_quote(quote, inner) {
            if inner[at] == quote {
                self.text.extend_from_slice(&inner[..=at]);
                inner = inner.get(at + 2..).unwrap_or_default();
            } else {
                inner = self.copy_escape(inner, at);
            }
        }
        self.text.extend_from_slice(inner);
    }

    /// Copies unquoted text.
    fn copy_escaped(&mut self, mut text: &[u8]) {
        if let Some(escape) = self.dialect.escape {
            while let Some(at) = memchr(escape, text) {
                text = self.copy_escape(text, at);
            }
        }
        self.text.extend_from_slice(text);
    }

    /// Copies text up to the escape at `at` and the byte that it escapes. Returns the rest.
    fn copy_escape<'t>(&mut self, text: &'t [u8], at: usize) -> &'t [u8] {
        let after = &text[at + 1..];
        let escaped = self.dialect.escaped(after, true).unwrap_or(0);
        // Before any other byte, the escape is text itself.
        let kept = if escaped == 0 { ..at + 1 } else { ..at };
        self.text.extend_from_slice(&text[kept]);
        self.text.extend_from_slice(&after[..escaped]);
        &after[escaped..]
    }

    /// The dialect of this row: some rows of `.tsv` files have tabs or line ends in quotes.
    fn dialect_of(&self, row: &[u8]) -> Dialect {
        let is_tsv = matches!(self.dialect.quoting, Quoting::WholeCells(_));
        if is_tsv && self.width > 0 && is_in_quotes(self.dialect, row, self.width) {
            self.dialect.with_rfc_quotes()
        } else {
            self.dialect
        }
    }

    /// The byte of a row at which a cell begins; the end of the row if there is no such cell. Does
    /// not change the row that was read.
    pub(crate) fn start_of(&self, cell: usize, row: &[u8]) -> usize {
        let mut cells = RawCells::new(self.dialect_of(row), row);
        cells.nth(cell).map_or(row.len(), |(start, _)| start)
    }

    /// Fills `quoted` with one flag for each cell of the last row. Few inputs need that.
    pub(crate) fn quoted(&self, row: &[u8], quoted: &mut Vec<bool>) {
        quoted.clear();
        if self.in_place {
            // The range of a cell in place is the text between its quotes.
            if let Quoting::Rfc(quote) = self.dialect.quoting {
                let before = |cell: &Range<usize>| row.get(cell.start.checked_sub(1)?).copied();
                let cells = self.ranges.iter();
                quoted.extend(cells.map(|cell| before(cell) == Some(quote)));
            }
            return;
        }
        let dialect = self.dialect_of(row);
        quoted.extend(RawCells::new(dialect, row).map(|(start, cell)| {
            match (cell.style, dialect.quoting) {
                (Style::Quoted { .. }, _) => true,
                (Style::Plain, Quoting::WholeCells(quote)) => {
                    unquoted(quote, &row[start..cell.end]).is_some()
                }
                _ => false,
            }
        }));
    }

    /// True if the cells are ranges of the row itself.
    pub(crate) fn are_in_place(&self) -> bool {
        self.in_place
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// The bytes that the [ranges](Self::ranges) point into: the row, or the copied text.
    pub(crate) fn bytes<'c>(&'c self, row: &'c [u8]) -> &'c [u8] {
        if self.in_place { row } else { &self.text }
    }

    /// The range of each cell.
    pub(crate) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// The bytes of a cell of the last row.
    pub(crate) fn get<'c>(&'c self, cell: usize, row: &'c [u8]) -> Option<&'c [u8]> {
        self.bytes(row).get(self.ranges.get(cell)?.clone())
    }
}

#[cfg(test)]
mod tests;
