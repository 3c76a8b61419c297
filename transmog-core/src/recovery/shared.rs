//! A strategy as a setting: shared by threads, and known by name.

use std::{fmt, str::FromStr, sync::Arc};

use super::{LENIENT, Problem, RecoveryStrategy, SKIP, STRICT, Verdict};
use crate::base::Error;

/// A strategy, shared by the threads of a run. By name: `strict`, `skip` and `partial`.
///
/// ```
/// use transmog_core::{LENIENT, Recovery};
///
/// let by_name: Recovery = "partial".parse()?;
/// let by_object = Recovery::from(LENIENT);
/// # assert_eq!(by_name.to_string(), "partial");
/// # assert!("lenient".parse::<Recovery>().is_err());
/// # Ok::<(), transmog_core::Error>(())
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
