//! The caller's settings for CSV inputs.

use transmog_core::{Error, Floats, Words};

use super::{
    Dialect,
    dialect::Quoting,
    words::{booleans, check_booleans, null_values},
};
use crate::input::TextEncoding;

/// What to do with rows that have fewer cells than there are columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShortRows {
    /// The missing cells are null; the report counts the rows.
    #[default]
    Pad,
    /// The row is a bad record, as one that is too long. For files that may have been cut off.
    Error,
}

impl std::str::FromStr for ShortRows {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "pad" => Ok(Self::Pad),
            "error" => Ok(Self::Error),
            _ => {
                let reason = format!("{word:?} is none of pad, error");
                Err(Error::setting("csv_short_rows", reason))
            }
        }
    }
}

/// How CSV inputs are read. Every setting is checked when it is set.
///
/// Rows end with LF or CR LF, or with CR if no row at the beginning of the input ends with LF; any
/// other CR is text. Empty lines are not rows; a line of blanks is a row with one cell. Missing
/// cells of a short row are null ([`ShortRows`] can make it an error). A row that is too long is an
/// error, unless all its cells beyond the last column are empty. The report counts both. A quote
/// opens a cell only at its start; in a quoted cell, a doubled quote means one, and line ends are
/// text. Cells may be of any size.
///
/// ```
/// use transmog_io::CsvReadOptions;
///
/// let options = CsvReadOptions::default().with_delimiter(';')?.with_null_values(["-"]);
/// assert_eq!(options.delimiter(), Some(';'));
/// assert!(CsvReadOptions::default().with_delimiter('"').is_err());
/// # Ok::<(), transmog_io::Error>(())
/// ```
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvReadOptions {
    delimiter: Option<u8>,
    quote: Quote,
    escape: Option<u8>,
    has_header: bool,
    short_rows: ShortRows,
    skip_rows: u64,
    null_values: Vec<String>,
    booleans: Vec<(String, String)>,
    /// Whether the caller has set the null values, and the booleans.
    own: (bool, bool),
    quoted_text: bool,
    sanitize_column_names: bool,
    infer_types: bool,
    /// The setting of the run, which decides which columns are text.
    floats: Floats,
    encoding: Option<TextEncoding>,
}

/// The quote character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    /// `"`, which in `.tsv` files encloses whole cells only.
    Default,
    Char(u8),
    Off,
}

impl Quote {
    fn byte(self) -> Option<u8> {
        match self {
            Self::Default => Some(b'"'),
            Self::Char(quote) => Some(quote),
            Self::Off => None,
        }
    }
}

impl Default for CsvReadOptions {
    fn default() -> Self {
        Self {
            delimiter: None,
            quote: Quote::Default,
            escape: None,
            has_header: true,
            short_rows: ShortRows::Pad,
            skip_rows: 0,
            null_values: null_values(Words::Plain),
            booleans: booleans(Words::Plain),
            own: (false, false),
            quoted_text: false,
            sanitize_column_names: true,
            infer_types: true,
            floats: Floats::Exact,
            encoding: None,
        }
    }
}

impl CsvReadOptions {
    /// The delimiter; `None` if it is detected.
    pub fn delimiter(&self) -> Option<char> {
        self.delimiter.map(char::from)
    }

    /// The quote character; `None` if quotes are text.
    pub fn quote_char(&self) -> Option<char> {
        self.quote.byte().map(char::from)
    }

    /// The escape character, if there is one.
    pub fn escape_char(&self) -> Option<char> {
        self.escape.map(char::from)
    }

    /// True if the first row names the columns.
    pub fn has_header(&self) -> bool {
        self.has_header
    }

    /// What to do with rows that have fewer cells than columns.
    pub fn short_rows(&self) -> ShortRows {
        self.short_rows
    }

    /// Rows to skip before the header.
    pub fn skip_rows(&self) -> u64 {
        self.skip_rows
    }

    /// Cells that are null.
    pub fn null_values(&self) -> &[String] {
        &self.null_values
    }

    /// Pairs of words for true and false, in any case.
    pub fn booleans(&self) -> &[(String, String)] {
        &self.booleans
    }

    /// True if quoted cells are always text.
    pub fn takes_quoted_for_text(&self) -> bool {
        self.quoted_text
    }

    /// True if names of columns are reduced to letters, digits and `_`.
    pub fn sanitizes_column_names(&self) -> bool {
        self.sanitize_column_names
    }

    /// True if cells may become numbers and booleans.
    pub fn infers_types(&self) -> bool {
        self.infer_types
    }

    pub(crate) fn floats(&self) -> Floats {
        self.floats
    }

    pub(crate) fn with_floats(mut self, floats: Floats) -> Self {
        self.floats = floats;
        self
    }

