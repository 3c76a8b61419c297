//! Writes Transmog tables as CSV files. Linking this crate registers the format `csv`.
//!
//! Every table becomes one file with one header, however its columns grew. Opens no files itself: outputs come from a
//! [`Destination`].
#![forbid(unsafe_code)]

mod copy;
mod dialect;
mod guard;
mod options;
mod reader;
mod rows;
mod writer;

use transmog_io::{Destination, Error, StreamingWriter, WriterOptions, WriterRegistration};

pub use options::CsvOptions;
pub use writer::CsvStreamingWriter;

/// The format's name, which is also the extension of its files.
const FORMAT: &str = "csv";

/// The format `csv`.
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
