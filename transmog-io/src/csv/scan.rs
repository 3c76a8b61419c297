//! Finds the end of a row: the first line end that is not in quotes.
//!
//! Quotes and line ends are the only bytes that matter, so `memchr` skips everything else. The
//! search can continue when more of the input was read, and reports misplaced quotes.

use super::{Dialect, dialect::Quoting, tsv};

/// The result of a search for the end of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowEnd {
    /// The row ends before byte `end`, and the next one begins at `next`.
    Found { end: usize, next: usize },
    /// The text ends before the row; more is needed.
    More,
    /// The quoted cell that begins at `open` has misplaced quotes: text follows the closing one at
    /// `text`, or, if that is `None`, there is none before the end of the input.
    Misquoted { open: usize, text: Option<usize> },
}

/// A search for the end of one row. It can be continued when more text was read.
#[derive(Debug, Default)]
pub(crate) struct RowScan {
    /// Bytes scanned, from the start of the row.
    at: usize,
    /// The start of the quoted cell that contains `at`.
    open: Option<usize>,
}

/// What follows a closing quote.
enum AfterQuote {
    Delimiter(usize),
    End(RowEnd),
}

impl RowScan {
    /// Searches for the end of the row at the beginning of the text. After [`RowEnd::More`], call
    /// it again with a longer text from the same start. `width` is the number of columns; 0 if not
    /// known yet.
    #[inline]
    pub(crate) fn run(
        &mut self,
        dialect: Dialect,
        text: &[u8],
        is_whole: bool,
        width: usize,
    ) -> RowEnd {
        match dialect.quoting {
            Quoting::Rfc(quote) => self.run_quoted(dialect, Some(quote), text, is_whole),
            Quoting::Off => self.run_quoted(dialect, None, text, is_whole),
            Quoting::WholeCells(quote) => {
                tsv::row_end(dialect, quote, text, is_whole, (width, &mut self.at))
            }
        }
    }

    fn run_quoted(
        &mut self,
        dialect: Dialect,
        quote: Option<u8>,
        text: &[u8],
        is_whole: bool,
    ) -> RowEnd {
        loop {
            if let (Some(open), Some(quote)) = (self.open, quote) {
                match self.close(dialect, (quote, open), text, is_whole) {
                    AfterQuote::Delimiter(next) => (self.at, self.open) = (next, None),
                    AfterQuote::End(end) => return end,
                }
            }
            let from = self.at;
            let rest = text.get(from..).unwrap_or_default();
            let Some(found) = dialect.find_plain(rest) else {
                let end = dialect.without_crs(text, from, text.len());
                if is_whole {
                    return RowEnd::Found {
                        end,
                        next: text.len(),
                    };
                }
                // A CR may be the first half of a line end.
                self.at = end;
                return RowEnd::More;
            };
            let at = from + found;
            let byte = text[at];
            if Some(byte) == quote {
                self.at = at + 1;
                if at == 0 || text[at - 1] == dialect.delimiter {
                    self.open = Some(at);
                }
            } else if Some(byte) == dialect.escape {
                let Some(escaped) = dialect.escaped(&text[at + 1..], is_whole) else {
                    self.at = at;
                    return RowEnd::More;
                };
                let after = at + 1 + escaped;
                match text.get(after) {
                    None if !is_whole => {
                        self.at = at;
                        return RowEnd::More;
                    }
                    // The byte before this quote was escaped, so it opens no cell.
                    Some(byte) if escaped > 0 && Some(*byte) == quote => self.at = after + 1,
                    _ => self.at = after,
                }
            } else {
                return RowEnd::Found {
                    end: dialect.without_crs(text, from, at),
                    next: at + 1,
                };
            }
        }
    }

    /// Searches for the quote that closes the cell at `open`, and examines what follows.
    fn close(
        &mut self,
        dialect: Dialect,
        (quote, open): (u8, usize),
        text: &[u8],
        is_whole: bool,
    ) -> AfterQuote {
        loop {
            let rest = text.get(self.at..).unwrap_or_default();
            let Some(found) = dialect.find_quote(quote, rest) else {
                self.at = text.len();
                return AfterQuote::End(if is_whole {
                    RowEnd::Misquoted { open, text: None }
                } else {
                    RowEnd::More
                });
            };
            self.at += found;
            let after = &text[self.at + 1..];
            if Some(text[self.at]) == dialect.escape {
                let Some(escaped) = dialect.escaped(after, is_whole) else {
                    return AfterQuote::End(RowEnd::More);
                };
                self.at += 1 + escaped;
            } else if after.first() == Some(&quote) {
                self.at += 2; // A doubled quote.
            } else {
                return self.after_quote(dialect, open, text, is_whole);
            }
        }
    }

    /// Examines what follows the closing quote at `self.at`, after blanks.
    fn after_quote(
        &self,
        dialect: Dialect,
        open: usize,
        text: &[u8],
        is_whole: bool,
    ) -> AfterQuote {
        let from = self.at + 1;
        let after = from + blanks(dialect, &text[from..]);
        AfterQuote::End(match text.get(after) {
            None if is_whole => RowEnd::Found {
                end: after,
                next: after,
            },
            None => RowEnd::More,
            Some(byte) if *byte == dialect.delimiter => return AfterQuote::Delimiter(after + 1),
            Some(byte) if dialect.ends_row(*byte) => RowEnd::Found {
                end: after,
                next: after + 1,
            },
            Some(b'\r') => {
                let crs = text[after..].iter().take_while(|byte| **byte == b'\r');
                let next = after + crs.count();
                match text.get(next) {
                    Some(b'\n') => RowEnd::Found {
                        end: after,
                        next: next + 1,
                    },
                    None if is_whole => RowEnd::Found { end: after, next },
                    None => RowEnd::More,
                    Some(_) => RowEnd::Misquoted {
                        open,
                        text: Some(after),
                    },
                }
            }
            Some(_) => RowEnd::Misquoted {
                open,
                text: Some(after),
            },
        })
    }

    /// The start of the quoted cell in which the text ends.
    pub(crate) fn open(&self) -> Option<usize> {
        self.open
    }

    /// The number of bytes at the start of the row that may be dropped before the search continues.
    pub(crate) fn forget(&mut self) -> usize {
        // Keep the last byte: it tells whether a cell begins after it.
        let bytes = self.at.saturating_sub(1);
        self.at -= bytes;
        self.open = self.open.map(|_| 0);
        bytes
    }
}

/// The number of blanks at the beginning of a text.
pub(super) fn blanks(dialect: Dialect, text: &[u8]) -> usize {
    let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t') && **byte != dialect.delimiter;
    text.iter().take_while(is_blank).count()
}
