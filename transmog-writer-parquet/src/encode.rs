//! Encodes the rows of one column in one row group as a column chunk: bytes and their metadata.
//!
//! Chunks are encoded in memory and on any number of threads, and are appended to the file in
//! order. The same rows give the same bytes, however they were cut into row blocks:
//!
//! ```text
//! row blocks -> batches of 8,192 rows -> pages -> EncodedChunk -> append_to -> the file
//!               (column_batches)         '-- encoder, with the EncodingChoice for the column
//! ```

mod cardinality;
mod column_batches;
mod constant_chunks;
mod encoded_chunk;
mod encoder;
mod encoding_choice;
mod page_index;
mod physical_types;
mod schema;
mod seconds;

pub(crate) use column_batches::BATCH_ROWS;
pub(crate) use encoded_chunk::{EncodedChunk, relocate};
pub(crate) use encoder::{Encoder, chunks_at_a_time, may_have_bloom_filter};
pub(crate) use page_index::PageIndex;
pub(crate) use schema::{ColumnSchema, parquet_schema, type_read_back};
pub(crate) use seconds::from_file;
