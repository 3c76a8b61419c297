//! What to do with bad records: the strategies `strict`, `skip` and `partial`, and how to add one.

use std::{fmt, str::FromStr, sync::Arc};

use transmog_core::Error;

/// A problem with a record.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Problem<'a> {
    /// What is wrong and where: input, line, byte and field. The number of the record is not known
    /// yet.
    pub error: &'a Error,
    /// The raw text of the record; empty for a Rust value.
    pub raw: &'a [u8],
}

impl<'a> Problem<'a> {
    /// A problem, with the raw text of the record.
    pub fn new(error: &'a Error, raw: &'a [u8]) -> Self {
        Self { error, raw }
    }
}

/// What to do about a [`Problem`].
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

/// Decides what to do with bad records.
///
/// Several threads call it at the same time and in any order, so the verdict must depend on the
/// problem alone.
///
/// ```
/// use transmog_io::{Problem, Recovery, RecoveryStrategy, Verdict};
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

/// A strategy, shared by the threads of a run. By name: `strict`, `skip` and `partial`.
///
/// ```
/// use transmog_io::{LENIENT, Recovery};
///
/// let by_name: Recovery = "partial".parse()?;
/// let by_object = Recovery::from(LENIENT);
/// # assert_eq!(by_name.to_string(), "partial");
/// # assert!("lenient".parse::<Recovery>().is_err());
/// # Ok::<(), transmog_io::Error>(())
/// ```
#[derive(Clone)]
pub struct Recovery(Arc<dyn RecoveryStrategy>);

impl Recovery {
    /// The verdict on one problem.
    pub fn recover(&self, problem: &Problem<'_>) -> Verdict {
        self.0.recover(problem)
    }
}

impl Default for Recovery {
    /// Strict.
    fn default() -> Self {
        STRICT.into()
    }
}

impl<S: RecoveryStrategy + 'static> From<S> for Recovery {
    fn from(strategy: S) -> Self {
        Self(Arc::new(strategy))
    }
}

impl FromStr for Recovery {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Ok(match word {
            "strict" => STRICT.into(),
            "skip" => SKIP.into(),
            "partial" => LENIENT.into(),
            _ => {
                let reason = format!("{word:?} is none of strict, skip, partial");
                return Err(Error::setting("recovery", reason));
            }
        })
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recovery").field(&self.0.name()).finish()
    }
}
