//! A format that Transmog does not have: tab-separated values (TSV). Nothing in Transmog names this
//! crate; linking it is enough, because [`register_writer!`](transmog_io::register_writer) puts it
//! on the list of formats.
//!
//! The file format: one line for each row, cells between tabs, `\N` for a null, and `\t`, `\n`,
//! `\r`, `\\` for tabs, line breaks and backslashes within a cell. The first line holds the
//! columns' names.
#![forbid(unsafe_code)]

mod writer;

use transmog_io::{Destination, Error, StreamingWriter, WriterOptions, WriterRegistration};

pub use writer::TsvWriter;

/// The format `tsv`. It has no options, so every option is refused.
pub static REGISTRATION: WriterRegistration =
    WriterRegistration::new("tsv", env!("CARGO_PKG_NAME"), open)
        .with_summary("tab-separated text with a header row");
transmog_io::register_writer!(REGISTRATION);

#[expect(clippy::unnecessary_wraps, reason = "the signature is the registry's")]
fn open(
    _: &WriterOptions,
    destination: Box<dyn Destination>,
) -> Result<Box<dyn StreamingWriter>, Error> {
    Ok(Box::new(TsvWriter::new(destination)))
}
