//! Where outputs go: named byte streams that become final together, or not at all.
//!
//! ```text
//! create("orders") -> Output  write ...   \
//! create("orders_items") -> Output  ...    > commit(): all of them are there, or none
//! create_aside("orders.manifest") -> ...  /
//! dropped without commit(): everything is removed
//! ```

use std::{
    io::{self, Read, Write},
    path::Path,
};

use crate::{cancel::CancelToken, error::WriteError};

mod directory;
mod earlier_run;
mod file_name;
mod memory;
mod single;
mod spool;

pub use directory::{Directory, replace_file};
pub(crate) use earlier_run::Place;
pub use earlier_run::{EarlierFiles, EarlierRun};
pub use file_name::manifest_file_name;
pub use memory::{Memory, MemoryFiles};
pub use single::{Kept, Single};

/// Creates one output for each table, and makes all of them final at once.
///
/// A destination that is dropped before [`commit`](Self::commit) removes everything that was
/// written to it.
pub trait Destination: Send {
    /// Creates the output of a table. `extension` has no dot.
    ///
    /// # Errors
    /// If it cannot be created.
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError>;

    /// Creates an output beside those of the tables, such as the manifest. It becomes final with
    /// them if anything was written to it. `None` if the destination has no place for it. A long
    /// name is cut, but never the extension, such as `manifest.json`.
    ///
    /// # Errors
    /// If it cannot be created.
    fn create_aside(
        &mut self,
        _name: &str,
        _extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        Ok(None)
    }

    /// Names a file that must not be replaced, because this run reads it or writes something else
    /// to it. Destinations without files ignore it.
    fn protect(&mut self, _file: &Path) {}

    /// Names the earlier run that this one replaces, before the commit. A destination that keeps
    /// files from run to run removes those of the earlier run in its commit, all or nothing like
    /// the rest, and tells `run` which. Destinations that begin empty ignore it.
    fn replace(&mut self, _run: &EarlierRun) {}

    /// Gives the token that may end the run, before the first output is created. When `cancel`
    /// returns, unfinished files should be removed.
    fn cancel_with(&mut self, _token: &CancelToken) {}

    /// A second destination at the same place, for a run that must start again; called before the
    /// first output is created. Only one of the two is committed. `None`, the default, if that is
    /// not possible: the run then continues with the first.
    fn again(&self) -> Option<Box<dyn Destination>> {
        None
    }

    /// Makes all outputs final, in the order in which they were created: those of the tables, then
    /// those beside them.
    ///
    /// Before the first table becomes final, what was beside the tables of an earlier run is
    /// removed, so that a manifest never describes tables of another run. So are the tables of the
    /// run that [`replace`](Self::replace) names, so that old child tables never join with new
    /// ones. Files that the manifest of another entity names are not replaced: that is an error.
    ///
    /// # Errors
    /// If one of them cannot be made final.
    fn commit(self: Box<Self>) -> Result<(), WriteError>;
}

impl<D: Destination + ?Sized> Destination for Box<D> {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        (**self).create(table, extension)
    }

    fn create_aside(
        &mut self,
        name: &str,
        extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        (**self).create_aside(name, extension)
    }

    fn protect(&mut self, file: &Path) {
        (**self).protect(file);
    }

    fn replace(&mut self, run: &EarlierRun) {
        (**self).replace(run);
    }

    fn cancel_with(&mut self, token: &CancelToken) {
        (**self).cancel_with(token);
    }

    fn again(&self) -> Option<Box<dyn Destination>> {
        (**self).again()
    }

    fn commit(self: Box<Self>) -> Result<(), WriteError> {
        (*self).commit()
    }
}

/// A byte stream that can be read back while it is being written.
///
/// Writes are buffered here, so a writer needs no buffer of its own. No file descriptor is held
/// between calls, so thousands of outputs may be open at once. Several threads may write to outputs
/// of one destination at the same time.
pub trait Output: Write + Send {
    /// Its name in the destination, such as `orders.parquet`. An output beside the tables gets its
    /// name when it becomes final.
    fn name(&self) -> &str;

    /// Bytes written so far.
    fn len(&self) -> u64;

    /// True if nothing was written.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads bytes that were written before, from `offset` on, and fills `buffer`.
    ///
    /// # Errors
    /// If there are too few, or they cannot be read.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Empties the output, and returns what was written so far, to be copied with changes.
    ///
    /// # Errors
    /// If it cannot be read.
    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>>;

    /// Bytes held in memory.
    fn buffered_bytes(&self) -> usize;
}
