//! Finds out what separates the cells of a CSV input.

use std::collections::BTreeMap;

use csv_core::{ReadRecordResult, Reader};

use crate::csv::Dialect;

/// What is tried; of two that are equally good, the first.
const CANDIDATES: &[u8] = b",\t;|";

/// Bytes of rows that are looked at.
const SAMPLE_BYTES: usize = 64 << 10;

/// The delimiter that cuts most of an input's first rows into equally many cells, and more than one; a comma if none does.
/// `None` if the head does not reach behind the rows that are left out.
pub(super) fn delimiter(head: &[u8], is_whole: bool, quote: u8, skip_rows: u64) -> Option<u8> {
    let mut best = (b',', 0);
    for delimiter in CANDIDATES.iter().copied().filter(|byte| *byte != quote) {
        let score = score(head, is_whole, Dialect::new(delimiter, quote), skip_rows)?;
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    Some(best.0)
}

/// Rows that have as many cells as most others, and more than one.
fn score(head: &[u8], is_whole: bool, dialect: Dialect, skip_rows: u64) -> Option<usize> {
    let mut rows = Widths {
        tokens: dialect.tokens(),
        head,
        at: 0,
        is_whole,
    };
    for _ in 0..skip_rows {
        if rows.next(head.len()).is_none() {
            return is_whole.then_some(0);
        }
    }
    let end = rows.at + SAMPLE_BYTES;
    if head.len() < end && !is_whole {
        return None;
    }
    let end = end.min(head.len());
    let mut widths = BTreeMap::new();
    while let Some(width) = rows.next(end) {
        *widths.entry(width).or_insert(0) += 1;
    }
    let several = widths.range(2..).map(|(_, rows)| *rows);
    Some(several.max().unwrap_or(0))
}

/// Counts the cells of rows.
struct Widths<'h> {
    tokens: Reader,
    head: &'h [u8],
    at: usize,
    /// True if the input ends where the head does.
    is_whole: bool,
}

impl Widths<'_> {
    /// Cells of the next row, if it ends before `end`.
    fn next(&mut self, end: usize) -> Option<usize> {
        let (mut bytes, mut ends) = ([0; 1024], [0; 256]);
        let mut width = 0;
        while self.at < end {
            let rest = &self.head[self.at..end];
            let (result, read, _, ended) = self.tokens.read_record(rest, &mut bytes, &mut ends);
            self.at += read;
            width += ended;
            if result == ReadRecordResult::Record {
                return Some(width);
            }
        }
        // The last row may have no line end.
        (self.is_whole && end == self.head.len() && width > 0).then_some(width + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &str) -> Option<u8> {
        delimiter(head.as_bytes(), true, b'"', 0)
    }

    #[test]
    fn most_rows_of_one_width_win() {
        let cases = [
            ("", b','),
            ("a\nb\n", b','),
            ("a;b\n1;2", b';'),
            ("a|b", b'|'),
            ("a\tb\n1,5\t2,5\n", b'\t'),
            ("a;b\n1,5;2\n1,5;2,5\n", b';'),
            ("a,b;c\n1,2;3\n", b','),
            ("\"a,b\",\"c;d;e\"\n1,2\n", b','),
            ("\"a;b;c\"|1\n\"d;e\n;f\"|2\n", b'|'),
            ("title; with, signs\na,b\n1,2\n", b','),
        ];
        for (head, expected) in cases {
            assert_eq!(found(head), Some(expected), "{head:?}");
        }
    }

    #[test]
    fn the_sample_begins_behind_rows_that_are_left_out() {
        let head = "a,b\na,b\na,b\n1;2\n";
        assert_eq!(delimiter(head.as_bytes(), true, b'"', 3), Some(b';'));
        assert_eq!(delimiter(head.as_bytes(), true, b'"', 9), Some(b','));
        assert_eq!(delimiter(head.as_bytes(), false, b'"', 3), None);
        let long = "1;2\n".repeat(SAMPLE_BYTES);
        assert_eq!(delimiter(long.as_bytes(), false, b'"', 3), Some(b';'));
    }

    #[test]
    fn the_quote_separates_nothing() {
        assert_eq!(delimiter(b"|a|;|b|\n|c|;|d|", true, b'|', 0), Some(b';'));
    }
}
