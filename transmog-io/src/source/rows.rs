//! CSV: cuts the input at the ends of rows, after it has read the header. Of cells it keeps nothing but what the first
//! block says about types.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use csv_core::{ReadRecordResult, Reader};
use memchr::memchr_iter;
use transmog_core::{Error as DataError, ErrorKind, Location};

use super::{BLOCK_BYTES, Chunk, Records, Source, reading::Reading};
use crate::{
    csv::{Cells, CsvReadOptions, CsvTable, Dialect},
    error::Error,
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
    tokens: Reader,
    scratch: (Vec<u8>, Vec<usize>),
    /// Next byte to look at, in the buffer.
    at: usize,
    /// What all rows share, once the header was read.
    table: Option<Arc<CsvTable>>,
    block: Option<Block>,
}

/// Rows that were found and not handed on yet.
struct Block {
    data: Bytes,
    rows: Vec<Range<usize>>,
    /// Rows handed on.
    taken: usize,
    /// Where in `data` the next chunk begins, and where that is in the input.
    at: usize,
    line: u64,
    offset: u64,
    /// True unless the input ended the block early.
    is_whole: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(reading: Reading<'a>, chunk_size: usize, options: CsvReadOptions) -> Self {
        Self {
            reading,
            chunk_size,
            options,
            tokens: Dialect::new(b',', b'"').tokens(),
            scratch: (vec![0; SCRATCH.0], vec![0; SCRATCH.1]),
            at: 0,
            table: None,
            block: None,
        }
    }

    /// Finds the next row, without its line end. It may end with the input.
    fn next_row(&mut self) -> Result<Option<Range<usize>>, Error> {
        loop {
            match self.reading.buffer.get(self.at).copied() {
                Some(b'\r' | b'\n') => self.at += 1,
                Some(_) => break,
                None if self.read_more()? => {}
                None => return Ok(None),
            }
        }
        let start = self.at;
        loop {
            let rest = &self.reading.buffer[self.at..];
            if rest.is_empty() {
                if self.read_more()? {
                    continue;
                }
                return Ok(Some(start..self.at));
            }
            let (bytes, ends) = &mut self.scratch;
            let (result, read, _, _) = self.tokens.read_record(rest, bytes, ends);
            self.at += read;
            if result == ReadRecordResult::Record {
                return Ok(Some(start..self.at - 1));
            }
        }
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
        self.tokens = dialect.tokens();
        let mut cells = Cells::new(dialect);
        for _ in 0..self.options.skip_rows() {
            let Some(row) = self.next_row()? else {
                return Ok(None);
            };
            self.check_closed(&mut cells, row)?;
            if self.at >= BLOCK_BYTES {
                self.reading.discard(self.at);
                self.at = 0;
            }
        }
        let Some(row) = self.next_row()? else {
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
        if let Err(error) = std::str::from_utf8(&self.reading.buffer[row]) {
            let message = error.to_string();
            return Err(self.fault(ErrorKind::Text { message }, start + error.valid_up_to()));
        }
        let names = (0..cells.len()).map(|cell| {
            let bytes = cells.get(cell).and_then(|cell| cells.bytes().get(cell));
            str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
        });
        let table = CsvTable::with_header(options, dialect, names);
        self.reading.discard(self.at);
        self.at = 0;
        Ok(Some(table))
    }

    /// The delimiter that was asked for, or that the input's beginning suggests.
    fn dialect(&mut self) -> Result<Dialect, Error> {
        let quote = self.options.quote();
        let delimiter = match self.options.delimiter_byte() {
            Some(delimiter) => delimiter,
            None => loop {
                let (head, whole) = (&self.reading.buffer, self.reading.at_end);
                match sniff::delimiter(head, whole, quote, self.options.skip_rows()) {
                    Some(delimiter) => break delimiter,
                    None => self.reading.fill_more()?,
                }
            },
        };
        Ok(Dialect::new(delimiter, quote))
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
        let mut rows = Vec::new();
        while self.at < BLOCK_BYTES
            && let Some(row) = self.next_row()?
        {
            rows.push(row);
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let is_whole = self.at >= BLOCK_BYTES;
        let (offset, line) = (self.reading.offset, self.reading.line);
        let data = self.reading.take(self.at).into();
        self.at = 0;
        Ok(Some(Block {
            data,
            rows,
            taken: 0,
            at: 0,
            line,
            offset,
            is_whole,
        }))
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
            return Ok(None);
        };
        table.decide_types(
            block
                .rows
                .iter()
                .filter_map(|row| block.data.get(row.clone())),
        );
        let table = Arc::new(table);
        self.table = Some(Arc::clone(&table));
        Ok(Some((block, table)))
    }
}

impl Block {
    /// The next rows, at most `most`.
    fn split(&mut self, most: usize) -> (Bytes, Vec<Range<usize>>) {
        let next = self.rows.len().min(self.taken.saturating_add(most));
        let start = self.at;
        let rows = &self.rows[self.taken..next];
        let rows = rows.iter().map(|row| row.start - start..row.end - start);
        let rows = rows.collect();
        let end = match self.rows.get(next) {
            Some(_) => self.rows[next - 1].end,
            None => self.data.len(),
        };
        (self.taken, self.at) = (next, end);
        (self.data.slice(start..end), rows)
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
        let (first_byte, first_line) = (block.offset + block.at as u64, block.line);
        let (data, rows) = block.split(self.chunk_size);
        let ends_block = block.is_whole && block.taken == block.rows.len();
        if block.taken < block.rows.len() {
            block.line += memchr_iter(b'\n', &data).count() as u64;
            self.block = Some(block);
        }
        Ok(Some(Chunk {
            input: Arc::clone(&self.reading.name),
            input_number: self.reading.number,
            data,
            records: Records::Rows { rows, table },
            first_byte,
            first_line,
            broken: None,
            ends_block,
        }))
    }

    fn bytes_read(&self) -> u64 {
        self.reading.position()
    }
}
