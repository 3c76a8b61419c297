//! Splits CSV at the ends of rows, after it has read the header.
//!
//! The first block decides the columns that may have types: a column whose cells there have no
//! common type is text for the whole input. A row with misplaced quotes does not swallow the rows
//! after it, see `csv::resync`.

use std::{ops::Range, sync::Arc};

use memchr::memchr_iter;
use transmog_core::{Error as DataError, ErrorKind, Location};

use super::{BLOCK_BYTES, Broken, Chunk, Records, Source, block::Block, reading::Reading};
use crate::{
    csv::{
        Cells, CsvInputReport, CsvReadOptions, CsvTable, Delimiter, DelimiterFrom, Dialect, RowEnd,
        RowScan, end_of_misquoted, rows_follow, wrong_quotes,
    },
    error::Error,
    fault::{no_text, zero_byte},
    input::{byte_order_mark::MARK, decompress::DeferredError},
};

mod line_ends;
mod sep_line;
mod sniff;

use sep_line::SepLine;

/// Most bytes that are searched for the first line end.
const LINE_ENDS_BYTES: usize = 64 << 20;

/// A quoted cell longer than this may be a misplaced quote: its lines are checked for rows.
const LONG_CELL: usize = 16 << 20;

/// If compressed data is cut off, an open quote within this many bytes of the end is not an error:
/// the closing one is missing with the rest.
const CUT_CELL: usize = 64 << 10;

/// Splits CSV into rows.
pub(super) struct RowSplitter<'a> {
    reading: Reading<'a>,
    /// Most rows in a chunk.
    chunk_size: usize,
    options: CsvReadOptions,
    /// Bytes that a row may have.
    most: usize,
    /// True for a `.tsv` file.
    is_tsv: bool,
    dialect: Dialect,
    /// The delimiter, once it is known.
    delimiter: Option<Delimiter>,
    /// The character in each of the first rows of a `.tsv` file, if these have no tab.
    instead_of_tab: Option<u8>,
    /// Number of columns, 0 before the header was read.
    width: usize,
    /// Next byte to look at, in the buffer.
    at: usize,
    /// No line that begins before this byte of the input looks like a row. Known from earlier rows
    /// with misplaced quotes, so that lines are not checked twice.
    barren: u64,
    /// The columns, once the header was read.
    table: Option<Arc<CsvTable>>,
    block: Option<Block>,
    /// The error of the decoder, if the input is compressed.
    error: Option<DeferredError>,
}

/// What the buffer holds next.
enum Next {
    /// A whole row.
    Row(Range<usize>),
    /// The beginning of a row that is too large.
    TooLarge(usize),
    End,
}

impl<'a> RowSplitter<'a> {
    pub(super) fn new(
        reading: Reading<'a>,
        chunk_size: usize,
        options: CsvReadOptions,
        most: usize,
        is_tsv: bool,
    ) -> Self {
        Self {
            reading,
            chunk_size,
            dialect: options.dialect(b',', true, is_tsv),
            options,
            most,
            is_tsv,
            delimiter: None,
            instead_of_tab: None,
            width: 0,
            at: 0,
            barren: 0,
            table: None,
            block: None,
            error: None,
        }
    }

    /// For a compressed input: the error that its decoder may meet.
    pub(super) fn with_error(self, error: Option<DeferredError>) -> Self {
        Self { error, ..self }
    }

    /// Finds the next row, without its line end. It may end with the input.
    fn next_row(&mut self) -> Result<Next, Error> {
        loop {
            let text = &self.reading.buffer[self.at..];
            match self.dialect.empty_lines(text, self.reading.at_end) {
                Some(bytes) => {
                    self.at += bytes;
                    if !self.reading.has_mark(self.at)? {
                        break;
                    }
                    self.at += MARK.len();
                }
                None => _ = self.read_more()?,
            }
        }
        let start = self.at;
        if start == self.reading.buffer.len() {
            return Ok(Next::End);
        }
        let mut scan = RowScan::default();
        loop {
            let text = &self.reading.buffer[start..];
            match scan.run(self.dialect, text, self.reading.at_end, self.width) {
                RowEnd::Found { end, next } => {
                    self.at = start + next;
                    return Ok(Next::Row(start..start + end));
                }
                // The closing quote may be in what was cut off.
                RowEnd::Misquoted { open, text: None }
                    if self.is_cut_off() && text.len() - open <= CUT_CELL =>
                {
                    self.at = self.reading.buffer.len();
                    return Ok(Next::Row(start..self.at));
                }
                RowEnd::Misquoted { open, text } => return self.misquoted(start, (open, text)),
                RowEnd::More => {}
            }
            let is_too_large = text.len() > self.most;
            if let Some(open) = scan.open()
                && (is_too_large || text.len() - open > LONG_CELL)
                && rows_follow(self.dialect, text, open, self.width)
            {
                return self.misquoted(start, (open, None));
            }
            if is_too_large {
                return Ok(Next::TooLarge(start));
            }
            self.read_more()?;
        }
    }

