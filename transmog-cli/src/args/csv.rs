//! Options for CSV inputs.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use transmog::{CsvReadOptions, Error, ShortRows};

use super::{Given, size::count};

/// How CSV inputs are read.
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
#[derive(Debug, Args)]
#[command(next_help_heading = "CSV input")]
pub(super) struct CsvInput {
    /// Character between cells, or `tab`. Default: what a first line `sep=;` sets, tab in .tsv
    /// files, otherwise the one that fits the first rows best. The report names it.
    #[arg(long = "csv-delimiter", value_name = "C", value_parser = character, allow_hyphen_values = true)]
    delimiter: Option<char>,
    /// Character around quoted cells, or `none` to read quotes as text. Default: `"`. In .tsv files
    /// a cell is quoted only if it begins and ends with a quote.
    #[arg(long = "csv-quote", value_name = "C", value_parser = quote, allow_hyphen_values = true)]
    quote: Option<Quote>,
    /// Character that makes the quote, delimiter, line break or escape after it plain text, such as
    /// the backslash of MySQL, Hive and Spark. Default: none.
    #[arg(long = "csv-escape", value_name = "C", value_parser = character, allow_hyphen_values = true)]
    escape: Option<char>,
    /// Read the first row as a record. Columns are named `column_1`, `column_2` and so on.
    #[arg(long = "csv-no-header")]
    no_header: bool,
    /// What to do with rows that have fewer cells than columns: `pad` fills them with nulls,
    /// `error` makes the row a bad record.
    #[arg(
        long = "csv-short-rows",
        default_value = "pad",
        value_name = "WHAT",
        value_parser = PossibleValuesParser::new(["pad", "error"]).try_map(|word| word.parse::<ShortRows>())
    )]
    short_rows: ShortRows,
    /// Skip N rows before the header.
    #[arg(long = "csv-skip-rows", default_value_t = 0, value_name = "N", value_parser = count::<u64>)]
    skip_rows: u64,
    /// Words that mean null, besides the empty cell. An empty list turns all of them off, the empty
    /// cell included.
    #[arg(
        long = "csv-null-values",
        value_name = "A,B",
        allow_hyphen_values = true
    )]
    null_values: Vec<String>,
    /// Pairs of words that mean true and false, in any case. An empty list turns booleans off.
    /// Default: true/false.
    #[arg(
        long = "csv-booleans",
        value_name = "T/F,T/F",
        value_parser = pairs,
        allow_hyphen_values = true
    )]
    booleans: Option<Pairs>,
    /// Read quoted cells as text, whatever they contain. `""` is then empty text instead of null.
    #[arg(long = "csv-quoted-text")]
    quoted_text: bool,
    /// Keep column names as the header has them.
    #[arg(long = "csv-no-sanitize")]
    no_sanitize: bool,
    /// Read all cells as text.
    #[arg(long = "csv-no-infer")]
    no_infer: bool,
}

impl CsvInput {
    /// What is wrong with options that do nothing because of others.
    pub(super) fn without_effect(&self, given: &Given<'_>) -> Result<(), String> {
        let reason = if self.no_header && self.no_sanitize {
            "--csv-no-sanitize does nothing with --csv-no-header: no name is read"
        } else if self.quoted_text && self.quote == Some(Quote::None) {
            "--csv-quoted-text does nothing with --csv-quote none: no cell is in quotes"
        } else if self.no_infer && given.has("booleans") {
            "--csv-booleans does nothing with --csv-no-infer: all cells are text"
        } else {
            return Ok(());
        };
        Err(reason.to_owned())
    }

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
            .with_quoted_text(self.quoted_text);
        if !self.null_values.is_empty() {
            let values = self.null_values.iter().filter(|list| !list.is_empty());
            options = options.with_null_values(values.flat_map(|list| list.split(',')));
        }
        if let Some(Pairs(pairs)) = &self.booleans {
            options = options.with_booleans(pairs.iter().cloned())?;
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

/// Pairs of words.
#[derive(Debug, Clone)]
struct Pairs(Vec<(String, String)>);

fn pairs(text: &str) -> Result<Pairs, String> {
    let pair = |pair: &str| match pair.split_once('/') {
        Some((yes, no)) => Ok((yes.to_owned(), no.to_owned())),
        None => Err(format!("{pair:?} is no pair of words, such as yes/no")),
    };
    let pairs = text.split(',').filter(|_| !text.is_empty());
    pairs.map(pair).collect::<Result<_, _>>().map(Pairs)
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
            "--csv-quoted-text",
        ];
        let expected = CsvReadOptions::default()
            .with_delimiter('-')
            .and_then(|options| options.with_quote_char('\''))
            .unwrap()
            .with_header(false)
            .with_short_rows(ShortRows::Error)
            .with_skip_rows(2)
            .with_sanitized_column_names(false)
            .with_type_inference(false)
            .with_quoted_text(true);
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
        // The empty cell stays one of them.
        assert_eq!(nulls(&["--csv-null-values", "NA,-"]), ["NA", "-", ""]);
    }

    #[test]
    fn pairs_of_booleans() {
        let booleans = |list: &str| options(&["--csv-booleans", list]).booleans().to_vec();
        let owned = |(yes, no): (&str, &str)| (yes.to_owned(), no.to_owned());
        assert_eq!(booleans("y/n,-/+"), [("y", "n"), ("-", "+")].map(owned));
        assert_eq!(booleans(""), []);
        assert_eq!(options(&[]).booleans(), [owned(("true", "false"))]);
        for wrong in ["yes", "y/n,", ","] {
            let words = ["transmog", "--csv-booleans", wrong];
            assert!(Words::try_parse_from(words).is_err(), "{wrong}");
        }
    }
}
