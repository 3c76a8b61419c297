//! Blocks of records that were found, and the chunks that they are handed on in.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;

use super::{
    Document,
    Passed::{Dropped, Kept},
};
use crate::{
    error::Error,
    source::{BLOCK_BYTES, Broken, Chunk, Records, Source},
};

/// Records that were found and not handed on yet.
pub(super) struct Block {
    data: Bytes,
    items: Vec<Range<usize>>,
    /// Items handed on.
    taken: usize,
    /// Where in `data` the next chunk begins, and where that is in the input.
    at: usize,
    line: u64,
    offset: u64,
    /// True unless the input or the place in it ended the block early.
    is_whole: bool,
    /// What stands there instead of records.
    broken: Option<Broken>,
}

impl Block {
    /// The next records, at most `most`.
    fn split(&mut self, most: usize) -> (Bytes, Vec<Range<usize>>) {
        let next = self.items.len().min(self.taken.saturating_add(most));
        let start = self.at;
        let items = &self.items[self.taken..next];
        let items = items
            .iter()
            .map(|item| item.start - start..item.end - start)
            .collect();
        let end = match self.items.get(next) {
            Some(_) => self.items[next - 1].end,
            None => self.data.len(),
        };
        (self.taken, self.at) = (next, end);
        (self.data.slice(start..end), items)
    }
}

impl Document<'_> {
    /// Finds the records of a block.
    fn read_block(&mut self) -> Result<Option<Block>, Error> {
        let mut items: Vec<Range<usize>> = Vec::new();
        let mut ends_block = false;
        let mut state = self.state;
        while !ends_block {
            let passed = if items.is_empty() { Dropped } else { Kept };
            match self.next_record(passed) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(error) if items.is_empty() => return self.broken_block(error).map(Some),
                Err(error) => {
                    // The records before it may hold an earlier error.
                    self.at = items.last().map_or(0, |item| item.end);
                    if self.goes_on(&error) {
                        self.state = state; // It comes again, at the beginning of the next block.
                    } else {
                        self.failed = Some(error);
                    }
                    break;
                }
            }
            state = self.state;
            let passed_bytes = self.reading.offset + self.at as u64 - self.block_start;
            ends_block = passed_bytes >= BLOCK_BYTES as u64;
        }
        if items.is_empty() {
            return Ok(None);
        }
        let (offset, line) = (self.reading.offset, self.reading.line);
        let data = self.reading.take(self.at).into();
        self.at = 0;
        if ends_block {
            self.block_start = self.reading.offset;
        }
        Ok(Some(Block {
            data,
            items,
            taken: 0,
            at: 0,
            line,
            offset,
            is_whole: ends_block,
            broken: None,
        }))
    }

    /// A block of what is no record.
    fn broken_block(&mut self, error: Error) -> Result<Block, Error> {
        let goes_on = self.goes_on(&error);
        let error = match error {
            Error::Data(error) if goes_on => error,
            other => return Err(other),
        };
        let raw = self.pass_garbage()?;
        Ok(Block {
            data: Bytes::new(),
            items: Vec::new(),
            taken: 0,
            at: 0,
            line: self.reading.line,
            offset: self.reading.offset,
            is_whole: false,
            broken: Some(Broken {
                kind: error.kind().clone(),
                place: error.location().clone(),
                is_record: !raw.is_empty(),
                raw: raw.into(),
            }),
        })
    }
}

impl Source for Document<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        let mut block = match (self.block.take(), self.failed.take()) {
            (Some(block), failed) => {
                self.failed = failed;
                block
            }
            (None, Some(error)) => return Err(error),
            (None, None) => match self.read_block()? {
                Some(block) => block,
                None => return Ok(None),
            },
        };
        let (first_byte, first_line) = (block.offset + block.at as u64, block.line);
        let broken = block.broken.take();
        let (data, items) = block.split(self.chunk_size);
        let ends_block = block.is_whole && block.taken == block.items.len();
        if block.taken < block.items.len() {
            block.line += memchr_iter(b'\n', &data).count() as u64;
            self.block = Some(block);
        }
        Ok(Some(Chunk {
            input: Arc::clone(&self.reading.name),
            input_number: self.reading.number,
            data,
            records: Records::Items(items),
            first_byte,
            first_line,
            broken,
            ends_block,
        }))
    }

    fn bytes_read(&self) -> u64 {
        self.reading.position()
    }
}
