//! Quotes cells, and reads quoted cells back.
//!
//! One place decides what needs quotes, so that the writer, the rewrite of old rows and the reader
//! agree. With the default dialect:
//!
//! ```text
//! text       cell
//! a b        a b
//! a,b        "a,b"
//! say "hi"   "say ""hi"""
//! ```

use memchr::memchr_iter;
use transmog_core::Words;
use wide::u8x16;

use crate::formula_guard;

/// Bytes that one SIMD comparison covers.
pub(crate) const WIDTH: usize = 16;

/// How cells look, checked: `delimiter` and `quote` are two different ASCII characters, and neither
/// is CR or LF.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
    /// Whether text that a spreadsheet would run as a formula gets a `'` in front.
    pub(crate) guard: bool,
    /// The words for true and false.
    pub(crate) booleans: Words,
}

impl Dialect {
    /// True if `text` needs no quotes. Several cells can be checked at once, one after another.
    pub(crate) fn is_bare(self, text: &[u8]) -> bool {
        let needs = |byte: u8| {
            matches!(byte, b'\n' | b'\r') || byte == self.delimiter || byte == self.quote
        };
        let is_bare = |block: &[u8; WIDTH]| {
            let bytes = u8x16::new(*block);
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            (is(self.delimiter) | is(self.quote) | is(b'\n') | is(b'\r')).none()
        };
        let (blocks, rest) = text.as_chunks();
        // The last block overlaps the one before it: that is faster than checking the rest
        // bytewise.
        let is_rest_bare = || match text.last_chunk() {
            Some(last) => is_bare(last),
            None => !rest.iter().any(|byte| needs(*byte)),
        };
        blocks.iter().all(is_bare) && is_rest_bare()
    }

    /// Quotes the cell at `out[start..]` if it needs quotes.
    pub(crate) fn quote(self, out: &mut Vec<u8>, start: usize) {
        let cell = &out[start..];
        if self.is_bare(cell) {
            return;
        }
        // Moved in place, from the end: no byte is overwritten before it has been moved.
        let doubled = memchr_iter(self.quote, cell).count();
        let end = out.len();
        out.resize(end + doubled + 2, self.quote);
        let mut to = out.len() - 1;
        for from in (start..end).rev() {
            to -= 1;
            out[to] = out[from];
            if out[to] == self.quote {
                to -= 1;
                out[to] = self.quote;
            }
        }
        out[start] = self.quote;
    }

    /// Guards the text at `out[start..]` against formulas if the options ask for it, then quotes
    /// it.
    pub(crate) fn finish_text(self, out: &mut Vec<u8>, start: usize) {
        if self.guard && formula_guard::is_needed(&out[start..]) {
            out.insert(start, formula_guard::MARK);
        }
        self.quote(out, start);
    }

    /// Removes the quotes of a cell, if it has any.
    pub(crate) fn unquote(self, cell: &mut Vec<u8>) {
        if cell.first() != Some(&self.quote) {
            return;
        }
        cell.pop();
        cell.remove(0);
        let mut second = false;
        cell.retain(|byte| {
            second = *byte == self.quote && !second;
            *byte != self.quote || second
        });
    }

    /// The word for `value` in a column of booleans. Text columns and lists have JSON's words.
    pub(crate) fn boolean(self, value: bool) -> &'static [u8] {
        match (self.booleans, value) {
            (Words::Python, true) => b"True",
            (Words::Python, false) => b"False",
            (_, true) => b"true",
            (_, false) => b"false",
        }
    }

    /// True if numbers, times, ids and booleans never need quotes: no delimiter such as `-` or `1`.
    pub(crate) fn is_plain(self) -> bool {
        ![self.delimiter, self.quote]
            .iter()
            .any(|byte| byte.is_ascii_alphanumeric() || b"+-.:".contains(byte))
    }

    /// Appends `cells` delimiters, so that as many cells are empty.
    pub(crate) fn skip(self, cells: usize, out: &mut Vec<u8>) {
        if cells == 1 {
            out.push(self.delimiter);
        } else {
            out.resize(out.len() + cells, self.delimiter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_and_back() {
        let dialect = Dialect {
            delimiter: b',',
            quote: b'"',
            guard: false,
            booleans: Words::Plain,
        };
        for (plain, quoted) in [
            ("", ""),
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("\"", "\"\"\"\""),
            ("\"\"x\"", "\"\"\"\"\"x\"\"\""),
            ("\r", "\"\r\""),
            ("a\nb", "\"a\nb\""),
            ("'é;\t", "'é;\t"),
        ] {
            let mut out = b"x,".to_vec();
            out.extend_from_slice(plain.as_bytes());
            dialect.quote(&mut out, 2);
            assert_eq!(out, format!("x,{quoted}").as_bytes());
            let mut cell = quoted.as_bytes().to_vec();
            dialect.unquote(&mut cell);
            assert_eq!(cell, plain.as_bytes());
        }
    }

    #[test]
    fn bytes_that_need_quotes_are_found_anywhere() {
        let dialect = Dialect {
            delimiter: b';',
            quote: b'\'',
            guard: false,
            booleans: Words::Plain,
        };
        for length in 0..50 {
            let mut text = vec![b'"'; length];
            assert!(dialect.is_bare(&text));
            for at in 0..length {
                for special in *b";'\r\n" {
                    text[at] = special;
                    assert!(!dialect.is_bare(&text));
                }
                text[at] = b',';
            }
        }
    }
}
