//! Gathers the records of a document into blocks, with the stretches between them that are not
//! records.

use std::ops::Range;

use super::{
    DocumentSplitter,
    Passed::{Dropped, Kept},
};
use crate::{
    error::Error,
    split::block::Block,
    split::{BLOCK_BYTES, Broken, Chunk, RawIs, Records, Source},
};

impl DocumentSplitter<'_> {
    /// Finds the records of a block. `None` at the end of the input.
    fn read_block(&mut self) -> Result<Option<Block>, Error> {
        let mut items: Vec<Range<usize>> = Vec::new();
        let mut broken = Vec::new();
        let mut ends_block = false;
        // The position after the last record or broken stretch.
        let mut end = 0;
        if self.too_large {
            broken.push(self.pass_over()?);
        }
        while !ends_block {
            let is_empty = items.is_empty() && broken.is_empty();
            let passed = if is_empty { Dropped } else { Kept };
            match self.next_record(passed) {
                Ok(Some(item)) => items.push(item),
                Ok(None) if self.too_large && items.is_empty() => {
                    broken.push(self.pass_over()?);
                }
                Ok(None) => {
                    // A large record needs the buffer for itself.
                    ends_block = self.too_large || (self.large.is_some() && !is_empty);
                    break;
                }
                Err(Error::Data(error)) if self.is_of_document(&error) => {
                    let document = self.reject_document(&error)?;
                    broken.push(Broken {
                        after: items.len(),
                        ..document
                    });
                }
                Err(Error::Data(error)) if self.goes_on(&error) => {
                    let raw = self.pass_garbage(passed)?;
                    broken.push(Broken {
                        kind: error.kind().clone(),
                        place: error.location().clone(),
                        after: items.len(),
                        raw_is: RawIs::Record,
                        is_record: !raw.is_empty(),
                        raw: raw.into(),
                    });
                }
                Err(error) if is_empty => return Err(error),
                Err(error) => {
                    // Report it after the records before it: one of them may have an earlier error.
                    self.at = end;
                    self.failed = Some(error);
                    break;
                }
            }
            end = self.at;
            let passed_bytes = self.reading.offset + self.at as u64 - self.block_start;
            ends_block = passed_bytes >= BLOCK_BYTES as u64;
        }
        if items.is_empty() && broken.is_empty() {
            return Ok(None);
        }
        let block = Block::new(&mut self.reading, self.at, items, broken, ends_block);
        self.at = 0;
        if ends_block {
            self.block_start = self.reading.offset;
        }
        Ok(Some(block))
    }
}

impl Source for DocumentSplitter<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        if self.block.is_none()
            && let Some(chunk) = self.next_of_large()?
        {
            return Ok(Some(chunk));
        }
        let mut block = match (self.block.take(), self.failed.take()) {
            (Some(block), failed) => {
                self.failed = failed;
                block
            }
            (None, Some(error)) => return Err(error),
            (None, None) => match self.read_block()? {
                Some(block) => block,
                None => return self.next_of_large(),
            },
        };
        let chunk = block.chunk(self.chunk_size, &self.reading, Records::Items);
        if !block.is_empty() {
            self.block = Some(block);
        }
        Ok(Some(chunk))
    }

    fn bytes_read(&self) -> u64 {
        self.reading.position()
    }
}
