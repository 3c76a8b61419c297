//! Guesses the delimiter of a CSV input.
//!
//! Each candidate is tried on the first rows, with quotes respected. The best is the one under
//! which most rows are as wide as the first row, and wider than one cell:
//!
//! ```text
//! Nr;Name;Preis        comma:      1, 2, 2 cells
//! 1;Apfel;1,50         semicolon:  3, 3, 3 cells   <- the delimiter
//! 2;Birne;2,30
//! ```
//!
//! A row counts half if a quote is inside an unquoted cell, and not at all if text follows a
//! closing quote: a wrong delimiter makes such rows.
//!
//! Of candidates whose shares are [`NEAR`] each other, the one wins that leaves the fewest cells
//! with another candidate in them or a blank at their beginning, because a wrong delimiter leaves
//! the right one in its cells.
//! Numbers do not count:
//!
//! ```text
//! Bolt;A;red;1,50   by ';'   Bolt | A | red | 1,50     0 of 4 cells
//!                   by ','   Bolt;A;red;1 | 50         1 of 2 cells
//! ```
//!
//! Ties are decided by width, by the text in cells that look like numbers, booleans or dates, by
//! blanks after the delimiter (`Nr;Name, Vorname`), by digits on both sides of it
//! (`a@x.org;1,50 EUR`), then by the order of [`CANDIDATES`].

use std::{cmp::Ordering, collections::BTreeMap};

use memchr::memchr;

use crate::csv::{CellStyle, Dialect, RowEnd, RowScan, looks_typed, styled_cells};

/// The delimiters that are tried; of two equally good ones, the first wins. The last two are those
/// of ASCII (1F) and Hive (01).
const CANDIDATES: &[u8] = b",\t;|\x1f\x01";

/// Shares of rows that differ by no more than this do not tell which of two candidates is right: in
/// every large file a few rows are short or have an odd quote.
const NEAR: f64 = 0.05;

/// Bytes and rows that are examined.
const SAMPLE_BYTES: usize = 1 << 20;
const SAMPLE_ROWS: u64 = 1000;

/// The delimiter that fits the first rows best; a comma if none does, or the first candidate that
/// is neither the quote nor the escape. `None` if `head` is too short for the skipped rows and the
/// sample. The delimiter of `dialect` is ignored.
pub(super) fn delimiter(
    head: &[u8],
    is_whole: bool,
    dialect: Dialect,
    (skip_rows, has_header): (u64, bool),
) -> Option<u8> {
    let others = [dialect.quote(), dialect.escape];
    let mut fits = Vec::new();
    for delimiter in CANDIDATES.iter().copied() {
        let is_there = memchr(delimiter, &head[..head.len().min(SAMPLE_BYTES)]).is_some();
        if others.contains(&Some(delimiter)) || !(is_there || skip_rows > 0) {
            continue;
        }
        let dialect = Dialect {
            delimiter,
            ..dialect
        };
        fits.push(Fit::of(head, is_whole, dialect, (skip_rows, has_header))?);
    }
    let header = best(&fits, Fit::with_header);
    let found = header.or_else(|| best(&fits, Fit::without_header));
    let found = found.or_else(|| best(&fits, Fit::of_header));
    let free = |byte: &u8| !others.contains(&Some(*byte));
    // Commas of prose in one column are all followed by blanks. A delimiter that is not there
    // leaves them in their cells.
    let is_prose =
        |fit: &Fit| fit.delimiter == b',' && fit.delimiters > 0 && fit.blanks == fit.delimiters;
    let found = found.or_else(|| {
        let sample = &head[..head.len().min(SAMPLE_BYTES)];
        let mut absent = CANDIDATES
            .iter()
            .filter(|it| free(it) && memchr(**it, sample).is_none());
        absent.next().filter(|_| fits.iter().any(is_prose)).copied()
    });
    let first = CANDIDATES.iter().copied().find(free);
    Some(found.or(first).unwrap_or(b','))
}

/// Rows that are looked at to see whether a character stands in each.
const LIKE_ROWS: usize = 20;

