//! Ends runs from outside, and removes what they have not finished.

use std::{
    fmt, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::error::Error;

/// Ends the runs that were given it, from any thread.
///
/// [`cancel`](Self::cancel) removes their unfinished files before it returns. So a program may exit
/// right after it, even if a run waits for input that never comes. A run that is committing at that
/// moment finishes its commit first.
///
/// ```
/// use transmog_io::CancelToken;
///
/// let token = CancelToken::new();
/// let kept = token.clone();
/// kept.cancel();
/// assert!(token.is_cancelled());
/// ```
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Shared>);

#[derive(Default)]
struct Shared {
    is_cancelled: AtomicBool,
    unfinished: Mutex<Vec<Weak<dyn Unfinished>>>,
    /// Folders that runs have created and that have no results yet.
    made: Mutex<Vec<PathBuf>>,
}

/// Unfinished files of a run.
pub(crate) trait Unfinished: Send + Sync {
    /// Removes them, unless they are committed.
    fn remove(&self);
}

impl CancelToken {
    /// A new token.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all runs that have the token, and those that will get it. Their unfinished files are
    /// removed when this returns; a run itself returns [`Error::Cancelled`] at its next chunk.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::SeqCst);
        let unfinished = std::mem::take(&mut *self.unfinished());
        for one in unfinished.iter().filter_map(Weak::upgrade) {
            one.remove();
        }
    }

    /// True after [`cancel`](Self::cancel).
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::SeqCst)
    }

    /// Fails if it was cancelled.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    /// Creates something that `cancel` must remove. The list is locked meanwhile, so that a
    /// concurrent `cancel` cannot miss it.
    pub(crate) fn admit<T: Unfinished + 'static, E>(
        &self,
        make: impl FnOnce() -> Result<Arc<T>, E>,
        failed: impl FnOnce(io::Error) -> E,
    ) -> Result<Arc<T>, E> {
        let mut unfinished = self.unfinished();
        if self.is_cancelled() {
            return Err(failed(cancelled()));
        }
        let made = make()?;
        unfinished.retain(|one| one.strong_count() > 0);
        let weak = Arc::downgrade(&made);
        unfinished.push(weak);
        Ok(made)
    }

    /// The folders created for unfinished files. Shared by all outputs of a run: the last one that
    /// leaves a folder empty removes it.
    pub(crate) fn made(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unfinished(&self) -> MutexGuard<'_, Vec<Weak<dyn Unfinished>>> {
        self.0
            .unfinished
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error of file operations in a cancelled run.
pub(crate) fn cancelled() -> io::Error {
    io::Error::other(Error::Cancelled)
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelToken")
            .field(&self.is_cancelled())
            .finish()
    }
}
