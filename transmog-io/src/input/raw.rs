//! Counts the bytes of an input as they are read, and shows the first ones to those who detect
//! formats.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
    rc::Rc,
};

/// Bytes of one read.
const PIECE: usize = 64 << 10;

/// A reader that can show its next bytes without consuming them.
pub(crate) struct Raw<'a> {
    reader: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    /// Bytes of the buffer that the caller has read.
    given: usize,
    about: ByteCounter,
}

/// Counts the bytes that a [`Raw`] has read. Clones share the count, so that progress can be
/// reported while the reader itself belongs to a decoder.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByteCounter {
    bytes: Rc<Cell<u64>>,
    failed: Rc<Cell<bool>>,
}

impl ByteCounter {
    /// Bytes read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// True if reading has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.get()
    }
}

impl<'a> Raw<'a> {
    pub(crate) fn new(reader: Box<dyn Read + 'a>, about: ByteCounter) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            given: 0,
            about,
        }
    }

    pub(crate) fn about(&self) -> &ByteCounter {
        &self.about
    }

    /// Shows the next bytes: at least `count` of them, or fewer at the end of the input.
    pub(crate) fn look(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.given < count {
            self.buffer.drain(..self.given);
            self.given = 0;
            let held = self.buffer.len();
            self.buffer.resize(held.max(count).max(PIECE), 0);
            let read = read_from(&mut self.reader, &self.about, &mut self.buffer[held..]);
            let end = held + *read.as_ref().unwrap_or(&0);
            self.buffer.truncate(end);
            if read? == 0 {
                break;
            }
        }
        Ok(&self.buffer[self.given..])
    }
}

fn read_from(reader: &mut dyn Read, about: &ByteCounter, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(out) {
            Ok(read) => {
                about.bytes.set(about.bytes() + read as u64);
                return Ok(read);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                about.failed.set(true);
                return Err(error);
            }
        }
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut held = &self.buffer[self.given..];
        if held.is_empty() {
            return read_from(&mut self.reader, &self.about, out);
        }
        let read = held.read(out)?;
        self.given += read;
        Ok(read)
    }
}

impl BufRead for Raw<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.look(1)
    }

    fn consume(&mut self, bytes: usize) {
        self.given = (self.given + bytes).min(self.buffer.len());
    }
}
