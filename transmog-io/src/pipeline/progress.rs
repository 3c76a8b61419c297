//! Reports the progress of a run to a callback.

use std::{fmt, sync::Arc};

/// The progress of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Records found so far.
    pub records: u64,
    /// Records left out so far.
    pub rejected: u64,
    /// Bytes of input read, roughly; compressed bytes of a compressed input.
    pub bytes_read: u64,
    /// Bytes of all inputs; `None` if unknown, as with pipes.
    pub total_bytes: Option<u64>,
    /// 1, or 2 if the input is read a second time, see [`Report::passes`](crate::Report::passes).
    /// The other fields then count from the beginning of the second pass.
    pub pass: u32,
}

/// Called after every chunk, in input order, on a thread of the run.
#[derive(Clone)]
pub struct OnProgress(Arc<dyn Fn(&Progress) + Send + Sync>);

impl OnProgress {
    /// Calls the function.
    pub fn tell(&self, progress: &Progress) {
        (self.0)(progress);
    }
}

impl<F: Fn(&Progress) + Send + Sync + 'static> From<F> for OnProgress {
    fn from(call: F) -> Self {
        Self(Arc::new(call))
    }
}

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnProgress")
    }
}
