//! Follows a JSON pointer from the top of a document to its records.
//!
//! A document in which the pointer leads nowhere is one bad record; the other documents are read.
//!
//! ```text
//! pointer /data/items
//! {"page": 1, "data": {"items": [{"id": 1}]}}     one record
//! {"error": "too many requests"}                  a bad record: there is no key "data"
//! {"page": 3, "data": {"items": []}}              no records, no error
//! ```

use std::{fmt, ops::Range};

use transmog_core::{Error as DataError, ErrorKind};

use super::{
    DocumentSplitter,
    Passed::{self, Dropped, Kept},
    State, unescape,
};
use crate::{
    error::Error,
    split::{BLOCK_BYTES, Broken, RawIs, broken::shown},
};

/// Most bytes of a document that are held on the way to its records, to be reported if there are
/// none.
const MOST_HELD: u64 = 8 << 20;

/// Most keys in a message, and most characters of each.
const SHOWN_KEYS: usize = 8;
const SHOWN_KEY: usize = 40;

/// The beginning of the document in which the pointer is followed.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// Offset in the input.
    start: u64,
    /// Its first bytes, once it is too large to be held.
    beginning: Vec<u8>,
}

impl DocumentSplitter<'_> {
    /// Follows the pointer from a top value. True if it leads to a single record, false if to an
    /// array of records.
    pub(super) fn enter_path(&mut self) -> Result<bool, Error> {
        let pointer = self.pointer.clone().unwrap_or_default();
        self.closers.clear();
        self.way.start = self.reading.offset + self.at as u64;
        self.way.beginning.clear();
        for token in pointer.tokens() {
            match self.skip_way()? {
                Some(b'{') => {
                    self.closers.push(b'}');
                    self.enter_field(token)?;
                }
                Some(b'[') => {
                    self.closers.push(b']');
                    self.enter_item(token)?;
                }
                _ => {
                    let reason = format!("{token:?} stands below a value that is no object");
                    let error = self.no_records(reason);
                    self.pass_value()?; // It may not even be JSON.
                    return Err(error);
                }
            }
        }
        match self.skip_way()? {
            Some(b'[') => {
                self.at += 1;
                self.state = State::Items { first: true };
                self.arrive();
                Ok(false)
            }
            Some(b'{') => {
                self.state = self.behind_records();
                self.arrive();
                Ok(true)
            }
            // Error responses often have null instead of the records: that is not an empty list.
            Some(b'n') => {
                let error = self.no_records("null stands there, and not an array".into());
                self.pass_value()?;
                Err(error)
            }
            _ => Err(self.no_records("neither an array nor an object stands there".into())),
        }
    }

    /// Drops what was held on the way, if it is large: the records need the buffer.
    fn arrive(&mut self) {
        if self.at > BLOCK_BYTES {
            self.reading.discard(self.at);
            self.at = 0;
        }
    }

    /// Whether skipped bytes are held: those before the records, up to a limit, and none after
    /// them.
    pub(super) fn on_way(&mut self) -> Passed {
        if self.state != State::Top || self.pointer.is_none() {
            return Dropped;
        }
        let here = self.reading.offset + self.at as u64;
        if here - self.way.start <= MOST_HELD {
            return Kept;
        }
        if let Some(held) = self.held() {
            self.way.beginning = shown(&self.reading.buffer[held]).to_vec();
        }
        Dropped
    }

    /// The range of the document in the buffer, up to the next byte; `None` if its beginning was
    /// dropped.
    fn held(&self) -> Option<Range<usize>> {
        let start = self.way.start.checked_sub(self.reading.offset)?;
        Some(usize::try_from(start).ok()?..self.at)
    }

    /// True if the error makes the current document a bad record.
    pub(super) fn is_of_document(&self, error: &DataError) -> bool {
        let is_fault = matches!(
            error.kind(),
            ErrorKind::NoRecords { .. } | ErrorKind::Syntax { .. }
        );
        is_fault && self.state == State::Top && self.pointer.is_some()
    }

    /// Skips the current document, and reports it as a bad record.
    pub(super) fn reject_document(&mut self, error: &DataError) -> Result<Broken, Error> {
        let (raw, raw_is) = if let Some(held) = self.held() {
            self.pass_held(held.start, error)?
        } else {
            let mut open = self.closers.clone();
            if !open.is_empty() {
                self.skip_brackets(&mut open, Dropped, usize::MAX, true)?;
            }
            (std::mem::take(&mut self.way.beginning), RawIs::Beginning)
        };
        self.records += 1;
        Ok(Broken {
            kind: error.kind().clone(),
            place: error.location().clone(),
            after: 0,
            raw: raw.into(),
            raw_is,
            is_record: true,
        })
    }

    /// Skips the document that begins at `start` in the buffer. Returns its text, or the beginning
    /// of it.
    fn pass_held(&mut self, start: usize, error: &DataError) -> Result<(Vec<u8>, RawIs), Error> {
        let end = self.at;
        self.at = start;
        let is_json = matches!(error.kind(), ErrorKind::NoRecords { .. });
        match self.reading.buffer.get(start) {
            Some(b'{' | b'[') => {
                self.stop = start.saturating_add(MOST_HELD as usize);
                let passed = self.skip_record_at_top(Kept);
                self.stop = usize::MAX;
                passed?;
                if std::mem::take(&mut self.too_large) {
                    self.at = start;
                    let beginning = shown(&self.reading.buffer[start..]).to_vec();
                    self.reading.discard(start);
                    self.at = 0;
                    self.skip_record_at_top(Dropped)?;
                    return Ok((beginning, RawIs::Beginning));
                }
            }
            // A number or a word, which was skipped already.
            Some(_) if is_json => self.at = end,
            _ => {
                let garbage = self.pass_garbage(Kept)?;
                return Ok((garbage, RawIs::Document));
            }
        }
        let text = self.reading.buffer[start..self.at].trim_ascii_end();
        Ok((text.to_vec(), RawIs::Document))
    }

    /// Enters an object, up to the value of a key.
    fn enter_field(&mut self, token: &str) -> Result<(), Error> {
        self.at += 1;
        if self.skip_way()? == Some(b'}') {
            let reason = format!("there is no key {token:?}, and no other");
            return Err(self.no_records(reason));
        }
        let mut others = Others::default();
        loop {
            let key = self.key()?;
            if key == token {
                return Ok(());
            }
            others.take(&key);
            self.pass_value()?;
            match self.skip_way()? {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    let reason = format!("there is no key {token:?}, but {others}");
                    return Err(self.no_records(reason));
                }
                _ => return Err(self.syntax("expected a comma or the end of the object")),
            }
        }
    }

    /// Enters an array, up to the item of this index.
    fn enter_item(&mut self, token: &str) -> Result<(), Error> {
        // RFC 6901: no sign, no leading zero.
        let is_plain = token == "0" || token.starts_with(|c: char| ('1'..='9').contains(&c));
        let Some(number) = token.parse::<u64>().ok().filter(|_| is_plain) else {
            let reason = format!("{token:?} is no item number, but an array stands there");
            return Err(self.no_records(reason));
        };
        self.at += 1;
        if self.skip_way()? == Some(b']') {
            return Err(self.no_records(format!("there is no item {number}")));
        }
        for _ in 0..number {
            self.pass_value()?;
            match self.skip_way()? {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    return Err(self.no_records(format!("there is no item {number}")));
                }
                _ => return Err(self.syntax("expected a comma or the end of the array")),
            }
        }
        Ok(())
    }

    /// Reads a key and the colon after it.
    pub(super) fn key(&mut self) -> Result<String, Error> {
        if self.skip_way()? != Some(b'"') {
            return Err(self.syntax("expected a key"));
        }
        let text = self.collect_string()?;
        let Some(key) = unescape(&text) else {
            return Err(self.syntax("the key before this is not valid text"));
        };
        if self.skip_way()? != Some(b':') {
            return Err(self.syntax("expected a colon"));
        }
        self.at += 1;
        Ok(key)
    }

    /// The next byte that is not blank, before or after the records.
    fn skip_way(&mut self) -> Result<Option<u8>, Error> {
        let passed = self.on_way();
        self.skip_blanks(passed)
    }

    pub(super) fn no_records(&self, reason: String) -> Error {
        let pointer = self
            .pointer
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        DataError::new(ErrorKind::NoRecords { pointer, reason }, self.location()).into()
    }
}

/// The keys of an object that lacks the wanted one.
#[derive(Default)]
struct Others {
    shown: Vec<String>,
    more: usize,
}

impl Others {
    fn take(&mut self, key: &str) {
        if self.shown.len() < SHOWN_KEYS {
            let cut: String = key.chars().take(SHOWN_KEY).collect();
            self.shown.push(format!("{cut:?}"));
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown.join(", "))?;
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        Ok(())
    }
}
