//! Describes problems with records, and decides what to do with bad ones.
//!
//! ```text
//! reader finds a problem -> Problem -> RecoveryStrategy -> Verdict
//!                                        strict            Fail   the run ends
//!                                        skip              Skip   the record is left out
//!                                        partial           Keep   its readable part is kept
//! ```
//!
//! These are types and decisions only: `transmog-io` finds the problems, asks the strategy, counts
//! and writes the rejects.

mod problem;
mod shared;
mod strategy;
mod verdict;

pub use problem::Problem;
pub use shared::Recovery;
pub use strategy::{
    DEFAULT, LENIENT, PartialProcessingRecovery, RecoveryStrategy, SKIP, STRICT,
    SkipAndLogRecovery, StrictRecovery,
};
pub use verdict::Verdict;
