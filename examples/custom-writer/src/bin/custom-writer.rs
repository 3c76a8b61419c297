//! Lists the formats of a program that links this crate.
#![forbid(unsafe_code)]

// Without a mention a crate is not linked, and then its format is not there.
use custom_writer as _;
use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for format in transmog_io::get_supported_streaming_formats() {
        writeln!(out, "{format}")?;
    }
    Ok(())
}
