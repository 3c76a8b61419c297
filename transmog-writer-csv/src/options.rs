//! Defines the options of the CSV writer, and reads them from text such as `delimiter=tab`.

use transmog_core::Words;
use transmog_io::{FormatError, OptionSpec, WriterOptions};

use crate::{FORMAT, dialect::Dialect};

/// How CSV files are written.
///
/// ```
/// let options = transmog_writer_csv::CsvOptions::default()
///     .with_delimiter(b';')
///     .with_include_header(false);
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
    /// Whether text that a spreadsheet would run as a formula gets a `'` in front. That concerns
    /// column names and cells of text columns whose first non-blank character is one of `=`, `+`,
    /// `-`, `@`, `|`, tab and CR. Text that is a formula after a `'` gets one more, so that the
    /// guard can be undone. Columns of numbers stay as they are. Default: false, because programs
    /// that read the file expect the text itself.
    pub formula_guard: bool,
    /// The words in columns of booleans: `true` and `false` ([`Words::Plain`]) or `True` and
    /// `False` ([`Words::Python`]). Default: `None`, the words of the run's settings. These are
    /// `true` and `false` unless the settings follow the Python package.
    pub booleans: Option<Words>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            include_header: true,
            delimiter: b',',
            quotechar: b'"',
            formula_guard: false,
            booleans: None,
        }
    }
}

impl CsvOptions {
    /// Name, default and help of each option.
    pub const SPECS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "include_header",
            default: "true",
            help: "write the names of the columns as the first row: true or false",
        },
        OptionSpec {
            name: "delimiter",
            default: ",",
            help: "character between cells: one ASCII character, or tab",
        },
        OptionSpec {
            name: "quotechar",
            default: "\"",
            help: "character around cells with special characters: one ASCII character",
        },
        OptionSpec {
            name: "formula_guard",
            default: "false",
            help: "put a ' before text that a spreadsheet would run as a formula: true or false",
        },
        OptionSpec {
            name: "booleans",
            default: "true",
            help: "words for booleans: true (true and false) or True (True and False)",
        },
    ];

    /// Sets whether the file has a header row.
    #[must_use]
    pub fn with_include_header(mut self, include_header: bool) -> Self {
        self.include_header = include_header;
        self
    }

    /// Sets the character between cells.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Sets the character around cells.
    #[must_use]
    pub fn with_quotechar(mut self, quotechar: u8) -> Self {
        self.quotechar = quotechar;
        self
    }

    /// Sets whether text that looks like a formula gets a `'` in front.
    #[must_use]
    pub fn with_formula_guard(mut self, formula_guard: bool) -> Self {
        self.formula_guard = formula_guard;
        self
    }

    /// Sets the words for booleans.
    #[must_use]
    pub fn with_booleans(mut self, words: Words) -> Self {
        self.booleans = Some(words);
        self
    }

    /// The options that a reader must know, as text; those with their default are left out.
    pub(crate) fn read_back(&self) -> WriterOptions {
        let default = Self::default();
        let mut options = WriterOptions::new();
        for (key, value, default) in [
            ("delimiter", self.delimiter, default.delimiter),
            ("quotechar", self.quotechar, default.quotechar),
        ] {
            if value != default {
                options = options.with(key, char::from(value));
            }
        }
        for (key, value, default) in [
            (
                "include_header",
                self.include_header,
                default.include_header,
            ),
            ("formula_guard", self.formula_guard, default.formula_guard),
        ] {
            if value != default {
                options = options.with(key, value);
            }
        }
        options
    }

    /// Checks the options and gives the dialect.
    ///
    /// # Errors
    /// Delimiter and quote character are the same, or one is a line break or not ASCII.
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
            // Blame the one that differs from its default: the user set it.
            let is_delimiter = self.quotechar == Self::default().quotechar;
            return Err(if is_delimiter {
                let expected = "another character than the quote";
                invalid("delimiter", self.delimiter, expected)
            } else {
                let expected = "another character than the delimiter";
                invalid("quotechar", self.quotechar, expected)
            });
        }
        Ok(Dialect {
            delimiter: self.delimiter,
            quote: self.quotechar,
            guard: self.formula_guard,
            booleans: self.booleans.unwrap_or_default(),
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
            formula_guard: options.parse(
                FORMAT,
                "formula_guard",
                default.formula_guard,
                "true or false",
                |value| value.parse().ok(),
            )?,
            booleans: options.parse(
                FORMAT,
                "booleans",
                default.booleans,
                "true or True",
                |value| match value {
                    "true" => Some(Some(Words::Plain)),
                    "True" => Some(Some(Words::Python)),
                    _ => None,
                },
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
