//! Records that a program has as values: each is made JSON text, so that they take the same way as all others.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use transmog_core::{ErrorKind, Location};

use super::{BLOCK_BYTES, Broken, Chunk, Records, Source, tokens};
use crate::error::Error;

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
        Some(tokens::write(out, &value))
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
        }
    }
}

impl Source for Values<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        let first_byte = self.bytes;
        let first_line = self.records + 1;
        let mut data = Vec::new();
        let mut items = Vec::new();
        let mut ends_block = false;
        let mut broken = None;
        while broken.is_none() && items.len() < self.chunk_size && !ends_block {
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
                Some(Err(error)) => {
                    data.truncate(start);
                    let mut place = Location::default();
                    place.input = Some(Arc::clone(&self.name));
                    place.line = Some(self.records + 1);
                    place.byte = Some(first_byte + start as u64);
                    let message = error.to_string();
                    broken = Some(Broken {
                        kind: ErrorKind::NotSerialisable { message },
                        place,
                        raw: Bytes::new(),
                        is_record: true,
                    });
                    self.records += 1;
                }
            }
        }
        if items.is_empty() && broken.is_none() {
            return Ok(None);
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
            broken,
            ends_block,
        }))
    }

    fn bytes_read(&self) -> u64 {
        self.bytes
    }
}
