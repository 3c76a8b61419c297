//! Tests the JSON writer through its public interface.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::float_cmp, reason = "floats must come back exactly")]

mod growth;
mod options;
#[path = "../../../transmog-writer-csv/tests/it/random.rs"]
mod random;
mod rows;
#[path = "../../../transmog-writer-csv/tests/it/run.rs"]
mod run;
#[path = "../../../transmog-writer-csv/tests/it/table.rs"]
mod table;
#[path = "../../../transmog-writer-csv/tests/it/value.rs"]
mod value;