/// True if the first rows have no tab, and this character in each. A last row that is cut does not
/// count.
pub(super) fn is_in_each_row(head: &[u8], dialect: Dialect, character: u8, skip_rows: u64) -> bool {
    let mut rows = FirstRows {
        dialect,
        head: &head[..head.len().min(SAMPLE_BYTES)],
        at: 0,
        is_whole: head.len() <= SAMPLE_BYTES,
    };
    for _ in 0..skip_rows {
        rows.next();
    }
    let mut count = 0;
    while count < LIKE_ROWS {
        let Some(row) = rows.next() else { break };
        let has = |byte| row.is_some_and(|row| memchr(byte, row).is_some());
        if has(b'\t') || !has(character) {
            return false;
        }
        count += 1;
    }
    count > 0
}

/// The best of the candidates whose share of fitting rows is [`NEAR`] the largest.
fn best(fits: &[Fit], share: impl Fn(&Fit) -> Option<f64>) -> Option<u8> {
    let shares = fits.iter().filter_map(|fit| Some((fit, share(fit)?)));
    let largest = shares.clone().map(|(_, share)| share).fold(0.0, f64::max);
    let mut found: Option<(&Fit, f64)> = None;
    for (fit, share) in shares.filter(|(_, share)| *share >= largest - NEAR) {
        let is_better = found.is_none_or(|(other, most)| {
            let order = fit.compare(other);
            order.then_with(|| share.total_cmp(&most)) == Ordering::Greater
        });
        if is_better {
            found = Some((fit, share));
        }
    }
    found.map(|(fit, _)| fit.delimiter)
}

/// Statistics of the first rows, read with one delimiter.
#[derive(Debug, Default)]
struct Fit {
    delimiter: u8,
    /// Cells of the first row; 0 if its quotes are misplaced.
    header: usize,
    /// Rows after the first, each counted as 2.
    rows: u64,
    /// Rows as wide as the first: each counts 2, or 1 if a quote is inside an unquoted cell.
    as_header: u64,
    /// Rows of one cell, each counted as 2.
    single: u64,
    /// Rows by their number of cells.
    widths: BTreeMap<usize, u64>,
    /// Cells; and those outside quotes that contain another candidate or begin with a
    /// blank, and are not numbers.
    cells: u64,
    mixed: u64,
    /// Bytes of cells, and of those that look like a number, a boolean or a date.
    bytes: u64,
    typed: u64,
    /// Delimiters, those before a blank, and those between two digits.
    delimiters: u64,
    blanks: u64,
    between_digits: u64,
}

impl Fit {
    fn of(
        head: &[u8],
        is_whole: bool,
        dialect: Dialect,
        (skip_rows, has_header): (u64, bool),
    ) -> Option<Self> {
        let mut rows = FirstRows {
            dialect,
            head,
            at: 0,
            is_whole,
        };
        let mut fit = Self {
            delimiter: dialect.delimiter,
            ..Self::default()
        };
        for _ in 0..skip_rows {
            if rows.next().is_none() {
                return is_whole.then_some(fit);
            }
        }
        let end = rows.at.saturating_add(SAMPLE_BYTES);
        if head.len() < end && !is_whole {
            return None;
        }
        rows.is_whole = is_whole && head.len() <= end;
        rows.head = &head[..head.len().min(end)];
        let half = rows.at + (rows.head.len() - rows.at) / 2;
        for number in 0..SAMPLE_ROWS {
            let before = rows.at;
            let Some(row) = rows.next() else {
                // A row that fills half of the sample without an end is probably none.
                if before < half && rows.at < rows.head.len() {
                    fit.rows += 2;
                }
                break;
            };
            fit.take(dialect, number, row, has_header);
        }
        Some(fit)
    }

    /// Adds a row; `None` is one with misplaced quotes.
    fn take(&mut self, dialect: Dialect, number: u64, row: Option<&[u8]>, has_header: bool) {
        let (mut width, mut filled, mut has_stray) = (0, 0, false);
        let mut after_digit = false;
        for (style, cell) in row.into_iter().flat_map(|row| styled_cells(dialect, row)) {
            let is_plain = style == CellStyle::Plain;
            has_stray |= is_plain && dialect.quote().is_some_and(|it| memchr(it, cell).is_some());
            if number > 0 || !has_header {
                self.cells += 1;
                self.bytes += cell.len() as u64;
                if looks_typed(cell, dialect.delimiter) {
                    self.typed += cell.len() as u64;
                } else {
                    let is_mixed = has_other(cell, dialect.delimiter)
                        || width > 0 && cell.first() == Some(&b' ');
                    self.mixed += u64::from(is_plain && is_mixed);
                }
            }
            if width > 0 {
                let is_digit = cell.first().is_some_and(u8::is_ascii_digit);
                self.delimiters += 1;
                self.blanks += u64::from(is_plain && cell.first() == Some(&b' '));
                self.between_digits += u64::from(after_digit && is_digit);
            }
            after_digit = cell.last().is_some_and(u8::is_ascii_digit);
            width += 1;
            filled = if cell.is_empty() { filled } else { width };
        }
        if number == 0 {
            self.header = width;
        } else {
            // Empty cells beyond the columns do not count.
            width = width.min(self.header.max(filled));
            self.rows += 2;
            self.single += if width == 1 { 2 } else { 0 };
            if width == self.header {
                self.as_header += if has_stray { 1 } else { 2 };
            }
        }
        *self.widths.entry(width).or_default() += 1;
    }

