//! Reads the records of a chunk into the shredder, and asks the recovery strategy about bad ones.
//!
//! ```text
//! Chunk -> json or csv: parse one record -> Shredder: rows of typed columns
//!             | fault
//!             v
//!          RecordReader: add place, excerpt and advice -> recovery: fail, skip or keep
//! ```
//!
//! [`json`] and [`csv`] parse; [`reader`] is the same for both.

pub(crate) mod csv;
pub(crate) mod json;
mod reader;

pub use json::{parse, read};
pub(crate) use reader::{CsvChunk, ReadChunk, RecordReader, Reject, Rules, Starts};
