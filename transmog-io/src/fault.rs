//! An error within a record: what is wrong, at which byte of the record, in which field.
//!
//! The parsers of JSON and CSV know nothing about the input. The record reader adds input, record
//! and line.

use transmog_core::{Error, ErrorKind};

mod excerpt;

pub(crate) use excerpt::{no_text, shown, with_found, zero_byte};

/// A longer field path is cut: people read it.
const LONGEST_FIELD: usize = 200;

/// An error within a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    /// Its position, in bytes from the start of the record.
    pub(crate) at: usize,
    /// The path to its field, innermost step first.
    pub(crate) path: Vec<Step>,
}

/// One step from an object or an array to a value in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// The error of bytes that are not UTF-8. [`no_text`] says more, where the input is known.
pub(crate) fn not_utf8(_: &std::str::Utf8Error) -> ErrorKind {
    let message = "found bytes that are not UTF-8".to_owned();
    ErrorKind::Text { message }
}

impl Fault {
    /// A fault of the record as a whole.
    pub(crate) fn new(kind: ErrorKind, at: usize) -> Self {
        let path = Vec::new();
        Self { kind, at, path }
    }

    /// A fault that the shredder found, with its field.
    pub(crate) fn of(error: &Error, at: usize) -> Self {
        let field = error.location().field.clone();
        Self {
            kind: error.kind().clone(),
            at,
            path: field.map(Step::Key).into_iter().collect(),
        }
    }

    /// Adds the next step outwards to the path.
    pub(crate) fn within(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    /// The path as text, such as `items[2].price`.
    pub(crate) fn field(&self) -> Option<String> {
        let mut text = String::new();
        for step in self.path.iter().rev() {
            if text.len() > LONGEST_FIELD {
                text.push_str("...");
                break;
            }
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(key),
                Step::Key(key) => text.extend([".", key]),
                Step::Item(number) => text.extend(["[", &number.to_string(), "]"]),
            }
        }
        (!self.path.is_empty()).then_some(text)
    }
}
