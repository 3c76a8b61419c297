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
    dialect: Dialect,
    /// Where the cells stand: in the row, or in `text`.
    ranges: Vec<Range<usize>>,
    in_place: bool,
    /// What reads rows whose cells are not in them as they are. Few inputs need it.
    tokens: Option<Reader>,
    text: Vec<u8>,
    /// Where in `text` each cell ends.
    ends: Vec<usize>,
}

/// Where in a cell the byte before stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Plain,
    Quotes,
    /// At its closing quote, which is at this place; unless another one follows.
    Closed(usize),
}

impl Cells {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            ranges: Vec::with_capacity(FEW),
            in_place: true,
            tokens: None,
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Reads a row, given without its line end. False if a quote opens in it and does not close: the row's end is then
    /// its last cell's end.
    pub(crate) fn read(&mut self, row: &[u8]) -> bool {
        self.in_place = self.read_in_place(row);
        self.in_place || self.read_others(row)
    }

    /// Reads a row whose cells stand in it as they are, between quotes or without. False if that is not so.
    fn read_in_place(&mut self, row: &[u8]) -> bool {
        // An empty row has no cell.
        if row.is_empty() {
            return false;
        }
        let Dialect { delimiter, quote } = self.dialect;
        let marks = [delimiter, quote, b'\r', b'\n'].map(u8x16::splat);
        self.ranges.clear();
        let (mut start, mut within) = (0, Within::Plain);
        let (blocks, rest) = row.as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        for (at, block) in (0..).step_by(BLOCK).zip(blocks.iter().chain([&last])) {
            let block = u8x16::new(*block);
            let [delimiters, others @ ..] = marks.map(|mark| block.simd_eq(mark));
            let mut met = others
                .into_iter()
                .fold(delimiters, |all, other| all | other)
                .to_bitmask();
            while met != 0 {
                let at = at + met.trailing_zeros() as usize;
                met &= met - 1;
                let Some(&byte) = row.get(at) else {
                    break; // Behind the row's end.
                };
                match within {
                    Within::Plain if byte == delimiter => {
                        self.ranges.push(start..at);
                        start = at + 1;
                    }
                    Within::Plain if byte == quote => {
                        // Elsewhere it stands for itself.
                        if at == start {
                            within = Within::Quotes;
                            start += 1;
                        }
                    }
                    Within::Quotes if byte == quote => within = Within::Closed(at),
                    Within::Quotes => {}
                    Within::Closed(end) if byte == delimiter && at == end + 1 => {
                        self.ranges.push(start..end);
                        (start, within) = (at + 1, Within::Plain);
                    }
                    // A line end, two quotes that stand for one, or text behind a quote.
                    Within::Plain | Within::Closed(_) => return false,
                }
            }
        }
        let end = match within {
            Within::Plain => row.len(),
            Within::Closed(end) if end + 1 == row.len() => end,
            Within::Closed(_) | Within::Quotes => return false,
        };
        self.ranges.push(start..end);
        true
    }

    /// Reads any row; the cells are copied.
    fn read_others(&mut self, row: &[u8]) -> bool {
        let tokens = self.tokens.get_or_insert_with(|| self.dialect.tokens());
        if self.text.len() <= row.len() {
            self.text.resize(row.len() + 1, 0);
        }
        if self.ends.is_empty() {
            self.ends.resize(FEW, 0);
        }
        let (mut used, mut count, mut at) = (0, 0, 0);
        let is_closed = loop {
            let rest = row.get(at..).filter(|rest| !rest.is_empty());
            let (result, read, written, ended) = tokens.read_record(
                rest.unwrap_or(b"\n"),
                &mut self.text[used..],
                &mut self.ends[count..],
            );
            at += read;
            used += written;
            count += ended;
            match result {
                ReadRecordResult::Record => break true,
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::InputEmpty if at <= row.len() => {}
                // The line end that was put behind the row has become part of a cell, or there was no row.
                ReadRecordResult::InputEmpty | ReadRecordResult::End => break false,
            }
        };
        self.text.truncate(used);
        let ends = self.ends[..count].iter().copied();
        let starts = std::iter::once(0).chain(ends.clone());
        self.ranges.clear();
        self.ranges
            .extend(starts.zip(ends).map(|(start, end)| start..end));
        if !is_closed {
            self.tokens = None;
            if !row.is_empty() {
                let start = self.ranges.last().map_or(0, |cell| cell.end);
                self.ranges.push(start..used.saturating_sub(1));
            }
        }
        is_closed
    }

