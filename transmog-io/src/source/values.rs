//! Records that a program has as values: each is made JSON text, so that they take the same way as all others.

use std::sync::Arc;

use serde::Serialize;

use super::{BLOCK_BYTES, Chunk, Records, Source, finite::check_finite};
use crate::error::{Error, ReadError};

/// Appends the JSON text of the next value; `None` if there is none left.
pub(super) type NextValue<'a> =
    Box<dyn FnMut(&mut Vec<u8>) -> Option<Result<(), serde_json::Error>> + 'a>;

/// Makes the text of values one after another.
pub(super) fn serialize<'a, I>(values: I) -> NextValue<'a>
where
    I: IntoIterator<Item: Serialize>,
    I::IntoIter: 'a,
{
    let mut values = values.into_iter();
    Box::new(move |out| {
        let value = values.next()?;
        // JSON has no such number, and serde_json would write null.
        let text = check_finite(&value).and_then(|()| serde_json::to_writer(out, &value));
        Some(text)
    })
}

/// Records out of an iterator.
pub(super) struct Values<'a> {
    name: Arc<str>,
    number: usize,
    /// Most records in a chunk.
    chunk_size: usize,
    next: NextValue<'a>,
    bytes: u64,
    block_start: u64,
    records: u64,
    failed: Option<Error>,
}

impl<'a> Values<'a> {
    pub(super) fn new(
        name: Arc<str>,
        number: usize,
        chunk_size: usize,
        next: NextValue<'a>,
    ) -> Self {
        Self {
            name,
            number,
            chunk_size,
            next,
            bytes: 0,
            block_start: 0,
            records: 0,
            failed: None,
        }
    }
}

impl Source for Values<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let first_byte = self.bytes;
        let first_line = self.records + 1;
        let mut data = Vec::new();
        let mut items = Vec::new();
        let mut ends_block = false;
        while items.len() < self.chunk_size && !ends_block {
            let start = data.len();
            match (self.next)(&mut data) {
                None => break,
                Some(Ok(())) => {
                    items.push(start..data.len());
                    data.push(b'\n');
                    self.records += 1;
                    self.bytes = first_byte + data.len() as u64;
                    ends_block = self.bytes - self.block_start >= BLOCK_BYTES as u64;
                }
                Some(Err(source)) => {
                    let input = Arc::clone(&self.name);
                    let record = self.records;
                    // The records before it may hold an earlier error.
                    self.failed = Some(
                        ReadError::Serialize {
                            input,
                            record,
                            source,
                        }
                        .into(),
                    );
                    break;
                }
            }
        }
        if items.is_empty() {
            return self.failed.take().map_or(Ok(None), Err);
        }
        if ends_block {
            self.block_start = self.bytes;
        }
        Ok(Some(Chunk {
            input: Arc::clone(&self.name),
            input_number: self.number,
            data: data.into(),
            records: Records::Items(items),
            first_byte,
            first_line,
            ends_block,
        }))
    }

    fn bytes_read(&self) -> u64 {
        self.bytes
    }
}