    /// True if the compressed data ended too early.
    fn is_cut_off(&self) -> bool {
        self.error.as_ref().is_some_and(DeferredError::is_corrupt)
    }

    /// Finds the end of a row in which the quotes of a cell are wrong.
    fn misquoted(&mut self, start: usize, cell: (usize, Option<usize>)) -> Result<Next, Error> {
        loop {
            let text = &self.reading.buffer[start..];
            let offset = self.reading.offset + start as u64;
            let mut barren = usize::try_from(self.barren.saturating_sub(offset)).unwrap_or(0);
            let end = end_of_misquoted(
                self.dialect,
                text,
                self.reading.at_end,
                cell,
                (self.width, &mut barren),
            );
            self.barren = self.barren.max(offset + barren as u64);
            if let RowEnd::Found { end, next } = end {
                self.at = start + next;
                return Ok(Next::Row(start..start + end));
            }
            if text.len() > self.most.saturating_add(LONG_CELL) {
                return Ok(Next::TooLarge(start));
            }
            self.read_more()?;
        }
    }

    /// The next row before the records.
    fn row_before(&mut self) -> Result<Option<Range<usize>>, Error> {
        match self.next_row()? {
            Next::Row(row) => Ok(Some(row)),
            Next::End => Ok(None),
            Next::TooLarge(start) => {
                self.at = start;
                let broken = self.pass_over()?;
                Err(DataError::new(broken.kind, broken.place).into())
            }
        }
    }

    /// Skips the row that starts here, without holding it, and reports it.
    fn pass_over(&mut self) -> Result<Broken, Error> {
        self.reading.discard(self.at);
        self.at = 0;
        let mut broken = self.reading.over_limit(self.most);
        let mut scan = RowScan::default();
        let mut bytes = 0;
        // Once its quotes are known to be misplaced, it ends with the line.
        let mut misquoted_at = None;
        loop {
            let (text, is_whole) = (&self.reading.buffer[..], self.reading.at_end);
            let end = match misquoted_at {
                Some(from) => match self.dialect.line_end(text, from) {
                    Some((end, next)) => RowEnd::Found { end, next },
                    None if is_whole => RowEnd::Found {
                        end: text.len(),
                        next: text.len(),
                    },
                    None => RowEnd::More,
                },
                None => scan.run(self.dialect, text, is_whole, self.width),
            };
            match end {
                RowEnd::Found { end, next } => {
                    bytes += end as u64;
                    self.reading.discard(next);
                    break;
                }
                RowEnd::Misquoted { text: Some(at), .. } => misquoted_at = Some(at),
                RowEnd::Misquoted { text: None, .. } => misquoted_at = Some(text.len()),
                RowEnd::More => {
                    let passed = match misquoted_at {
                        Some(_) => {
                            misquoted_at = Some(1);
                            text.len().saturating_sub(1)
                        }
                        None => scan.forget(),
                    };
                    bytes += passed as u64;
                    self.reading.discard(passed);
                    self.read_more()?;
                }
            }
        }
        broken.set_bytes(bytes);
        Ok(broken)
    }

    /// False at the end of the input.
    fn read_more(&mut self) -> Result<bool, Error> {
        let before = self.reading.buffer.len();
        self.reading.fill_more()?;
        Ok(self.reading.buffer.len() > before)
    }

