//! The dialect of a CSV input: delimiter, quotes, escape, line ends. Finds the bytes that matter in
//! it.

use memchr::{memchr, memchr2, memchr3};

/// What a quote means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// RFC 4180: a quote at the start of a cell opens it, and the next single quote closes it.
    /// Elsewhere a quote is text.
    Rfc(u8),
    /// `.tsv` files: a cell that begins and ends with a quote is quoted. In any other, a quote is
    /// text.
    WholeCells(u8),
    /// Quotes are text.
    Off,
}

/// How rows and cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quoting: Quoting,
    /// Makes the next byte text, if that is a quote, the escape itself, the delimiter or a line
    /// end. Before any other byte, it is text.
    pub(crate) escape: Option<u8>,
    /// True if rows end with LF or CR LF only, so that a lone CR is text.
    pub(crate) lone_cr_is_text: bool,
}

impl Dialect {
    /// Rows as in RFC 4180, which may end with LF, CR LF or CR.
    #[cfg(test)]
    pub(crate) fn rfc(delimiter: u8, quote: u8) -> Self {
        Self {
            delimiter,
            quoting: Quoting::Rfc(quote),
            escape: None,
            lone_cr_is_text: false,
        }
    }

    /// The quote character, unless quotes are text.
    pub(crate) fn quote(self) -> Option<u8> {
        match self.quoting {
            Quoting::Rfc(quote) | Quoting::WholeCells(quote) => Some(quote),
            Quoting::Off => None,
        }
    }

    /// The same with the quotes of RFC 4180.
    pub(crate) fn with_rfc_quotes(self) -> Self {
        let quoting = self.quote().map_or(Quoting::Off, Quoting::Rfc);
        Self { quoting, ..self }
    }

    /// True if this byte ends a row, quotes aside.
    pub(crate) fn ends_row(self, byte: u8) -> bool {
        byte == b'\n' || (byte == b'\r' && !self.lone_cr_is_text)
    }

    /// Finds the next line end, in quotes or not: its first byte, and the byte after it.
    pub(crate) fn line_end(self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let rest = text.get(from..)?;
        if self.lone_cr_is_text {
            let at = from + memchr(b'\n', rest)?;
            return Some((self.without_crs(text, from, at), at + 1));
        }
        let at = from + memchr2(b'\r', b'\n', rest)?;
        Some((at, at + 1))
    }

    /// Moves the end of a row before any CRs: `\r\r\n` is one line end.
    pub(super) fn without_crs(self, text: &[u8], from: usize, mut end: usize) -> usize {
        while self.lone_cr_is_text && end > from && text[end - 1] == b'\r' {
            end -= 1;
        }
        end
    }

    /// Length of the empty lines at the beginning of a text. `None` if more text is needed to know.
    pub(crate) fn empty_lines(self, text: &[u8], is_whole: bool) -> Option<usize> {
        let mut passed = 0;
        for (at, byte) in text.iter().enumerate() {
            match byte {
                // Part of a line end only if an LF follows.
                b'\r' if self.lone_cr_is_text => {}
                b'\r' | b'\n' => passed = at + 1,
                _ => return Some(passed),
            }
        }
        is_whole.then_some(text.len())
    }

    /// Finds the next byte that may end a row, open a quoted cell or escape the next byte.
    #[inline]
    pub(super) fn find_plain(self, text: &[u8]) -> Option<usize> {
        let quote = match self.quoting {
            Quoting::Rfc(quote) => Some(quote),
            Quoting::WholeCells(_) | Quoting::Off => None,
        };
        match (quote, self.escape, self.lone_cr_is_text) {
            (Some(quote), None, true) => memchr2(quote, b'\n', text),
            (Some(quote), None, false) => memchr3(quote, b'\r', b'\n', text),
            (None, None, true) => memchr(b'\n', text),
            (None, None, false) => memchr2(b'\r', b'\n', text),
            (Some(quote), Some(escape), true) => memchr3(quote, escape, b'\n', text),
            (None, Some(escape), true) => memchr2(escape, b'\n', text),
            (quote, Some(escape), false) => text.iter().position(|byte| {
                matches!(*byte, b'\r' | b'\n') || *byte == escape || Some(*byte) == quote
            }),
        }
    }

    /// Finds the next quote, or what may escape one.
    #[inline]
    pub(super) fn find_quote(self, quote: u8, text: &[u8]) -> Option<usize> {
        match self.escape {
            None => memchr(quote, text),
            Some(escape) => memchr2(quote, escape, text),
        }
    }

    /// The number of bytes that an escape makes text; 0 if the escape itself is text. `None` if
    /// more text is needed to know.
    pub(super) fn escaped(self, after: &[u8], is_whole: bool) -> Option<usize> {
        match after {
            [] if is_whole => Some(0),
            // It may be the first half of CR LF.
            [] | [b'\r'] if !is_whole => None,
            [b'\r', b'\n', ..] => Some(2),
            [b'\r' | b'\n', ..] => Some(1),
            [byte, ..] => {
                let is_special = *byte == self.delimiter
                    || Some(*byte) == self.escape
                    || Some(*byte) == self.quote();
                Some(usize::from(is_special))
            }
            [] => None,
        }
    }
}
