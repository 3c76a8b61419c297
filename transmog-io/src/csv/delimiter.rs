//! The delimiter of an input, and how it was found.

use std::fmt;

use serde::Serialize;

/// How the delimiter of a CSV input was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DelimiterFrom {
    /// The caller named it.
    Option,
    /// The input's first line names it: `sep=;`.
    SepLine,
    /// The file's name ends in `.tsv`.
    Extension,
    /// Guessed from the first rows.
    Guess,
}

/// The delimiter, and how it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delimiter {
    pub(crate) byte: u8,
    pub(crate) from: DelimiterFrom,
}

impl fmt::Display for Delimiter {
    /// Such as `';', a guess`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = match self.from {
            DelimiterFrom::Option => "as the settings say",
            DelimiterFrom::SepLine => "as its line \"sep=\" says",
            DelimiterFrom::Extension => "as the file's name says",
            DelimiterFrom::Guess => "a guess",
        };
        write!(f, "{}, {from}", Character(self.byte.into()))
    }
}

/// Formats a character for people: `';'`, `tab`.
pub(crate) struct Character(pub(crate) char);

impl fmt::Display for Character {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            '\t' => f.write_str("tab"),
            other => write!(f, "{other:?}"),
        }
    }
}
