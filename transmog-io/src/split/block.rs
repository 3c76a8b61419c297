//! A stretch of the input in which records were found, and the chunks that it is handed on in. Knows no format.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::Location;

use super::{Broken, Chunk, Records, reading::Reading};

/// Records that were found and not handed on yet.
pub(super) struct Block {
    data: Bytes,
    records: Vec<Range<usize>>,
    broken: Vec<Broken>,
    /// Records handed on, and broken stretches.
    taken: usize,
    told: usize,
    /// Where in `data` the next chunk begins, and where that is in the input.
    at: usize,
    line: u64,
    offset: u64,
    /// True unless the input or the place in it ended the block early.
    is_whole: bool,
}

impl Block {
    /// Takes the first `bytes` bytes out of what was read. Broken stretches count the records before them in the block.
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
            told: 0,
            at: 0,
            line,
            offset,
            is_whole,
        }
    }

    /// A block without records, here.
    pub(super) fn empty(reading: &mut Reading<'_>) -> Self {
        Self::new(reading, 0, Vec::new(), Vec::new(), false)
    }

    /// True if everything was handed on.
    pub(super) fn is_empty(&self) -> bool {
        self.taken == self.records.len() && self.told == self.broken.len()
    }

    /// The records' bytes.
    pub(super) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = |range: &Range<usize>| self.data.get(range.clone());
        self.records.iter().filter_map(bytes)
    }

    /// Where a record of a block begins of which nothing was handed on, counted from the block's first.
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

    /// The next chunk, of at most `most` records; `make` says how they are read.
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
            // With what ends the record before it: only the input's last record may have no end.
            Some(record) => record.start,
            None => self.data.len(),
        };
        let broken: Vec<Broken> = self.broken[self.told..]
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
        self.told += chunk.broken.len();
        (self.taken, self.at) = (next, end);
        if !self.is_empty() {
            self.line += memchr_iter(b'\n', &chunk.data).count() as u64;
        }
        chunk
    }
}
