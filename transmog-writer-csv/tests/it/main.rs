//! Tests the CSV writer through its public interface.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::float_cmp, reason = "floats must come back exactly")]

mod growth;
mod options;
mod random;
mod rows;
mod run;
mod table;
mod value;
