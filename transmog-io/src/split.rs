//! Splits the text of inputs into chunks of whole records. Parses no record.
//!
//! Chunks are the unit of parallel work: each is shredded by one thread. A block is about two
//! mebibytes of input, ends with a record, and is handed on in one or more chunks of at most
//! `chunk_size` records:
//!
//! ```text
//! input   {"id":1}\n{"id":2}\n{"id":3}\n{"id":4}\n ...
//! block   [--------------------------------------] [---   blocks depend on the input alone
//! chunk   [ lines 1, 2     ] [ lines 3, 4        ]        `chunk_size` is 2
//!         first_line 1       first_line 3
//! ```
//!
//! Where records begin depends on the format: [`lines`] at line breaks, [`document`] at the items
//! of a JSON array, [`rows`] at the ends of CSV rows (a line break in quotes does not count).
//! Positions are those in the decompressed text.

mod block;
mod broken;
mod buffer_pool;
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
mod values;

use crate::{csv::CsvInputReport, error::Error, input::EncodingReport};

pub(crate) use document::Cutting;

pub use broken::{Broken, RawIs};
pub use check::check_inputs;
pub use chunk::{Chunk, Gap, Records};
pub use inputs::Inputs;
pub use options::{CHUNK_SIZE, InputOptions};
pub use pointer::Pointer;

/// A block ends with the record in which it reaches this size. Every column has a fixed cost for
/// each chunk, so chunks must not be small; several of them wait between the stages, so they must
/// not be large either.
pub(crate) const BLOCK_BYTES: usize = 2 << 20;

/// Produces the chunks of an input, in order.
pub trait Source {
    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// If the input cannot be read, or if no records can be found in it.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error>;

    /// Bytes of input read so far, as they are in the file: compressed bytes of a compressed one.
    fn bytes_read(&self) -> u64;

    /// Bytes of all inputs, if that is known before the end.
    fn total_bytes(&self) -> Option<u64> {
        None
    }

    /// What was found about the CSV inputs opened so far: the delimiter and how it was found.
    fn csv_inputs(&self) -> Vec<CsvInputReport> {
        Vec::new()
    }

    /// The encodings of the inputs opened so far that are not plain UTF-8.
    fn encodings(&self) -> Vec<EncodingReport> {
        Vec::new()
    }
}
