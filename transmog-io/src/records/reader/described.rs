//! Says in a record's fault what stands at its place, and what to do about it. Comes only after a record has failed.

use std::ops::Range;

use transmog_core::ErrorKind;

use super::RecordReader;
use crate::{
    fault::{Fault, no_text, shown, with_found},
    input::strangers,
    split::Records,
};

/// Bytes of a byte order mark before the first record.
const MARK: u64 = 3;

impl RecordReader<'_> {
    /// The fault of the record or item at `range`, with what stands at its place.
    pub(super) fn described(&self, mut fault: Fault, range: &Range<usize>) -> Fault {
        let chunk = self.chunk;
        let record = chunk.data.get(range.clone()).unwrap_or_default();
        let rest = record.get(fault.at..).unwrap_or_default();
        let is_line = matches!(chunk.records, Records::Lines);
        let start = chunk.first_byte + range.start as u64;
        let is_first = start <= MARK;
        let opening = chunk.text.opening.as_deref().filter(|it| start <= it.at);
        // More than the record, which ends at a blank if it is no JSON.
        let from_opening = opening.and_then(|it| {
            let at = (start + fault.at as u64).checked_sub(it.at)?;
            it.head.get(usize::try_from(at).ok()?..)
        });
        let rest = from_opening.unwrap_or(rest);
        let advice = match opening.and_then(|opening| opening.advice) {
            Some(advice) => Some(advice),
            None if is_line && is_first && record.trim_ascii_start().starts_with(b"[") => {
                Some("if the input is one array, use `input_format=json`")
            }
            None => None,
        };
        match &mut fault.kind {
            ErrorKind::Syntax { message } => {
                let end = if is_line {
                    "the end of the line"
                } else {
                    "the end"
                };
                *message = with_found(message, rest, end);
                let here = || match rest.trim_ascii() {
                    b"," if is_line => {
                        Some("lines of JSON Lines end without a comma: take it away")
                    }
                    _ => strangers::at_place(record, fault.at),
                };
                let advice = advice.or_else(here);
                message.extend(advice.iter().flat_map(|advice| ["; ", advice]));
            }
            ErrorKind::NotAnObject { found } => {
                let found = found.to_mut();
                if found != "null" {
                    found.extend([" ", &shown(rest)]);
                }
                found.extend(advice.iter().flat_map(|advice| ["; ", advice]));
            }
            ErrorKind::Text { .. } => {
                // The last line, or row, of an input has no line end.
                let goes_on = range.end < chunk.data.len();
                let wrong = no_text(record, chunk.text.encoding, goes_on);
                if let Some((kind, at)) = wrong
                    && at == fault.at
                {
                    fault.kind = kind;
                }
            }
            _ => {}
        }
        fault
    }
}
