//! Holds a block of found records and hands it on in chunks, whatever the format is.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::Location;

use super::{Broken, Chunk, Records, reading::Reading};

/// A block of records and what is left to hand on of it.
pub(super) struct Block {
    data: Bytes,
    records: Vec<Range<usize>>,
    broken: Vec<Broken>,
    /// Number of records handed on, and of broken stretches.
    taken: usize,
    reported: usize,
    /// Where the next chunk begins: in `data`, and as line and byte of the input.
    at: usize,
    line: u64,
    offset: u64,
    /// True if the block has its full size; false for the last one of an input.
    is_whole: bool,
}

impl Block {
    /// Takes the first `bytes` bytes out of the read buffer. `broken` counts the records of the
    /// block before each stretch.
    pub(super) fn new(
        reading: &mut Reading<'_>,
        bytes: usize,
        records: Vec<Range<usize>>,
        broken: Vec<Broken>,
        is_whole: bool,
    ) -> Self {
        let (offset, line) = (reading.offset, reading.line);
        Self {
            data: reading.take(bytes),
            records,
            broken,
            taken: 0,
            reported: 0,
            at: 0,
            line,
            offset,
            is_whole,
        }
    }

    /// A block without records, at the current position.
    pub(super) fn empty(reading: &mut Reading<'_>) -> Self {
        Self::new(reading, 0, Vec::new(), Vec::new(), false)
    }

    /// True if everything was handed on.
    pub(super) fn is_empty(&self) -> bool {
        self.taken == self.records.len() && self.reported == self.broken.len()
    }

    /// The records' bytes.
    pub(super) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = |range: &Range<usize>| self.data.get(range.clone());
        self.records.iter().filter_map(bytes)
    }

    /// Where a record begins, counted from the first of the block. Nothing may be handed on yet.
    pub(super) fn place(&self, record: usize, reading: &Reading<'_>) -> Location {
        let start = self.records.get(record).map_or(0, |range| range.start);
        let before = self.broken.iter().filter(|broken| broken.after <= record);
        let mut place = Location::default();
        place.input = Some(Arc::clone(&reading.name));
        place.record = Some((record + before.count()) as u64);
        place.line = Some(self.line + memchr_iter(b'\n', &self.data[..start]).count() as u64);
        place.byte = Some(self.offset + start as u64);
        place
    }

    /// The next chunk, of at most `most` records; `make` wraps their ranges.
    pub(super) fn chunk(
        &mut self,
        most: usize,
        reading: &Reading<'_>,
        make: impl FnOnce(Vec<Range<usize>>) -> Records,
    ) -> Chunk {
        let (first, start) = (self.taken, self.at);
        let next = self.records.len().min(first.saturating_add(most));
        let records = &self.records[first..next];
        let records = records
            .iter()
            .map(|record| record.start - start..record.end - start)
            .collect();
        let end = match self.records.get(next) {
            // Includes the line end or comma after the last record of the chunk.
            Some(record) => record.start,
            None => self.data.len(),
        };
        let broken: Vec<Broken> = self.broken[self.reported..]
            .iter()
            .take_while(|broken| broken.after <= next)
            .map(|broken| Broken {
                after: broken.after - first,
                ..broken.clone()
            })
            .collect();
        let chunk = Chunk {
            input: Arc::clone(&reading.name),
            text: reading.text.clone(),
            input_number: reading.number,
            data: self.data.slice(start..end),
            records: make(records),
            first_byte: self.offset + start as u64,
            first_line: self.line,
            ends_block: self.is_whole && next == self.records.len(),
            gaps: Vec::new(),
            broken,
            origins: Vec::new(),
            passed_over: 0,
            ends_early: None,
        };
        self.reported += chunk.broken.len();
        (self.taken, self.at) = (next, end);
        if !self.is_empty() {
            self.line += memchr_iter(b'\n', &chunk.data).count() as u64;
        }
        chunk
    }
}
