//! Explains misplaced quotes: what was found, and which option may help.

use memchr::memmem;
use transmog_core::ErrorKind;

use super::cells::Misquoted;

/// Characters shown of the text after a closing quote.
const SHOWN: usize = 20;

/// The error of a cell with misplaced quotes, and the byte of the row at which it is.
pub(crate) fn wrong_quotes(row: &[u8], wrong: Misquoted) -> (ErrorKind, usize) {
    let start = wrong.start.min(row.len());
    let is_escaped = memmem::find(&row[start..], br#"\""#).is_some();
    let Some(at) = wrong.text else {
        let advice = if is_escaped { ESCAPES } else { "" };
        return (ErrorKind::OpenQuote { advice }, start);
    };
    let rest = row.get(at..).unwrap_or_default();
    let line = rest.split(|byte| matches!(byte, b'\r' | b'\n')).next();
    let line = String::from_utf8_lossy(line.unwrap_or_default());
    let mut found: String = line.chars().take(SHOWN).collect();
    if found.len() < line.len() {
        found.push('…');
    }
    let advice = if is_escaped { ESCAPES } else { DOUBLES };
    (ErrorKind::TextAfterQuote { found, advice }, at)
}

const ESCAPES: &str = "; if backslashes make quotes text here, say so with --csv-escape '\\'";
const DOUBLES: &str =
    "; a quote in a quoted cell is written twice, and --csv-quote none reads quotes as text";
