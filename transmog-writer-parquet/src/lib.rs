//! Writes Transmog tables as Parquet files: one valid file per table, although its columns appear and widen on the way.
//!
//! A Parquet file's schema stands in its footer, which is written last. Every row group is encoded with the columns
//! known when it ends, and only the bytes of its column chunks are kept in the file. At the end each group gets what it
//! lacks: a chunk of nulls for a column that came later, and a cast copy of a chunk whose column is wider now. Then one
//! footer names, for every group, one chunk of every column; what was replaced, and what only waited there, stays in the
//! file as dead bytes.
//!
//! The crate decides how rows become Parquet. It does not name files, choose column names or types, or know other
//! formats.
#![forbid(unsafe_code)]

mod columns;
mod encode;
mod file;
mod options;
mod reader;
mod rows;
mod table;
mod writer;

use transmog_io::{Destination, Error, StreamingWriter, WriterOptions, WriterRegistration};

pub use options::{BloomFilter, ParquetCompression, ParquetOptions};
pub use writer::ParquetStreamingWriter;

/// The format's name, which is also the files' extension.
pub const FORMAT: &str = "parquet";

/// What this crate registers: the format `parquet`.
pub static REGISTRATION: WriterRegistration =
    WriterRegistration::new(FORMAT, env!("CARGO_PKG_NAME"), open)
        .with_summary("Apache Parquet, one file per table")
        .with_options(ParquetOptions::SPECS)
        .with_reader(reader::open);
transmog_io::register_writer!(REGISTRATION);

fn open(
    options: &WriterOptions,
    destination: Box<dyn Destination>,
) -> Result<Box<dyn StreamingWriter>, Error> {
    let options = ParquetOptions::try_from(options)?;
    Ok(Box::new(ParquetStreamingWriter::new(options, destination)))
}

/// Any failure on the way to a file; the writer adds the table and what was being done.
type Cause = Box<dyn std::error::Error + Send + Sync>;
