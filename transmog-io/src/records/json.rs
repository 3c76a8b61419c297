//! Reads the records of a chunk as JSON and hands them to the shredder: straight from the parser where that is exact, else
//! by way of values in memory. Knows nothing of files.

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

mod exact;
mod parser;
mod part;
mod twice;

use exact::ExactReader;
use parser::Parser;

/// Reads one JSON value and keeps every digit. What lies deeper than 128 levels stays text, [`Value::Json`]; `NaN` and
/// infinities are floats.
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

/// Hands one JSON value to a serde seed, texts straight from the input. Those that hold escapes come by way of `unescaped`,
/// whose content does not matter.
///
/// It serves seeds that take whatever comes (`deserialize_any`), as those of the shredder and
/// [`Value`] do, and not options, newtypes, enums and keys that are no text, which want to be asked
/// for. Integers come as `i64` if they are, else as `u64`, and numbers that no 64-bit type holds
/// exactly as bytes, as written ([`NUMBERS_AS_WRITTEN`](transmog_core::NUMBERS_AS_WRITTEN)). `None`
/// if the text is not one JSON value of at most 128 levels, or if the seed fails.
/// [`read_json`](read) says why.
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
/// If something is no record, and the strategy ends the run for it.
pub(crate) fn shred(reader: &mut RecordReader<'_>) -> Result<(), Error> {
    let (chunk, rules) = (reader.chunk, reader.rules);
    let data: &[u8] = &chunk.data;
    let text = simdutf8::basic::from_utf8(data).ok();
    let mut unescaped = String::new();
    match &chunk.records {
        Records::Rows { .. } => return Err(Error::internal("rows were taken for JSON")),
        Records::Part { table, .. } => return part::shred(reader, table),
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
                    // With its line break, which ends what stands before it: the end of the input does not.
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
                        twice::check(chunk, range, item)?;
                        take_record(shredder, item, rules, &mut unescaped)
                    },
                    |shredder| keep_record(shredder, &data[range.clone()], rules),
                )?;
            }
        }
    }
    Ok(())
}

/// A record as text; `text` is the whole chunk, if all of it is text.
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

/// Takes one record; or none from blanks, or several that stand one after another: all of them, or none if something is
/// wrong with one.
fn take_record(
    shredder: &mut Shredder,
    text: &str,
    rules: &Rules,
    unescaped: &mut String,
) -> Result<(), Fault> {
    // JSON's own blanks: a form feed, which `trim_ascii` takes for one, is an error.
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

/// Checks all records of a text before any is taken.
fn check_records(shredder: &mut Shredder, text: &str, rules: &Rules) -> Result<(), Fault> {
    let mut reader = ExactReader::new(text, rules);
    while let Some((start, value)) = reader.next_value()? {
        let checked = shredder.check_record(&value);
        checked.map_err(|error| Fault::of(&error, start))?;
    }
    Ok(())
}

/// Takes what can be read of the records of a text that something is wrong with. True if there was any.
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
            // Nothing of it can be read: it is a fault of the record before it.
            records.push(before.faulty(fault));
        }
    }
    let taken = records
        .iter()
        .filter(|record| shredder.keep_value(record).is_ok());
    taken.count() > 0
}

/// Says what to do about a value that goes on on the next line.
fn one_line(mut fault: Fault) -> Fault {
    if let ErrorKind::Syntax { message } = &mut fault.kind
        && message.ends_with(" does not end")
    {
        message.push_str(" on its line; if it goes on, use `input_format=json`");
    }
    fault
}
