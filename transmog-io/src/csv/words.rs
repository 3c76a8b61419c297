//! Recognises cells that are null (empty, `NULL`) or boolean (`true`, `yes`).

use transmog_core::{Error, Scalar, Words};

/// The index in `starts` for empty text.
const EMPTY: usize = 256;

/// Flags: a null, or a boolean, begins with this byte.
const NULL: u8 = 1;
const BOOLEAN: u8 = 2;

/// The default null values.
pub(super) fn null_values(words: Words) -> Vec<String> {
    let all: &[&str] = match words {
        Words::Python => &["", "NULL", "null", "NA", "na", "N/A", "n/a"],
        _ => &[""],
    };
    all.iter().copied().map(str::to_owned).collect()
}

/// The default words for true and false.
pub(super) fn booleans(words: Words) -> Vec<(String, String)> {
    let all: &[(&str, &str)] = match words {
        Words::Python => &[("true", "false"), ("yes", "no")],
        _ => &[("true", "false")],
    };
    let owned = |(yes, no): &(&str, &str)| ((*yes).to_owned(), (*no).to_owned());
    all.iter().map(owned).collect()
}

/// Checks pairs of words for true and false.
///
/// # Errors
/// If a word is empty, or means both.
pub(super) fn check_booleans(pairs: &[(String, String)]) -> Result<(), Error> {
    let wrong = |reason: String| Err(Error::setting("csv_booleans", reason));
    if pairs
        .iter()
        .any(|(yes, no)| yes.is_empty() || no.is_empty())
    {
        return wrong("a boolean needs a word".to_owned());
    }
    let folded = |word: &String| word.to_lowercase();
    let both = pairs.iter().map(|(yes, _)| folded(yes)).find(|yes| {
        let mut all = pairs.iter();
        all.any(|(_, no)| folded(no) == *yes)
    });
    match both {
        Some(word) => wrong(format!("{word:?} cannot be both true and false")),
        None => Ok(()),
    }
}

/// Recognises nulls and booleans. A table of first bytes rules out most cells with one lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CellWords {
    nulls: Vec<String>,
    /// In lower case.
    booleans: Vec<(String, bool)>,
    /// By the first byte, or [`EMPTY`]: what a cell that begins with it may be.
    starts: [u8; EMPTY + 1],
}

impl CellWords {
    pub(super) fn new(nulls: &[String], booleans: &[(String, String)]) -> Self {
        let mut starts = [0; EMPTY + 1];
        for null in nulls {
            starts[start_of(null)] |= NULL;
        }
        let words = booleans
            .iter()
            .flat_map(|(yes, no)| [(yes, true), (no, false)]);
        let words = words.map(|(word, value)| (word.to_lowercase(), value));
        let booleans: Vec<(String, bool)> = words.collect();
        for (word, _) in &booleans {
            starts[start_of(word)] |= BOOLEAN;
            starts[start_of(&word.to_uppercase())] |= BOOLEAN;
        }
        Self {
            nulls: nulls.to_vec(),
            booleans,
            starts,
        }
    }

    /// The value of a cell that is a null or a boolean; booleans only if `typed`.
    #[inline]
    pub(super) fn value(&self, text: &str, typed: bool) -> Option<Scalar<'static>> {
        match self.starts[start_of(text)] {
            0 => None,
            may_be => self.find(text, may_be, typed),
        }
    }

    #[inline]
    fn find(&self, text: &str, may_be: u8, typed: bool) -> Option<Scalar<'static>> {
        if may_be & NULL != 0 && (text.is_empty() || self.nulls.iter().any(|null| null == text)) {
            return Some(Scalar::Null);
        }
        if !typed || may_be & BOOLEAN == 0 {
            return None;
        }
        let mut words = self.booleans.iter();
        let (_, value) = words.find(|(word, _)| is_in_any_case(text, word))?;
        Some(Scalar::Bool(*value))
    }
}

fn start_of(text: &str) -> usize {
    text.bytes().next().map_or(EMPTY, usize::from)
}

/// True if a text is this word in any case; the word is in lower case.
fn is_in_any_case(text: &str, word: &str) -> bool {
    if word.is_ascii() {
        text.eq_ignore_ascii_case(word)
    } else {
        text.to_lowercase() == *word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(nulls: &[&str], pairs: &[(&str, &str)]) -> CellWords {
        let nulls: Vec<String> = nulls.iter().map(ToString::to_string).collect();
        let pair = |(yes, no): &(&str, &str)| ((*yes).to_owned(), (*no).to_owned());
        CellWords::new(&nulls, &pairs.iter().map(pair).collect::<Vec<_>>())
    }

    #[test]
    fn words_in_any_case_and_alphabet() {
        let words = words(
            &["", "-", "?"],
            &[("true", "false"), ("да", "нет"), ("1", "0")],
        );
        let found = |text| words.value(text, true);
        for yes in ["true", "TRUE", "tRue", "да", "ДА", "Да", "1"] {
            assert_eq!(found(yes), Some(Scalar::Bool(true)), "{yes}");
        }
        for no in ["false", "False", "нет", "НЕТ", "0"] {
            assert_eq!(found(no), Some(Scalar::Bool(false)), "{no}");
        }
        for null in ["", "-", "?"] {
            assert_eq!(found(null), Some(Scalar::Null), "{null:?}");
            assert_eq!(words.value(null, false), Some(Scalar::Null), "{null:?}");
        }
        for text in ["t", "yes", "NULL", "--", "10", "true ", "дата"] {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(words.value("true", false), None);
    }

    #[test]
    fn defaults() {
        let plain = CellWords::new(&null_values(Words::Plain), &booleans(Words::Plain));
        let python = CellWords::new(&null_values(Words::Python), &booleans(Words::Python));
        for (text, by_plain, by_python) in [
            ("", Some(Scalar::Null), Some(Scalar::Null)),
            ("NO", None, Some(Scalar::Bool(false))),
            ("Yes", None, Some(Scalar::Bool(true))),
            ("NA", None, Some(Scalar::Null)),
            ("Na", None, None),
            ("null", None, Some(Scalar::Null)),
            (
                "FALSE",
                Some(Scalar::Bool(false)),
                Some(Scalar::Bool(false)),
            ),
        ] {
            assert_eq!(plain.value(text, true), by_plain, "{text}");
            assert_eq!(python.value(text, true), by_python, "{text}");
        }
    }

    #[test]
    fn words_for_both_are_refused() {
        let pairs = |pairs: &[(&str, &str)]| {
            let pair = |(yes, no): &(&str, &str)| ((*yes).to_owned(), (*no).to_owned());
            check_booleans(&pairs.iter().map(pair).collect::<Vec<_>>())
        };
        assert!(pairs(&[]).is_ok());
        assert!(pairs(&[("y", "n"), ("yes", "no")]).is_ok());
        assert!(pairs(&[("y", "n"), ("N", "0")]).is_err());
        assert!(pairs(&[("y", "")]).is_err());
    }
}
