//! Reads the records of a chunk into the shredder: JSON and CSV, with what is done about records that are wrong.

pub(crate) mod csv;
pub(crate) mod json;
mod reader;

pub use json::{parse, read};
pub(crate) use reader::{CsvChunk, ReadChunk, RecordReader, Reject, Rules, Starts};
