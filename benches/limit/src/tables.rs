//! The writers that are measured, by the bench's names of formats.

use std::path::Path;

use transmog::{Directory, StreamingWriter, WriterOptions, create_streaming_writer};

/// A writer of tables into a folder.
pub(crate) fn writer(name: &str, folder: &Path) -> anyhow::Result<Box<dyn StreamingWriter>> {
    // A loss of power is not what is measured here.
    let directory = Directory::new(folder).with_sync(false);
    let (format, options) = format(name);
    Ok(create_streaming_writer(format, directory, &options)?)
}

/// A format with its options; `jsonl` is JSON in lines.
pub(crate) fn format(name: &str) -> (&str, WriterOptions) {
    match name {
        "jsonl" => ("json", WriterOptions::new().with("lines", true)),
        other => (other, WriterOptions::new()),
    }
}
