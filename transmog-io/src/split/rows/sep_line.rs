//! Reads a first line `sep=;`, with which Excel names the delimiter. It is not a row.

use memchr::memchr_iter;

use crate::{error::ReadError, fault::shown};

/// Such a line, with which an input begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SepLine<'h> {
    /// The whole line.
    line: &'h str,
    /// What it names.
    told: &'h str,
    /// Bytes of the line, and of empty lines before it, without its line end.
    pub(super) bytes: usize,
    /// Its number, from 1.
    number: usize,
}

/// What spreadsheets write between the cells of a row, also of empty ones.
const PADDING: [char; 3] = [',', ';', '\t'];

impl<'h> SepLine<'h> {
    /// Looks for it: `sep=` in any case and one character, or several that are neither letters nor
    /// digits, with or without quotes around all of it. Blanks may stand behind it, and delimiters
    /// of empty cells; empty lines before it.
    pub(super) fn find(head: &'h [u8], quote: Option<u8>) -> Option<Self> {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let start = head.iter().position(|byte| !is_end(byte))?;
        let length = head[start..].iter().position(is_end);
        let bytes = length.map_or(head.len(), |length| start + length);
        let line = str::from_utf8(head.get(start..bytes)?).ok()?;
        let told = told(line, quote)?;
        let is_told = match told.chars().count() {
            0 => false,
            1 => true,
            _ => told == "\\t" || !told.chars().any(char::is_alphanumeric),
        };
        let number = memchr_iter(b'\n', &head[..start]).count() + 1;
        is_told.then_some(Self {
            line,
            told,
            bytes,
            number,
        })
    }

    /// The delimiter.
    ///
    /// # Errors
    /// If it is not one ASCII character, or is the quote or the escape. `input` is named there.
    pub(super) fn delimiter(&self, input: &str, others: [Option<u8>; 2]) -> Result<u8, ReadError> {
        match self.told.as_bytes() {
            b"\\t" => Ok(b'\t'),
            [byte] if byte.is_ascii() && !others.contains(&Some(*byte)) => Ok(*byte),
            _ => Err(ReadError::SepLine {
                input: input.into(),
                line: self.number as u64,
                found: shown(self.line.as_bytes()),
            }),
        }
    }
}

/// What follows `sep=` in a line, without what spreadsheets add.
fn told(line: &str, quote: Option<u8>) -> Option<&str> {
    let mut quotes = [Some(b'"'), quote].into_iter().flatten().map(char::from);
    let in_quotes = quotes.find_map(|quote| {
        let (inner, rest) = line.strip_prefix(quote)?.split_once(quote)?;
        is_padding(rest).then_some(inner)
    });
    let line = in_quotes.unwrap_or(line);
    let (word, told) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case("sep=") {
        return None;
    }
    let mut chars = told.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    // `sep=;;` is none: it says nothing of which delimiter is meant.
    let is_added = is_padding(rest) && !rest.starts_with(first) && first != ' ';
    Some(if is_added {
        &told[..first.len_utf8()]
    } else {
        told
    })
}

/// True for blanks, or the delimiters of empty cells.
fn is_padding(text: &str) -> bool {
    let text = text.trim_end_matches(' ');
    let first = text.chars().next();
    first.is_none_or(|first| PADDING.contains(&first) && text.chars().all(|c| c == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(head: &str) -> Option<(&str, usize)> {
        SepLine::find(head.as_bytes(), Some(b'\'')).map(|line| (line.told, line.bytes))
    }

    #[test]
    fn instructions() {
        for (head, delimiter, bytes) in [
            ("sep=;\r\na;b", ";", 5),
            ("SEP=\t\n", "\t", 5),
            ("\"sep=,\"\r", ",", 7),
            ("'Sep=x'", "x", 7),
            ("sep=||", "||", 6),
            ("sep=§\n", "§", 6),
            ("sep=\\t\n", "\\t", 6),
            ("sep= \n", " ", 5),
            ("sep= ;\n", " ;", 6),
            ("sep=;;\n", ";;", 6),
            ("sep=;  \r\na;b", ";", 7),
            ("sep=\t \n", "\t", 6),
            ("sep=;,,\na;b;c", ";", 7),
            ("sep=;,\n", ";", 6),
            ("\"sep=;\",,\n", ";", 9),
            ("\"sep=;\";;\n", ";", 9),
            ("\"sep=;\" \n", ";", 8),
            ("\n\r\nsep=;\n", ";", 8),
        ] {
            assert_eq!(told(head), Some((delimiter, bytes)), "{head:?}");
        }
        for other in [
            "",
            "\n",
            "sep=",
            "sep=\n;",
            "sep=ab",
            "sep=,b\n",
            "sep;=",
            " sep=;",
            "\"sep=;\",b",
        ] {
            assert_eq!(told(other), None, "{other:?}");
        }
    }

    #[test]
    fn delimiters_that_cannot_be() {
        let delimiter = |head: &str| {
            let line = SepLine::find(head.as_bytes(), None).expect("an instruction");
            let found = line.delimiter("x.csv", [Some(b'"'), None]);
            found.map_err(|error| error.to_string())
        };
        assert_eq!(delimiter("sep=;"), Ok(b';'));
        assert_eq!(delimiter("sep=\\t"), Ok(b'\t'));
        for head in ["sep=\"", "sep=||", "sep=§", "\nsep=;;"] {
            let error = delimiter(head).expect_err("no delimiter");
            let line = head.lines().count();
            assert!(
                error.starts_with(&format!("x.csv: line {line} is \"")),
                "{error}"
            );
        }
    }
}
