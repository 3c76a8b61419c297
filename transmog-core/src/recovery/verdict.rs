//! What a strategy decides about a problem.

/// What to do about a [`Problem`](super::Problem).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// End the run with an error and without output.
    Fail,
    /// Leave the record out; count it, and write it to the rejects.
    Skip,
    /// Keep the readable part, mark the rest, and copy the record to the rejects. A record without
    /// a readable part is left out.
    Keep,
}
