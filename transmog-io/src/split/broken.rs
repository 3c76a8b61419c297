//! A stretch of the input that is no record, or that is too large to be one.

use bytes::Bytes;
use transmog_core::{ErrorKind, Location};

/// A stretch of the input that cannot be cut into records, or a value that cannot be made a record. The source goes on
/// behind it.
#[derive(Debug, Clone)]
pub struct Broken {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where it begins.
    pub place: Location,
    /// Records of the chunk that stand before it.
    pub after: usize,
    /// What stands there.
    pub raw: Bytes,
    /// What `raw` is.
    pub raw_is: RawIs,
    /// True if it stands where a record belongs.
    pub is_record: bool,
}

/// What the raw text of a reject is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RawIs {
    /// All of the record.
    #[default]
    Record,
    /// Only the beginning of it.
    Beginning,
    /// A document, in which the records were looked for by a path.
    Document,
}

/// Bytes that are shown of a record that is too large.
const SHOWN: usize = 1024;

/// The first bytes of a text that is too large to be shown whole.
pub(super) fn shown(text: &[u8]) -> &[u8] {
    let mut shown = text.len().min(SHOWN);
    if shown < text.len() {
        // Not half of a character: text stays text.
        let continues = |at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let back = (0..4).find(|back| !continues(shown - back));
        shown -= back.unwrap_or(0);
    }
    &text[..shown]
}

impl Broken {
    /// A record that is larger than the settings allow, of which the beginning is known.
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

    /// Says how large the record was, once that is known.
    pub(super) fn set_bytes(&mut self, passed: u64) {
        if let ErrorKind::RecordOverLimit { bytes, .. } = &mut self.kind {
            *bytes = passed;
        }
    }
}
