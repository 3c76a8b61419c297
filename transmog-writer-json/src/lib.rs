//! Writes Transmog tables as JSON arrays or JSON Lines files. Linking this crate registers the format `json`.
//!
//! Every key of a table has values of one type in all rows, however its column grew. Opens no files itself: outputs come
//! from a [`Destination`].
#![forbid(unsafe_code)]

mod copy;
mod layout;
mod options;
mod reader;
mod rows;
mod writer;

use transmog_io::{Destination, Error, StreamingWriter, WriterOptions, WriterRegistration};

pub use options::{JsonOptions, JsonStyle};
pub use writer::JsonStreamingWriter;

/// The format's name.
const FORMAT: &str = "json";

/// The format `json`.
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
