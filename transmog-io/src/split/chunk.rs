//! A chunk: whole records of one input, and their position in it.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{Location, TablePath};

use super::Broken;
use crate::{csv::CsvTable, input::InputText};

/// Whole records, and their position in the input.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Name of the input.
    pub input: Arc<str>,
    /// Its encoding and beginning, for messages.
    pub text: InputText,
    /// Number of the input, from 0.
    pub input_number: usize,
    /// The bytes of the records, and what is between them.
    pub data: Bytes,
    /// Where the records are in `data`.
    pub records: Records,
    /// Offset of `data` in the input, in bytes.
    pub first_byte: u64,
    /// Number of the line in which `data` begins, from 1.
    pub first_line: u64,
    /// Stretches that were cut out of `data`, in order.
    pub gaps: Vec<Gap>,
    /// Stretches between the records that are not records, in order.
    pub broken: Vec<Broken>,
    /// For a chunk of a rejects file: where each record was in its first input. Else empty.
    pub origins: Vec<Location>,
    /// Rejects that were skipped because parts of their records are in tables already.
    pub passed_over: u64,
    /// Set on the last chunk if the compressed input is damaged after it. The last record may then
    /// be incomplete.
    pub ends_early: Option<Broken>,
    /// True if a block ends with this chunk. Blocks are about two mebibytes and depend on the input
    /// alone; chunks also depend on the chunk size.
    pub ends_block: bool,
}

impl Chunk {
    /// True if something was cut out of this range of `data`.
    pub(crate) fn is_cut_in(&self, range: &Range<usize>) -> bool {
        self.gaps.iter().any(|gap| range.contains(&gap.at))
    }

    /// Where the first record begins, with record number 0.
    pub(crate) fn place(&self) -> Location {
        let mut place = Location::default();
        place.input = Some(Arc::clone(&self.input));
        place.record = Some(0);
        place.line = Some(self.first_line);
        place.byte = Some(self.first_byte);
        place
    }

    /// The position of byte `at` of `data`; `lines` of its line breaks come before it.
    pub(crate) fn place_at(&self, at: usize, lines: u64) -> Location {
        let mut place = self.place();
        place.record = None;
        let gaps = self.gaps.iter().take_while(|gap| gap.at <= at);
        let passed = gaps.fold((0, 0), |sum, gap| (sum.0 + gap.bytes, sum.1 + gap.lines));
        place.line = Some(self.first_line + lines + passed.1);
        place.byte = Some(self.first_byte + at as u64 + passed.0);
        place
    }

    /// Where one of its lines, items or rows begins; for rejects, where it was in its first input.
    pub(crate) fn place_of(&self, stretch: usize) -> Location {
        if let Some(origin) = self.origins.get(stretch) {
            return origin.clone();
        }
        let start = match &self.records {
            Records::Items(ranges)
            | Records::ArrayItems { items: ranges, .. }
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

/// Bytes of the input that were cut out of a chunk: items of a record that is too large to be held.
/// They came before it, in chunks of their own.
///
/// ```text
/// input   {"id":1,"items":[{..},{..}, ... 10 GB ... ,{..}],"total":7}
/// chunks  ArrayItems 0 to 2000 | ArrayItems 2000 to 4000 | ... | {"id":1,"items":[],"total":7}
///                                                                                   ^ gap
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The byte of `data` that follows the gap.
    pub at: usize,
    /// Number of bytes cut out.
    pub bytes: u64,
    /// Line breaks in them.
    pub lines: u64,
}

/// Where the records of a chunk are.
#[derive(Debug, Clone)]
pub enum Records {
    /// One on each line.
    Lines,
    /// JSON values at these ranges.
    Items(Vec<Range<usize>>),
    /// Items of an array in a record that has not ended yet.
    ArrayItems {
        /// The array's table.
        table: TablePath,
        /// Indexes of the items that contain the array, outermost first.
        open: Vec<u64>,
        /// Index of the first item.
        first: u64,
        /// Their ranges.
        items: Vec<Range<usize>>,
    },
    /// Rows of a CSV input, without their line ends.
    Rows {
        /// Their ranges.
        rows: Vec<Range<usize>>,
        /// The columns, and how cells are read.
        table: Arc<CsvTable>,
    },
}
