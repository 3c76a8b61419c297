//! What the Python packages got wrong, case by case, and what is right: one test for each case,
//! called as the case is.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod buffers;
mod calls;
mod covered;
mod csv_reading;
mod formats;
mod ids;
mod names;
mod read_back;
mod recovery;
mod results;
mod second_version;
mod second_version_files;
mod support;
mod values;
mod writers;
