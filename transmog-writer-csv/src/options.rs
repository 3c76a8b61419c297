//! What a CSV file looks like: the typed options, and how they are read from text.

use transmog_io::{FormatError, OptionSpec, WriterOptions};

use crate::{FORMAT, dialect::Dialect};

/// How CSV files are written.
///
/// ```
/// let options = transmog_writer_csv::CsvOptions::default().with_delimiter(b';').with_include_header(false);
/// assert_eq!(options.quotechar, b'"');
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvOptions {
    /// Whether the first row holds the columns' names. Default: true.
    pub include_header: bool,
    /// The character between cells: ASCII, not CR or LF, not the quote character. Default: `,`.
    pub delimiter: u8,
    /// The character around cells that hold special characters: ASCII, not CR or LF. Default: `"`.
    pub quotechar: u8,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            include_header: true,
            delimiter: b',',
            quotechar: b'"',
        }
    }
}

impl CsvOptions {
    /// The options as text.
    pub const SPECS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "include_header",
            default: "true",
            help: "whether the first row holds the columns' names: true or false",
        },
        OptionSpec {
            name: "delimiter",
            default: ",",
            help: "the character between cells: one ASCII character, or tab",
        },
        OptionSpec {
            name: "quotechar",
            default: "\"",
            help: "the character around cells that hold special characters: one ASCII character",
        },
    ];

    /// These options with or without a header row.
    #[must_use]
    pub fn with_include_header(mut self, include_header: bool) -> Self {
        self.include_header = include_header;
        self
    }

    /// These options with another delimiter.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// These options with another quote character.
    #[must_use]
    pub fn with_quotechar(mut self, quotechar: u8) -> Self {
        self.quotechar = quotechar;
        self
    }

    /// Delimiter and quote character, checked.
    pub(crate) fn dialect(&self) -> Result<Dialect, FormatError> {
        let invalid = |key: &str, value: u8, expected: &str| FormatError::InvalidOption {
            format: FORMAT.to_owned(),
            key: key.to_owned(),
            value: char::from(value).to_string(),
            expected: expected.to_owned(),
        };
        for (key, value) in [("delimiter", self.delimiter), ("quotechar", self.quotechar)] {
            if !is_special(value) {
                return Err(invalid(key, value, ONE_CHARACTER));
            }
        }
        if self.delimiter == self.quotechar {
            return Err(invalid(
                "quotechar",
                self.quotechar,
                "another character than the delimiter",
            ));
        }
        Ok(Dialect {
            delimiter: self.delimiter,
            quote: self.quotechar,
        })
    }
}

impl TryFrom<&WriterOptions> for CsvOptions {
    type Error = FormatError;

    fn try_from(options: &WriterOptions) -> Result<Self, FormatError> {
        options.check(FORMAT, Self::SPECS)?;
        let default = Self::default();
        let parsed = Self {
            include_header: options.parse(
                FORMAT,
                "include_header",
                default.include_header,
                "true or false",
                |value| value.parse().ok(),
            )?,
            delimiter: options.parse(
                FORMAT,
                "delimiter",
                default.delimiter,
                ONE_CHARACTER,
                parse_character,
            )?,
            quotechar: options.parse(
                FORMAT,
                "quotechar",
                default.quotechar,
                ONE_CHARACTER,
                parse_character,
            )?,
        };
        parsed.dialect()?;
        Ok(parsed)
    }
}

const ONE_CHARACTER: &str = "one ASCII character that is not a line break, or tab";

fn is_special(byte: u8) -> bool {
    byte.is_ascii() && byte != b'\r' && byte != b'\n'
}

fn parse_character(value: &str) -> Option<u8> {
    match value.as_bytes() {
        b"\\t" | b"tab" => Some(b'\t'),
        [byte] if is_special(*byte) => Some(*byte),
        _ => None,
    }
}
