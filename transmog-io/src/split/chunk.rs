//! Whole records of one input, and where in the input they stand.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{Location, TablePath};

use super::Broken;
use crate::{csv::CsvTable, input::InputText};

/// Whole records, and where in the input they stand.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Name of the input.
    pub input: Arc<str>,
    /// What else is known about its text.
    pub text: InputText,
    /// Number of the input, from 0.
    pub input_number: usize,
    /// The records' bytes, and whatever stands between them.
    pub data: Bytes,
    /// How the records lie in `data`.
    pub records: Records,
    /// Offset of `data` in the input, in bytes.
    pub first_byte: u64,
    /// Number of the line in which `data` begins, from 1.
    pub first_line: u64,
    /// What was cut out of `data`, in its order.
    pub gaps: Vec<Gap>,
    /// What stands between the records and is none, in its order.
    pub broken: Vec<Broken>,
    /// Where each record stood in its first input, if the chunk is one of rejects; else nothing.
    pub origins: Vec<Location>,
    /// Rejects that were passed over, because their records are in tables already.
    pub passed_over: u64,
    /// What is wrong with the compressed input, if the text ends with this chunk because of it. The last record may then be
    /// cut.
    pub ends_early: Option<Broken>,
    /// True if a block ends here. Blocks are about two mebibytes and depend on the input alone, chunks also on the chunk
    /// size.
    pub ends_block: bool,
}

impl Chunk {
    /// True if something was cut out of what stands at these places.
    pub(crate) fn is_cut_in(&self, range: &Range<usize>) -> bool {
        self.gaps.iter().any(|gap| range.contains(&gap.at))
    }

    /// Where its first record begins; records count from it.
    pub(crate) fn place(&self) -> Location {
        let mut place = Location::default();
        place.input = Some(Arc::clone(&self.input));
        place.record = Some(0);
        place.line = Some(self.first_line);
        place.byte = Some(self.first_byte);
        place
    }

    /// Where one of its bytes stands, before which so many lines of it end.
    pub(crate) fn place_at(&self, at: usize, lines: u64) -> Location {
        let mut place = self.place();
        place.record = None;
        let gaps = self.gaps.iter().take_while(|gap| gap.at <= at);
        let passed = gaps.fold((0, 0), |sum, gap| (sum.0 + gap.bytes, sum.1 + gap.lines));
        place.line = Some(self.first_line + lines + passed.1);
        place.byte = Some(self.first_byte + at as u64 + passed.0);
        place
    }

    /// Where one of its lines, items or rows begins, or stood in its first input if the chunk is one of rejects.
    pub(crate) fn place_of(&self, stretch: usize) -> Location {
        if let Some(origin) = self.origins.get(stretch) {
            return origin.clone();
        }
        let start = match &self.records {
            Records::Items(ranges)
            | Records::Part { items: ranges, .. }
            | Records::Rows { rows: ranges, .. } => ranges.get(stretch).map(|range| range.start),
            Records::Lines => match stretch.checked_sub(1) {
                None => Some(0),
                Some(before) => memchr_iter(b'\n', &self.data)
                    .nth(before)
                    .map(|end| end + 1),
            },
        };
        let start = start.unwrap_or(self.data.len());
        let lines = memchr_iter(b'\n', &self.data[..start]).count() as u64;
        self.place_at(start, lines)
    }
}

/// Bytes of the input that are not in a chunk although it begins before them and ends behind them: items of a large record
/// that went before it, in chunks of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The byte of the chunk's data before which they stood.
    pub at: usize,
    /// How many they were.
    pub bytes: u64,
    /// Line breaks in them.
    pub lines: u64,
}

/// How records lie in a chunk.
#[derive(Debug, Clone)]
pub enum Records {
    /// On lines.
    Lines,
    /// At these places.
    Items(Vec<Range<usize>>),
    /// Items of an array in a record that is still open, at these places.
    Part {
        /// The array's table.
        table: TablePath,
        /// Numbers of the items that the array is in, outermost first.
        open: Vec<u64>,
        /// Number of the first item.
        first: u64,
        /// Where they stand.
        items: Vec<Range<usize>>,
    },
    /// Rows of a CSV input, as they were written, without their line ends.
    Rows {
        /// Where they stand.
        rows: Vec<Range<usize>>,
        /// How they are read.
        table: Arc<CsvTable>,
    },
}
