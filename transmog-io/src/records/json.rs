//! Shreds the records of a JSON chunk.
//!
//! Two ways lead to the shredder:
//!
//! ```text
//! fast    Parser -> Shredder                          straight from the text, almost every record
//! exact   ExactReader -> Value in memory -> Shredder  errors, duplicate keys, very deep nesting
//! ```
//!
//! If the fast way fails, the shredder rolls the record back, and the exact reader reads it again.
//! It explains what is wrong, if anything is.

use std::ops::Range;

use memchr::memchr_iter;
use serde::de::DeserializeSeed;
use transmog_core::{Error, ErrorKind, Shredder, Value};

use crate::{
    fault::{Fault, not_utf8},
    input::byte_order_mark::behind_marks,
    records::{RecordReader, Rules},
    split::Records,
};

mod array_items;
mod duplicate_keys;
mod exact;
mod parser;

use exact::ExactReader;
use parser::Parser;

/// Reads one JSON value and keeps every digit of numbers. Levels deeper than 128 stay text,
/// [`Value::Json`]; `NaN` and infinities are floats.
///
/// # Errors
/// If the text is not one JSON value.
pub fn read(text: &str) -> Result<Value, Error> {
    let mut reader = ExactReader::of_text(text);
    let value = reader.next_value();
    match value.map_err(|fault| Error::from(fault.kind))? {
        Some((_, value)) if reader.is_at_end() => Ok(value),
        _ => Err(ErrorKind::Syntax {
            message: "expected one value".to_owned(),
        }
        .into()),
    }
}

/// Deserializes one JSON value with a serde seed. Texts are borrowed from the input; those with
/// escapes are written to `unescaped`, which is cleared first.
///
/// Made for self-describing seeds (`deserialize_any`), such as those of the shredder and of
/// [`Value`]. Options, newtypes, enums and keys that are not text are not supported. Integers come
/// as `i64`, or `u64` if they do not fit; numbers that no 64-bit type holds exactly come as bytes,
/// as written ([`NUMBERS_AS_WRITTEN`](transmog_core::NUMBERS_AS_WRITTEN)). `None` if the text is
/// not one JSON value of at most 128 levels, or if the seed fails; [`read_json`](read) tells why.
///
/// ```
/// use std::marker::PhantomData;
///
/// let map = PhantomData::<std::collections::BTreeMap<String, i64>>;
/// let read = transmog_io::parse_json(r#"{"a": 1}"#, &mut String::new(), map);
/// assert_eq!(read.expect("it is JSON")["a"], 1);
/// ```
pub fn parse<'t, S: DeserializeSeed<'t>>(
    text: &'t str,
    unescaped: &mut String,
    seed: S,
) -> Option<S::Value> {
    let mut parser = Parser::new(text, unescaped);
    let value = seed.deserialize(&mut parser).ok()?;
    parser.end().ok()?;
    Some(value)
}

/// Shreds the records of a chunk.
///
/// # Errors
/// If a record is bad and the strategy ends the run.
pub(crate) fn shred(reader: &mut RecordReader<'_>) -> Result<(), Error> {
    let (chunk, rules) = (reader.chunk, reader.rules);
    let data: &[u8] = &chunk.data;
    let text = simdutf8::basic::from_utf8(data).ok();
    let mut unescaped = String::new();
    match &chunk.records {
        Records::Rows { .. } => return Err(Error::internal("rows were taken for JSON")),
        Records::ArrayItems { table, .. } => return array_items::shred(reader, table),
        Records::Lines => {
            let mut start = 0;
            for end in memchr_iter(b'\n', data).chain([data.len()]) {
                let begin = end - behind_marks(&data[start..end]).len();
                let range = begin..end;
                let next = (end + 1).min(data.len());
                reader.record(
                    range.clone(),
                    |shredder| {
                        let line = record_text(data, text, range.clone())?;
                        take_record(shredder, line, rules, &mut unescaped).map_err(one_line)
                    },
                    // With its line break: it ends a number, which the end of the input may have
                    // cut.
                    |shredder| keep_record(shredder, &data[begin..next], rules),
                )?;
                start = next;
            }
        }
        Records::Items(items) => {
            for range in items {
                reader.record(
                    range.clone(),
                    |shredder| {
                        let item = record_text(data, text, range.clone())?;
                        duplicate_keys::check(chunk, range, item)?;
                        take_record(shredder, item, rules, &mut unescaped)
                    },
                    |shredder| keep_record(shredder, &data[range.clone()], rules),
                )?;
            }
        }
    }
    Ok(())
}

