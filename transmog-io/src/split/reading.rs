//! The read buffer of an input, and its position in the text.
//!
//! ```text
//! input    ======= used ======|------ buffer ------|.... not read yet ....
//!                             ^ offset, line       ^ position()
//! ```

use std::{
    io::{self, Read},
    sync::Arc,
};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::Location;

use super::{BLOCK_BYTES, Broken, buffer_pool::BufferPool};
use crate::{
    error::ReadError,
    input::{InputText, byte_order_mark::MARK},
};

/// The text of an input, and the part of it that was read but not used yet.
pub(super) struct Reading<'a> {
    pub(super) name: Arc<str>,
    pub(super) number: usize,
    pub(super) text: InputText,
    reader: Box<dyn Read + 'a>,
    /// Bytes read and not used yet.
    pub(super) buffer: Vec<u8>,
    pool: BufferPool,
    /// Offset of the buffer in the input.
    pub(super) offset: u64,
    /// Number of the line in which the buffer begins, from 1.
    pub(super) line: u64,
    pub(super) at_end: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(name: Arc<str>, number: usize, reader: Box<dyn Read + 'a>) -> Self {
        Self {
            name,
            number,
            text: InputText::default(),
            reader,
            buffer: Vec::new(),
            pool: BufferPool::default(),
            offset: 0,
            line: 1,
            at_end: false,
        }
    }

    /// Adds what messages need to know about the text.
    pub(super) fn with_text(self, text: InputText) -> Self {
        Self { text, ..self }
    }

    /// Fills the buffer to `bytes` bytes, or to the end of the input.
    pub(super) fn fill(&mut self, bytes: usize) -> Result<(), ReadError> {
        let at_start = self.offset == 0 && self.buffer.is_empty();
        while !self.at_end && self.buffer.len() < bytes {
            let missing = bytes - self.buffer.len();
            self.buffer.reserve(missing);
            let mut wanted = self.reader.by_ref().take(missing as u64);
            match wanted.read_to_end(&mut self.buffer) {
                Ok(read) => self.at_end = read < missing,
                Err(source) => return Err(self.failed(source)),
            }
        }
        if at_start && self.buffer.starts_with(MARK) {
            self.discard(MARK.len());
        }
        Ok(())
    }

    /// Reads another block.
    pub(super) fn fill_more(&mut self) -> Result<(), ReadError> {
        self.fill(self.buffer.len() + BLOCK_BYTES)
    }

    /// True if a byte order mark begins at a place of the buffer. Reads on if the buffer ends
    /// within it.
    pub(super) fn has_mark(&mut self, at: usize) -> Result<bool, ReadError> {
        if self.buffer.get(at) != Some(&MARK[0]) {
            return Ok(false);
        }
        while self.buffer.len() < at + MARK.len() && !self.at_end {
            self.fill_more()?;
        }
        Ok(self.buffer[at..].starts_with(MARK))
    }

    /// Takes the first `bytes` bytes out of the buffer. The rest moves to a free buffer, so that
    /// what is taken need not be copied.
    pub(super) fn take(&mut self, bytes: usize) -> Bytes {
        let room = BLOCK_BYTES.max(self.buffer.len() - bytes);
        let mut rest = self.pool.buffer(room);
        rest.extend_from_slice(&self.buffer[bytes..]);
        self.pass(bytes);
        let mut taken = std::mem::replace(&mut self.buffer, rest);
        taken.truncate(bytes);
        self.pool.lend(taken)
    }

    /// Drops the first `bytes` bytes of the buffer.
    pub(super) fn discard(&mut self, bytes: usize) {
        self.pass(bytes);
        self.buffer.drain(..bytes);
    }

    fn pass(&mut self, bytes: usize) {
        self.offset += bytes as u64;
        self.line += memchr_iter(b'\n', &self.buffer[..bytes]).count() as u64;
    }

    /// Bytes of text read so far.
    pub(super) fn position(&self) -> u64 {
        self.offset + self.buffer.len() as u64
    }

    /// Where the buffer begins.
    fn place(&self) -> Location {
        let mut place = Location::default();
        place.input = Some(Arc::clone(&self.name));
        place.byte = Some(self.offset);
        place.line = Some(self.line);
        place
    }

    /// The error if the record at the beginning of the buffer is too large. Its size is not known
    /// yet.
    pub(super) fn over_limit(&self, limit: usize) -> Broken {
        Broken::over_limit(self.place(), 0, limit, &self.buffer)
    }

    fn failed(&self, source: io::Error) -> ReadError {
        ReadError::Io {
            input: Arc::clone(&self.name),
            byte: self.position(),
            source,
        }
    }
}
