//! A stretch of the input that is not a record: what is wrong with it, where, and its text.
//!
//! It goes with a chunk to the stage that asks the recovery strategy, so that errors come in input
//! order.

use bytes::Bytes;
use transmog_core::{ErrorKind, Location};

/// A stretch of the input in which no record can be found, a record that is too large, or a Rust
/// value that cannot be serialised. The source continues after it.
#[derive(Debug, Clone)]
pub struct Broken {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where it begins.
    pub place: Location,
    /// Number of records of the chunk before it.
    pub after: usize,
    /// Its text, or the beginning of it.
    pub raw: Bytes,
    /// What `raw` is.
    pub raw_is: RawIs,
    /// True if it counts as a record.
    pub is_record: bool,
}

/// How much of a rejected record its raw text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RawIs {
    /// The whole record.
    #[default]
    Record,
    /// Only its beginning.
    Beginning,
    /// The whole document in which the records path was not found.
    Document,
}

/// Bytes kept of a record that is too large.
const SHOWN: usize = 1024;

/// The first bytes of a text that is too large to be kept.
pub(super) fn shown(text: &[u8]) -> &[u8] {
    let mut shown = text.len().min(SHOWN);
    if shown < text.len() {
        // Do not cut a character: the result must be UTF-8 if the text is.
        let continues = |at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let back = (0..4).find(|back| !continues(shown - back));
        shown -= back.unwrap_or(0);
    }
    &text[..shown]
}

impl Broken {
    /// A record larger than the settings allow, with its beginning.
    pub(crate) fn over_limit(place: Location, bytes: u64, limit: usize, beginning: &[u8]) -> Self {
        let limit = limit as u64;
        Self {
            kind: ErrorKind::RecordOverLimit { bytes, limit },
            place,
            after: 0,
            raw: Bytes::copy_from_slice(shown(beginning)),
            raw_is: RawIs::Beginning,
            is_record: true,
        }
    }

    /// Sets the size of the record, once its end was found.
    pub(super) fn set_bytes(&mut self, passed: u64) {
        if let ErrorKind::RecordOverLimit { bytes, .. } = &mut self.kind {
            *bytes = passed;
        }
    }
}
