//! Defines the options of the JSON writer, and reads them from text such as `lines=true`.

use transmog_io::{FormatError, OptionSpec, WriterOptions};

use crate::FORMAT;

/// What a file of rows is: an array, or JSON Lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonStyle {
    /// One array of objects, in files named `.json`.
    #[default]
    Array,
    /// One object a line (JSON Lines), in files named `.jsonl`.
    Lines,
}

/// How JSON files are written.
///
/// ```
/// use transmog_writer_json::{JsonOptions, JsonStyle};
/// let options = JsonOptions::default().with_style(JsonStyle::Lines);
/// assert_eq!(options.indent, Some(2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonOptions {
    /// Whether the file is an array or JSON Lines. Default: an array.
    pub style: JsonStyle,
    /// How many blanks are before each key of a row in an array; each key is on its own line. With
    /// 0 each row is on one line, with `None` there are no line breaks between rows. JSON Lines are
    /// always compact and ignore this. Default: 2.
    pub indent: Option<u8>,
}

impl Default for JsonOptions {
    fn default() -> Self {
        Self {
            style: JsonStyle::default(),
            indent: Some(2),
        }
    }
}

impl JsonOptions {
    /// Name, default and help of each option.
    pub const SPECS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "lines",
            default: "false",
            help: "write JSON Lines instead of an array: true or false",
        },
        OptionSpec {
            name: "indent",
            default: "2",
            help: "blanks before each key in an array; 0: one row per line; none: no line breaks",
        },
    ];

    /// Sets whether the file is an array or JSON Lines.
    #[must_use]
    pub fn with_style(mut self, style: JsonStyle) -> Self {
        self.style = style;
        self
    }

    /// Sets the number of blanks before each key.
    #[must_use]
    pub fn with_indent(mut self, indent: Option<u8>) -> Self {
        self.indent = indent;
        self
    }
}

impl TryFrom<&WriterOptions> for JsonOptions {
    type Error = FormatError;

    fn try_from(options: &WriterOptions) -> Result<Self, FormatError> {
        options.check(FORMAT, Self::SPECS)?;
        let default = Self::default();
        let lines = options.parse(FORMAT, "lines", false, "true or false", |value| {
            value.parse().ok()
        })?;
        let expected = if lines {
            "none, because lines are compact"
        } else {
            "a number of blanks up to 255, or none"
        };
        let indent = options.parse(
            FORMAT,
            "indent",
            default.indent,
            expected,
            |value| match value {
                "none" | "null" => Some(None),
                _ if lines => None,
                number => number.parse().ok().map(Some),
            },
        )?;
        let style = if lines {
            JsonStyle::Lines
        } else {
            JsonStyle::Array
        };
        Ok(Self { style, indent })
    }
}
