//! Looks for keys that come twice in what is left of a record that was cut: if one of them led to rows that were written
//! already, the other cannot take its place any more.

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
    /// How often each key came, and whether a value of it holds something empty, as cut arrays are.
    keys: BTreeMap<String, (usize, bool)>,
    key: String,
    object: bool,
    /// True if nothing stands in it.
    empty: bool,
    /// True if it, or an object in it, holds an empty array.
    hollow: bool,
}

impl Level {
    /// Counts the key at hand; or notes that its value is hollow.
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

/// Checks what is left of a record, or of an item, if something was cut out of it.
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
    // The string met last.
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
                    return Ok(()); // No JSON; its reader says so.
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

/// The place behind the string that begins at a place.
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
