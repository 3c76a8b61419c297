//! Writes Transmog tables as JSON: an array of objects, or JSON Lines, one file for each table.
//!
//! Linking this crate registers the format `json`. [`JsonStreamingWriter`] receives Arrow batches
//! and writes their rows at once, so memory does not grow with the number of rows. A row without a
//! value has no key, so a column that comes late changes nothing. A column that becomes text does:
//! all values of a key have one type, so [`finish`](StreamingWriter::finish) rewrites the file
//! once. Column `a` becomes text with the third row:
//!
//! ```text
//! before finish           after finish
//!
//! {"a":1}                 {"a":"1"}
//! {"a":2,"b":true}        {"a":"2","b":true}
//! {"a":"x","b":true}      {"a":"x","b":true}
//! ```
//!
//! The writer opens no file: a [`Destination`] gives it an output for each table.
//!
//! Modules, in the order in which data meets them: `options` and `punctuation` (what is between
//! rows, keys and values), `rows` (a batch becomes text), `writer`, `rewrite` (old rows get the
//! final types), `reader` (the way back).
#![forbid(unsafe_code)]

mod options;
mod punctuation;
mod reader;
mod rewrite;
mod rows;
mod writer;

// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

use transmog_io::{Destination, Error, StreamingWriter, WriterOptions, WriterRegistration};

pub use options::{JsonOptions, JsonStyle};
pub use writer::JsonStreamingWriter;

/// The format's name.
const FORMAT: &str = "json";

/// Registers the format `json`: its name, its options, and how to write and read it.
pub static REGISTRATION: WriterRegistration =
    WriterRegistration::new(FORMAT, env!("CARGO_PKG_NAME"), open)
        .with_summary("an array of objects, or JSON Lines")
        .with_options(JsonOptions::SPECS)
        .with_reader(reader::open);
transmog_io::register_writer!(REGISTRATION);

fn open(
    options: &WriterOptions,
    destination: Box<dyn Destination>,
) -> Result<Box<dyn StreamingWriter>, Error> {
    let options = JsonOptions::try_from(options)?;
    Ok(Box::new(JsonStreamingWriter::new(options, destination)))
}
