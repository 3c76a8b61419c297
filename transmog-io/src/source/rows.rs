//! CSV: cuts the input at the ends of rows, after it has read the header. Of cells it keeps nothing but what the first
//! block says about types.

use std::{ops::Range, sync::Arc};

use csv_core::{ReadRecordResult, Reader};
use memchr::memchr_iter;
use transmog_core::{Error as DataError, ErrorKind, Location};

use super::{BLOCK_BYTES, Broken, Chunk, Records, Source, block::Block, reading::Reading};
use crate::{
    csv::{Cells, CsvReadOptions, CsvTable, Delimiter, DelimiterFrom, Dialect},
    error::Error,
    report::CsvInputReport,
};

mod sniff;

/// Room for the bytes and the ends of cells, which nobody looks at.
const SCRATCH: (usize, usize) = (32 << 10, 1 << 10);

/// Records in rows of cells.
pub(super) struct Rows<'a> {
    reading: Reading<'a>,
    /// Most rows in a chunk.
    chunk_size: usize,
    options: CsvReadOptions,
    /// Bytes that a row may have.
    most: usize,
    /// True if the input's name says that tabs separate its cells.
    is_tsv: bool,
    dialect: Dialect,
    /// What separates cells, once that is known.
    delimiter: Option<Delimiter>,
    tokens: Reader,
    scratch: (Vec<u8>, Vec<usize>),
    /// Next byte to look at, in the buffer.
    at: usize,
    /// What all rows share, once the header was read.
    table: Option<Arc<CsvTable>>,
    block: Option<Block>,
}

/// What comes next in the buffer.
enum Next {
    /// A row stands here.
    Row(Range<usize>),
    /// A row begins here that is larger than it may be, and that goes on.
    TooLarge(usize),
    End,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        reading: Reading<'a>,
        chunk_size: usize,
        options: CsvReadOptions,
        most: usize,
        is_tsv: bool,
    ) -> Self {
        let dialect = Dialect::new(b',', b'"');
        Self {
            reading,
            chunk_size,
            options,
            most,
            is_tsv,
            dialect,
            delimiter: None,
            tokens: dialect.tokens(),
            scratch: (vec![0; SCRATCH.0], vec![0; SCRATCH.1]),
            at: 0,
            table: None,
            block: None,
        }
    }

    /// Finds the next row, without its line end. It may end with the input.
    fn next_row(&mut self) -> Result<Next, Error> {
        loop {
            match self.reading.buffer.get(self.at).copied() {
                Some(b'\r' | b'\n') => self.at += 1,
                Some(_) => break,
                None if self.read_more()? => {}
                None => return Ok(Next::End),
            }
        }
        let start = self.at;
        if let Some(end) = self.dialect.row_length(&self.reading.buffer[start..]) {
            self.at = start + end + 1;
            return Ok(Next::Row(start..start + end));
        }
        loop {
            let rest = &self.reading.buffer[self.at..];
            if rest.is_empty() {
                if self.at - start > self.most {
                    return Ok(Next::TooLarge(start));
                }
                if self.read_more()? {
                    continue;
                }
                return Ok(Next::Row(start..self.at));
            }
            let (bytes, ends) = &mut self.scratch;
            let (result, read, _, _) = self.tokens.read_record(rest, bytes, ends);
            self.at += read;
            if result == ReadRecordResult::Record {
                return Ok(Next::Row(start..self.at - 1));
            }
        }
    }

    /// A row before the records.
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

    /// Goes behind the row that starts here, and keeps nothing of it.
    fn pass_over(&mut self) -> Result<Broken, Error> {
        self.reading.discard(self.at);
        self.at = 0;
        let mut broken = self.reading.over_limit(self.most);
        self.tokens = self.dialect.tokens();
        let mut bytes = 0;
        loop {
            if self.reading.buffer.is_empty() && !self.read_more()? {
                break;
            }
            let (scratch, ends) = &mut self.scratch;
            let (result, read, _, _) =
                (self.tokens).read_record(&self.reading.buffer[self.at..], scratch, ends);
            self.at += read;
            bytes += read as u64;
            if result == ReadRecordResult::Record {
                bytes -= 1; // Its line end.
                break;
            }
            if self.at == self.reading.buffer.len() {
                self.reading.discard(self.at);
                self.at = 0;
            }
        }
        self.reading.discard(self.at);
        self.at = 0;
        broken.set_bytes(bytes);
        Ok(broken)
    }

    /// False at the end of the input.
    fn read_more(&mut self) -> Result<bool, Error> {
        let before = self.reading.buffer.len();
        self.reading.fill_more()?;
        Ok(self.reading.buffer.len() > before)
    }

    /// Reads what comes before the records. `None` if nothing comes after it either.
    fn read_header(&mut self) -> Result<Option<CsvTable>, Error> {
        self.reading.fill(BLOCK_BYTES)?;
        let dialect = self.dialect()?;
        (self.dialect, self.tokens) = (dialect, dialect.tokens());
        let mut cells = Cells::new(dialect);
        for _ in 0..self.options.skip_rows() {
            let Some(row) = self.row_before()? else {
                return Ok(None);
            };
            self.check_closed(&mut cells, row)?;
            if self.at >= BLOCK_BYTES {
                self.reading.discard(self.at);
                self.at = 0;
            }
        }
        let Some(row) = self.row_before()? else {
            return Ok(None);
        };
        let start = row.start;
        self.check_closed(&mut cells, row.clone())?;
        let options = &self.options;
        if !options.has_header() {
            let width = cells.len();
            self.tokens = dialect.tokens();
            self.reading.discard(start);
            self.at = 0;
            return Ok(Some(CsvTable::without_header(options, dialect, width)));
        }
        let row = &self.reading.buffer[row];
        if let Err(error) = std::str::from_utf8(row) {
            let message = error.to_string();
            return Err(self.fault(ErrorKind::Text { message }, start + error.valid_up_to()));
        }
        let names = (0..cells.len()).map(|cell| {
            str::from_utf8(cells.get(cell, row).unwrap_or_default()).unwrap_or_default()
        });
        let table = CsvTable::with_header(options, dialect, names);
        self.reading.discard(self.at);
        self.at = 0;
        Ok(Some(table))
    }

    /// The delimiter that was asked for, or that the input's beginning suggests.
    fn dialect(&mut self) -> Result<Dialect, Error> {
        let quote = self.options.quote();
        let (byte, from) = if let Some(byte) = self.options.delimiter_byte() {
            (byte, DelimiterFrom::Option)
        } else if self.is_tsv && quote != b'\t' {
            (b'\t', DelimiterFrom::Extension)
        } else {
            let byte = loop {
                let (head, whole) = (&self.reading.buffer, self.reading.at_end);
                match sniff::delimiter(head, whole, quote, self.options.skip_rows()) {
                    Some(delimiter) => break delimiter,
                    None => self.reading.fill_more()?,
                }
            };
            (byte, DelimiterFrom::Guess)
        };
        self.delimiter = Some(Delimiter { byte, from });
        Ok(Dialect::new(byte, quote))
    }

    /// Reads the cells of a row before the records.
    fn check_closed(&self, cells: &mut Cells, row: Range<usize>) -> Result<(), Error> {
        let start = row.start;
        if cells.read(&self.reading.buffer[row]) {
            Ok(())
        } else {
            Err(self.fault(ErrorKind::OpenQuote, start))
        }
    }

    /// Something wrong before the first record.
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
                    if is_whole {
                        self.tokens = self.dialect.tokens();
                    } else {
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

    /// The next block of the input, and what its rows share.
    fn next_block(&mut self) -> Result<Option<(Block, Arc<CsvTable>)>, Error> {
        if let Some(table) = &self.table {
            let table = Arc::clone(table);
            return Ok(self.read_block()?.map(|block| (block, table)));
        }
        let Some(mut table) = self.read_header()? else {
            return Ok(None);
        };
        let Some(block) = self.read_block()? else {
            // The header alone: a chunk without rows has its columns.
            let table = Arc::new(table);
            self.table = Some(Arc::clone(&table));
            return Ok(Some((Block::empty(&mut self.reading), table)));
        };
        table.decide_types(block.records().filter(|row| row.len() <= self.most));
        let table = Arc::new(table);
        self.table = Some(Arc::clone(&table));
        Ok(Some((block, table)))
    }
}

