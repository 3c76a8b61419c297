//! Options that take one of a few words: the words and what they mean are told to clap, which shows
//! them in the help and where a word is wrong.

use std::{fmt::Display, str::FromStr};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use transmog::{DataError, ErrorKind};

/// A word and what it means.
pub(super) type Choice = (&'static str, &'static str);

/// Reads one of these words.
pub(super) fn choice<T>(choices: &'static [Choice]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: Display> + Clone + Send + Sync + 'static,
{
    let values = choices.iter().map(|(word, meaning)| {
        PossibleValue::new(*word)
            .help(*meaning)
            .aliases(alias(word))
    });
    PossibleValuesParser::new(values)
        .try_map(|word: String| word.parse::<T>().map_err(|error| error.to_string()))
}

/// Another word for the same.
fn alias(word: &str) -> Option<&'static str> {
    (word == "jsonl").then_some("ndjson")
}

/// Reads a value that the library reads. What is wrong is said without the setting's name, because
/// clap names the option.
pub(super) fn value<T: FromStr<Err = DataError>>(text: &str) -> Result<T, String> {
    text.parse::<T>().map_err(|error| reason(&error))
}

/// What is wrong with a setting, without its name.
pub(super) fn reason(error: &DataError) -> String {
    match error.kind() {
        ErrorKind::Setting { reason, .. } => reason.clone(),
        _ => error.to_string(),
    }
}

pub(super) const INPUT_FORMATS: &[Choice] = &[
    ("auto", "Decided by extension, then by content"),
    ("jsonl", "One record per line"),
    ("json", "An array of records, or records one after another"),
    ("csv", "One record per row"),
    (
        "json5",
        "JSON with comments, single quotes and unquoted keys",
    ),
    ("rejects", "Rejects file of an earlier run"),
];

pub(super) const COMPRESSIONS: &[Choice] = &[
    ("auto", "Decided by the first bytes"),
    ("none", "Do not decompress"),
    ("gzip", ""),
    ("zstd", ""),
    ("bzip2", ""),
    ("xz", ""),
];

pub(super) const RECOVERIES: &[Choice] = &[
    ("strict", "Stop at the first one"),
    ("skip", "Leave the record out"),
    ("partial", "Keep the readable part"),
];

pub(super) const ARRAY_MODES: &[Choice] = &[
    ("separate", "Child tables"),
    (
        "smart",
        "Lists if all items are scalars, otherwise child tables",
    ),
    ("inline", "JSON text in the row"),
    ("skip", "Leave arrays out"),
    ("keep", "Child tables, and JSON text in the row"),
];

pub(super) const NAMINGS: &[Choice] = &[
    ("suffix", "Number the later ones: _2, _3 and so on"),
    ("strict", "Stop"),
];

pub(super) const FLOATS: &[Choice] = &[
    ("exact", "Make the column text, with all digits"),
    (
        "nearest",
        "Round to the nearest float64; the report counts them",
    ),
];

pub(super) const MODES: &[Choice] = &[
    ("standard", "Chunks of 2000 records"),
    ("low-memory", "Chunks of 100 records, writers use 16 MiB"),
    (
        "high-performance",
        "Chunks of 10000 records, writers use 256 MiB",
    ),
];

pub(super) const RECORD_STYLES: &[Choice] = &[
    ("jsonl", "One record per line"),
    ("json", "An array of records"),
];

#[cfg(test)]
mod tests {
    use transmog::{
        ArrayMode, Compression, Floats, InputFormat, Naming, ProcessingMode, RecordStyle, Recovery,
    };

    use super::*;

    /// Every word must be one that the library knows, and no other.
    fn check<T: FromStr>(choices: &[Choice]) {
        for (word, _) in choices {
            assert!(word.parse::<T>().is_ok(), "{word}");
        }
    }

    #[test]
    fn the_library_knows_all_words() {
        check::<InputFormat>(INPUT_FORMATS);
        check::<Compression>(COMPRESSIONS);
        check::<Recovery>(RECOVERIES);
        check::<ArrayMode>(ARRAY_MODES);
        check::<Naming>(NAMINGS);
        check::<Floats>(FLOATS);
        check::<ProcessingMode>(MODES);
        check::<RecordStyle>(RECORD_STYLES);
    }
}