    /// Reads the header. `None` if the input is empty.
    fn read_header(&mut self) -> Result<Option<CsvTable>, Error> {
        self.reading.fill(BLOCK_BYTES)?;
        let skip_rows = self.find_dialect()?;
        let (dialect, options) = (self.dialect, self.options.clone());
        let mut cells = Cells::new(dialect, 0);
        for _ in 0..skip_rows {
            let Some(row) = self.row_before()? else {
                return Ok(None);
            };
            self.check_quotes(&mut cells, row)?;
            if self.at >= BLOCK_BYTES {
                self.reading.discard(self.at);
                self.at = 0;
            }
        }
        let Some(row) = self.row_before()? else {
            return Ok(None);
        };
        let start = row.start;
        self.check_quotes(&mut cells, row.clone())?;
        if !options.has_header() {
            self.reading.discard(start);
            self.at = 0;
            let table = CsvTable::without_header(&options, dialect, cells.len());
            return Ok(Some(self.described(table)));
        }
        let row = &self.reading.buffer[row];
        let goes_on = start + row.len() < self.reading.buffer.len();
        let encoding = self.reading.text.encoding;
        if let Some((kind, at)) = no_text(row, encoding, goes_on).or_else(|| zero_byte(row)) {
            return Err(self.fault(kind, start + at));
        }
        let names = (0..cells.len()).map(|cell| {
            str::from_utf8(cells.get(cell, row).unwrap_or_default()).unwrap_or_default()
        });
        let table = CsvTable::with_header(&options, dialect, names);
        self.reading.discard(self.at);
        self.at = 0;
        Ok(Some(self.described(table)))
    }

    /// Adds the delimiter to the table, for messages.
    fn described(&self, table: CsvTable) -> CsvTable {
        match self.delimiter {
            Some(delimiter) => table.with_delimiter(delimiter),
            None => table,
        }
    }

    /// Finds line ends and delimiter. Returns the number of rows to skip before the header. A first
    /// line `sep=;` counts as one of them, and is skipped here.
    fn find_dialect(&mut self) -> Result<u64, Error> {
        let mut dialect = self.options.dialect(b',', true, false);
        let quote = dialect.quote();
        dialect.lone_cr_is_text = loop {
            let head = &self.reading.buffer;
            match line_ends::are_lf(head, quote) {
                Some(are_lf) => break are_lf,
                None if self.reading.at_end || head.len() >= LINE_ENDS_BYTES.min(self.most) => {
                    break true;
                }
                None => _ = self.read_more()?,
            }
        };
        let others = [quote, dialect.escape];
        let mut skip_rows = self.options.skip_rows();
        let mut named = None;
        if let Some(line) = SepLine::find(&self.reading.buffer, quote) {
            named = Some(line.delimiter(&self.reading.name, others));
            self.at = line.bytes;
            skip_rows = skip_rows.saturating_sub(1);
        }
        let (byte, from) = match (self.options.delimiter_byte(), named) {
            (Some(byte), _) => (byte, DelimiterFrom::Option),
            (None, Some(Ok(byte))) => (byte, DelimiterFrom::SepLine),
            (None, Some(Err(error))) => return Err(error.into()),
            (None, None) if self.is_tsv && !others.contains(&Some(b'\t')) => {
                let likely = self.guess(dialect, skip_rows)?;
                let head = &self.reading.buffer[self.at..];
                let is_likely = || sniff::is_in_each_row(head, dialect, likely, skip_rows);
                self.instead_of_tab = (likely != b'\t' && is_likely()).then_some(likely);
                (b'\t', DelimiterFrom::Extension)
            }
            (None, None) => (self.guess(dialect, skip_rows)?, DelimiterFrom::Guess),
        };
        self.delimiter = Some(Delimiter { byte, from });
        self.dialect = (self.options).dialect(byte, dialect.lone_cr_is_text, self.is_tsv);
        Ok(skip_rows)
    }

    /// Guesses the delimiter from the first rows.
    fn guess(&mut self, dialect: Dialect, skip_rows: u64) -> Result<u8, Error> {
        loop {
            let (head, is_whole) = (&self.reading.buffer[self.at..], self.reading.at_end);
            let rows = (skip_rows, self.options.has_header());
            match sniff::delimiter(head, is_whole, dialect, rows) {
                Some(delimiter) => return Ok(delimiter),
                None => self.reading.fill_more()?,
            }
        }
    }

    /// Reads the cells of a row before the records; misplaced quotes are an error there.
    fn check_quotes(&self, cells: &mut Cells, row: Range<usize>) -> Result<(), Error> {
        let start = row.start;
        let row = &self.reading.buffer[row];
        cells.read(row).map_err(|wrong| {
            let (kind, at) = wrong_quotes(row, wrong);
            self.fault(kind, start + at)
        })
    }

