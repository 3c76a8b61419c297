//! Splits JSON documents into records, without holding or parsing the whole document.
//!
//! ```text
//! [{"id":1}, {"id":2}]                            records: the items of the top array
//! {"id":1} {"id":2}                               records: the values themselves
//! {"data":{"items":[{"id":1},{"id":2}]}}          records: the items that `/data/items` names
//! ```
//!
//! The scan counts brackets and skips strings; everything else of a record is checked when it is
//! parsed. A missing or extra bracket or quote costs one record, and the scan finds the next one:
//! [`scan`] knows the signs of where a record should have ended.

use std::{cell::Cell, ops::Range, sync::Arc};

use memchr::memchr_iter;
use transmog_core::{Error as DataError, ErrorKind, Location};

use super::{Broken, Pointer, block::Block, reading::Reading};
use crate::{error::Error, fault::with_found, input::unsupported};

mod block;
mod large;
mod path;
mod scan;

pub(crate) use large::Cutting;
use large::Large;
use path::Way;

/// Splits a document into records: the items of its top array, or of the array that a JSON pointer
/// names, or top values one after another.
pub(super) struct DocumentSplitter<'a> {
    reading: Reading<'a>,
    /// Most records in a chunk.
    chunk_size: usize,
    pointer: Option<Pointer>,
    state: State,
    /// The next byte to scan, in the buffer.
    at: usize,
    /// Offset in the input at which the block began.
    block_start: u64,
    /// The beginning of the document in which the pointer is followed.
    way: Way,
    /// The closing brackets of the objects and arrays that lead to the records, outermost first.
    closers: Vec<u8>,
    /// Records found.
    records: u64,
    /// The byte and line of the last position asked for.
    counted: Cell<(u64, u64)>,
    /// The closing brackets of the current record; kept to reuse its memory.
    open: Vec<u8>,
    /// Most bytes of a record.
    most: usize,
    /// The byte of the buffer at which the current record gets too large; and whether it did.
    stop: usize,
    too_large: bool,
    /// True if the input ended within the last record. Parsing that record reports it.
    cut: bool,
    /// True if the records continue after the end of their array, or were never in one.
    bare: bool,
    failed: Option<Error>,
    block: Option<Block>,
    /// How large records are cut, if they are, and the one that is being cut.
    cutting: Option<Cutting>,
    large: Option<Box<Large>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between top values.
    Top,
    /// In the array of records; `first` before its first item.
    Items {
        first: bool,
    },
    /// After the records, still in this many of the objects and arrays that led to them.
    Leaving(usize),
    End,
}

/// Whether the bytes that are skipped stay in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passed {
    Kept,
    Dropped,
}
use Passed::{Dropped, Kept};

impl<'a> DocumentSplitter<'a> {
    pub(super) fn new(
        reading: Reading<'a>,
        chunk_size: usize,
        pointer: Option<Pointer>,
        cutting: Option<Cutting>,
        most: usize,
    ) -> Self {
        let block_start = reading.offset;
        Self {
            reading,
            chunk_size,
            pointer,
            state: State::Top,
            at: 0,
            block_start,
            way: Way::default(),
            closers: Vec::new(),
            records: 0,
            counted: Cell::new((0, 1)),
            open: Vec::new(),
            most,
            stop: usize::MAX,
            too_large: false,
            cut: false,
            bare: false,
            failed: None,
            block: None,
            cutting,
            large: None,
        }
    }

    /// Finds the next record. `None` at the end of the input, or if the records found so far must
    /// be handed on first, because what follows needs the buffer.
    fn next_record(&mut self, passed: Passed) -> Result<Option<Range<usize>>, Error> {
        loop {
            match self.state {
                State::End => return Ok(None),
                State::Leaving(0) => self.state = State::Top,
                State::Leaving(_) if passed == Kept => return Ok(None),
                State::Leaving(levels) => {
                    self.leave(levels)?;
                    self.state = State::Leaving(levels - 1);
                }
                State::Top if passed == Kept && self.pointer.is_some() => return Ok(None),
                State::Top => match (self.skip_between(passed)?, &self.pointer) {
                    (None, _) => self.state = State::End,
                    (Some(_), Some(_)) => {
                        if self.enter_path()? {
                            return self.record();
                        }
                    }
                    (Some(b'['), None) => {
                        self.at += 1;
                        self.bare = false;
                        self.state = State::Items { first: true };
                    }
                    (Some(b','), None) if self.records > 0 => {
                        return Err(self.goes_on_behind_comma()?);
                    }
                    (Some(_), None) => return self.record(),
                },
                State::Items { first } => match (self.skip_blanks(passed)?, first) {
                    (Some(b']'), _) => {
                        self.at += 1;
                        self.state = self.behind_records();
                    }
                    (Some(_), true) => {
                        self.state = State::Items { first: false };
                        return self.item();
                    }
                    (Some(b','), false) => {
                        self.at += 1;
                        if self.skip_blanks(passed)? == Some(b']') {
                            return Err(self.syntax("expected a value after the comma"));
                        }
                        return self.item();
                    }
                    (Some(_), false) => {
                        return Err(self.syntax("expected a comma or the end of the array"));
                    }
                    (None, _) if self.cut || self.bare => self.state = State::End,
                    (None, _) => return Err(self.syntax("the array does not end")),
                },
            }
        }
    }

