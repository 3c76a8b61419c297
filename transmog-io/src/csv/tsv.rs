//! Rows of `.tsv` files. IANA's text/tab-separated-values has no quotes, and a row is a line; spreadsheets put cells with
//! a tab or a line break into quotes all the same. Both are read:
//!
//! - A cell that begins and ends with a quote, as all quotes within it come in pairs, is written in quotes.
//! - A quote anywhere else is text: `"The" end`.
//! - A cell in quotes may have tabs and line breaks in it if the row has as many cells as there are columns when it is
//!   read so, and if the lines that the row is made of do not all have as many, split at their tabs.

use memchr::{memchr, memchr_iter};

use super::{
    Dialect,
    cells::count,
    scan::{RowEnd, RowScan},
};

/// Bytes that a row may have if a cell in quotes goes on over several lines.
const LONGEST: usize = 1 << 20;

/// Finds the end of the row that the text begins with. `at` is how far the text was searched for a line end.
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
            // A CR may be part of the line end.
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

/// True if a cell of a line begins with a quote and does not end with one.
fn has_half_a_cell(dialect: Dialect, quote: u8, line: &[u8]) -> bool {
    memchr(quote, line).is_some()
        && line.split(|byte| *byte == dialect.delimiter).any(|cell| {
            cell.first() == Some(&quote) && (cell.len() == 1 || !cell.ends_with(&[quote]))
        })
}

/// True if a row's cells are to be read as RFC 4180 has them, with tabs and line breaks in quotes.
pub(super) fn is_in_quotes(dialect: Dialect, row: &[u8], width: usize) -> bool {
    let has_width = |line: &[u8]| memchr_iter(dialect.delimiter, line).count() + 1 == width;
    let mut lines = row.split(|byte| dialect.ends_row(*byte));
    !lines.all(has_width) && count(dialect.with_rfc_quotes(), row) == Ok(width)
}

/// What is in the quotes of a cell that begins and ends with one, all quotes between them in pairs.
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
