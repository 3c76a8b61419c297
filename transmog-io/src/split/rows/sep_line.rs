//! Reads a first line `sep=;`, with which Excel names the delimiter. It is not a row.

use transmog_core::ErrorKind;

/// A first line `sep=;`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SepLine<'h> {
    /// The text after `sep=`.
    delimiter: &'h str,
    /// Bytes of the line, without its line end.
    pub(super) bytes: usize,
}

impl<'h> SepLine<'h> {
    /// Recognises `sep=` in any case, followed by one character, or by several that are neither
    /// letters nor digits. Quotes around the whole line are allowed.
    pub(super) fn find(head: &'h [u8], quote: Option<u8>) -> Option<Self> {
        let end = head.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let bytes = end.unwrap_or(head.len());
        let line = head.get(..bytes)?;
        let mut quotes = [Some(b'"'), quote].into_iter().flatten();
        let line = quotes
            .find_map(|quote| line.strip_prefix(&[quote])?.strip_suffix(&[quote]))
            .unwrap_or(line);
        let (word, delimiter) = line.split_at_checked(4)?;
        let delimiter = str::from_utf8(delimiter).ok()?;
        let is_named = match delimiter.chars().count() {
            0 => false,
            1 => true,
            _ => !delimiter.chars().any(char::is_alphanumeric),
        };
        (is_named && word.eq_ignore_ascii_case(b"sep=")).then_some(Self { delimiter, bytes })
    }

    /// The delimiter.
    ///
    /// # Errors
    /// If it is not one ASCII character, or is the quote or the escape.
    pub(super) fn delimiter(&self, others: [Option<u8>; 2]) -> Result<u8, ErrorKind> {
        match self.delimiter.as_bytes() {
            [byte] if byte.is_ascii() && !others.contains(&Some(*byte)) => Ok(*byte),
            _ => Err(ErrorKind::Setting {
                name: "csv_delimiter",
                reason: format!(
                    "the first line says sep={}, but the delimiter is one ASCII character, and neither the quote nor \
                     the escape; name it with --csv-delimiter, which goes before that line",
                    self.delimiter
                ),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(head: &str) -> Option<(&str, usize)> {
        SepLine::find(head.as_bytes(), Some(b'\'')).map(|line| (line.delimiter, line.bytes))
    }

    #[test]
    fn instructions() {
        assert_eq!(delimiter("sep=;\r\na;b"), Some((";", 5)));
        assert_eq!(delimiter("SEP=\t\n"), Some(("\t", 5)));
        assert_eq!(delimiter("\"sep=,\"\r"), Some((",", 7)));
        assert_eq!(delimiter("'Sep=x'"), Some(("x", 7)));
        assert_eq!(delimiter("sep=||"), Some(("||", 6)));
        assert_eq!(delimiter("sep=§\n"), Some(("§", 6)));
        for other in [
            "",
            "sep=",
            "sep=\n;",
            "sep=ab",
            "sep=,b\n",
            "sep;=",
            " sep=;",
            "\"sep=;\",b",
        ] {
            assert_eq!(delimiter(other), None, "{other:?}");
        }
    }

    #[test]
    fn delimiters_that_cannot_be() {
        let delimiter = |head: &str| {
            let line = SepLine::find(head.as_bytes(), None).expect("an instruction");
            line.delimiter([Some(b'"'), None])
        };
        assert_eq!(delimiter("sep=;"), Ok(b';'));
        for head in ["sep=\"", "sep=||", "sep=§"] {
            assert!(delimiter(head).is_err(), "{head}");
        }
    }
}
