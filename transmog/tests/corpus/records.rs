//! Which records a file holds, or why it holds none: the oracle's own reading of JSON and JSON
//! Lines.

use crate::json::{self, Json};

/// The records of a file.
pub(crate) fn records(bytes: &[u8], on_lines: bool) -> Result<Vec<Json<'_>>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Vec::new();
    if on_lines {
        for line in text.split('\n') {
            records.extend(json::values(line)?);
        }
    } else {
        for value in json::values(text)? {
            match value {
                Json::Array(items) => records.extend(items),
                other => records.push(other),
            }
        }
    }
    let is_object = |record: &Json<'_>| matches!(record, Json::Object(_));
    match records.iter().position(|record| !is_object(record)) {
        Some(number) => Err(format!("record {number} is no object")),
        None => Ok(records),
    }
}

#[test]
fn items_of_top_arrays_are_records_and_lines_are_themselves() {
    let count = |text: &str, on_lines| records(text.as_bytes(), on_lines).map(|found| found.len());
    assert_eq!(count("\u{feff}[{}, {}]{}\n[]", false), Ok(3));
    assert_eq!(count("{}\r\n\r\n{} {}", true), Ok(3));
    assert_eq!(count("", true), Ok(0));
    assert!(count("[{}]", true).is_err());
    assert!(count("[{}, 1]", false).is_err());
    assert!(count("{\n}", true).is_err());
    assert!(records(b"{\"a\": \"\xff\"}", true).is_err());
}
