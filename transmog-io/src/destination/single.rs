//! A `Write` of the caller as a destination, for the main table. It gets nothing unless the run
//! succeeds.

use std::{
    fmt,
    io::{self, Read, Write},
    sync::{Arc, Mutex, PoisonError},
};

use super::{Destination, Output, file_name::FileNames, spool::Spool};
use crate::error::WriteError;

/// Most bytes of the main table that wait in memory; larger ones wait in a temporary file.
const MAIN_BYTES: usize = 1 << 20;
/// The same for child tables, of which there may be many.
const CHILD_BYTES: usize = 64 << 10;

/// Opens the caller's writer for a child table.
type OpenChild = Arc<Mutex<dyn FnMut(&str) -> io::Result<Box<dyn Write + Send>> + Send>>;

/// A destination that is one [`Write`] of the caller's, for the main table.
///
/// Outputs are spooled, up to one mebibyte in memory and then in a temporary file, and copied to
/// the caller's writer at [`commit`](Destination::commit): it gets nothing unless the run has
/// succeeded, and it need not be a file that can be read back. It is flushed and never closed;
/// [`Kept`] gives it back after the run, whatever happened.
///
/// A writer can hold one table. Child tables are refused, unless
/// [`dropping_child_tables`](Self::dropping_child_tables) or
/// [`with_child_tables`](Self::with_child_tables) is called.
///
/// ```
/// # use std::io::Write as _;
/// # use transmog_io::{Destination, Single};
/// let (mut single, kept) = Single::new(Vec::new());
/// single.create("orders", "csv")?.write_all(b"id")?;
/// assert!(single.create("orders_items", "csv").is_err());
/// Box::new(single).commit()?;
/// assert_eq!(kept.take(), Some(b"id".to_vec()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Single<W> {
    writer: Arc<Mutex<Option<W>>>,
    children: Children,
    names: FileNames,
    /// Spools by table, the main table first.
    spools: Vec<(String, Arc<Mutex<Spool>>)>,
    aside: Vec<Arc<Mutex<Spool>>>,
    rejects: Rejects,
}

/// The rejects, which the caller takes from [`Kept`].
type Rejects = Arc<Mutex<Vec<u8>>>;

#[derive(Clone)]
enum Children {
    Refused,
    Dropped,
    Opened(OpenChild),
}

/// Gives back the writer of a [`Single`] after the run.
pub struct Kept<W> {
    writer: Arc<Mutex<Option<W>>>,
    rejects: Rejects,
}

impl<W: Write + Send + 'static> Single<W> {
    /// A destination that writes to `writer`, and what gives it back.
    pub fn new(writer: W) -> (Self, Kept<W>) {
        let writer = Arc::new(Mutex::new(Some(writer)));
        let rejects = Rejects::default();
        let kept = Kept {
            writer: Arc::clone(&writer),
            rejects: Arc::clone(&rejects),
        };
        let single = Self {
            writer,
            children: Children::Refused,
            names: FileNames::default(),
            spools: Vec::new(),
            aside: Vec::new(),
            rejects,
        };
        (single, kept)
    }

    /// Writes the main table only: rows of child tables are lost, though the report counts them.
    #[must_use]
    pub fn dropping_child_tables(mut self) -> Self {
        self.children = Children::Dropped;
        self
    }

    /// Writes each child table to a writer that `open` gives for its name. It is called when
    /// everything else has succeeded, for all child tables before a byte is written anywhere.
    #[must_use]
    pub fn with_child_tables(
        mut self,
        open: impl FnMut(&str) -> io::Result<Box<dyn Write + Send>> + Send + 'static,
    ) -> Self {
        self.children = Children::Opened(Arc::new(Mutex::new(open)));
        self
    }
}

impl<W> Kept<W> {
    /// Takes the writer out; `None` if that was done before. If its run has not ended, the run
    /// fails.
    pub fn take(&self) -> Option<W> {
        lock(&self.writer).take()
    }

