//! The words of the command line about CSV input.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use transmog::{CsvReadOptions, Error, ShortRows};

/// How CSV inputs are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "CSV input")]
pub(super) struct CsvInput {
    /// What separates cells: one ASCII character, or `tab`. Default: what a first line `sep=;` says, the tab in .tsv
    /// files, else what fits the first rows best; the report says what it is.
    #[arg(long = "csv-delimiter", value_name = "C", value_parser = character, allow_hyphen_values = true)]
    delimiter: Option<char>,
    /// What encloses cells: one ASCII character, or `none` if quotes are text. Default: `"`; in .tsv files a cell is
    /// then in quotes only if it begins and ends with one.
    #[arg(long = "csv-quote", value_name = "C", value_parser = quote, allow_hyphen_values = true)]
    quote: Option<Quote>,
    /// Makes a quote, a delimiter, a line end or itself text if it comes before: one ASCII character, such as the
    /// backslash of MySQL, Hive and Spark. Default: none.
    #[arg(long = "csv-escape", value_name = "C", value_parser = character, allow_hyphen_values = true)]
    escape: Option<char>,
    /// The first row is a record; columns are called `column_1`, `column_2` and so on.
    #[arg(long = "csv-no-header")]
    no_header: bool,
    /// Rows with fewer cells than there are columns: the missing cells are null, or the row is a bad record.
    #[arg(
        long = "csv-short-rows",
        default_value = "pad",
        value_name = "WHAT",
        value_parser = PossibleValuesParser::new(["pad", "error"]).try_map(|word| word.parse::<ShortRows>())
    )]
    short_rows: ShortRows,
    /// Rows before the header that are left out.
    #[arg(long = "csv-skip-rows", default_value_t = 0, value_name = "N")]
    skip_rows: u64,
    /// Cells that are null, in place of the empty cell, NULL, null, NA, na, N/A and n/a; empty for none.
    #[arg(
        long = "csv-null-values",
        value_name = "A,B",
        allow_hyphen_values = true
    )]
    null_values: Vec<String>,
    /// Leave names of columns as they are.
    #[arg(long = "csv-no-sanitize")]
    no_sanitize: bool,
    /// Leave all cells text.
    #[arg(long = "csv-no-infer")]
    no_infer: bool,
    /// Encoding, such as latin1 or `shift_jis`. UTF-16 with a byte order mark is recognised.
    #[arg(long = "csv-encoding", default_value = "utf-8", value_name = "LABEL")]
    encoding: String,
}

impl CsvInput {
    /// The settings.
    pub(super) fn options(&self) -> Result<CsvReadOptions, Error> {
        let mut options = CsvReadOptions::default();
        match self.quote {
            Some(Quote::Char(quote)) => options = options.with_quote_char(quote)?,
            Some(Quote::None) => options = options.with_quote_char(None)?,
            None => {}
        }
        options = options
            .with_delimiter(self.delimiter)?
            .with_escape_char(self.escape)?
            .with_header(!self.no_header)
            .with_short_rows(self.short_rows)
            .with_skip_rows(self.skip_rows)
            .with_sanitized_column_names(!self.no_sanitize)
            .with_type_inference(!self.no_infer)
            .with_encoding(&self.encoding)?;
        if !self.null_values.is_empty() {
            let values = self.null_values.iter().filter(|list| !list.is_empty());
            options = options.with_null_values(values.flat_map(|list| list.split(',')));
        }
        Ok(options)
    }
}

/// What encloses cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Char(char),
    None,
}

fn quote(text: &str) -> Result<Quote, String> {
    match text {
        "none" => Ok(Quote::None),
        _ => match character(text) {
            Ok(quote) => Ok(Quote::Char(quote)),
            Err(_) => Err("expected one character, `tab` or `none`".into()),
        },
    }
}

fn character(text: &str) -> Result<char, String> {
    let mut chars = text.chars();
    match (text, chars.next(), chars.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(only), None) => Ok(only),
        _ => Err("expected one character, or `tab`".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Words {
        #[command(flatten)]
        csv: CsvInput,
    }

    fn options(words: &[&str]) -> CsvReadOptions {
        let words = Words::parse_from(["transmog"].iter().chain(words));
        words.csv.options().unwrap()
    }

    #[test]
    fn characters() {
        assert_eq!(character("tab"), Ok('\t'));
        assert_eq!(character("\\t"), Ok('\t'));
        assert_eq!(character("t"), Ok('t'));
        assert!(character("").is_err() && character(";;").is_err());
    }

    #[test]
    fn words_are_options() {
        assert_eq!(options(&[]), CsvReadOptions::default());
        let words = [
            "--csv-delimiter=-",
            "--csv-quote='",
            "--csv-no-header",
            "--csv-short-rows=error",
            "--csv-skip-rows=2",
            "--csv-no-sanitize",
            "--csv-no-infer",
            "--csv-encoding=latin1",
        ];
        let expected = CsvReadOptions::default()
            .with_delimiter('-')
            .and_then(|options| options.with_quote_char('\''))
            .and_then(|options| options.with_encoding("windows-1252"))
            .unwrap()
            .with_header(false)
            .with_short_rows(ShortRows::Error)
            .with_skip_rows(2)
            .with_sanitized_column_names(false)
            .with_type_inference(false);
        assert_eq!(options(&words), expected);
    }

    #[test]
    fn quotes() {
        let quote = |words: &[&str]| options(words).quote_char();
        assert_eq!(quote(&[]), Some('"'));
        assert_eq!(quote(&["--csv-quote", "none"]), None);
        assert_eq!(quote(&["--csv-quote", "-"]), Some('-'));
        assert_eq!(super::quote("tab"), Ok(Quote::Char('\t')));
        assert!(super::quote("two").is_err());
        assert_eq!(options(&[r"--csv-escape=\"]).escape_char(), Some('\\'));
    }

    #[test]
    fn lists_of_null_values() {
        let nulls = |words: &[&str]| options(words).null_values().to_vec();
        assert!(nulls(&["--csv-null-values", ""]).is_empty());
        let words = ["--csv-null-values", "-,", "--csv-null-values=x"];
        assert_eq!(nulls(&words), ["-", "", "x"]);
    }
}
