//! Finds duplicate keys in the rest of a record that was cut.
//!
//! In a whole record the last of two equal keys wins. If rows of the first were written already,
//! that is too late: the record is an error.

use std::{collections::BTreeMap, ops::Range};

use memchr::memchr2;
use transmog_core::ErrorKind;

use crate::{
    fault::{Fault, Step},
    split::Chunk,
};

/// An object or an array that is open.
#[derive(Default)]
struct Level {
    /// For each key: how often it came, and whether a value of it contains an empty array, as a cut
    /// array is.
    keys: BTreeMap<String, (usize, bool)>,
    key: String,
    object: bool,
    /// True if it has no content so far.
    empty: bool,
    /// True if it, or an object in it, contains an empty array.
    hollow: bool,
}

impl Level {
    /// Counts the current key; or notes that its value is hollow.
    fn note(&mut self, hollow: bool, at: usize) -> Result<(), Fault> {
        let known = self.keys.entry(self.key.clone()).or_default();
        if hollow {
            known.1 = true;
        } else {
            known.0 += 1;
        }
        if known.0 > 1 && known.1 {
            let message = "the key comes twice".to_owned();
            let fault = Fault::new(ErrorKind::Syntax { message }, at);
            return Err(fault.within(Step::Key(self.key.clone())));
        }
        Ok(())
    }
}

/// Checks the rest of a record or item, if something was cut out of it.
pub(super) fn check(chunk: &Chunk, range: &Range<usize>, text: &str) -> Result<(), Fault> {
    if chunk.is_cut_in(range) {
        keys(text)
    } else {
        Ok(())
    }
}

fn keys(text: &str) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    let mut levels: Vec<Level> = Vec::new();
    // The range of the last string.
    let mut string = 0..0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let is_blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b']' | b'}');
        if let Some(level) = levels.last_mut().filter(|_| !is_blank) {
            level.empty = false;
        }
        match byte {
            b'"' => {
                string = at..string_end(bytes, at);
                at = string.end;
                continue;
            }
            b':' => {
                let literal = text.get(string.clone()).unwrap_or_default();
                if let Some(level) = levels.last_mut().filter(|level| level.object) {
                    level.key = serde_json::from_str(literal).unwrap_or_default();
                    level.note(false, string.start)?;
                }
            }
            b'{' | b'[' => levels.push(Level {
                object: byte == b'{',
                empty: true,
                ..Level::default()
            }),
            b'}' | b']' => {
                let Some(closed) = levels.pop() else {
                    return Ok(()); // Not JSON; its reader reports that.
                };
                let hollow = if closed.object {
                    closed.hollow
                } else {
                    closed.empty
                };
                if let Some(level) = levels.last_mut().filter(|level| level.object && hollow) {
                    level.hollow = true;
                    level.note(true, string.start)?;
                }
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// The byte after the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}
