//! Skips over the bytes of a document: blanks, strings, whole values. Guesses where a damaged
//! record ends.
//!
//! Only brackets and quotes count. If they do not match, what follows shows where the record should
//! have ended:
//!
//! ```text
//! [{"id":1,"a":[1,2}, {"id":2}]     } closes the object, although the array is open
//! [{"id":1]                         ] closes nothing of the record, which ends before it
//! [{"id":1,"a":{"b":1}, {"id":2}]   { instead of a key: the next record begins
//! [{"id":1,"a":"x}, {"id":"2"}]     text after a closing quote: a quote is missing before it
//! ```

use std::{
    io::{self, Read},
    ops::Range,
};

use memchr::memchr2;
use serde::de::IgnoredAny;

use super::{
    DocumentSplitter,
    Passed::{self, Dropped, Kept},
    State,
};
use crate::{error::Error, input::byte_order_mark::MARK};

/// The bytes that matter for skipping a value: brackets and quotes.
static STRUCTURAL: [bool; 256] = {
    let mut table = [false; 256];
    table[b'{' as usize] = true;
    table[b'}' as usize] = true;
    table[b'[' as usize] = true;
    table[b']' as usize] = true;
    table[b'"' as usize] = true;
    table
};

/// If a quote is missing, the record may end within this many bytes after it. Bounds what is
/// scanned twice.
const MOST_BROKEN_TEXT: usize = 1024;