    /// Takes the rejects out: one JSON object on a line for each bad record. Empty if they were
    /// written to a file, if the run has not succeeded, or if they were taken before.
    pub fn take_rejects(&self) -> Vec<u8> {
        std::mem::take(&mut *lock(&self.rejects))
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // After a panic, the writer is given back as it is.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Write + Send + 'static> Destination for Single<W> {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        let is_main = self.spools.is_empty();
        if !is_main && matches!(self.children, Children::Refused) {
            let table = table.to_owned();
            return Err(WriteError::ChildTable { table });
        }
        let name = self.names.assign(table, extension);
        let limit = if is_main { MAIN_BYTES } else { CHILD_BYTES };
        let spool = Arc::new(Mutex::new(Spool::new(name.clone(), limit)));
        self.spools.push((table.to_owned(), Arc::clone(&spool)));
        Ok(Box::new(SpoolOutput { name, spool }))
    }

    fn create_aside(
        &mut self,
        _name: &str,
        _extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        let name = String::new();
        let spool = Arc::new(Mutex::new(Spool::new(name.clone(), CHILD_BYTES)));
        self.aside.push(Arc::clone(&spool));
        Ok(Some(Box::new(SpoolOutput { name, spool })))
    }

    fn again(&self) -> Option<Box<dyn Destination>> {
        Some(Box::new(Self {
            writer: Arc::clone(&self.writer),
            children: self.children.clone(),
            names: FileNames::default(),
            spools: Vec::new(),
            aside: Vec::new(),
            rejects: Arc::clone(&self.rejects),
        }))
    }

    fn commit(mut self: Box<Self>) -> Result<(), WriteError> {
        for spool in self.aside.drain(..) {
            let mut rejects = Vec::new();
            let copied = lock(&spool).copy_to(&mut rejects);
            copied.map_err(failed("read back", "rejects"))?;
            lock(&self.rejects).append(&mut rejects);
        }
        let mut spools = self.spools.drain(..);
        let main = spools.next();
        let mut children = Vec::new();
        if let Children::Opened(open) = &self.children {
            let mut open = lock(open);
            for (table, spool) in spools {
                let writer = open(&table).map_err(failed("open the writer", &table))?;
                children.push((table, spool, writer));
            }
        }
        let mut writer = lock(&self.writer);
        if let Some((table, spool)) = main {
            let taken = || io::Error::other("it was taken before the run had ended");
            let to = writer.as_mut().ok_or_else(taken);
            let copied = to.and_then(|to| lock(&spool).copy_to(to));
            copied.map_err(failed("write to the writer", &table))?;
        }
        for (table, spool, mut writer) in children {
            let copied = lock(&spool).copy_to(&mut writer);
            copied.map_err(failed("write to the writer", &table))?;
        }
        Ok(())
    }
}

fn failed(action: &'static str, table: &str) -> impl FnOnce(io::Error) -> WriteError {
    let table = table.to_owned();
    move |source| WriteError::Writer {
        action,
        table,
        source,
    }
}

impl<W> fmt::Debug for Single<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let children = match self.children {
            Children::Refused => "refused",
            Children::Dropped => "dropped",
            Children::Opened(_) => "opened",
        };
        f.debug_struct("Single")
            .field("children", &children)
            .field("spools", &self.spools)
            .finish_non_exhaustive()
    }
}

impl<W> fmt::Debug for Kept<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

/// A spool that the destination keeps until the commit.
#[derive(Debug)]
struct SpoolOutput {
    name: String,
    spool: Arc<Mutex<Spool>>,
}

impl Write for SpoolOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        lock(&self.spool).write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        lock(&self.spool).flush()
    }
}

impl Output for SpoolOutput {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        lock(&self.spool).len()
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        lock(&self.spool).read_at(offset, buffer)
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        lock(&self.spool).restart()
    }

    fn buffered_bytes(&self) -> usize {
        lock(&self.spool).buffered_bytes()
    }
}
