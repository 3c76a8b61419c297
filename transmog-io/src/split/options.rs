//! How inputs are read: the caller's settings.

use std::num::NonZeroUsize;

use super::Pointer;
use crate::{
    csv::CsvReadOptions,
    input::{Compression, InputFormat, TextEncoding},
};

/// How inputs are read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputOptions {
    /// The format of all inputs.
    pub format: InputFormat,
    /// How all inputs but values are compressed.
    pub compression: Compression,
    /// Most bytes of text that a compressed input may hold; one that holds more ends the run. `None` for any number: memory
    /// does not grow with it.
    pub max_decompressed: Option<u64>,
    /// The encoding of all inputs but values and rejects: `utf-8`, `utf-16`, `latin1`, `shift_jis` or any other label of the
    /// WHATWG's Encoding Standard. A byte order mark of UTF-8 or UTF-16 goes before it, and the report says so. `None` for
    /// UTF-8, or UTF-16 where a mark or zero bytes show that. Places in errors, and raw text in rejects, are those of the
    /// input in UTF-8.
    pub encoding: Option<TextEncoding>,
    /// True if `NaN`, `Infinity` and `-Infinity` are floats like any other. They are no JSON.
    pub allow_nan: bool,
    /// Where in each document the records are; `None` for its top.
    pub records_path: Option<Pointer>,
    /// True if CSV and JSON inputs may become the rows of the same tables. Otherwise they are refused, where the format of
    /// each is taken from its name: two kinds of files in one run are mostly a mistake, such as `data/*`.
    pub mixed_inputs: bool,
    /// How CSV inputs are read.
    pub csv: CsvReadOptions,
    /// True if rejects are taken of which a part is in the tables of the run that wrote them.
    pub kept_rejects: bool,
    /// Bytes of a record that may be held at a time; what is larger is a bad record. `None` for any number.
    pub max_record_bytes: Option<usize>,
    /// Most records in a chunk. Changes the pace and the memory, not the output: in a chunk, a column takes room for every
    /// row.
    pub chunk_size: NonZeroUsize,
    /// Bytes from which on a record of a document is cut, if [`Inputs::cutting`] says how. For tests.
    #[doc(hidden)]
    pub record_bytes: usize,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            format: InputFormat::Auto,
            compression: Compression::Auto,
            max_decompressed: None,
            encoding: None,
            allow_nan: false,
            records_path: None,
            mixed_inputs: false,
            csv: CsvReadOptions::default(),
            kept_rejects: false,
            max_record_bytes: Some(MAX_RECORD_BYTES),
            chunk_size: CHUNK_SIZE,
            record_bytes: RECORD_BYTES,
        }
    }
}

/// Bytes of a record that is taken whole.
const RECORD_BYTES: usize = 16 << 20;

/// Bytes that a record may have, if the settings say nothing else.
const MAX_RECORD_BYTES: usize = 1 << 30;

/// Most records of a chunk, if the settings say nothing else.
pub const CHUNK_SIZE: NonZeroUsize = match NonZeroUsize::new(2000) {
    Some(records) => records,
    None => NonZeroUsize::MIN,
};
