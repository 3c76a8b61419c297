//! How inputs are read: format, compression, encoding, limits.

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
    /// Most bytes of text that a compressed input may have; more ends the run. `None`: no limit;
    /// memory does not grow with it.
    pub max_decompressed: Option<u64>,
    /// The encoding of all inputs except values and rejects: `utf-8`, `utf-16`, `latin1`,
    /// `shift_jis` or any other label of the WHATWG Encoding Standard. A byte order mark of UTF-8
    /// or UTF-16 takes precedence, and the report names it. `None`: UTF-8, or UTF-16 where a mark
    /// or zero bytes show it. Positions in errors, and raw text in rejects, are those of the text
    /// in UTF-8.
    pub encoding: Option<TextEncoding>,
    /// True if `NaN`, `Infinity` and `-Infinity` are accepted as floats. They are not JSON.
    pub allow_nan: bool,
    /// Where the records are in each document; `None`: at its top.
    pub records_path: Option<Pointer>,
    /// True if one run may read both CSV and JSON files. By default they are refused: it is mostly
    /// a mistake, such as `data/*`. Only formats known by extension are compared.
    pub mixed_inputs: bool,
    /// How CSV inputs are read.
    pub csv: CsvReadOptions,
    /// True if rejects are read even if a part of the record is in the tables of the run that wrote
    /// them.
    pub kept_rejects: bool,
    /// Most bytes of a record that may be held in memory; a larger one is a bad record. `None`: no
    /// limit.
    pub max_record_bytes: Option<usize>,
    /// Most records in a chunk. Changes speed and memory, not the output.
    pub chunk_size: NonZeroUsize,
    /// Records larger than this are cut, see [`Inputs::cutting`](super::Inputs::cutting). For
    /// tests.
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

/// Default of [`InputOptions::record_bytes`].
const RECORD_BYTES: usize = 16 << 20;

/// Default of [`InputOptions::max_record_bytes`].
const MAX_RECORD_BYTES: usize = 1 << 30;

/// Default of [`InputOptions::chunk_size`].
pub const CHUNK_SIZE: NonZeroUsize = match NonZeroUsize::new(2000) {
    Some(records) => records,
    None => NonZeroUsize::MIN,
};
