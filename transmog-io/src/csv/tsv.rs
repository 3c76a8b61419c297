//! Finds the rows of `.tsv` files, which may or may not use quotes.
//!
//! By the standard (IANA text/tab-separated-values) there are no quotes, and a row is a line.
//! Spreadsheets quote cells with a tab or a line break all the same. Both are read:
//!
//! - A cell that begins and ends with a quote, with all quotes inside doubled, is quoted.
//! - Any other quote is text: `"The" end`.
//! - A quoted cell may contain tabs and line breaks if that gives the row as many cells as there
//!   are columns, and if its lines do not all have as many cells when split at their tabs.

use memchr::{memchr, memchr_iter};

use super::{
    Dialect,
    cells::count,
    scan::{RowEnd, RowScan},
};

/// Most bytes of a row with a quoted cell of several lines.
const LONGEST: usize = 1 << 20;

/// Finds the end of the row at the beginning of the text. `at`: up to here it was searched for a
/// line end.
pub(super) fn row_end(
    dialect: Dialect,
    quote: u8,
    text: &[u8],
    is_whole: bool,
    (width, at): (usize, &mut usize),
) -> RowEnd {
    let line = match dialect.line_end(text, *at) {
        Some((end, next)) => RowEnd::Found { end, next },
        None if is_whole => RowEnd::Found {
            end: dialect.without_crs(text, *at, text.len()),
            next: text.len(),
        },
        None => {
            // A CR may be the first half of a line end.
            *at = dialect.without_crs(text, *at, text.len());
            return RowEnd::More;
        }
    };
    let RowEnd::Found { end, .. } = line else {
        return line;
    };
    if width == 0 || !has_half_a_cell(dialect, quote, &text[..end]) {
        return line;
    }
    let reach = text.len().min(LONGEST);
    let is_all = is_whole && reach == text.len();
    let quoted = RowScan::default().run(dialect.with_rfc_quotes(), &text[..reach], is_all, width);
    match quoted {
        RowEnd::Found { end, .. } if is_in_quotes(dialect, &text[..end], width) => quoted,
        RowEnd::More if reach < LONGEST => {
            *at = end;
            RowEnd::More
        }
        RowEnd::Found { .. } | RowEnd::More | RowEnd::Misquoted { .. } => line,
    }
}

/// True if a cell of the line begins with a quote but does not end with one.
fn has_half_a_cell(dialect: Dialect, quote: u8, line: &[u8]) -> bool {
    memchr(quote, line).is_some()
        && line.split(|byte| *byte == dialect.delimiter).any(|cell| {
            cell.first() == Some(&quote) && (cell.len() == 1 || !cell.ends_with(&[quote]))
        })
}

/// True if the row must be read by RFC 4180, with tabs and line breaks in quotes.
pub(super) fn is_in_quotes(dialect: Dialect, row: &[u8], width: usize) -> bool {
    let has_width = |line: &[u8]| memchr_iter(dialect.delimiter, line).count() + 1 == width;
    let mut lines = row.split(|byte| dialect.ends_row(*byte));
    !lines.all(has_width) && count(dialect.with_rfc_quotes(), row) == Ok(width)
}

/// The text between the quotes of a quoted cell: it begins and ends with one, and all others are
/// doubled.
pub(super) fn unquoted(quote: u8, cell: &[u8]) -> Option<&[u8]> {
    let inner = cell.strip_prefix(&[quote])?.strip_suffix(&[quote])?;
    let mut quotes = memchr_iter(quote, inner);
    while let Some(first) = quotes.next() {
        if quotes.next() != Some(first + 1) {
            return None;
        }
    }
    Some(inner)
}
