//! Finds the end of a row with misplaced quotes, so that the rows after it are read.
//!
//! Nothing tells for certain which of the following line ends are in quotes. The row ends before
//! the first later line that looks like a row, which means: it has as many cells as there are
//! columns, read with quotes or split at every delimiter. Example:
//!
//! ```text
//! id,name,price
//! 1,"Widget 1" ",3
//! 2,"Widget 5"",4
//! 3,"ok",5
//! 4,"two
//! "lines" here",6
//! 5,"x",7
//! ```
//!
//! Line 2 is one row, because line 3 has three cells. The quote in line 3 closes in line 4, before
//! `ok`; but line 4 looks like a row, so line 3 is one row as well, and line 4 is read as usual.
//! Lines 5 and 6 are one row: line 6 has two cells, line 7 has three.
//!
//! If no line looks like a row within [`WINDOW`] bytes, the row ends with the line in which text
//! follows the closing quote. If the quote is never closed, the row is the rest of the input if
//! that is shorter than the window, else the line with the quote.

use memchr::memchr_iter;

use super::{
    Dialect,
    cells::width,
    scan::{RowEnd, RowScan},
};

/// Lines are examined up to this many bytes after the opening quote.
const WINDOW: usize = 64 << 10;

/// Longer lines do not look like rows.
const LONGEST: usize = 64 << 10;

/// Finds the end of the row at the beginning of the text. Its cell at `open` has misplaced quotes:
/// text follows the closing one at `after`, or there is none. Lines that begin before `barren` are
/// known not to look like rows.
pub(crate) fn end_of_misquoted(
    dialect: Dialect,
    text: &[u8],
    is_whole: bool,
    (open, after): (usize, Option<usize>),
    (columns, barren): (usize, &mut usize),
) -> RowEnd {
    if !is_whole && text.len() < open + WINDOW + LONGEST {
        return RowEnd::More;
    }
    let line_end = |from: usize| match dialect.line_end(text, from) {
        Some((end, next)) => RowEnd::Found { end, next },
        None if is_whole => RowEnd::Found {
            end: dialect.without_crs(text, from, text.len()),
            next: text.len(),
        },
        None => RowEnd::More,
    };
    let looked_at = match next_row(dialect, text, is_whole, open, (columns, barren)) {
        Ok(found) => return found,
        Err(looked_at) => looked_at,
    };
    match after {
        Some(after) => line_end(after),
        // The whole rest: the input may be cut off within the cell.
        None if looked_at == text.len() && is_whole && columns > 0 => RowEnd::Found {
            end: text.len(),
            next: text.len(),
        },
        None => line_end(open),
    }
}

/// True if a line that looks like a row follows soon after an opening quote. The quoted text is
/// then more likely rows than one cell. With a single column every line looks like a row, which
/// proves nothing.
pub(crate) fn rows_follow(dialect: Dialect, text: &[u8], open: usize, columns: usize) -> bool {
    columns > 1 && next_row(dialect, text, false, open, (columns, &mut 0)).is_ok()
}

/// The end of the last line before the first one that looks like a row. `Err` if there is none: the
/// byte up to which lines were examined.
fn next_row(
    dialect: Dialect,
    text: &[u8],
    is_whole: bool,
    open: usize,
    (columns, barren): (usize, &mut usize),
) -> Result<RowEnd, usize> {
    let mut from = open;
    while let Some((end, next)) = dialect.line_end(text, from) {
        let Some(empty) = dialect.empty_lines(&text[next..], is_whole) else {
            break;
        };
        let next = next + empty;
        if next == text.len() {
            return Err(next);
        }
        if next > open + WINDOW {
            return Err(from);
        }
        if next >= *barren && is_row(dialect, &text[next..], is_whole, columns) {
            return Ok(RowEnd::Found { end, next });
        }
        *barren = next + 1;
        from = next;
    }
    Err(text.len())
}

/// True if the text begins with a line that looks like a row.
fn is_row(dialect: Dialect, text: &[u8], is_whole: bool, columns: usize) -> bool {
    if columns == 0 {
        return false;
    }
    let reach = text.len().min(LONGEST);
    let is_whole = is_whole && reach == text.len();
    let text = &text[..reach];
    let line = match dialect.line_end(text, 0) {
        Some((end, _)) => end,
        None if is_whole => text.len(),
        None => return false,
    };
    let mut line = &text[..line];
    let mut cells = memchr_iter(dialect.delimiter, line).count() + 1;
    // Empty cells beyond the columns do not count.
    while cells > columns
        && let Some(shorter) = line.strip_suffix(&[dialect.delimiter])
    {
        (line, cells) = (shorter, cells - 1);
    }
    if cells == columns {
        return true;
    }
    match RowScan::default().run(dialect, text, is_whole, columns) {
        RowEnd::Found { end, .. } => width(dialect, &text[..end], columns) == Ok(columns),
        RowEnd::More | RowEnd::Misquoted { .. } => false,
    }
}