impl DocumentSplitter<'_> {
    /// Skips to the end of the record that starts here.
    ///
    /// A closing bracket also closes everything that is open within, so that damage ends with its
    /// record; one that closes nothing does not belong to the record. The record also ends before
    /// an object instead of a key, if none of its arrays is open: that object is the next record,
    /// and a bracket or quote is missing. At the end of the input the record ends, too; its parser
    /// reports what is wrong.
    pub(super) fn skip_record(&mut self, passed: Passed) -> Result<(), Error> {
        self.skip_value(passed, usize::MAX, self.has_next())
            .map(drop)
    }

    /// As [`skip_record`](Self::skip_record), for a whole document, after which another may follow.
    pub(super) fn skip_record_at_top(&mut self, passed: Passed) -> Result<(), Error> {
        self.skip_value(passed, usize::MAX, true).map(drop)
    }

    /// As [`skip_record`](Self::skip_record), but stops after `most` bytes. True at the end of the
    /// record.
    pub(super) fn skip_at_most(&mut self, most: usize) -> Result<bool, Error> {
        self.skip_value(Kept, self.at.saturating_add(most), self.has_next())
    }

    /// Skips to the end of the value that starts here within a record.
    pub(super) fn skip_within(&mut self) -> Result<(), Error> {
        self.skip_value(Kept, usize::MAX, false).map(drop)
    }

    /// True if a record may follow the one that starts here.
    fn has_next(&self) -> bool {
        match self.state {
            State::Items { .. } => true,
            State::Top => self.pointer.is_none(),
            State::Leaving(_) | State::End => false,
        }
    }

    fn skip_value(&mut self, passed: Passed, stop: usize, has_next: bool) -> Result<bool, Error> {
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        let result = self.skip_brackets(&mut open, passed, stop, has_next);
        self.open = open;
        result
    }

    pub(super) fn skip_brackets(
        &mut self,
        open: &mut Vec<u8>,
        passed: Passed,
        stop: usize,
        has_next: bool,
    ) -> Result<bool, Error> {
        let mut scalar = false;
        // The last byte that was not blank.
        let mut before = 0;
        while let Some(byte) = self.peek(passed)? {
            if self.at > stop {
                return Ok(false);
            }
            match byte {
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if open.is_empty() => {
                    return if scalar {
                        Ok(true)
                    } else {
                        Err(self.syntax("expected a value"))
                    };
                }
                b'"' | b'{' | b'[' if scalar => return Ok(true),
                b'"' => {
                    if self.skip_texts(passed, open, has_next)? {
                        return Ok(true);
                    }
                    before = b'"';
                }
                b'{' | b'[' | b'}' | b']' => {
                    let bracket = pass_bracket(open, byte, before, has_next);
                    let is_one_too_many =
                        bracket == Bracket::OfOthers && passed == Kept && self.goes_on_behind()?;
                    if !is_one_too_many && self.ends_at(bracket, self.at) {
                        return Ok(true);
                    }
                    before = byte;
                    self.at += 1;
                }
                _ if open.is_empty() => {
                    scalar = true;
                    self.at += 1;
                }
                _ => {
                    let rest = &self.reading.buffer[self.at..];
                    let next = rest.iter().position(|byte| STRUCTURAL[usize::from(*byte)]);
                    let run = &rest[..next.unwrap_or(rest.len())];
                    before = run.trim_ascii_end().last().copied().unwrap_or(before);
                    self.at += run.len();
                }
            }
        }
        self.cut |= !self.too_large;
        Ok(true)
    }

    /// Skips to the end of the text that starts here. After a text in a record, only `,`, `:` or a
    /// closing bracket can follow. If something else does, a quote is missing or extra: then the
    /// last quote begins another text, and brackets in the text before it may belong to the record.
    /// True if the record ends at one of these.
    fn skip_texts(
        &mut self,
        passed: Passed,
        open: &mut Vec<u8>,
        has_next: bool,
    ) -> Result<bool, Error> {
        let mut start = self.at;
        let mut ended = self.skip_text(passed, 1, &mut |_| ())?;
        if open.is_empty() {
            return Ok(true);
        }
        while ended {
            let end = self.at;
            let next = self.skip_blanks(passed)?;
            if next.is_none_or(|next| b",:}]".contains(&next)) {
                break;
            }
            // Dropped bytes cannot be scanned again.
            let is_near = end - start <= MOST_BROKEN_TEXT;
            if passed == Kept && is_near && self.ends_within(open, start..end, has_next) {
                return Ok(true);
            }
            start = self.at;
            ended = self.skip_text(passed, 0, &mut |_| ())?;
        }
        Ok(false)
    }

    /// Reads the brackets in a text as those of the record. True if the record ends at one; moves
    /// there.
    fn ends_within(&mut self, open: &mut Vec<u8>, text: Range<usize>, has_next: bool) -> bool {
        let mut before = 0;
        for at in text {
            let byte = self.reading.buffer[at];
            match byte {
                b'{' | b'[' | b'}' | b']' => {
                    let bracket = pass_bracket(open, byte, before, has_next);
                    // More of the text follows, so the records do not end here.
                    if bracket != Bracket::OfOthers && self.ends_at(bracket, at) {
                        return true;
                    }
                    before = byte;
                }
                byte if byte.is_ascii_whitespace() => {}
                byte => before = byte,
            }
        }
        false
    }

    /// True if this bracket cannot end the array of records, because more of it follows.
    fn goes_on_behind(&mut self) -> Result<bool, Error> {
        if self.pointer.is_some() || !matches!(self.state, State::Items { .. }) {
            return Ok(false);
        }
        let here = self.at;
        self.at += 1;
        let next = self.skip_blanks(Kept)?;
        self.at = here;
        Ok(next.is_some_and(|next| b",:}]".contains(&next)))
    }

    /// True if a key and a colon follow: the rest of a record that an extra bracket has ended.
    pub(super) fn is_at_field(&mut self) -> Result<bool, Error> {
        let text = self.text_ahead()?;
        Ok(text.is_some_and(|(_, next)| next == Some(b':')))
    }

    /// Where the text that starts here ends, and the byte after it. `None` if there is no text, or
    /// if it does not end.
    fn text_ahead(&mut self) -> Result<Option<(usize, Option<u8>)>, Error> {
        if self.peek(Kept)? != Some(b'"') {
            return Ok(None);
        }
        let here = self.at;
        self.stop = here.saturating_add(self.most);
        let is_whole = self.skip_text(Kept, 1, &mut |_| ())?;
        let end = self.at;
        let next = self.skip_blanks(Kept)?;
        (self.at, self.stop, self.too_large) = (here, usize::MAX, false);
        Ok(is_whole.then_some((end, next)))
    }

    /// True if the record ends at this bracket; moves there.
    fn ends_at(&mut self, bracket: Bracket, at: usize) -> bool {
        match bracket {
            Bracket::Within => return false,
            Bracket::EndsRecord => self.at = at + 1,
            Bracket::OfOthers => self.at = at,
            Bracket::BeginsNext => {
                self.at = at;
                if let State::Items { .. } = self.state {
                    self.state = State::Items { first: true };
                }
            }
        }
        true
    }

    /// Skips what is not a record, up to where the next one may begin, and returns it.
    pub(super) fn pass_garbage(&mut self, passed: Passed) -> Result<Vec<u8>, Error> {
        if let State::Leaving(level) = self.state {
            // All records are read, so the rest of the document is not reported.
            let mut open = self.closers[..level.min(self.closers.len())].to_vec();
            if !open.is_empty() {
                self.skip_brackets(&mut open, passed, usize::MAX, true)?;
            }
            self.state = State::Top;
            return Ok(Vec::new());
        }
        let mut garbage = Vec::new();
        let is_in_array = matches!(self.state, State::Items { .. });
        let (mut open, mut before) = (0_u32, b',');
        let mut looked_at = 0;
        while let Some(byte) = self.peek(passed)? {
            if byte == b'"' && garbage.len() >= looked_at {
                match self.text_ahead()? {
                    Some((end, Some(b',' | b':' | b'}' | b']'))) => {
                        garbage.extend_from_slice(&self.reading.buffer[self.at..end]);
                        (self.at, before) = (end, b'"');
                        continue;
                    }
                    // This stretch is not scanned for texts again, whatever quotes it has.
                    Some((end, _)) => looked_at = garbage.len() + end - self.at,
                    None => looked_at = usize::MAX,
                }
            }
            match byte {
                // The value of a key is not a record.
                b'{' | b'[' if open > 0 || before == b':' => open += 1,
                b'}' | b']' if open > 0 => open -= 1,
                b'{' => break,
                b'[' if !is_in_array => break,
                b']' if is_in_array => break,
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
            garbage.push(byte);
            self.at += 1;
        }
        if let State::Items { .. } = self.state {
            self.state = State::Items { first: true };
        }
        if self.peek(passed)?.is_none() {
            self.state = State::End;
        }
        garbage.truncate(garbage.trim_ascii_end().len());
        Ok(garbage)
    }

    /// Skips a value outside of the records, and checks that it is JSON, because no parser will see
    /// it.
    pub(super) fn pass_value(&mut self) -> Result<(), Error> {
        let passed = self.on_way();
        if self.skip_blanks(passed)?.is_none() {
            return Err(self.syntax("the document does not end"));
        }
        let mut passing = Passing {
            document: self,
            given: 0,
            failed: None,
        };
        let json = serde_json::Deserializer::from_reader(&mut passing);
        let mut values = json.into_iter::<IgnoredAny>();
        let value = values.next();
        let used = values.byte_offset();
        drop(values);
        let (given, failed) = (passing.given, passing.failed);
        match (failed, value) {
            (Some(error), _) => Err(error),
            (None, Some(Ok(_))) => {
                // The end of a number is seen only at the byte after it.
                self.at -= given - used;
                Ok(())
            }
            (None, Some(Err(error))) if !error.is_eof() => {
                let text = error.to_string();
                self.at -= usize::from(given > 0);
                Err(self.syntax(text.split(" at line ").next().unwrap_or_default()))
            }
            _ => Err(self.syntax("the document does not end")),
        }
    }

    /// Skips the string that starts here, and hands its pieces, with the quotes, to `take`.
    pub(super) fn skip_string(
        &mut self,
        passed: Passed,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Error> {
        if self.skip_text(passed, 1, take)? || passed == Kept {
            Ok(())
        } else {
            Err(self.syntax("the string does not end"))
        }
    }

    /// As [`skip_string`](Self::skip_string), but returns false if it does not end. The first
    /// `skip` bytes are not examined: the opening quote, or later a byte after a backslash.
    fn skip_text(
        &mut self,
        passed: Passed,
        mut skip: usize,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<bool, Error> {
        loop {
            if self.peek(passed)?.is_none() {
                return Ok(false);
            }
            let rest = &self.reading.buffer[self.at..];
            let end = memchr2(b'"', b'\\', &rest[skip..]).map(|end| end + skip);
            let taken = end.map_or(rest.len(), |end| end + 1);
            let quote = end.is_some_and(|end| rest[end] == b'"');
            take(&rest[..taken]);
            self.at += taken;
            if quote {
                return Ok(true);
            }
            skip = usize::from(end.is_some());
        }
    }

    /// Reads the string that starts here, with its quotes.
    pub(super) fn collect_string(&mut self) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        let passed = self.on_way();
        if !self.skip_text(passed, 1, &mut |piece| text.extend_from_slice(piece))? {
            return Err(self.syntax("the string does not end"));
        }
        Ok(text)
    }

    /// The next byte that is not blank.
    pub(super) fn skip_blanks(&mut self, passed: Passed) -> Result<Option<u8>, Error> {
        while let Some(byte) = self.peek(passed)? {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(Some(byte));
            }
            self.at += 1;
        }
        Ok(None)
    }

    /// As [`skip_blanks`](Self::skip_blanks), between top values, where a byte order mark may be:
    /// files may be concatenated.
    pub(super) fn skip_between(&mut self, passed: Passed) -> Result<Option<u8>, Error> {
        loop {
            let next = self.skip_blanks(passed)?;
            if next.is_none() || !self.reading.has_mark(self.at)? {
                return Ok(next);
            }
            self.at += MARK.len();
        }
    }

    /// The next byte. `None` at the end of the input, and if the current record gets too large.
    pub(super) fn peek(&mut self, passed: Passed) -> Result<Option<u8>, Error> {
        if self.at == self.reading.buffer.len() {
            if self.at > self.stop && passed == Kept && !self.reading.at_end {
                self.too_large = true;
                return Ok(None);
            }
            if passed == Dropped {
                self.reading.discard(self.at);
                self.at = 0;
            }
            self.reading.fill_more()?;
        }
        Ok(self.reading.buffer.get(self.at).copied())
    }
}

