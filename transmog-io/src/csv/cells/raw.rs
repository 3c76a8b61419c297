//! Finds the cells of a row as written, with their quotes: the slow path, which reads any row.

use memchr::{memchr, memchr2};

use crate::csv::{Dialect, dialect::Quoting, scan::blanks};

/// A cell as written, from its first byte to the next delimiter or the end of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawCell {
    pub(super) end: usize,
    pub(super) style: Style,
}

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// In quotes; the closing one is at `close`, and only blanks follow.
    Quoted {
        close: usize,
    },
    /// With an opening quote that is not closed in the row.
    Open,
    /// With text after the closing quote, at `text`.
    TextAfter {
        text: usize,
    },
}

impl RawCell {
    /// Finds the cell that begins at `start`, by the quotes of RFC 4180 if the dialect has any.
    pub(super) fn find(dialect: Dialect, row: &[u8], start: usize) -> Self {
        match dialect.quoting {
            Quoting::Rfc(quote) if row.get(start) == Some(&quote) => {
                Self::quoted(dialect, quote, row, start)
            }
            _ => Self {
                end: plain_end(dialect, row, start),
                style: Style::Plain,
            },
        }
    }

    fn quoted(dialect: Dialect, quote: u8, row: &[u8], start: usize) -> Self {
        let mut at = start + 1;
        while let Some(found) = dialect.find_quote(quote, &row[at..]) {
            at += found;
            let after = &row[at + 1..];
            if Some(row[at]) == dialect.escape {
                at += 1 + dialect.escaped(after, true).unwrap_or(0);
            } else if after.first() == Some(&quote) {
                at += 2; // A doubled quote.
            } else {
                let text = at + 1 + blanks(dialect, after);
                return match row.get(text) {
                    Some(byte) if *byte != dialect.delimiter => Self {
                        end: plain_end(dialect, row, text),
                        style: Style::TextAfter { text },
                    },
                    _ => Self {
                        end: text,
                        style: Style::Quoted { close: at },
                    },
                };
            }
        }
        Self {
            end: row.len(),
            style: Style::Open,
        }
    }
}

/// The next delimiter from `at` on, or the end of the row.
fn plain_end(dialect: Dialect, row: &[u8], mut at: usize) -> usize {
    let Some(escape) = dialect.escape else {
        let found = memchr(dialect.delimiter, &row[at..]);
        return found.map_or(row.len(), |found| at + found);
    };
    while let Some(found) = memchr2(dialect.delimiter, escape, &row[at..]) {
        at += found;
        if row[at] == dialect.delimiter {
            return at;
        }
        at += 1 + dialect.escaped(&row[at + 1..], true).unwrap_or(0);
    }
    row.len()
}

/// The cells of a row, each with the byte at which it begins.
pub(super) struct RawCells<'r> {
    dialect: Dialect,
    row: &'r [u8],
    next: Option<usize>,
}

impl<'r> RawCells<'r> {
    /// An empty row has no cells.
    pub(super) fn new(dialect: Dialect, row: &'r [u8]) -> Self {
        Self {
            dialect,
            row,
            next: (!row.is_empty()).then_some(0),
        }
    }
}

impl Iterator for RawCells<'_> {
    type Item = (usize, RawCell);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next?;
        let cell = RawCell::find(self.dialect, self.row, start);
        self.next = (cell.end < self.row.len()).then_some(cell.end + 1);
        Some((start, cell))
    }
}