    /// Name of the encoding set for CSV inputs.
    pub fn encoding(&self) -> Option<&'static str> {
        self.encoding.map(TextEncoding::name)
    }

    pub(crate) fn text_encoding(&self) -> Option<TextEncoding> {
        self.encoding
    }

    /// The dialect of an input with this delimiter and these line ends.
    pub(crate) fn dialect(&self, delimiter: u8, lone_cr_is_text: bool, is_tsv: bool) -> Dialect {
        let is_plain_tsv = is_tsv && delimiter == b'\t' && self.escape.is_none();
        let quoting = match (self.quote, self.quote.byte()) {
            (_, None) => Quoting::Off,
            (Quote::Default, Some(quote)) if is_plain_tsv => Quoting::WholeCells(quote),
            (_, Some(quote)) => Quoting::Rfc(quote),
        };
        Dialect {
            delimiter,
            quoting,
            escape: self.escape,
            lone_cr_is_text,
        }
    }

    pub(crate) fn delimiter_byte(&self) -> Option<u8> {
        self.delimiter
    }

    /// Sets the delimiter: one ASCII character. `None`, the default, detects it: from a first line
    /// `sep=;`, or the tab in a `.tsv` file. Otherwise comma, tab, semicolon, bar and the control
    /// characters 1F and 01 are tried, and the best is the one under which most of the first rows
    /// are as wide as the header, with quotes respected; the comma if none fits. The report names
    /// the delimiter of each input and how it was found.
    ///
    /// # Errors
    /// If it is not an ASCII character, or is a line end, the quote or the escape.
    pub fn with_delimiter(mut self, delimiter: impl Into<Option<char>>) -> Result<Self, Error> {
        let delimiter = delimiter.into().map(|c| ascii("csv_delimiter", c));
        self.delimiter = delimiter.transpose()?;
        self.differ("csv_delimiter")
    }

    /// Sets the quote character: one ASCII character; `None`: quotes are text, and every line is a
    /// row. Default `"` as in RFC 4180: a quote at the start of a cell opens it, a doubled quote
    /// inside means one quote, and text after the closing quote is an error.
    ///
    /// In a `.tsv` file, unless a quote or an escape is set here, a cell is quoted only if it
    /// begins and ends with a quote.
    ///
    /// # Errors
    /// If it is not an ASCII character, or is a line end, the delimiter or the escape.
    pub fn with_quote_char(mut self, quote: impl Into<Option<char>>) -> Result<Self, Error> {
        self.quote = match quote.into() {
            Some(quote) => Quote::Char(ascii("csv_quote_char", quote)?),
            None => Quote::Off,
        };
        self.differ("csv_quote_char")
    }

    /// Sets the escape character, which MySQL, Hive and Spark write as `\`: it makes a following
    /// quote, delimiter, line end or escape text, in quotes and outside. Before any other character
    /// it is text: `\n` stays these two characters, and
    /// [`with_null_values`](Self::with_null_values) may name `\N`. Default `None`.
    ///
    /// # Errors
    /// If it is not an ASCII character, or is a line end, the delimiter or the quote.
    pub fn with_escape_char(mut self, escape: impl Into<Option<char>>) -> Result<Self, Error> {
        let escape = escape.into().map(|c| ascii("csv_escape_char", c));
        self.escape = escape.transpose()?;
        self.differ("csv_escape_char")
    }

    fn differ(self, setting: &'static str) -> Result<Self, Error> {
        let named = [
            (self.delimiter, "the delimiter"),
            (self.quote.byte(), "the quote"),
            (self.escape, "the escape"),
        ];
        for (i, (one, is)) in named.iter().enumerate() {
            for (other, is_too) in &named[i + 1..] {
                if let (Some(byte), true) = (one, one == other) {
                    let character = char::from(*byte);
                    let reason = format!("{character:?} cannot be both {is} and {is_too}");
                    return Err(Error::setting(setting, reason));
                }
            }
        }
        Ok(self)
    }

    /// Sets whether the first row names the columns. Default: true. Otherwise they are `column_1`,
    /// `column_2` and so on, as many as the first row has cells.
    #[must_use]
    pub fn with_header(mut self, has_header: bool) -> Self {
        self.has_header = has_header;
        self
    }

    /// Sets what to do with rows that have fewer cells than columns. Default: [`ShortRows::Pad`].
    #[must_use]
    pub fn with_short_rows(mut self, short_rows: ShortRows) -> Self {
        self.short_rows = short_rows;
        self
    }

    /// Skips this many rows before the header. Default 0.
    #[must_use]
    pub fn with_skip_rows(mut self, rows: u64) -> Self {
        self.skip_rows = rows;
        self
    }

    /// Sets which cells are null beside the empty one: cells that are exactly such a text, quoted
    /// or not. An empty list means that no cell is null, the empty one neither. By default the
    /// empty cell alone is null; with [`Words::Python`] also `NULL`, `null`, `NA`, `na`, `N/A` and
    /// `n/a`.
    #[must_use]
    pub fn with_null_values<I>(mut self, values: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.null_values = values.into_iter().map(Into::into).collect();
        let is_there = self.null_values.iter().any(String::is_empty);
        if !self.null_values.is_empty() && !is_there {
            self.null_values.push(String::new());
        }
        self.own.0 = true;
        self
    }

    /// Sets which cells are booleans: pairs of a word for true and one for false, in any case. They
    /// go before numbers, so that `("1", "0")` makes booleans of these, and null values go before
    /// them. An empty list means that no cell is a boolean. By default `true` and `false` are; with
    /// [`Words::Python`] also `yes` and `no`.
    ///
    /// ```
    /// use transmog_io::CsvReadOptions;
    ///
    /// let options = CsvReadOptions::default().with_booleans([("yes", "no"), ("ja", "nein")])?;
    /// assert_eq!(options.booleans().len(), 2);
    /// assert!(CsvReadOptions::default().with_booleans([("n", "N")]).is_err());
    /// # Ok::<(), transmog_io::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a word is empty, or means both.
    pub fn with_booleans<I, T, F>(mut self, pairs: I) -> Result<Self, Error>
    where
        I: IntoIterator<Item = (T, F)>,
        T: Into<String>,
        F: Into<String>,
    {
        let pairs = pairs.into_iter();
        self.booleans = pairs.map(|(yes, no)| (yes.into(), no.into())).collect();
        check_booleans(&self.booleans)?;
        self.own.1 = true;
        Ok(self)
    }

    /// Sets whether cells in quotes are text whatever they look like: `"123"` is not a number then,
    /// `"NA"` no null, and `""` is empty text where an empty cell without quotes is null. Default:
    /// false, for many programs put quotes around everything.
    #[must_use]
    pub fn with_quoted_text(mut self, quoted_text: bool) -> Self {
        self.quoted_text = quoted_text;
        self
    }

    /// The same options with these words, where the caller has set no own ones.
    #[doc(hidden)]
    #[must_use]
    pub fn with_words(mut self, words: Words) -> Self {
        if !self.own.0 {
            self.null_values = null_values(words);
        }
        if !self.own.1 {
            self.booleans = booleans(words);
        }
        self
    }

    /// Sets whether names of columns are made of letters, digits and `_`, as they are by default:
    /// blanks, dashes and other characters become `_`, a leading digit gets the prefix `col_`, an
    /// empty name is `unnamed_field`. Names that come again get `_1`, `_2` and so on in any case.
    #[must_use]
    pub fn with_sanitized_column_names(mut self, sanitized: bool) -> Self {
        self.sanitize_column_names = sanitized;
        self
    }

    /// Sets whether cells that look like numbers (`-1`, `2.50`, `1e3`) or are
    /// [booleans](Self::with_booleans) become such values. Default: true. Only plain ASCII forms
    /// count: `007`, `+1`, `1_000`, ` 12`, `nan` and dates stay text; so does everything if all
    /// columns are cast to text.
    ///
    /// The first block of an input (about two mebibytes, all of a small file) decides: a column
    /// whose cells there have no common type, nulls aside, is text for the whole input, with every
    /// cell as written: `1.50` beside `x` stays `1.50`. After the first block, cells get types one
    /// by one, and the column is widened if they differ. If it becomes text then, its cells stay as
    /// written, even those before the change if the input can be read a second time. If it cannot,
    /// earlier cells are written as their values, `1.50` as `1.5`, and the
    /// [report](crate::TypeChangeReport::respelled) counts them.
    #[must_use]
    pub fn with_type_inference(mut self, inferred: bool) -> Self {
        self.infer_types = inferred;
        self
    }

    /// Sets the encoding of CSV inputs alone, which goes before the one that is set for all inputs
    /// ([`InputOptions::encoding`](crate::InputOptions::encoding), where it says which labels there
    /// are).
    ///
    /// # Errors
    /// If it is not a known label.
    pub fn with_encoding(mut self, label: &str) -> Result<Self, Error> {
        self.encoding = Some(label.parse()?);
        Ok(self)
    }
}

fn ascii(setting: &'static str, c: char) -> Result<u8, Error> {
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'\r' | b'\n') => Ok(byte),
        _ => {
            let reason = format!("{c:?} is not one ASCII character other than a line end");
            Err(Error::setting(setting, reason))
        }
    }
}