    /// An error before the first record.
    fn fault(&self, kind: ErrorKind, at: usize) -> Error {
        let mut place = Location::default();
        place.input = Some(Arc::clone(&self.reading.name));
        place.byte = Some(self.reading.offset + at as u64);
        let before = memchr_iter(b'\n', &self.reading.buffer[..at]).count() as u64;
        place.line = Some(self.reading.line + before);
        DataError::new(kind, place).into()
    }

    /// Finds the rows of a block.
    fn read_block(&mut self) -> Result<Option<Block>, Error> {
        self.reading.fill(BLOCK_BYTES)?;
        let (mut rows, mut broken) = (Vec::new(), Vec::new());
        let mut is_whole = false;
        while !is_whole {
            match self.next_row()? {
                Next::Row(row) => {
                    rows.push(row);
                    is_whole = self.at >= BLOCK_BYTES;
                }
                Next::End => break,
                Next::TooLarge(start) => {
                    self.at = start;
                    // The rows before it must leave the buffer first.
                    is_whole = !rows.is_empty();
                    if !is_whole {
                        broken.push(self.pass_over()?);
                    }
                }
            }
        }
        if rows.is_empty() && broken.is_empty() {
            return Ok(None);
        }
        let at = std::mem::take(&mut self.at);
        let block = Block::new(&mut self.reading, at, rows, broken, is_whole);
        Ok(Some(block))
    }

    /// The next block, and the table of its rows.
    fn next_block(&mut self) -> Result<Option<(Block, Arc<CsvTable>)>, Error> {
        if let Some(table) = &self.table {
            let table = Arc::clone(table);
            return Ok(self.read_block()?.map(|block| (block, table)));
        }
        let Some(mut table) = self.read_header()? else {
            return Ok(None);
        };
        self.width = table.width();
        let Some(block) = self.read_block()? else {
            // The header alone: a chunk without rows has its columns.
            let table = Arc::new(table);
            self.table = Some(Arc::clone(&table));
            return Ok(Some((Block::empty(&mut self.reading), table)));
        };
        let rows = || {
            let rows = block.records().enumerate();
            rows.filter(|(_, row)| row.len() <= self.most)
        };
        table.look_for_title(rows().map(|(_, row)| row), self.options.skip_rows());
        table.decide_types(rows(), |row| block.place(row, &self.reading));
        let table = Arc::new(table);
        self.table = Some(Arc::clone(&table));
        Ok(Some((block, table)))
    }
}

impl Source for RowSplitter<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        let (mut block, table) = match (self.block.take(), &self.table) {
            (Some(block), Some(table)) => (block, Arc::clone(table)),
            _ => match self.next_block()? {
                Some(next) => next,
                None => return Ok(None),
            },
        };
        let chunk = block.chunk(self.chunk_size, &self.reading, |rows| Records::Rows {
            rows,
            table,
        });
        if !block.is_empty() {
            self.block = Some(block);
        }
        Ok(Some(chunk))
    }

    fn bytes_read(&self) -> u64 {
        self.reading.position()
    }

    fn csv_inputs(&self) -> Vec<CsvInputReport> {
        let input = (self.reading.number, &*self.reading.name);
        let likely = self.instead_of_tab.map(char::from);
        let report = |found: Delimiter| {
            CsvInputReport::new(input, found.byte, found.from).with_likely(likely)
        };
        self.delimiter.map(report).into_iter().collect()
    }
}

/// The rows in a text of a rejects file, without their line ends.
pub(super) fn rows_of(text: &[u8], dialect: Dialect, width: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut at = 0;
    loop {
        at += dialect.empty_lines(&text[at..], true).unwrap_or(0);
        let rest = &text[at..];
        if rest.is_empty() {
            return rows;
        }
        let mut end = RowScan::default().run(dialect, rest, true, width);
        if let RowEnd::Misquoted { open, text } = end {
            end = end_of_misquoted(dialect, rest, true, (open, text), (width, &mut 0));
        }
        let RowEnd::Found { end, next } = end else {
            return rows; // Cannot be: the text is whole.
        };
        rows.push(at..at + end);
        at += next;
    }
}

#[cfg(test)]
mod tests;