/// What a bracket means for the current record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Within,
    /// It closes the record.
    EndsRecord,
    /// It closes nothing of the record.
    OfOthers,
    /// It begins the next record; the current one should have ended before.
    BeginsNext,
}

/// Applies a bracket to the open ones. `before` is the last byte before it that is not blank.
fn pass_bracket(open: &mut Vec<u8>, byte: u8, before: u8, has_next: bool) -> Bracket {
    if matches!(byte, b'{' | b'[') {
        let is_key = open.last() == Some(&b'}') && before != b':';
        // If an array is open, it may be an item.
        if byte == b'{' && is_key && has_next && !open.contains(&b']') {
            return Bracket::BeginsNext;
        }
        open.push(byte + 2); // The bracket that closes it.
        return Bracket::Within;
    }
    let Some(level) = open.iter().rposition(|closer| *closer == byte) else {
        return Bracket::OfOthers;
    };
    open.truncate(level);
    if open.is_empty() {
        Bracket::EndsRecord
    } else {
        Bracket::Within
    }
}

/// Reads the bytes of a skipped value, one at a time.
struct Passing<'a, 'b> {
    document: &'a mut DocumentSplitter<'b>,
    /// Bytes read so far.
    given: usize,
    failed: Option<Error>,
}

impl Read for Passing<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(first) = out.first_mut() else {
            return Ok(0);
        };
        let passed = self.document.on_way();
        match self.document.peek(passed) {
            Ok(None) => Ok(0),
            Ok(Some(byte)) => {
                *first = byte;
                self.document.at += 1;
                self.given += 1;
                Ok(1)
            }
            Err(error) => {
                self.failed = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    }
}