    /// Where in a row a cell begins, in bytes; the row's end if it has no such cell. The row that was read last stays.
    pub(crate) fn start_of(&mut self, cell: usize, row: &[u8]) -> usize {
        let tokens = self.tokens.get_or_insert_with(|| self.dialect.tokens());
        let mut out = [0; 256];
        let (mut at, mut passed) = (0, 0);
        while passed < cell && at < row.len() {
            let (result, read, _) = tokens.read_field(&row[at..], &mut out);
            at += read;
            match result {
                ReadFieldResult::Field { .. } => passed += 1,
                ReadFieldResult::OutputFull | ReadFieldResult::InputEmpty => {}
                ReadFieldResult::End => break,
            }
        }
        tokens.reset();
        Dialect::begin(tokens);
        at
    }

    /// True if the cells stand in the row as they are.
    pub(crate) fn are_in_place(&self) -> bool {
        self.in_place
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// What the [ranges](Self::ranges) are of: the row that was read last, or the text of its cells.
    pub(crate) fn bytes<'c>(&'c self, row: &'c [u8]) -> &'c [u8] {
        if self.in_place { row } else { &self.text }
    }

    /// Where each cell stands.
    pub(crate) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// The bytes of a cell of the row that was read last.
    pub(crate) fn get<'c>(&'c self, cell: usize, row: &'c [u8]) -> Option<&'c [u8]> {
        self.bytes(row).get(self.ranges.get(cell)?.clone())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(cells: &mut Cells, row: &str) -> (bool, Vec<String>) {
        let closed = cells.read(row.as_bytes());
        (closed, texts(cells, row))
    }

    fn texts(cells: &Cells, row: &str) -> Vec<String> {
        let text = |cell| String::from_utf8_lossy(cells.get(cell, row.as_bytes()).unwrap()).into();
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

    #[test]
    fn only_rows_that_must_be_are_copied() {
        let mut cells = Cells::new(Dialect::new(b',', b'"'));
        let wide = format!("\"{}\",\"{}\",b\"c", "a,".repeat(20), "\r\n".repeat(9));
        for row in ["a,b", "\"a\",\"b,c\",d", "\"\"", ",\"\",", "a\"\"b", &wide] {
            assert!(
                cells.read(row.as_bytes()) && cells.are_in_place(),
                "{row:?}"
            );
        }
        for row in ["\"a\"\"b\"", "\"a\"b", "\"a\" ,b"] {
            assert!(
                cells.read(row.as_bytes()) && !cells.are_in_place(),
                "{row:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn rows_in_place_are_read_as_others(
            row in "[a-c;,\"\r\n\u{e9}]{0,50}|[a,]{0,50}|((\"[a,;\n]{0,9}\"|[ab]{0,9})[,;]){0,9}",
        ) {
            for (delimiter, quote) in [(b',', b'"'), (b';', b'a'), (0, b'"'), (b',', 0)] {
                let row = match delimiter.min(quote) {
                    0 => row.replace(';', "\0"),
                    _ => row.clone(),
                };
                let mut cells = Cells::new(Dialect::new(delimiter, quote));
                if cells.read_in_place(row.as_bytes()) {
                    let in_place = texts(&cells, &row);
                    cells.in_place = false;
                    prop_assert!(cells.read_others(row.as_bytes()));
                    prop_assert_eq!(in_place, texts(&cells, &row));
                }
            }
        }
    }
}