    /// The item of the array that starts here, as [`record`](Self::record).
    fn item(&mut self) -> Result<Option<Range<usize>>, Error> {
        if self.is_at_field()? {
            return Err(self.syntax("expected a record, and a field of one stands here"));
        }
        self.record()
    }

    /// The record that starts here. `None` if it is to be cut.
    fn record(&mut self) -> Result<Option<Range<usize>>, Error> {
        let start = self.at;
        if self.peek(Kept)?.is_none() {
            return Err(self.syntax("expected a value"));
        }
        let most = match &self.cutting {
            Some(cutting)
                if self.reading.buffer[start] == b'{' && cutting.record_bytes <= self.most =>
            {
                cutting.record_bytes
            }
            _ => usize::MAX,
        };
        self.stop = start.saturating_add(self.most);
        let skipped = self.skip_at_most(most);
        self.stop = usize::MAX;
        let is_whole = skipped?;
        if self.too_large {
            self.at = start;
            return Ok(None);
        }
        if !is_whole {
            self.at = start;
            self.large = self.cutting.as_ref().map(Large::new).map(Box::new);
            return Ok(None);
        }
        self.records += 1;
        Ok(Some(start..self.at))
    }

    /// The error of a comma after the end of the records. An extra bracket has closed their array,
    /// so what follows are more records.
    fn goes_on_behind_comma(&mut self) -> Result<Error, Error> {
        let error = self.syntax("the records have ended before this comma");
        self.at += 1;
        if self.skip_blanks(Kept)? == Some(b'{') {
            self.state = State::Items { first: true };
            self.bare = self.pointer.is_none();
        }
        Ok(error)
    }

    /// Skips a record that is too large, without holding it, and reports it.
    fn pass_over(&mut self) -> Result<Broken, Error> {
        self.reading.discard(self.at);
        self.at = 0;
        let mut broken = self.reading.over_limit(self.most);
        let start = self.reading.offset;
        self.too_large = false;
        self.skip_record(Dropped)?;
        broken.set_bytes(self.reading.offset + self.at as u64 - start);
        self.records += 1;
        Ok(broken)
    }

    /// True if records may follow after an error of this kind.
    fn goes_on(&self, error: &DataError) -> bool {
        matches!(error.kind(), ErrorKind::Syntax { .. })
            && match self.state {
                // An error on the way to the records makes the whole document a bad record.
                State::Top => self.pointer.is_none(),
                // After the records of a pointer, nothing else of the document is needed.
                State::Items { .. } | State::Leaving(_) => true,
                State::End => false,
            }
    }

    /// The state after a single record, or after the array of records.
    fn behind_records(&self) -> State {
        State::Leaving(
            self.pointer
                .as_ref()
                .map_or(0, |pointer| pointer.tokens().len()),
        )
    }

    /// Skips to the end of the innermost object or array that is still open.
    fn leave(&mut self, level: usize) -> Result<(), Error> {
        let tokens = self.pointer.as_ref().map(Pointer::tokens);
        let token = tokens.and_then(|tokens| tokens.get(level - 1)).cloned();
        let closer = self.closers.get(level - 1).copied().unwrap_or(b'}');
        loop {
            match self.skip_blanks(Dropped)? {
                Some(b',') if closer == b'}' && self.records > 0 => {
                    let error = self.goes_on_behind_comma()?;
                    if self.state != State::Leaving(level) {
                        return Err(error);
                    }
                }
                Some(b',') => self.at += 1,
                Some(byte) if byte == closer => {
                    self.at += 1;
                    return Ok(());
                }
                None => return Err(self.syntax("the document does not end")),
                Some(_) if closer == b']' => {
                    return Err(self.syntax("expected a comma or the end of the array"));
                }
                Some(_) => return Err(self.syntax("expected a comma or the end of the object")),
            }
            if closer == b'}' && token == Some(self.key()?) {
                return Err(self.no_records("the key before this comes twice".into()));
            }
            self.pass_value()?;
        }
    }

    fn location(&self) -> Location {
        let mut at = Location::default();
        at.input = Some(Arc::clone(&self.reading.name));
        at.record = Some(self.records);
        at.byte = Some(self.reading.offset + self.at as u64);
        at.line = Some(self.line());
        at
    }

    /// The line of the next byte. Counts from the last position asked for: a block may have many
    /// errors.
    fn line(&self) -> u64 {
        let here = self.reading.offset + self.at as u64;
        let known = Some(self.counted.get());
        let known = known.filter(|(byte, _)| (self.reading.offset..=here).contains(byte));
        let (byte, line) = known.unwrap_or((self.reading.offset, self.reading.line));
        let start = (byte - self.reading.offset) as usize;
        let passed = memchr_iter(b'\n', &self.reading.buffer[start..self.at]).count();
        let line = line + passed as u64;
        self.counted.set((here, line));
        line
    }

    /// A syntax error at the next byte, with an excerpt.
    fn syntax(&self, message: &str) -> Error {
        let rest = self.reading.buffer.get(self.at..).unwrap_or_default();
        let mut message = with_found(message, rest, "the end");
        let advice = unsupported::at_place(&self.reading.buffer, self.at);
        message.extend(advice.iter().flat_map(|advice| ["; ", advice]));
        DataError::new(ErrorKind::Syntax { message }, self.location()).into()
    }
}

fn unescape(literal: &[u8]) -> Option<String> {
    serde_json::from_slice(literal).ok()
}
