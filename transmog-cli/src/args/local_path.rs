//! Reads paths of the command line: those of files and folders of this machine. Addresses such as
//! `s3://bucket/x` are refused with what to do instead.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use transmog::{InputFormat, address_scheme};

/// Reads the path of an input.
pub(super) fn input() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match address_scheme(&path) {
        None => Ok(path),
        Some(scheme) => {
            let address = quoted(&path.to_string_lossy());
            let get = match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" | "ftp" => format!("curl -fsSL {address}"),
                "s3" => format!("aws s3 cp {address} -"),
                "gs" => format!("gcloud storage cat {address}"),
                "file" => return Err("write the path without file://".to_owned()),
                _ => "a program that prints it".to_owned(),
            };
            // On a pipe, no name says the format.
            let format = match InputFormat::of_path(&without_query(&path)) {
                Some(InputFormat::Csv) => " --input-format csv",
                Some(InputFormat::Json5) => " --input-format json5",
                _ => "",
            };
            Err(format!(
                "{scheme}:// is not supported, only local files and standard input; try: {get} | transmog flatten -{format} -n NAME -o DIR"
            ))
        }
    })
}

/// Removes the query and the fragment of an address: `https://x/a.csv?b#c` is `https://x/a.csv`.
fn without_query(address: &Path) -> PathBuf {
    let text = address.to_string_lossy();
    text.split(['?', '#']).next().unwrap_or_default().into()
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Reads the path of a file or folder that must be there.
pub(super) fn existing() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match address_scheme(&path) {
        None if path.as_os_str() == "-" => Err(NO_STREAM.to_owned()),
        None => Ok(path),
        Some("file") => Err("write the path without file://".to_owned()),
        Some(scheme) => Err(format!(
            "{scheme}:// is not supported; copy what is there to this machine first, and name a local path"
        )),
    })
}

/// Reads the path of a file that is written, which cannot be standard output.
pub(super) fn file() -> impl TypedValueParser<Value = PathBuf> {
    local().try_map(|path| {
        if path.as_os_str() == "-" {
            return Err(NO_STREAM);
        }
        Ok(path)
    })
}

const NO_STREAM: &str = "- is no file here; name one (./- is a file that is really called so)";

/// Reads the path of something that is written.
pub(super) fn local() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match address_scheme(&path) {
        None => Ok(path),
        Some("file") => Err("write the path without file://".to_owned()),
        Some(scheme) => Err(format!(
            "{scheme}:// is not supported; name a local path, and copy what is written there"
        )),
    })
}
