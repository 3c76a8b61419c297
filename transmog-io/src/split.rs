//! Where records come from: bytes cut into chunks of whole records. Parses no record. Places are those in the text: what comes
//! out of a compressed input.

mod block;
mod broken;
mod check;
mod chunk;
mod document;
mod early_end;
mod inputs;
mod json5;
mod lines;
mod options;
mod pointer;
mod reading;
mod rejects;
mod rows;
mod spare;
mod values;

use crate::{csv::CsvInputReport, error::Error, input::EncodingReport};

pub(crate) use document::Cutting;

pub use broken::{Broken, RawIs};
pub use check::check_inputs;
pub use chunk::{Chunk, Gap, Records};
pub use inputs::Inputs;
pub use options::{CHUNK_SIZE, InputOptions};
pub use pointer::Pointer;

/// Bytes after which a block ends, at the end of the record. Every column costs something for every chunk, so a chunk must
/// not be small; several of them wait between the stages, so it must not be large either.
pub(crate) const BLOCK_BYTES: usize = 2 << 20;

/// Gives the input piece by piece.
pub trait Source {
    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// If the input cannot be read, or cannot be cut into records.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error>;

    /// Bytes of input read so far, before anything was made of them.
    fn bytes_read(&self) -> u64;

    /// Bytes that there are to read, if that is known before the end.
    fn total_bytes(&self) -> Option<u64> {
        None
    }

    /// How the CSV inputs read so far are read; nothing of other inputs.
    fn csv_inputs(&self) -> Vec<CsvInputReport> {
        Vec::new()
    }

    /// The encodings of inputs whose text is not simply UTF-8, as far as they were opened.
    fn encodings(&self) -> Vec<EncodingReport> {
        Vec::new()
    }
}
