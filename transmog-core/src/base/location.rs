//! Locates an error in the input: input, record, line, byte and field.

use std::{fmt, sync::Arc};

/// A place in the input. Records and bytes count from 0, lines from 1 (the convention of the `csv`
/// crate).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// Name of the input: a path, `<stdin>`, `<memory>`.
    pub input: Option<Arc<str>>,
    /// Number of the record within its input, from 0.
    pub record: Option<u64>,
    /// Number of the line within its input, from 1.
    pub line: Option<u64>,
    /// Offset within the (decoded) input, in bytes, from 0.
    pub byte: Option<u64>,
    /// Path of the value inside its record, such as `items[2].price`.
    pub field: Option<String>,
    /// The rejects file that the record came out of, and the line there, from 1. Everything else is
    /// then the place that the record had in its first input.
    pub rejects: Option<(Arc<str>, u64)>,
}

impl Location {
    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Location {
    /// `orders.jsonl: record 1042 (line 1043, byte 88213), field items[2].price`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match (self.record, self.line, self.byte) {
            (Some(record), Some(line), Some(byte)) => {
                parts.push(format!("record {record} (line {line}, byte {byte})"));
            }
            (record, line, byte) => {
                parts.extend(record.map(|n| format!("record {n}")));
                parts.extend(line.map(|n| format!("line {n}")));
                parts.extend(byte.map(|n| format!("byte {n}")));
            }
        }
        parts.extend(self.field.as_ref().map(|path| format!("field {path}")));
        let rejects = self.rejects.as_ref();
        parts.extend(rejects.map(|(file, line)| format!("at line {line} of {file}")));
        match &self.input {
            Some(input) if parts.is_empty() => f.write_str(input),
            Some(input) => write!(f, "{input}: {}", parts.join(", ")),
            None => f.write_str(&parts.join(", ")),
        }
    }
}
