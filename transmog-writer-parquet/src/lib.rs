//! Writes Transmog tables as Parquet files: one valid file for each table, although columns appear
//! and widen while it is written.
//!
//! Linking this crate registers the format `parquet`. [`ParquetStreamingWriter`] receives Arrow
//! batches and keeps their rows until a row group is full. The schema of a Parquet file is in its
//! footer, which comes last; so row groups are written with the columns known at the time, and at
//! the end each row group gets what it lacks. Column `b` comes after row group 0 was written:
//!
//! ```text
//! before finish         after finish
//!
//! group 0   a           group 0   a  b (a chunk of nulls, appended)
//! group 1   a  b        group 1   a  b
//!                       footer: both groups have a and b
//! ```
//!
//! The writer opens no file: a [`Destination`] gives it an output for each table.
//!
//! Modules, in the order in which data meets them; each knows only those before it:
//!
//! | module | what it does |
//! |---|---|
//! | `options`, `columns` | settings of the writer; columns of a table while its schema grows |
//! | `rows` | keeps rows until their row group is full |
//! | `encode` | encodes the rows of a column as a column chunk |
//! | `file` | assembles the file: row groups, missing chunks, page indexes, footer |
//! | `table` | one table: its columns, its waiting rows, its file |
//! | `writer` | decides which table's rows become a row group, and when |
//! | `reader` | reads a table back |
#![forbid(unsafe_code)]

mod columns;
mod encode;
mod file;
mod options;
mod reader;
mod rows;
mod table;
mod writer;

// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

use transmog_io::{Destination, Error, StreamingWriter, WriterOptions, WriterRegistration};

pub use options::{BloomFilter, ParquetCompression, ParquetOptions};
pub use writer::ParquetStreamingWriter;

/// The name of the format, and the extension of its files.
pub const FORMAT: &str = "parquet";

/// Registers the format `parquet`: its name, its options, and how to write and read it.
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

/// Any failure; the writer adds the table and what it was doing.
type Cause = Box<dyn std::error::Error + Send + Sync>;
