//! Strategies: the trait, and the three of this crate.

use super::{Problem, Verdict};

/// Decides what to do with bad records.
///
/// Several threads call it at the same time and in any order, so the verdict must depend on the
/// problem alone.
///
/// ```
/// use transmog_core::{Problem, Recovery, RecoveryStrategy, Verdict};
///
/// /// Leaves out comments, and nothing else.
/// struct Comments;
///
/// impl RecoveryStrategy for Comments {
///     fn recover(&self, problem: &Problem<'_>) -> Verdict {
///         if problem.raw.starts_with(b"#") { Verdict::Skip } else { Verdict::Fail }
///     }
/// }
///
/// let recovery = Recovery::from(Comments);
/// ```
pub trait RecoveryStrategy: Send + Sync {
    /// The verdict on one problem.
    fn recover(&self, problem: &Problem<'_>) -> Verdict;

    /// Its name in reports and logs.
    fn name(&self) -> &'static str {
        "custom"
    }
}

impl<F: Fn(&Problem<'_>) -> Verdict + Send + Sync> RecoveryStrategy for F {
    fn recover(&self, problem: &Problem<'_>) -> Verdict {
        self(problem)
    }
}

/// Strict: any problem ends the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StrictRecovery;

/// Skip: bad records are left out, and logged as warnings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SkipAndLogRecovery;

/// Partial: the readable part of a bad record is kept, the rest is marked, and a warning is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartialProcessingRecovery;

/// Any problem ends the run: the default of a run.
pub const STRICT: StrictRecovery = StrictRecovery;
/// Bad records are left out.
pub const SKIP: SkipAndLogRecovery = SkipAndLogRecovery;
/// The name of [`SKIP`] in the Python package. It is not the default of a run.
pub const DEFAULT: SkipAndLogRecovery = SKIP;
/// The readable part of bad records is kept.
pub const LENIENT: PartialProcessingRecovery = PartialProcessingRecovery;

impl RecoveryStrategy for StrictRecovery {
    fn recover(&self, _: &Problem<'_>) -> Verdict {
        Verdict::Fail
    }

    fn name(&self) -> &'static str {
        "strict"
    }
}

impl RecoveryStrategy for SkipAndLogRecovery {
    fn recover(&self, _: &Problem<'_>) -> Verdict {
        Verdict::Skip
    }

    fn name(&self) -> &'static str {
        "skip"
    }
}

impl RecoveryStrategy for PartialProcessingRecovery {
    fn recover(&self, _: &Problem<'_>) -> Verdict {
        Verdict::Keep
    }

    fn name(&self) -> &'static str {
        "partial"
    }
}
