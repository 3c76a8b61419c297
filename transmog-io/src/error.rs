//! The errors of reading, writing and choosing formats. With the data errors of `transmog-core`
//! they are [`Error`].

use std::{io, path::PathBuf, sync::Arc};

use transmog_core as core;

/// The error of a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data or the settings are wrong.
    #[error(transparent)]
    Data(#[from] core::Error),
    /// The input cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The output cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The format or its options are unknown.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The run was ended by [`CancelToken::cancel`](crate::CancelToken::cancel).
    #[error("the run was cancelled")]
    Cancelled,
}

impl Error {
    /// The position in the input, if it is an error of the data.
    pub fn location(&self) -> Option<&core::Location> {
        match self {
            Self::Data(error) => Some(error.location()),
            _ => None,
        }
    }
}

/// The input cannot be read. A wrong record is a data error, not this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The input cannot be opened.
    #[error("cannot open {input}")]
    Open {
        /// Its name.
        input: Arc<str>,
        /// Why.
        source: io::Error,
    },
    /// Reading stopped.
    #[error("cannot read {input} at byte {byte}")]
    Io {
        /// Its name.
        input: Arc<str>,
        /// How far it was read, in bytes.
        byte: u64,
        /// Why.
        source: io::Error,
    },
    /// A compressed input cannot be decompressed, or only in part.
    #[error("cannot decompress {input} at byte {byte}: {reason}")]
    Decompress {
        /// Its name.
        input: Arc<str>,
        /// How much of its text was read, in bytes.
        byte: u64,
        /// Why, and what to do.
        reason: String,
    },
    /// The input is not text with records.
    #[error("{input} is {what}: {advice}")]
    NotText {
        /// Its name.
        input: Arc<str>,
        /// What it is, such as `a ZIP archive`.
        what: String,
        /// What to do about it.
        advice: String,
    },
    /// The settings or the file name ask for CSV, but the input is certainly something else.
    #[error("{input} is not CSV: it begins with {found} and looks like {what}; {advice}")]
    NotCsv {
        /// Its name.
        input: Arc<str>,
        /// What stands at its beginning, in quotes.
        found: String,
        /// What it looks like, such as `JSON Lines`.
        what: String,
        /// What to do about it.
        advice: String,
    },
    /// A line such as `sep=;` in a CSV input names no delimiter that can be.
    #[error(
        "{input}: line {line} is {found}, and a delimiter is one ASCII character, neither the quote nor the escape; correct \
         the line, or set `csv_delimiter`, which goes before it"
    )]
    SepLine {
        /// Name of the input.
        input: Arc<str>,
        /// Number of the line, from 1.
        line: u64,
        /// The line, in quotes.
        found: String,
    },
    /// There is no usable manifest.
    #[error("cannot read tables back from {}: {reason}", path.display())]
    Manifest {
        /// The folder or the manifest.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A file of a table cannot be read back.
    #[error("table {table:?}: cannot read {}", path.display())]
    Table {
        /// Name of the table.
        table: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An iterator of the caller has failed.
    #[error("{input}: cannot get record {record}")]
    Records {
        /// Name of the input.
        input: Arc<str>,
        /// Number of the record, from 0.
        record: u64,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The output cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file or folder operation failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was being done: `create`, `write`, `rename`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file in the place of an output belongs to another entity.
    #[error(
        "cannot replace {}: it belongs to the entity {entity:?}, as {manifest} says; name another folder or another \
         `entity`, or remove that manifest if its tables are no longer wanted",
        path.display()
    )]
    OtherEntity {
        /// The file.
        path: PathBuf,
        /// Name of the manifest, in the same folder.
        manifest: String,
        /// The entity whose manifest it is.
        entity: String,
    },
    /// A table cannot be encoded.
    #[error("{format}: table {table:?}: cannot {action}")]
    Encode {
        /// Name of the format.
        format: &'static str,
        /// Name of the table.
        table: String,
        /// What was being done.
        action: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A writer of the caller has failed.
    #[error("table {table:?}: cannot {action} that was given for it")]
    Writer {
        /// What was being done: `write to the writer`, `open the writer`.
        action: &'static str,
        /// Name of the table.
        table: String,
        /// Why.
        source: io::Error,
    },
    /// There is a child table, and a writer for the main table only.
    #[error(
        "table {table:?} is a child table, and there is a writer for the main table only: give writers for child tables \
         too, say that they are to be dropped, or write to a directory"
    )]
    ChildTable {
        /// Name of the table.
        table: String,
    },
    /// Rows were written to a table that was never declared.
    #[error("{format}: table {table:?} was not declared")]
    UnknownTable {
        /// Name of the format.
        format: &'static str,
        /// Name of the table.
        table: String,
    },
}

impl WriteError {
    /// Makes a [`WriteError::Encode`] of any error.
    pub fn encode<E>(
        format: &'static str,
        table: &str,
        action: &'static str,
    ) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let table = table.to_owned();
        move |source| Self::Encode {
            format,
            table,
            action,
            source: source.into(),
        }
    }

    /// Makes a [`WriteError::Io`] of an I/O error.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// A format or an option is unknown, or the value of an option is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// No linked crate offers the format.
    #[error("unknown output format {name:?} (available: {})", available.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are, sorted.
        available: Vec<&'static str>,
    },
    /// The format exists, but this program was compiled without it.
    #[error(
        "output format {name:?} is not compiled in: enable the feature {feature:?} of transmog (compiled in: {})",
        if available.is_empty() { "none".to_owned() } else { available.join(", ") }
    )]
    NotCompiledIn {
        /// The name asked for.
        name: String,
        /// The feature that brings it.
        feature: &'static str,
        /// The names there are, sorted.
        available: Vec<&'static str>,
    },
    /// No format is linked.
    #[error("no output formats are compiled in; enable a feature of transmog such as \"parquet\"")]
    None,
    /// Two crates claim one name.
    #[error("output format {name:?} is offered by several crates: {}", providers.join(", "))]
    Ambiguous {
        /// The name asked for.
        name: String,
        /// The crates that claim it, sorted.
        providers: Vec<&'static str>,
    },
    /// The format has no such option.
    #[error("unknown option {key:?} for format {format:?} (known: {})", known.join(", "))]
    UnknownOption {
        /// Name of the format.
        format: String,
        /// The option asked for.
        key: String,
        /// The options there are.
        known: Vec<&'static str>,
    },
    /// The option cannot have that value.
    #[error("option {key}={value:?} for format {format:?}: expected {expected}")]
    InvalidOption {
        /// Name of the format.
        format: String,
        /// The option.
        key: String,
        /// The value given.
        value: String,
        /// What is allowed.
        expected: String,
    },
}
