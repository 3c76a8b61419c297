//! Takes a row apart into its cells. Of types and names it knows nothing.

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

/// Bytes that are looked at at once.
const BLOCK: usize = 16;

/// Cells that there is room for at first.
const FEW: usize = 32;

/// The cells of the row that was read last, without quotes.
#[derive(Debug)]
pub(crate) struct Cells {
    dialect: Dialect,
    /// The number of columns, 0 if that is not known yet. Cells of `.tsv` files depend on it.
    width: usize,
    /// Where the cells are: in the row, or in `text`.
    ranges: Vec<Range<usize>>,
    in_place: bool,
    /// The cells of rows that have other cells than their bytes. Few inputs need it.
    text: Vec<u8>,
}

/// A cell whose quotes are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misquoted {
    /// Its number in the row.
    pub(crate) cell: usize,
    /// Where in the row it begins.
    pub(crate) start: usize,
    /// Where text follows its closing quote; `None` if no quote closes it.
    pub(crate) text: Option<usize>,
}

/// Where in a cell the byte before stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Plain,
    Quotes,
    /// At its closing quote, which is at this place; unless another one follows.
    Closed(usize),
}

/// The number of a row's cells.
///
/// # Errors
/// If a cell's quotes are wrong.
pub(crate) fn count(dialect: Dialect, row: &[u8]) -> Result<usize, ()> {
    RawCells::new(dialect, row).try_fold(0, |count, (_, cell)| match cell.style {
        Style::Plain | Style::Quoted { .. } => Ok(count + 1),
        Style::Open | Style::TextAfter { .. } => Err(()),
    })
}

/// The number of a row's cells, without empty ones at its end that are more than there are columns.
///
/// # Errors
/// If a cell's quotes are wrong.
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

/// How a cell is written, as far as it matters for what its row is worth.
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

    /// Reads a row, given without its line end. A cell with text after its closing quote is then all that is written
    /// up to the next delimiter, quotes and all; one that is not closed is the row's rest.
    ///
    /// # Errors
    /// The first cell whose quotes are wrong.
    #[inline]
    pub(crate) fn read(&mut self, row: &[u8]) -> Result<(), Misquoted> {
        self.in_place = self.read_in_place(row);
        if self.in_place {
            Ok(())
        } else {
            self.read_others(row)
        }
    }

    /// Reads a row whose cells stand in it as they are, between quotes or without. False if that is not so.
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
            // Looked for is what can be there only as a delimiter.
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
                    break; // Behind the row's end.
                };
                match within {
                    Within::Plain if byte == delimiter => {
                        self.ranges.push(start..at);
                        start = at + 1;
                    }
                    Within::Plain => {
                        // Elsewhere it stands for itself.
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
                    // Two quotes that stand for one, or something behind a quote.
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

    /// Reads any row; the cells are copied.
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

    /// Copies what a cell holds.
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

    /// Copies what is between quotes: two of them stand for one.
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

    /// Copies what is not between quotes.
    fn copy_escaped(&mut self, mut text: &[u8]) {
        if let Some(escape) = self.dialect.escape {
            while let Some(at) = memchr(escape, text) {
                text = self.copy_escape(text, at);
            }
        }
        self.text.extend_from_slice(text);
    }

    /// Copies a text up to the escape at this place and what it makes text. Gives the rest.
    fn copy_escape<'t>(&mut self, text: &'t [u8], at: usize) -> &'t [u8] {
        let after = &text[at + 1..];
        let escaped = self.dialect.escaped(after, true).unwrap_or(0);
        // Before anything else, the escape is text itself.
        let kept = if escaped == 0 { ..at + 1 } else { ..at };
        self.text.extend_from_slice(&text[kept]);
        self.text.extend_from_slice(&after[..escaped]);
        &after[escaped..]
    }

    /// The dialect that this row is written in: in `.tsv` files some rows have tabs or line ends in quotes.
    fn dialect_of(&self, row: &[u8]) -> Dialect {
        let is_tsv = matches!(self.dialect.quoting, Quoting::WholeCells(_));
        if is_tsv && self.width > 0 && is_in_quotes(self.dialect, row, self.width) {
            self.dialect.with_rfc_quotes()
        } else {
            self.dialect
        }
    }

    /// Where in a row a cell begins, in bytes; the row's end if it has no such cell. The row that was read last stays.
    pub(crate) fn start_of(&self, cell: usize, row: &[u8]) -> usize {
        let mut cells = RawCells::new(self.dialect_of(row), row);
        cells.nth(cell).map_or(row.len(), |(start, _)| start)
    }

    /// Says of each cell of the row that was read last whether it is in quotes. Few inputs need that.
    pub(crate) fn quoted(&self, row: &[u8], quoted: &mut Vec<bool>) {
        quoted.clear();
        if self.in_place {
            // Only such quotes are around cells that are in place; a cell's range is what is between them.
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

    /// True if the cells stand in the row as they are.
    pub(crate) fn are_in_place(&self) -> bool {
        self.in_place
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// What the [ranges](Self::ranges) are of: the row that was read last, or the text of its cells.
    pub(crate) fn bytes<'c>(&'c self, row: &'c [u8]) -> &'c [u8] {
        if self.in_place { row } else { &self.text }
    }

    /// Where each cell stands.
    pub(crate) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// The bytes of a cell of the row that was read last.
    pub(crate) fn get<'c>(&'c self, cell: usize, row: &'c [u8]) -> Option<&'c [u8]> {
        self.bytes(row).get(self.ranges.get(cell)?.clone())
    }
}

#[cfg(test)]
mod tests;
