//! Takes a row apart into its cells. Of types and names it knows nothing.

use std::ops::Range;

use csv_core::{ReadFieldResult, ReadRecordResult, Reader};
use wide::u8x16;

use super::Dialect;

/// Bytes that are looked at at once.
const BLOCK: usize = 16;

/// Cells that there is room for at first.
const FEW: usize = 32;

/// The cells of the row that was read last, without quotes.
#[derive(Debug)]
pub(crate) struct Cells {
    tokens: Reader,
    dialect: Dialect,
    text: Vec<u8>,
    /// Bytes of `text` that are used.
    used: usize,
    /// Where in `text` each cell ends.
    ends: Vec<usize>,
    count: usize,
    /// Bytes between a cell's end and the next one's start.
    gap: usize,
}

impl Cells {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            tokens: dialect.tokens(),
            dialect,
            text: Vec::new(),
            used: 0,
            ends: vec![0; FEW],
            count: 0,
            gap: 0,
        }
    }

    /// Reads a row, given without its line end. False if a quote opens in it and does not close: the row's end is then
    /// its last cell's end.
    pub(crate) fn read(&mut self, row: &[u8]) -> bool {
        self.read_plain(row) || self.read_quoted(row)
    }

    /// Reads a row in which nothing but delimiters has a meaning. False if that is not so.
    fn read_plain(&mut self, row: &[u8]) -> bool {
        // An empty row has no cell.
        if row.is_empty() {
            return false;
        }
        let Dialect { delimiter, quote } = self.dialect;
        (self.count, self.gap) = (0, 1);
        let (blocks, rest) = row.as_chunks::<BLOCK>();
        for (at, block) in (0..).step_by(BLOCK).zip(blocks) {
            let bytes = u8x16::new(*block);
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            if (is(quote) | is(b'\r') | is(b'\n')).any() {
                return false;
            }
            let mut delimiters = is(delimiter).to_bitmask();
            while delimiters != 0 {
                self.end_cell(at + delimiters.trailing_zeros() as usize);
                delimiters &= delimiters - 1;
            }
        }
        for (at, byte) in (row.len() - rest.len()..).zip(rest) {
            if *byte == delimiter {
                self.end_cell(at);
            } else if matches!(*byte, b'\r' | b'\n') || *byte == quote {
                return false;
            }
        }
        self.end_cell(row.len());
        self.text.clear();
        self.text.extend_from_slice(row);
        self.used = row.len();
        true
    }

    fn end_cell(&mut self, at: usize) {
        match self.ends.get_mut(self.count) {
            Some(end) => *end = at,
            None => self.ends.push(at),
        }
        self.count += 1;
    }

    fn read_quoted(&mut self, row: &[u8]) -> bool {
        self.gap = 0;
        if self.text.len() <= row.len() {
            self.text.resize(row.len() + 1, 0);
        }
        (self.used, self.count) = (0, 0);
        let mut at = 0;
        loop {
            let rest = row.get(at..).filter(|rest| !rest.is_empty());
            let (result, read, written, ended) = self.tokens.read_record(
                rest.unwrap_or(b"\n"),
                &mut self.text[self.used..],
                &mut self.ends[self.count..],
            );
            at += read;
            self.used += written;
            self.count += ended;
            match result {
                ReadRecordResult::Record => return true,
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::InputEmpty if at <= row.len() => {}
                // The line end that was put behind the row has become part of a cell, or there was no row.
                ReadRecordResult::InputEmpty | ReadRecordResult::End => break,
            }
        }
        self.tokens = self.dialect.tokens();
        if !row.is_empty() {
            self.used = self.used.saturating_sub(1);
            self.end_cell(self.used);
        }
        false
    }

    /// Where in a row a cell begins, in bytes; the row's end if it has no such cell. The row that was read last stays.
    pub(crate) fn start_of(&mut self, cell: usize, row: &[u8]) -> usize {
        let mut out = [0; 256];
        let (mut at, mut passed) = (0, 0);
        while passed < cell && at < row.len() {
            let (result, read, _) = self.tokens.read_field(&row[at..], &mut out);
            at += read;
            match result {
                ReadFieldResult::Field { .. } => passed += 1,
                ReadFieldResult::OutputFull | ReadFieldResult::InputEmpty => {}
                ReadFieldResult::End => break,
            }
        }
        self.tokens.reset();
        Dialect::begin(&mut self.tokens);
        at
    }

    /// True if the cells stand in the row as they are.
    pub(crate) fn are_plain(&self) -> bool {
        self.gap > 0
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The text of all cells, one after another, and maybe what separates them.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.text[..self.used]
    }

    /// Where in [`bytes`](Self::bytes) a cell stands.
    pub(crate) fn get(&self, cell: usize) -> Option<Range<usize>> {
        let ends = &self.ends[..self.count];
        let end = *ends.get(cell)?;
        let start = cell
            .checked_sub(1)
            .map_or(0, |before| ends[before] + self.gap);
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(cells: &mut Cells, row: &str) -> (bool, Vec<String>) {
        let closed = cells.read(row.as_bytes());
        (closed, texts(cells))
    }

    fn texts(cells: &Cells) -> Vec<String> {
        let text = |cell| String::from_utf8_lossy(&cells.bytes()[cells.get(cell).unwrap()]).into();
        (0..cells.len()).map(text).collect()
    }

    #[test]
    fn rows_one_after_another() {
        let mut cells = Cells::new(Dialect::new(b',', b'"'));
        let many = vec!["x"; 100].join(",");
        let rows: &[(&str, bool, &[&str])] = &[
            ("a,b", true, &["a", "b"]),
            ("\u{feff},", true, &["\u{feff}", ""]),
            ("\"a\"\"b\r\n,\",c\"d", true, &["a\"b\r\n,", "c\"d"]),
            ("x,\"y,\n", false, &["x", "y,\n"]),
            ("\"", false, &[""]),
            ("\"\"", true, &[""]),
            (" ", true, &[" "]),
            (&many, true, &["x"; 100]),
            ("a", true, &["a"]),
            ("", false, &[]),
        ];
        for (row, closed, expected) in rows {
            assert_eq!(
                read(&mut cells, row),
                (*closed, expected.iter().map(ToString::to_string).collect()),
                "{row:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn plain_rows_are_read_as_others(row in "[a-c;,\"\r\n\u{e9}]{0,50}|[a,]{0,50}") {
            for dialect in [Dialect::new(b',', b'"'), Dialect::new(b';', b'a')] {
                let mut cells = Cells::new(dialect);
                if cells.read_plain(row.as_bytes()) {
                    let of_plain = texts(&cells);
                    prop_assert!(cells.read_quoted(row.as_bytes()));
                    prop_assert_eq!(of_plain, texts(&cells));
                }
            }
        }
    }
}
