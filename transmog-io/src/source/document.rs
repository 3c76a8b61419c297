//! JSON documents: cuts the input at the items of the array that holds the records, without reading it whole. Looks at
//! brackets and strings only; what lies in the records is checked when they are parsed.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::{memchr_iter, memchr2};
use transmog_core::{Error as DataError, ErrorKind, Location};

use super::{BLOCK_BYTES, Chunk, Pointer, Records, Source, reading::Reading};
use crate::error::Error;

/// Records that are the items of a top array, top objects themselves, or what a JSON pointer names; several top values
/// may follow one another.
pub(super) struct Document<'a> {
    reading: Reading<'a>,
    /// Most records in a chunk.
    chunk_size: usize,
    pointer: Option<Pointer>,
    state: State,
    /// Next byte to look at, in the buffer.
    at: usize,
    /// Offset in the input at which the block began.
    block_start: u64,
    /// Records found.
    records: u64,
    failed: Option<Error>,
    block: Option<Block>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between top values.
    Top,
    /// In the array that holds the records; `first` before its first item.
    Items {
        first: bool,
    },
    /// Behind the records, in so many objects and arrays that led to them.
    Leaving(usize),
    End,
}

/// Whether the bytes that are passed must stay in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passed {
    Kept,
    Dropped,
}
use Passed::{Dropped, Kept};

/// Bytes at which skipping a value has to look: brackets and quotes.
static STRUCTURAL: [bool; 256] = {
    let mut table = [false; 256];
    table[b'{' as usize] = true;
    table[b'}' as usize] = true;
    table[b'[' as usize] = true;
    table[b']' as usize] = true;
    table[b'"' as usize] = true;
    table
};

impl<'a> Document<'a> {
    pub(super) fn new(reading: Reading<'a>, chunk_size: usize, pointer: Option<Pointer>) -> Self {
        let block_start = reading.offset;
        Self {
            reading,
            chunk_size,
            pointer,
            state: State::Top,
            at: 0,
            block_start,
            records: 0,
            failed: None,
            block: None,
        }
    }

