//! Checks all inputs before the first is read, so that a missing last file does not cost an hour of
//! work.

use std::{fs, io, path::Path};

use transmog_core::Error as DataError;

use super::InputOptions;
use crate::{
    error::{Error, ReadError},
    input::{Input, InputFormat, check_local, file::is_folder},
};

/// Checks that every file can be opened, and that the formats of the inputs agree. Files are closed
/// again until their turn comes. Readers and pipes are not touched: what is read of them is gone.
///
/// # Errors
/// If a file is missing, cannot be read or is a folder; if the inputs are CSV and JSON without
/// [`InputOptions::mixed_inputs`]; if there is a path to the records of a CSV input.
pub fn check_inputs(inputs: &[Input<'_>], options: &InputOptions) -> Result<(), Error> {
    for input in inputs {
        let Some(path) = input.path() else { continue };
        check_file(path).map_err(|source| ReadError::Open {
            input: input.name().into(),
            source,
        })?;
    }
    let format = |input: &Input<'_>| match options.format {
        InputFormat::Auto => input.path().and_then(InputFormat::of_path),
        format => Some(format),
    };
    let is_csv = |input: &&Input<'_>| format(input) == Some(InputFormat::Csv);
    let csv = inputs.iter().find(is_csv);
    let other = inputs.iter().find(|input| !is_csv(input));
    if let (Some(csv), Some(other), false) = (csv, other, options.mixed_inputs) {
        let (csv, other) = (csv.name(), other.name());
        let reason = format!(
            "{csv} is CSV and {other} is JSON; allow that if the same tables are meant, or set the format of all inputs"
        );
        return Err(DataError::setting("mixed_inputs", reason).into());
    }
    if csv.is_some() && options.records_path.is_some() {
        return Err(DataError::setting("records_path", NO_PATH).into());
    }
    Ok(())
}

/// The error if a records path is set for a CSV input.
pub(super) const NO_PATH: &str = "a CSV input has no path to its records";

fn check_file(path: &Path) -> io::Result<()> {
    check_local(path)?;
    let about = fs::metadata(path).map_err(|error| explained(path, error))?;
    if about.is_dir() {
        return Err(is_folder(path));
    }
    if about.is_file() {
        fs::File::open(path)?;
    }
    Ok(())
}

/// Explains the error of a name that looks like a pattern for many files.
fn explained(path: &Path, error: io::Error) -> io::Error {
    let is_pattern = path.to_string_lossy().contains(['*', '?', '[']);
    if error.kind() == io::ErrorKind::NotFound && is_pattern {
        let reason = "no such file; patterns are for the shell to expand, which it does without quotes if a file matches";
        return io::Error::new(error.kind(), reason);
    }
    error
}
