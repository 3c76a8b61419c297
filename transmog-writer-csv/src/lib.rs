//! Writes Transmog tables as CSV files: one file with one header for each table.
//!
//! Linking this crate registers the format `csv`. [`CsvStreamingWriter`] receives Arrow batches and
//! writes their rows at once, so memory does not grow with the number of rows. Columns may appear
//! while rows are written; [`finish`](StreamingWriter::finish) then rewrites the file once. A table
//! whose column `b` comes with the third row:
//!
//! ```text
//! before finish    after finish
//!
//! a                a,b
//! 1                1,
//! 2                2,
//! 3,x              3,x
//! ```
//!
//! The writer opens no file: a [`Destination`] gives it an output for each table.
//!
//! Modules, in the order in which data meets them: `options` and `dialect` (how a cell looks),
//! `formula_guard`, `rows` (a batch becomes text), `writer`, `rewrite` (old rows get the final
//! columns), `reader` (the way back).
#![forbid(unsafe_code)]

mod dialect;
mod formula_guard;
mod options;
mod reader;
mod rewrite;
mod rows;
mod writer;

// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

use transmog_io::{Destination, Error, StreamingWriter, WriterOptions, WriterRegistration};

pub use options::CsvOptions;
pub use writer::CsvStreamingWriter;

/// The format's name, which is also the extension of its files.
const FORMAT: &str = "csv";

/// Registers the format `csv`: its name, its options, and how to write and read it.
pub static REGISTRATION: WriterRegistration =
    WriterRegistration::new(FORMAT, env!("CARGO_PKG_NAME"), open)
        .with_summary("comma-separated text with a header row")
        .with_options(CsvOptions::SPECS)
        .with_reader(reader::open);
transmog_io::register_writer!(REGISTRATION);

fn open(
    options: &WriterOptions,
    destination: Box<dyn Destination>,
) -> Result<Box<dyn StreamingWriter>, Error> {
    let writer = CsvStreamingWriter::new(CsvOptions::try_from(options)?, destination)?;
    Ok(Box::new(writer))
}
