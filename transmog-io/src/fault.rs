//! What is wrong with a record, as seen from within it; the chunk adds where in the input that is.

use transmog_core::{Error, ErrorKind};

mod excerpt;

pub(crate) use excerpt::{no_text, shown, with_found};

/// Bytes after which a field's path is cut: it is for people.
const LONGEST_FIELD: usize = 200;

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    /// Where, in bytes from the record's start.
    pub(crate) at: usize,
    /// The keys and items that lead there, innermost first.
    pub(crate) path: Vec<Step>,
}

/// One step from an object or an array to a value in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// What is wrong with bytes that are not UTF-8. Where they stand in an input, `found` says more.
pub(crate) fn not_utf8(_: &std::str::Utf8Error) -> ErrorKind {
    let message = "found bytes that are not UTF-8".to_owned();
    ErrorKind::Text { message }
}

impl Fault {
    /// A fault that is not within a field.
    pub(crate) fn new(kind: ErrorKind, at: usize) -> Self {
        let path = Vec::new();
        Self { kind, at, path }
    }

    /// What the shredder found, which knows the field.
    pub(crate) fn of(error: &Error, at: usize) -> Self {
        let field = error.location().field.clone();
        Self {
            kind: error.kind().clone(),
            at,
            path: field.map(Step::Key).into_iter().collect(),
        }
    }

    /// The fault as seen from one level further out.
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
