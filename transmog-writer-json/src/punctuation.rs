//! Defines the characters between rows, keys and values for each style and indent.
//!
//! The writer, the rewrite of old rows and the search for the end of a row share them:
//!
//! ```text
//! array, indent 2   array, indent 0   array, no indent   lines
//!
//! [{                [{"a":1},         [{"a":1},{"a":2}   {"a":1}
//!   "a": 1          {"a":2}           ]                  {"a":2}
//! },                ]
//! {
//!   "a": 2
//! }
//! ]
//! ```

use memchr::{memchr2, memmem};
use transmog_core::text;

use crate::options::{JsonOptions, JsonStyle};

/// The characters around rows, keys and values.
#[derive(Debug, Clone)]
pub(crate) struct Punctuation {
    /// Extension of the file's name.
    pub(crate) extension: &'static str,
    /// Before the first row.
    pub(crate) open: &'static str,
    /// Between two rows.
    pub(crate) between: &'static str,
    /// After the last row.
    pub(crate) close: &'static str,
    /// The whole file, if there is no row.
    pub(crate) empty: &'static str,
    /// Before each key.
    before_key: String,
    /// Between a key and its value.
    after_key: &'static str,
    /// After a row's last value.
    pub(crate) after_values: &'static str,
}

impl Punctuation {
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

    /// What is before each value of a column: a comma, blanks, the key, a colon. The first value of
    /// a row leaves out the comma, which is one byte.
    pub(crate) fn prefix(&self, name: &str) -> Vec<u8> {
        let mut prefix = vec![b','];
        prefix.extend_from_slice(self.before_key.as_bytes());
        text::write_json_string(&mut prefix, name);
        prefix.extend_from_slice(self.after_key.as_bytes());
        prefix
    }

    /// Number of bytes between the closing quote of a key and its value.
    pub(crate) fn after_key_bytes(&self) -> usize {
        self.after_key.len()
    }

    /// Number of bytes of `text` up to the end of its last whole row; 0 if it has none. `text`
    /// begins at a row or at the characters before one.
    pub(crate) fn whole_rows(&self, text: &[u8]) -> usize {
        // Invariant: a line break is never part of a string, where it is escaped, and one that
        // comes before a key is followed by a blank or a quote. So ",\n{" is always between two
        // rows.
        if self.between.ends_with('\n') {
            let next = [self.between, "{"].concat();
            return memmem::rfind(text, next.as_bytes()).unwrap_or(0);
        }
        let mut whole = 0;
        while let Some(end) = row_end(text, whole) {
            whole = end;
        }
        whole
    }
}

/// The byte after the first row at or after `start`; `None` if `text` ends within it.
pub(crate) fn row_end(text: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut in_string) = (start, false);
    loop {
        let rest = text.get(at..)?;
        let found = if in_string {
            memchr2(b'"', b'\\', rest)?
        } else {
            memchr2(b'"', b'}', rest)?
        };
        at += found + 1;
        match rest[found] {
            b'\\' => at += 1, // Skips the escaped byte.
            b'"' => in_string = !in_string,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_rows_end_outside_of_strings() {
        let lines = JsonOptions::default().with_style(JsonStyle::Lines);
        let arrays = [None, Some(0), Some(2)];
        let arrays = arrays.map(|indent| JsonOptions::default().with_indent(indent));
        for options in [lines].into_iter().chain(arrays) {
            let punctuation = Punctuation::new(&options);
            let mut text = punctuation.open.as_bytes().to_vec();
            // Until the next row has certainly begun, either end is right.
            let mut ends = vec![(0, 0)];
            let empty = [""; 0];
            let rows: [&[&str]; 6] = [
                &["}", ","],
                &["\\", "},{\"a"],
                &empty,
                &["\"", "\n}"],
                &empty,
                &["", ",\n{"],
            ];
            for values in rows {
                if ends.len() > 1 {
                    text.extend_from_slice(punctuation.between.as_bytes());
                }
                text.push(b'{');
                for (index, value) in values.iter().enumerate() {
                    let prefix = punctuation.prefix("k");
                    let prefix = if index == 0 { &prefix[1..] } else { &prefix };
                    text.extend_from_slice(prefix);
                    text::write_json_string(&mut text, value);
                }
                if !values.is_empty() {
                    text.extend_from_slice(punctuation.after_values.as_bytes());
                }
                text.push(b'}');
                ends.push((text.len(), text.len() + punctuation.between.len() + 1));
            }
            for length in 0..=text.len() {
                let whole = punctuation.whole_rows(&text[..length]);
                assert!(ends.iter().any(|(end, _)| *end == whole), "{length}");
                let known = ends.iter().rev().find(|(_, sure)| *sure <= length);
                assert!(known.is_some_and(|(end, _)| *end <= whole), "{length}");
            }
        }
    }
}
