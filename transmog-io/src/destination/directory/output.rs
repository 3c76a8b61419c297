//! The files of outputs. None is open between two calls, so there may be thousands.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::Arc,
};

use super::staging::Staging;
use crate::destination::{Output, file_name::OutputName};

/// Bytes gathered before the file is opened and written.
const BUFFER_BYTES: usize = 64 * 1024;

pub(super) struct FileOutput {
    name: OutputName,
    staging: Arc<Staging>,
    path: PathBuf,
    /// The final path, for errors.
    target: PathBuf,
    /// True if its file is created with the first bytes.
    is_aside: bool,
    buffer: Vec<u8>,
    written: u64,
}

impl FileOutput {
    pub(super) fn new(
        name: OutputName,
        staging: Arc<Staging>,
        path: PathBuf,
        target: PathBuf,
        is_aside: bool,
    ) -> Self {
        Self {
            name,
            staging,
            path,
            target,
            is_aside,
            buffer: Vec::new(),
            written: 0,
        }
    }

    fn append(&self, data: &[u8]) -> io::Result<()> {
        let appended = self.staging.work(|| {
            let mut file = OpenOptions::new()
                .create(self.is_aside)
                .append(true)
                .open(&self.path)?;
            file.write_all(data)
        });
        appended.map_err(|error| self.named(&error))
    }

    fn flush_buffer(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.append(&self.buffer)?;
            self.written += self.buffer.len() as u64;
            self.buffer = Vec::new(); // There may be thousands of outputs, most of them idle.
        }
        Ok(())
    }

    /// Adds the path to an error.
    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.target.display()))
    }
}

impl fmt::Debug for FileOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileOutput")
            .field("path", &self.path)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Write for FileOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + data.len() > BUFFER_BYTES {
            self.flush_buffer()?;
        }
        if data.len() > BUFFER_BYTES {
            self.append(data)?;
            self.written += data.len() as u64;
        } else {
            self.buffer.extend_from_slice(data);
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_buffer()
    }
}

impl Output for FileOutput {
    fn name(&self) -> &str {
        self.name.get()
    }

    fn len(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.flush_buffer()?;
        let read = self.staging.work(|| {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(buffer)
        });
        read.map_err(|error| self.named(&error))
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        self.flush_buffer()?;
        let old = self.path.with_extension("old");
        let restarted = self.staging.work(|| {
            fs::rename(&self.path, &old)?;
            let file = File::open(&old)?;
            File::create(&self.path)?;
            Ok(file)
        });
        let file = restarted.map_err(|error| self.named(&error))?;
        self.written = 0;
        Ok(Box::new(OldFile { file, path: old }))
    }

    fn buffered_bytes(&self) -> usize {
        self.buffer.len()
    }
}

/// The previous content of a restarted output; deleted after it was read.
struct OldFile {
    file: File,
    path: PathBuf,
}

impl Read for OldFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Drop for OldFile {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok(); // The staging folder goes in any case.
    }
}