impl Source for Rows<'_> {
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
        let report = |found: Delimiter| CsvInputReport::new(input, found.byte, found.from);
        self.delimiter.map(report).into_iter().collect()
    }
}

/// Where the rows of a text stand, without their line ends.
pub(super) fn rows_of(text: &[u8], dialect: Dialect) -> Vec<Range<usize>> {
    let mut tokens = dialect.tokens();
    let mut scratch = (vec![0; 1024], vec![0; 64]);
    let mut rows = Vec::new();
    let (mut at, mut start) = (0, None);
    while at < text.len() {
        if start.is_none() && matches!(text[at], b'\r' | b'\n') {
            at += 1;
            continue;
        }
        let begun = *start.get_or_insert(at);
        let (bytes, ends) = &mut scratch;
        let (result, read, _, _) = tokens.read_record(&text[at..], bytes, ends);
        at += read;
        if result == ReadRecordResult::Record {
            rows.push(begun..at - 1);
            start = None;
        }
    }
    rows.extend(start.map(|start| start..text.len()));
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_end_where_the_tokeniser_says(text in "[ab,;\"\r\n\u{feff}]{0,60}|[a,\"]{0,30}\n") {
            for dialect in [Dialect::new(b',', b'"'), Dialect::new(b';', b'a')] {
                let rows = rows_of(text.as_bytes(), dialect);
                for row in rows {
                    let rest = &text.as_bytes()[row.start..];
                    if let Some(length) = dialect.row_length(rest) {
                        prop_assert_eq!(length, row.len());
                    } else {
                        // At the end of the text only.
                        prop_assert!(row.end + 1 >= text.len());
                    }
                }
            }
        }
    }
}
