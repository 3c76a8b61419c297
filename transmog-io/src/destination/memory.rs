//! Outputs in memory, for tests, embedding and small results.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Cursor, Read, Write},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Destination, Output,
    file_name::{FileNames, OutputName},
};
use crate::error::WriteError;

type Bytes = Arc<Mutex<Vec<u8>>>;

/// A destination that keeps outputs as bytes. The caller holds the [`MemoryFiles`] and reads them
/// after the run.
#[derive(Debug, Default)]
pub struct Memory {
    names: FileNames,
    open: Vec<OpenFile>,
    /// Outputs beside the tables, kept only if something was written to them.
    aside: Vec<OpenFile>,
    files: MemoryFiles,
}

#[derive(Debug)]
struct OpenFile {
    /// Its table; `None` for an output beside the tables.
    table: Option<String>,
    name: OutputName,
    bytes: Bytes,
}

/// Finished outputs, by file name or by table; empty until the run has succeeded.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(Arc<Mutex<Vec<FinishedFile>>>);

#[derive(Debug)]
struct FinishedFile {
    table: Option<String>,
    name: String,
    bytes: Vec<u8>,
}

impl Memory {
    /// A destination, and the files that it will fill.
    pub fn new() -> (Self, MemoryFiles) {
        let memory = Self::default();
        let files = memory.files.clone();
        (memory, files)
    }

    fn output(table: &str, extension: &str) -> (OpenFile, MemoryOutput) {
        let name = OutputName::new(table, extension);
        let bytes = Bytes::default();
        let file = OpenFile {
            table: Some(table.to_owned()),
            name: name.clone(),
            bytes: Arc::clone(&bytes),
        };
        (file, MemoryOutput { name, bytes })
    }
}

impl MemoryFiles {
    /// Takes the finished outputs out, by file name.
    pub fn take(&self) -> BTreeMap<String, Vec<u8>> {
        let files = std::mem::take(&mut *lock(&self.0));
        files
            .into_iter()
            .map(|file| (file.name, file.bytes))
            .collect()
    }

    /// Takes the finished tables out, by table name. The rejects stay for [`take`](Self::take).
    ///
    /// ```
    /// # use std::io::Write as _;
    /// # use transmog_io::{Destination, Memory};
    /// let (mut memory, files) = Memory::new();
    /// memory.create("orders", "csv")?.write_all(b"id")?;
    /// Box::new(memory).commit()?;
    /// assert_eq!(files.take_tables()["orders"], b"id");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_tables(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = lock(&self.0);
        let tables = files.extract_if(.., |file| file.table.is_some());
        tables
            .filter_map(|file| Some((file.table?, file.bytes)))
            .collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Plain bytes are whole even after a panic elsewhere.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Destination for Memory {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        let (file, output) = Self::output(table, extension);
        file.name.give(&mut self.names);
        self.open.push(file);
        Ok(Box::new(output))
    }

    fn create_aside(
        &mut self,
        name: &str,
        extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        let (mut file, output) = Self::output(name, extension);
        file.table = None;
        self.aside.push(file);
        Ok(Some(Box::new(output)))
    }

    fn again(&self) -> Option<Box<dyn Destination>> {
        Some(Box::new(Self {
            files: self.files.clone(),
            ..Self::default()
        }))
    }

    fn commit(mut self: Box<Self>) -> Result<(), WriteError> {
        let aside = self.aside.drain(..);
        self.open
            .extend(aside.filter(|file| !lock(&file.bytes).is_empty()));
        let mut files = lock(&self.files.0);
        for file in &self.open {
            files.push(FinishedFile {
                table: file.table.clone(),
                name: file.name.give(&mut self.names).to_owned(),
                bytes: std::mem::take(&mut *lock(&file.bytes)),
            });
        }
        Ok(())
    }
}

struct MemoryOutput {
    name: OutputName,
    bytes: Bytes,
}

impl fmt::Debug for MemoryOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryOutput")
            .field("name", &self.name)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Write for MemoryOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        lock(&self.bytes).extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for MemoryOutput {
    fn name(&self) -> &str {
        self.name.get()
    }

    fn len(&self) -> u64 {
        lock(&self.bytes).len() as u64
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = lock(&self.bytes);
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let part = bytes.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(std::mem::take(&mut *lock(
            &self.bytes,
        )))))
    }

    fn buffered_bytes(&self) -> usize {
        0 // What memory holds is the output itself, not a buffer.
    }
}