/// A record as text; `text` is the whole chunk, if it is UTF-8.
fn record_text<'c>(
    data: &'c [u8],
    text: Option<&'c str>,
    range: Range<usize>,
) -> Result<&'c str, Fault> {
    match text {
        Some(text) => Ok(&text[range]),
        None => std::str::from_utf8(&data[range])
            .map_err(|error| Fault::new(not_utf8(&error), error.valid_up_to())),
    }
}

/// Shreds the record in a text; or none if it is blank; or several, one after another: all of them,
/// or none if one is bad.
fn take_record(
    shredder: &mut Shredder,
    text: &str,
    rules: &Rules,
    unescaped: &mut String,
) -> Result<(), Fault> {
    // The blanks of JSON only: a form feed, which `trim_ascii` would remove, is an error.
    if text
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    {
        return Ok(());
    }
    let taken = shredder.record(|seed| parse(text, unescaped, seed).ok_or(()));
    if taken.is_ok() {
        return Ok(());
    }
    let mut reader = ExactReader::new(text, rules);
    let Some((start, first)) = reader.next_value()? else {
        return Ok(());
    };
    if !reader.is_at_end() {
        check_records(shredder, text, rules)?;
    }
    take_value(shredder, &first, start)?;
    while let Some((start, value)) = reader.next_value()? {
        take_value(shredder, &value, start)?;
    }
    Ok(())
}

fn take_value(shredder: &mut Shredder, value: &Value, start: usize) -> Result<(), Fault> {
    let taken = shredder.record_value(value);
    taken.map_err(|error| Fault::of(&error, start))
}

/// Checks all records of a text before any is shredded.
fn check_records(shredder: &mut Shredder, text: &str, rules: &Rules) -> Result<(), Fault> {
    let mut reader = ExactReader::new(text, rules);
    while let Some((start, value)) = reader.next_value()? {
        let checked = shredder.check_record(&value);
        checked.map_err(|error| Fault::of(&error, start))?;
    }
    Ok(())
}

/// Keeps the readable part of a bad text. True if there was any.
fn keep_record(shredder: &mut Shredder, raw: &[u8], rules: &Rules) -> bool {
    let text = String::from_utf8_lossy(raw);
    let mut note = std::str::from_utf8(raw).err().map(|error| not_utf8(&error));
    let mut reader = ExactReader::lenient(&text, rules);
    let mut records: Vec<Value> = Vec::new();
    while let Ok(Some((_, value))) = reader.next_value() {
        let value = match note.take() {
            Some(kind) => value.faulty(kind.to_string()),
            None => value,
        };
        if !reader.is_broken() || value.leaves() > 0 {
            records.push(value);
        } else if let (Some(before), Some(fault)) = (records.pop(), value.first_fault()) {
            // Nothing of it can be read: mark the record before it.
            records.push(before.faulty(fault));
        }
    }
    let taken = records
        .iter()
        .filter(|record| shredder.keep_value(record).is_ok());
    taken.count() > 0
}

/// Adds advice for a value that continues on the next line.
fn one_line(mut fault: Fault) -> Fault {
    if let ErrorKind::Syntax { message } = &mut fault.kind
        && message.ends_with(" does not end")
    {
        message.push_str(" on its line; if it goes on, use `input_format=json`");
    }
    fault
}
