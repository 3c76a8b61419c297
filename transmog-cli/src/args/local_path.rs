//! Reads paths of the command line: those of files and folders of this machine. Addresses such as `s3://bucket/x` are
//! refused with what to do instead.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use transmog::address_scheme;

/// Reads the path of an input.
pub(super) fn input() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match address_scheme(&path) {
        None => Ok(path),
        Some(scheme) => {
            let address = path.display();
            let get = match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" | "ftp" => format!("curl -fsSL '{address}'"),
                "s3" => format!("aws s3 cp '{address}' -"),
                "gs" => format!("gcloud storage cat '{address}'"),
                "file" => return Err("write the path without file://".to_owned()),
                _ => "a program that prints it".to_owned(),
            };
            Err(format!(
                "{scheme}:// is not supported, only local files and standard input; try: {get} | transmog flatten - -n NAME -o DIR"
            ))
        }
    })
}

/// Reads the path of something that is written, or of a folder or file that belongs to the run.
pub(super) fn local() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match address_scheme(&path) {
        None => Ok(path),
        Some("file") => Err("write the path without file://".to_owned()),
        Some(scheme) => Err(format!(
            "{scheme}:// is not supported; name a local path, and copy what is written there"
        )),
    })
}
