//! Reads the records of a chunk as JSON and hands them to the shredder: straight from the parser where that is exact, else
//! by way of values in memory. Knows nothing of files.

use std::sync::Arc;

use memchr::memchr_iter;
use serde::de::DeserializeSeed;
use transmog_core::{Error, ErrorKind, Location, ShreddedChunk, Shredder};

use crate::{
    fault::Fault,
    source::{Chunk, Records},
};

mod exact;

use exact::Reader;

/// Shreds the records of a chunk. `deepest` is the number of levels that values in memory may have; what lies deeper
/// becomes text.
///
/// # Errors
/// If something is no record. The error's place counts records from the chunk's first.
pub(crate) fn shred(
    shredder: &mut Shredder,
    chunk: &Chunk,
    deepest: usize,
) -> Result<ShreddedChunk, Error> {
    let data: &[u8] = &chunk.data;
    let text = simdutf8::basic::from_utf8(data).ok();
    let mut take = |start: usize, end: usize| {
        let record = match text {
            Some(text) => Ok(&text[start..end]),
            None => std::str::from_utf8(&data[start..end]).map_err(|error| Fault {
                kind: ErrorKind::Text {
                    message: error.to_string(),
                },
                at: error.valid_up_to(),
                path: Vec::new(),
            }),
        };
        record
            .and_then(|record| take_record(shredder, record, deepest))
            .map_err(|fault| located(fault, chunk, start, shredder.records()))
    };
    match &chunk.records {
        Records::Rows { .. } => return Err(Error::internal("rows were taken for JSON")),
        Records::Items(items) => items
            .iter()
            .try_for_each(|item| take(item.start, item.end))?,
        Records::Lines => {
            let mut start = 0;
            for end in memchr_iter(b'\n', data).chain([data.len()]) {
                take(start, end).map_err(one_line)?;
                start = (end + 1).min(data.len());
            }
        }
    }
    shredder.finish()
}

/// Takes one record; or none from blanks, or several that stand one after another.
fn take_record(shredder: &mut Shredder, text: &str, deepest: usize) -> Result<(), Fault> {
    // JSON's own blanks: a form feed, which `trim_ascii` takes for one, is an error.
    if text
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    {
        return Ok(());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let taken = shredder.record(|seed| {
        seed.deserialize(&mut json)?;
        json.end()
    });
    if taken.is_ok() {
        return Ok(());
    }
    let mut reader = Reader::new(text, deepest);
    while let Some((start, value)) = reader.next_value()? {
        shredder.record_value(&value).map_err(|error| Fault {
            kind: error.kind().clone(),
            at: start,
            path: Vec::new(),
        })?;
    }
    Ok(())
}

/// Says what to do about a value that goes on on the next line.
fn one_line(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Syntax { message } if message.ends_with(" does not end") => {
            let message = format!("{message} on its line; if it goes on, the input format is json");
            Error::new(ErrorKind::Syntax { message }, error.location().clone())
        }
        _ => error,
    }
}

pub(crate) fn located(fault: Fault, chunk: &Chunk, start: usize, record: u64) -> Error {
    let at = start + fault.at;
    let mut place = Location::default();
    place.input = Some(Arc::clone(&chunk.input));
    place.record = Some(record);
    place.line = Some(chunk.first_line + memchr_iter(b'\n', &chunk.data[..at]).count() as u64);
    place.byte = Some(chunk.first_byte + at as u64);
    place.field = fault.field();
    Error::new(fault.kind, place)
}
