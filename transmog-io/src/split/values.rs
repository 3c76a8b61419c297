//! Makes chunks of Rust values, whose JSON text `input::serialized` writes.

use std::sync::Arc;

use bytes::Bytes;
use transmog_core::{ErrorKind, Location};

use super::{BLOCK_BYTES, Broken, Chunk, RawIs, Records, Source};
use crate::{
    error::{Error, ReadError},
    input::{
        InputText,
        serialized::{NextValue, NoValue},
    },
};

/// Chunks of the JSON text of values.
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
        let mut broken = Vec::new();
        let mut ends_block = false;
        while items.len() + broken.len() < self.chunk_size && !ends_block {
            let start = data.len();
            match (self.next)(&mut data) {
                None => break,
                Some(Ok(())) => {
                    items.push(start..data.len());
                    data.push(b'\n');
                    self.bytes = first_byte + data.len() as u64;
                    ends_block = self.bytes - self.block_start >= BLOCK_BYTES as u64;
                }
                Some(Err(NoValue::Serialise(error))) => {
                    data.truncate(start);
                    let mut place = Location::default();
                    place.input = Some(Arc::clone(&self.name));
                    place.line = Some(self.records + 1);
                    place.byte = Some(first_byte + start as u64);
                    let message = error.to_string();
                    broken.push(Broken {
                        kind: ErrorKind::NotSerialisable { message },
                        place,
                        after: items.len(),
                        raw: Bytes::new(),
                        raw_is: RawIs::Record,
                        is_record: true,
                    });
                }
                Some(Err(NoValue::Failed(source))) => {
                    // Report it after the records before it: one of them may have an earlier error.
                    let (input, record) = (Arc::clone(&self.name), self.records);
                    self.failed = Some(
                        ReadError::Records {
                            input,
                            record,
                            source,
                        }
                        .into(),
                    );
                    break;
                }
            }
            self.records += 1;
        }
        if items.is_empty() && broken.is_empty() {
            return self.failed.take().map_or(Ok(None), Err);
        }
        if ends_block {
            self.block_start = self.bytes;
        }
        Ok(Some(Chunk {
            input: Arc::clone(&self.name),
            text: InputText::default(),
            input_number: self.number,
            data: data.into(),
            records: Records::Items(items),
            first_byte,
            first_line,
            gaps: Vec::new(),
            broken,
            origins: Vec::new(),
            passed_over: 0,
            ends_early: None,
            ends_block,
        }))
    }

    fn bytes_read(&self) -> u64 {
        self.bytes
    }
}
