//! Finds where a row ends, and what is wrong with its quotes. Looks at as few bytes as it can.

use super::{Dialect, dialect::Quoting, tsv};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowEnd {
    /// The row ends before byte `end`, and what comes next begins at `next`.
    Found { end: usize, next: usize },
    /// The text ends before the row does.
    More,
    /// The cell in quotes that begins at `open` is wrong: text follows its closing quote at `text`, or, if that is
    /// `None`, it is not closed before the input ends.
    Misquoted { open: usize, text: Option<usize> },
}

/// The search for the end of one row. It can be continued when there is more of the text.
#[derive(Debug, Default)]
pub(crate) struct RowScan {
    /// What was looked at, in bytes from the row's start.
    at: usize,
    /// Where the cell in quotes begins that `at` is in.
    open: Option<usize>,
}

/// What comes after a closing quote.
enum AfterQuote {
    Delimiter(usize),
    End(RowEnd),
}

impl RowScan {
    /// Looks for the end of the row that begins at the text's start. If the answer is [`RowEnd::More`], call it again
    /// with more text after the same start. `width` is the number of columns, 0 if that is not known yet.
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
                // A CR may be part of the line end.
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
                    // The delimiter before it may be an escaped one, and this no cell's start.
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

    /// Looks for the quote that closes the cell which began at `open`, and at what follows it.
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
                self.at += 2; // Two of them stand for one.
            } else {
                return self.after_quote(dialect, open, text, is_whole);
            }
        }
    }

    /// Looks at what follows the closing quote at `self.at`, blanks aside.
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

    /// Where the cell in quotes began that the text ends in.
    pub(crate) fn open(&self) -> Option<usize> {
        self.open
    }

    /// Says how many bytes of the row, from its start on, can be thrown away before the search goes on with the rest.
    pub(crate) fn forget(&mut self) -> usize {
        // The byte before says whether a cell begins.
        let bytes = self.at.saturating_sub(1);
        self.at -= bytes;
        self.open = self.open.map(|_| 0);
        bytes
    }
}

/// How many blanks the text begins with.
pub(super) fn blanks(dialect: Dialect, text: &[u8]) -> usize {
    let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t') && **byte != dialect.delimiter;
    text.iter().take_while(is_blank).count()
}
