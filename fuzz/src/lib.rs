//! What fuzzers drive: functions that take any bytes, and panic if Transmog does not keep a promise
//! about them. They need no fuzzer themselves, so that a test can run them over seeds.
#![forbid(unsafe_code)]

mod files;
mod options;
mod sources;

pub use files::parquet_footer;
pub use options::options;
pub use sources::{csv_source, json_lines_source, json_source, split_points};

/// A target by its name.
pub type Target = fn(&[u8]);

/// Every target.
pub const TARGETS: [(&str, Target); 6] = [
    ("json_source", json_source),
    ("json_lines_source", json_lines_source),
    ("csv_source", csv_source),
    ("split_points", split_points),
    ("options", options),
    ("parquet_footer", parquet_footer),
];

/// Takes the first byte, which says how the rest is run.
fn split_first(data: &[u8]) -> (usize, &[u8]) {
    match data.split_first() {
        Some((first, rest)) => (usize::from(*first), rest),
        None => (0, data),
    }
}
