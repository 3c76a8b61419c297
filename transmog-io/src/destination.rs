//! Where outputs go: named byte streams that become final together, or not at all. Knows no format.

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
pub use memory::{Memory, MemoryFiles};
pub use single::{Kept, Single};

/// Makes one output for each table, and makes them all final at once.
///
/// A destination that is dropped before [`commit`](Self::commit) removes everything that was written to it.
pub trait Destination: Send {
    /// Makes the output of a table. `extension` has no dot.
    ///
    /// # Errors
    /// If it cannot be made.
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError>;

    /// Makes an output beside those of the tables, which becomes final with them, and only if something was written to it.
    /// `None` if there is no place for such things.
    ///
    /// # Errors
    /// If it cannot be made.
    fn create_aside(
        &mut self,
        _name: &str,
        _extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        Ok(None)
    }

    /// Names a file that this run reads, or writes something else to, and so must not be replaced. Destinations that are no
    /// files ignore it.
    fn protect(&mut self, _file: &Path) {}

    /// Names the earlier run whose place this one takes, before the commit. A destination that keeps files from run to
    /// run then removes those of the earlier run in its commit, with the same all or nothing, and tells `run` which.
    /// Destinations that begin empty ignore it.
    fn replace(&mut self, _run: &EarlierRun) {}

    /// Gives the token that may end the run, before the first output is made. What is unfinished when it is cancelled should
    /// be gone when that returns, as far as this destination leaves traces outside the process.
    fn cancel_with(&mut self, _token: &CancelToken) {}

    /// A destination at the same place that nothing was written to yet, for a run that has to start once more; it is asked for
    /// before the first output is made. `None`, the default, if what was written cannot be taken back: the run goes on then.
    ///
    /// Of both, only one is committed.
    fn again(&self) -> Option<Box<dyn Destination>> {
        None
    }

    /// Makes all outputs final, in the order in which they were made: those of the tables, then those beside them.
    ///
    /// What was beside the tables of an earlier run is taken away before the first table becomes final, so that nothing
    /// ever describes tables that it does not belong to. So are the tables of the run that [`replace`](Self::replace)
    /// names, so that none of them ever joins with the new ones.
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
/// Writes are buffered here: a writer hands over what it has and needs no buffer of its own. No file descriptor is held
/// between calls, so thousands of outputs may be open at once. Several threads may write outputs of one destination at the same time.
pub trait Output: Write + Send {
    /// Its name, relative to the destination, such as `orders.parquet`. An output aside has its name once it is final.
    fn name(&self) -> &str;

    /// Bytes written so far.
    fn len(&self) -> u64;

    /// True if nothing was written.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with bytes that were written before, from `offset` on.
    ///
    /// # Errors
    /// If there are not that many, or they cannot be read.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Starts over with nothing and gives what was written so far, to be copied with changes.
    ///
    /// # Errors
    /// If it cannot be read.
    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>>;

    /// Bytes held in memory.
    fn buffered_bytes(&self) -> usize;
}
