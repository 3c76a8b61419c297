//! Decides where a row with misplaced quotes ends, so that the rows after it are read.
//!
//! Where the quotes of a row are wrong, nothing says for certain which line ends are in quotes. The row ends before the
//! first line below the one with the opening quote that looks like a row: it has as many cells as there are columns,
//! read with quotes or simply split at its delimiters. In
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
//! line 2 is a row of its own, because line 3 has three cells. The quote of line 3 is closed in line 4, by the one before
//! `ok`; but line 4 looks like a row, so line 3 is one as well, and line 4 is none the worse. Lines 5 and 6 are one row:
//! line 6 has two cells, line 7 has three.
//!
//! If no line looks like a row within [`WINDOW`] bytes, the row ends with the line in which text follows the closing
//! quote. If its quote is not closed at all, it takes the rest of the input, should that be shorter, and else the line
//! with the quote only.

use memchr::memchr_iter;

use super::{
    Dialect,
    cells::width,
    scan::{RowEnd, RowScan},
};

/// How far behind an opening quote lines are looked at.
const WINDOW: usize = 64 << 10;

/// Bytes that a row may have which is looked at.
const LONGEST: usize = 64 << 10;

/// Finds the end of the row that the text begins with. The cell at `open` is wrong: text follows its closing quote at
/// `after`, or it is not closed. Lines that begin before `barren` are known to look like no rows.
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
        // All of it: the input may be cut off within the cell.
        None if looked_at == text.len() && is_whole && columns > 0 => RowEnd::Found {
            end: text.len(),
            next: text.len(),
        },
        None => line_end(open),
    }
}

/// True if a line that looks like a row comes soon after a cell in quotes began. What is in the quotes is then more
/// likely to be rows than one cell. If there is one column only, every line looks like a row, and that says nothing.
pub(crate) fn rows_follow(dialect: Dialect, text: &[u8], open: usize, columns: usize) -> bool {
    columns > 1 && next_row(dialect, text, false, open, (columns, &mut 0)).is_ok()
}

/// The end of the last line before the first one that looks like a row. If there is none, how far was looked.
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

/// True if a text begins with what looks like a row.
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
