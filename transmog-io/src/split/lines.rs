//! Splits JSON Lines at line breaks: the fastest way, because strings cannot contain any.

use std::sync::Arc;

use bytes::Bytes;
use memchr::{memchr, memchr_iter, memrchr};

use super::{BLOCK_BYTES, Chunk, Records, Source, reading::Reading};
use crate::error::Error;

/// Splits JSON Lines. Lines end with LF or CR LF; blank lines and a missing last line break are
/// fine.
pub(super) struct LineSplitter<'a> {
    reading: Reading<'a>,
    /// Most lines in a chunk.
    chunk_size: usize,
    /// Bytes that a line may have.
    most: usize,
    /// The rest of a block: its bytes, their offset in the input, and the number of their first
    /// line.
    block: Bytes,
    block_offset: u64,
    block_line: u64,
}

impl<'a> LineSplitter<'a> {
    pub(super) fn new(reading: Reading<'a>, chunk_size: usize, most: usize) -> Self {
        Self {
            reading,
            chunk_size,
            most,
            block: Bytes::new(),
            block_offset: 0,
            block_line: 0,
        }
    }

    /// Reads whole lines, about [`BLOCK_BYTES`] in all. A line that is too large to be held is
    /// skipped and becomes a chunk of its own, without a record.
    fn read_block(&mut self) -> Result<Option<Chunk>, Error> {
        let reading = &mut self.reading;
        reading.fill(BLOCK_BYTES)?;
        let mut searched = 0;
        let end = loop {
            if let Some(at) = memrchr(b'\n', &reading.buffer[searched..]) {
                break searched + at + 1;
            }
            if reading.at_end {
                break reading.buffer.len();
            }
            if reading.buffer.len() > self.most {
                return self.pass_over().map(Some);
            }
            searched = reading.buffer.len();
            reading.fill_more()?;
        };
        (self.block_offset, self.block_line) = (reading.offset, reading.line);
        self.block = reading.take(end);
        Ok(None)
    }

    /// Skips the line at the beginning of the buffer, and reports it.
    fn pass_over(&mut self) -> Result<Chunk, Error> {
        let reading = &mut self.reading;
        let mut broken = reading.over_limit(self.most);
        let mut bytes = 0;
        loop {
            let end = memchr(b'\n', &reading.buffer);
            bytes += end.unwrap_or(reading.buffer.len()) as u64;
            reading.discard(end.map_or(reading.buffer.len(), |end| end + 1));
            if end.is_some() {
                break;
            }
            reading.fill_more()?;
            if reading.buffer.is_empty() {
                break;
            }
        }
        broken.set_bytes(bytes);
        Ok(Chunk {
            input: Arc::clone(&reading.name),
            text: reading.text.clone(),
            input_number: reading.number,
            data: Bytes::new(),
            records: Records::Items(Vec::new()),
            first_byte: broken.place.byte.unwrap_or(0),
            first_line: broken.place.line.unwrap_or(1),
            gaps: Vec::new(),
            broken: vec![broken],
            origins: Vec::new(),
            passed_over: 0,
            ends_early: None,
            ends_block: true,
        })
    }
}

impl Source for LineSplitter<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        if self.block.is_empty() {
            if let Some(chunk) = self.read_block()? {
                return Ok(Some(chunk));
            }
            if self.block.is_empty() {
                return Ok(None);
            }
        }
        let mut breaks = memchr_iter(b'\n', &self.block);
        let end = breaks.nth(self.chunk_size - 1).map(|at| at + 1);
        let (first_byte, first_line) = (self.block_offset, self.block_line);
        let data = match end {
            Some(end) => self.block.split_to(end),
            None => std::mem::take(&mut self.block),
        };
        self.block_offset += data.len() as u64;
        // Used only if the block has more lines.
        self.block_line = first_line.saturating_add(self.chunk_size as u64);
        Ok(Some(Chunk {
            input: Arc::clone(&self.reading.name),
            text: self.reading.text.clone(),
            input_number: self.reading.number,
            data,
            records: Records::Lines,
            first_byte,
            first_line,
            gaps: Vec::new(),
            broken: Vec::new(),
            origins: Vec::new(),
            passed_over: 0,
            ends_early: None,
            ends_block: self.block.is_empty(),
        }))
    }

    fn bytes_read(&self) -> u64 {
        self.reading.position()
    }
}