    /// Finds the next record. `None` at the end of the input, and where records before it must leave the buffer first.
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
                State::Top => match (self.skip_blanks(passed)?, &self.pointer) {
                    (None, _) => self.state = State::End,
                    (Some(_), Some(_)) => {
                        if self.enter_path()? {
                            return self.record();
                        }
                    }
                    (Some(b'['), None) => {
                        self.at += 1;
                        self.state = State::Items { first: true };
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
                        return self.record();
                    }
                    (Some(b','), false) => {
                        self.at += 1;
                        if self.skip_blanks(passed)? == Some(b']') {
                            return Err(self.syntax("expected a value after the comma"));
                        }
                        return self.record();
                    }
                    (Some(_), false) => {
                        return Err(self.syntax("expected a comma or the end of the array"));
                    }
                    (None, _) => return Err(self.syntax("the array does not end")),
                },
            }
        }
    }

    /// The record that starts here.
    fn record(&mut self) -> Result<Option<Range<usize>>, Error> {
        let start = self.at;
        if self.peek(Kept)?.is_none() {
            return Err(self.syntax("expected a value"));
        }
        self.skip_value(Kept)?;
        self.records += 1;
        Ok(Some(start..self.at))
    }

    /// Where a single record, or the array of the records, leaves the document.
    fn behind_records(&self) -> State {
        State::Leaving(
            self.pointer
                .as_ref()
                .map_or(0, |pointer| pointer.tokens().len()),
        )
    }

    /// Goes along the pointer from a top value. True if it leads to a single record, false into the array of records.
    fn enter_path(&mut self) -> Result<bool, Error> {
        let pointer = self.pointer.clone().unwrap_or_default();
        for token in pointer.tokens() {
            match self.skip_blanks(Dropped)? {
                Some(b'{') => self.enter_field(token)?,
                Some(b'[') => self.enter_item(token)?,
                _ => {
                    let reason = format!("{token:?} stands below a value that is no object");
                    return Err(self.no_records(reason));
                }
            }
        }
        match self.skip_blanks(Dropped)? {
            Some(b'[') => {
                self.at += 1;
                self.state = State::Items { first: true };
                Ok(false)
            }
            Some(b'{') => {
                self.state = self.behind_records();
                Ok(true)
            }
            _ => Err(self.no_records("neither an array nor an object stands there".into())),
        }
    }

    /// Goes into an object, to the value of a key.
    fn enter_field(&mut self, token: &str) -> Result<(), Error> {
        self.at += 1;
        if self.skip_blanks(Dropped)? == Some(b'}') {
            return Err(self.no_records(format!("there is no key {token:?}")));
        }
        loop {
            if self.key()? == token {
                return Ok(());
            }
            self.skip_blanks(Dropped)?;
            self.skip_value(Dropped)?;
            match self.skip_blanks(Dropped)? {
                Some(b',') => self.at += 1,
                Some(b'}') => return Err(self.no_records(format!("there is no key {token:?}"))),
                _ => return Err(self.syntax("expected a comma or the end of the object")),
            }
        }
    }

    /// Goes into an array, to an item by its number.
    fn enter_item(&mut self, token: &str) -> Result<(), Error> {
        let Ok(number) = token.parse::<u64>() else {
            let reason = format!("{token:?} is no item number, but an array stands there");
            return Err(self.no_records(reason));
        };
        self.at += 1;
        for skipped in 0.. {
            if self.skip_blanks(Dropped)? == Some(b']') {
                return Err(self.no_records(format!("there is no item {number}")));
            }
            if skipped == number {
                break;
            }
            self.skip_value(Dropped)?;
            match self.skip_blanks(Dropped)? {
                Some(b',') => self.at += 1,
                Some(b']') => {}
                _ => return Err(self.syntax("expected a comma or the end of the array")),
            }
        }
        Ok(())
    }

    /// Goes to the end of the innermost object or array on the way to the records.
    fn leave(&mut self, level: usize) -> Result<(), Error> {
        let tokens = self.pointer.as_ref().map(Pointer::tokens);
        let token = tokens.and_then(|tokens| tokens.get(level - 1)).cloned();
        loop {
            match self.skip_blanks(Dropped)? {
                Some(b',') => self.at += 1,
                Some(b'}' | b']') => {
                    self.at += 1;
                    return Ok(());
                }
                None => return Err(self.syntax("the document does not end")),
                Some(_) => return Err(self.syntax("expected a comma or the end of the object")),
            }
            if self.skip_blanks(Dropped)? == Some(b'"') {
                let text = self.collect_string()?;
                if self.skip_blanks(Dropped)? != Some(b':') {
                    continue; // An item of an array.
                }
                if token.is_some() && token == unescape(&text) {
                    return Err(self.no_records("the key before this comes twice".into()));
                }
                self.at += 1;
                self.skip_blanks(Dropped)?;
            }
            self.skip_value(Dropped)?;
        }
    }

    /// Reads a key and the colon behind it.
    fn key(&mut self) -> Result<String, Error> {
        if self.skip_blanks(Dropped)? != Some(b'"') {
            return Err(self.syntax("expected a key"));
        }
        let text = self.collect_string()?;
        let Some(key) = unescape(&text) else {
            return Err(self.syntax("the key before this is not valid text"));
        };
        if self.skip_blanks(Dropped)? != Some(b':') {
            return Err(self.syntax("expected a colon"));
        }
        self.at += 1;
        Ok(key)
    }

    /// Goes to the end of the value that starts here. Brackets are counted, not matched. If the input ends first, a
    /// record that is kept ends there too: its parser knows best what is missing.
    fn skip_value(&mut self, passed: Passed) -> Result<(), Error> {
        let mut depth = 0_usize;
        let mut scalar = false;
        loop {
            let Some(byte) = self.peek(passed)? else {
                return if passed == Kept || scalar && depth == 0 {
                    Ok(())
                } else {
                    Err(self.syntax("the document does not end"))
                };
            };
            match byte {
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => {
                    return if scalar {
                        Ok(())
                    } else {
                        Err(self.syntax("expected a value"))
                    };
                }
                b'"' | b'{' | b'[' if scalar => return Ok(()),
                b'"' => {
                    self.skip_string(passed, &mut |_| ())?;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ if depth == 0 => {
                    scalar = true;
                    self.at += 1;
                }
                _ => {
                    let rest = &self.reading.buffer[self.at..];
                    let next = rest.iter().position(|byte| STRUCTURAL[usize::from(*byte)]);
                    self.at += next.unwrap_or(rest.len());
                }
            }
        }
    }

    /// Goes to the end of the string that starts here, and hands its pieces, quotes included, to `take`.
    fn skip_string(&mut self, passed: Passed, take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        // Bytes that are passed unseen: the opening quote, or what a backslash escapes.
        let mut skip = 1;
        loop {
            if self.peek(passed)?.is_none() {
                return match passed {
                    Kept => Ok(()),
                    Dropped => Err(self.syntax("the string does not end")),
                };
            }
            let rest = &self.reading.buffer[self.at..];
            let end = memchr2(b'"', b'\\', &rest[skip..]).map(|end| end + skip);
            let taken = end.map_or(rest.len(), |end| end + 1);
            let quote = end.is_some_and(|end| rest[end] == b'"');
            take(&rest[..taken]);
            self.at += taken;
            if quote {
                return Ok(());
            }
            skip = usize::from(end.is_some());
        }
    }

    /// The string that starts here, quotes included.
    fn collect_string(&mut self) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        self.skip_string(Dropped, &mut |piece| text.extend_from_slice(piece))?;
        Ok(text)
    }

    /// The next byte that is not blank.
    fn skip_blanks(&mut self, passed: Passed) -> Result<Option<u8>, Error> {
        while let Some(byte) = self.peek(passed)? {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(Some(byte));
            }
            self.at += 1;
        }
        Ok(None)
    }

    /// The next byte.
    fn peek(&mut self, passed: Passed) -> Result<Option<u8>, Error> {
        if self.at == self.reading.buffer.len() {
            if passed == Dropped {
                self.reading.discard(self.at);
                self.at = 0;
            }
            self.reading.fill_more()?;
        }
        Ok(self.reading.buffer.get(self.at).copied())
    }

    fn location(&self) -> Location {
        let mut at = Location::default();
        at.input = Some(Arc::clone(&self.reading.name));
        at.record = Some(self.records);
        at.byte = Some(self.reading.offset + self.at as u64);
        let before = memchr_iter(b'\n', &self.reading.buffer[..self.at]).count() as u64;
        at.line = Some(self.reading.line + before);
        at
    }

    fn syntax(&self, message: &str) -> Error {
        let message = message.into();
        DataError::new(ErrorKind::Syntax { message }, self.location()).into()
    }

    fn no_records(&self, reason: String) -> Error {
        let pointer = self
            .pointer
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        DataError::new(ErrorKind::NoRecords { pointer, reason }, self.location()).into()
    }
}

