//! Buffers an output until the commit: in memory, or in a temporary file if it is large.

use std::{
    fmt,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
};

use tempfile::SpooledTempFile;

use super::Output;

/// Bytes gathered before they are written, so that a file gets no small writes.
const BUFFER_BYTES: usize = 8 * 1024;

/// Bytes that wait in memory up to a limit, and beyond it in a temporary file. The file has no
/// name, so closing it deletes it.
pub(super) struct Spool {
    name: String,
    limit: usize,
    file: BufWriter<SpooledTempFile>,
    written: u64,
}

impl Spool {
    /// An empty spool that holds up to `limit` bytes in memory.
    pub(super) fn new(name: String, limit: usize) -> Self {
        Self {
            name,
            limit,
            file: open(limit),
            written: 0,
        }
    }

    /// Copies everything to `to`, and flushes it.
    ///
    /// # Errors
    /// If it cannot be read, or `to` cannot be written.
    pub(super) fn copy_to(&mut self, to: &mut dyn Write) -> io::Result<()> {
        self.file.rewind()?;
        let copied = io::copy(self.file.get_mut(), to)?;
        if copied < self.written {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        to.flush()
    }
}

fn open(limit: usize) -> BufWriter<SpooledTempFile> {
    BufWriter::with_capacity(BUFFER_BYTES, SpooledTempFile::new(limit))
}

/// Adds to an error that it happened to a temporary file.
fn named(error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("temporary file of what waits for the end of the run: {error}"),
    )
}

impl Write for Spool {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let count = self.file.write(data).map_err(|error| named(&error))?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| named(&error))
    }
}

impl Output for Spool {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.written
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        let read = self.file.get_mut().read_exact(buffer);
        self.file.seek(SeekFrom::End(0))?;
        read
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        self.file.rewind()?;
        self.written = 0;
        let old = std::mem::replace(&mut self.file, open(self.limit));
        let (old, _) = old.into_parts(); // Rewinding has emptied the buffer.
        Ok(Box::new(old))
    }

    fn buffered_bytes(&self) -> usize {
        let buffered = self.file.buffer().len();
        if self.file.get_ref().is_rolled() {
            buffered
        } else {
            usize::try_from(self.written).unwrap_or(usize::MAX)
        }
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool")
            .field("name", &self.name)
            .field("len", &self.written)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spools_read_back_in_memory_and_in_files() {
        for limit in [1 << 20, 10] {
            let mut spool = Spool::new("t.csv".into(), limit);
            spool.write_all(b"0123456789").unwrap();
            assert_eq!(spool.buffered_bytes(), 10);
            let mut part = [0; 3];
            spool.read_at(4, &mut part).unwrap();
            assert_eq!(&part, b"456");
            assert!(spool.read_at(9, &mut part).is_err());
            spool.write_all(b"abc").unwrap();
            assert_eq!((spool.len(), spool.name()), (13, "t.csv"));

            let mut old = String::new();
            let mut reader = spool.restart().unwrap();
            assert!(spool.is_empty());
            spool.write_all(b"<").unwrap();
            reader.read_to_string(&mut old).unwrap();
            assert_eq!(old, "0123456789abc");
            spool.write_all(old.as_bytes()).unwrap();
            let mut out = Vec::new();
            spool.copy_to(&mut out).unwrap();
            assert_eq!(out, b"<0123456789abc");
        }
    }

    #[test]
    fn large_spools_leave_memory() {
        let mut spool = Spool::new("t.csv".into(), 1 << 20);
        let block = vec![7; 100_000];
        for _ in 0..20 {
            spool.write_all(&block).unwrap();
        }
        assert_eq!(spool.len(), 2_000_000);
        assert!(spool.buffered_bytes() <= BUFFER_BYTES);
        let mut out = Vec::new();
        spool.copy_to(&mut out).unwrap();
        assert!(out.len() == 2_000_000 && out.iter().all(|byte| *byte == 7));
    }
}
