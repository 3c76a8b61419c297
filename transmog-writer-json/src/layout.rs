//! Where brackets, commas and line breaks go. Knows no types and no files.

use transmog_core::text;

use crate::options::{JsonOptions, JsonStyle};

/// The marks around rows, keys and values.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) extension: &'static str,
    /// Before the first row.
    pub(crate) open: &'static str,
    /// Between two rows.
    pub(crate) between: &'static str,
    /// After the last row.
    pub(crate) close: &'static str,
    /// What the file is if there is no row.
    pub(crate) empty: &'static str,
    /// Before each key.
    before_key: String,
    /// Between a key and its value.
    after_key: &'static str,
    /// After a row's last value.
    pub(crate) after_values: &'static str,
}

impl Layout {
    pub(crate) fn new(options: &JsonOptions) -> Self {
        let compact = Self {
            extension: "json",
            open: "[",
            between: ",\n",
            close: "\n]",
            empty: "[\n]",
            before_key: String::new(),
            after_key: ":",
            after_values: "",
        };
        match (options.style, options.indent) {
            (JsonStyle::Lines, _) => Self {
                extension: "jsonl",
                open: "",
                between: "\n",
                close: "\n",
                empty: "",
                ..compact
            },
            (JsonStyle::Array, None) => Self {
                between: ",",
                ..compact
            },
            (JsonStyle::Array, Some(0)) => compact,
            (JsonStyle::Array, Some(blanks)) => Self {
                before_key: format!("\n{}", " ".repeat(usize::from(blanks))),
                after_key: ": ",
                after_values: "\n",
                ..compact
            },
        }
    }

    /// What stands before the values of a column: a comma (left out for a row's first value), blanks, the key, a colon.
    pub(crate) fn prefix(&self, name: &str) -> Vec<u8> {
        let mut prefix = vec![b','];
        prefix.extend_from_slice(self.before_key.as_bytes());
        text::write_json_string(&mut prefix, name);
        prefix.extend_from_slice(self.after_key.as_bytes());
        prefix
    }

    /// Bytes between the end of a key and its value.
    pub(crate) fn after_key_bytes(&self) -> usize {
        self.after_key.len()
    }
}
