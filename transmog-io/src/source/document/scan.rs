//! Goes along the bytes of a document: over blanks, strings and whole values.

use std::io::{self, Read};

use memchr::memchr2;
use serde::de::IgnoredAny;

use super::{
    Document,
    Passed::{self, Dropped, Kept},
    State,
};
use crate::error::Error;

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

impl Document<'_> {
    /// Goes to the end of the record that starts here. A bracket that closes another one than the last also closes what is
    /// open within, so that what is wrong with a record ends with it; one that closes nothing does not belong to the record.
    /// If the input ends first the record ends there too: its parser knows best what is wrong.
    pub(super) fn skip_record(&mut self, passed: Passed) -> Result<(), Error> {
        self.skip_value(passed, usize::MAX).map(drop)
    }

    /// As [`skip_record`](Self::skip_record), but stops once so many bytes were passed. True at the record's end.
    pub(super) fn skip_at_most(&mut self, most: usize) -> Result<bool, Error> {
        self.skip_value(Kept, self.at.saturating_add(most))
    }

    fn skip_value(&mut self, passed: Passed, stop: usize) -> Result<bool, Error> {
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        let result = self.skip_brackets(&mut open, passed, stop);
        self.open = open;
        result
    }

    fn skip_brackets(
        &mut self,
        open: &mut Vec<u8>,
        passed: Passed,
        stop: usize,
    ) -> Result<bool, Error> {
        let mut scalar = false;
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
                    self.skip_text(passed, &mut |_| ())?;
                    if open.is_empty() {
                        return Ok(true);
                    }
                }
                b'{' | b'[' => {
                    open.push(byte + 2); // The bracket that closes it.
                    self.at += 1;
                }
                b'}' | b']' => {
                    let Some(level) = open.iter().rposition(|closer| *closer == byte) else {
                        return Ok(true);
                    };
                    self.at += 1;
                    open.truncate(level);
                    if open.is_empty() {
                        return Ok(true);
                    }
                }
                _ if open.is_empty() => {
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
        self.cut |= !self.too_large;
        Ok(true)
    }

    /// Passes over what is no record, to where the next one may begin, and gives it.
    pub(super) fn pass_garbage(&mut self, passed: Passed) -> Result<Vec<u8>, Error> {
        if self.pointer.is_some() && !matches!(self.state, State::Items { .. }) {
            self.state = State::End;
            return Ok(Vec::new());
        }
        let mut garbage = Vec::new();
        let next = match self.state {
            State::Items { .. } => *b"{]",
            _ => *b"{[",
        };
        while let Some(byte) = self.peek(passed)?
            && !next.contains(&byte)
        {
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

    /// Passes over a value outside of the records, and checks it, because nobody else will. Keeps nothing of it.
    pub(super) fn pass_value(&mut self) -> Result<(), Error> {
        if self.skip_blanks(Dropped)?.is_none() {
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
                // The end of a number shows only in the byte after it.
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

    /// Goes to the end of the string that starts here, and hands its pieces, quotes included, to `take`.
    pub(super) fn skip_string(
        &mut self,
        passed: Passed,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Error> {
        if self.skip_text(passed, take)? || passed == Kept {
            Ok(())
        } else {
            Err(self.syntax("the string does not end"))
        }
    }

    /// As [`skip_string`](Self::skip_string), but false if it does not end.
    fn skip_text(&mut self, passed: Passed, take: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        // Bytes that are passed unseen: the opening quote, or what a backslash escapes.
        let mut skip = 1;
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

    /// The string that starts here, quotes included.
    pub(super) fn collect_string(&mut self) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        self.skip_string(Dropped, &mut |piece| text.extend_from_slice(piece))?;
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

    /// The next byte. `None` at the end of the input, and where a record that is kept gets too large.
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

/// The bytes of a value that is passed, one at a time.
struct Passing<'a, 'b> {
    document: &'a mut Document<'b>,
    /// Bytes given so far.
    given: usize,
    failed: Option<Error>,
}

impl Read for Passing<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(first) = out.first_mut() else {
            return Ok(0);
        };
        match self.document.peek(Dropped) {
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