fn unescape(literal: &[u8]) -> Option<String> {
    serde_json::from_slice(literal).ok()
}

/// Records that were found and not handed on yet.
struct Block {
    data: Bytes,
    items: Vec<Range<usize>>,
    /// Items handed on.
    taken: usize,
    /// Where in `data` the next chunk begins, and where that is in the input.
    at: usize,
    line: u64,
    offset: u64,
    /// True unless the input or the place in it ended the block early.
    is_whole: bool,
}

impl Block {
    /// The next records, at most `most`.
    fn split(&mut self, most: usize) -> (Bytes, Vec<Range<usize>>) {
        let next = self.items.len().min(self.taken.saturating_add(most));
        let start = self.at;
        let items = &self.items[self.taken..next];
        let items = items
            .iter()
            .map(|item| item.start - start..item.end - start)
            .collect();
        let end = match self.items.get(next) {
            Some(_) => self.items[next - 1].end,
            None => self.data.len(),
        };
        (self.taken, self.at) = (next, end);
        (self.data.slice(start..end), items)
    }
}

impl Document<'_> {
    /// Finds the records of a block.
    fn read_block(&mut self) -> Result<Option<Block>, Error> {
        let mut items: Vec<Range<usize>> = Vec::new();
        let mut ends_block = false;
        while !ends_block {
            let passed = if items.is_empty() { Dropped } else { Kept };
            match self.next_record(passed) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(error) if items.is_empty() => return Err(error),
                Err(error) => {
                    // The records before it may hold an earlier error.
                    self.at = items.last().map_or(0, |item| item.end);
                    self.failed = Some(error);
                    break;
                }
            }
            let passed_bytes = self.reading.offset + self.at as u64 - self.block_start;
            ends_block = passed_bytes >= BLOCK_BYTES as u64;
        }
        if items.is_empty() {
            return Ok(None);
        }
        let (offset, line) = (self.reading.offset, self.reading.line);
        let data = self.reading.take(self.at).into();
        self.at = 0;
        if ends_block {
            self.block_start = self.reading.offset;
        }
        Ok(Some(Block {
            data,
            items,
            taken: 0,
            at: 0,
            line,
            offset,
            is_whole: ends_block,
        }))
    }
}

impl Source for Document<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        let mut block = match (self.block.take(), self.failed.take()) {
            (Some(block), failed) => {
                self.failed = failed;
                block
            }
            (None, Some(error)) => return Err(error),
            (None, None) => match self.read_block()? {
                Some(block) => block,
                None => return Ok(None),
            },
        };
        let (first_byte, first_line) = (block.offset + block.at as u64, block.line);
        let (data, items) = block.split(self.chunk_size);
        let ends_block = block.is_whole && block.taken == block.items.len();
        if block.taken < block.items.len() {
            block.line += memchr_iter(b'\n', &data).count() as u64;
            self.block = Some(block);
        }
        Ok(Some(Chunk {
            input: Arc::clone(&self.reading.name),
            input_number: self.reading.number,
            data,
            records: Records::Items(items),
            first_byte,
            first_line,
            ends_block,
        }))
    }

    fn bytes_read(&self) -> u64 {
        self.reading.position()
    }
}