    /// The share of rows as wide as the first one, if that has at least two cells.
    fn with_header(&self) -> Option<f64> {
        if self.header < 2 {
            return None;
        }
        if self.rows == 0 {
            return Some(1.0);
        }
        let share = |rows: u64| rows as f64 / self.rows as f64;
        let fits =
            self.as_header > 0 && (share(self.as_header) >= 0.5 || self.as_header > self.single);
        fits.then(|| share(self.as_header))
    }

    /// The share of rows with the most frequent width of at least two cells. The rows before them
    /// may be a title.
    fn without_header(&self) -> Option<f64> {
        let all: u64 = self.widths.values().sum();
        let most = self.widths.range(2..).map(|(_, rows)| *rows).max()?;
        (most * 2 > all).then(|| most as f64 / all as f64)
    }

    /// Last resort: 0, if the first row and most others have at least two cells.
    fn of_header(&self) -> Option<f64> {
        (self.header > 1 && self.single * 2 <= self.rows).then_some(0.0)
    }

    /// Breaks a tie between two delimiters whose shares of fitting rows are near each other.
    fn compare(&self, other: &Self) -> Ordering {
        let share = |of: u64, all: u64| of as f64 / all.max(1) as f64;
        let typed = |fit: &Self| share(fit.typed, fit.bytes);
        let blanks = |fit: &Self| share(fit.blanks, fit.delimiters);
        let between_digits = |fit: &Self| share(fit.between_digits, fit.delimiters);
        let mixed = |fit: &Self| share(fit.mixed, fit.cells);
        (mixed(other).total_cmp(&mixed(self)))
            .then_with(|| self.width().cmp(&other.width()))
            .then_with(|| typed(self).total_cmp(&typed(other)))
            .then_with(|| blanks(other).total_cmp(&blanks(self)))
            .then_with(|| between_digits(other).total_cmp(&between_digits(self)))
    }

    /// Cells of most rows.
    fn width(&self) -> usize {
        let most = self.widths.iter().max_by_key(|(_, rows)| **rows);
        most.map_or(0, |(width, _)| *width)
    }
}

/// True if a cell has a candidate in it that is not its delimiter.
fn has_other(cell: &[u8], delimiter: u8) -> bool {
    let mut others = CANDIDATES.iter().filter(|other| **other != delimiter);
    others.any(|other| memchr(*other, cell).is_some())
}

/// The rows of a head, one after another.
struct FirstRows<'h> {
    dialect: Dialect,
    head: &'h [u8],
    at: usize,
    /// True if the input ends where the head does.
    is_whole: bool,
}

impl<'h> FirstRows<'h> {
    /// The next row, if it ends within the head. `Some(None)` is a row with misplaced quotes, which
    /// ends with its line.
    #[expect(
        clippy::option_option,
        reason = "no row, and a row with misplaced quotes"
    )]
    fn next(&mut self) -> Option<Option<&'h [u8]>> {
        let empty = self
            .dialect
            .empty_lines(&self.head[self.at..], self.is_whole)?;
        self.at += empty;
        let text = &self.head[self.at..];
        if text.is_empty() {
            return None;
        }
        match RowScan::default().run(self.dialect, text, self.is_whole, 0) {
            RowEnd::Found { end, next } => {
                self.at += next;
                Some(Some(&text[..end]))
            }
            RowEnd::More => None,
            RowEnd::Misquoted { open, text: after } => {
                let from = after.unwrap_or(open);
                let next = self.dialect.line_end(text, from);
                if next.is_none() && !self.is_whole {
                    return None;
                }
                self.at += next.map_or(text.len(), |(_, next)| next);
                Some(None)
            }
        }
    }
}

#[cfg(test)]
mod tests;
