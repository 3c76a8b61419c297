//! Completes the message of a bad record with an excerpt and advice.
//!
//! `expected a value` becomes
//! `expected a value, found "# comment"; a comment is no JSON: take it away first`. Only records
//! that have failed come here, so the work costs good ones nothing.

use std::ops::Range;

use transmog_core::ErrorKind;

use super::RecordReader;
use crate::{
    fault::{Fault, no_text, shown, with_found},
    input::unsupported,
    split::Records,
};

/// Length of a byte order mark before the first record.
const MARK: u64 = 3;

impl RecordReader<'_> {
    /// Completes the fault of the record or item at `range`.
    pub(super) fn described(&self, mut fault: Fault, range: &Range<usize>) -> Fault {
        let chunk = self.chunk;
        let record = chunk.data.get(range.clone()).unwrap_or_default();
        let rest = record.get(fault.at..).unwrap_or_default();
        let is_line = matches!(chunk.records, Records::Lines);
        let start = chunk.first_byte + range.start as u64;
        let is_first = start <= MARK;
        // A line of a log that begins with a bracket: the scan takes the bracket for an array.
        let opening = chunk.text.opening.as_deref().filter(|it| {
            let bracket = u64::from(it.head.starts_with(b"["));
            start <= it.at + bracket
        });
        // The opening shows more: a record that is not JSON ends at its first blank.
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
                    _ => unsupported::at_place(record, fault.at),
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
                // Only the last line or row of an input has no line end.
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
