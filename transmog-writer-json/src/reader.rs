//! Reads the JSON file of a table back, so that `unflatten` can rebuild records.
//!
//! Array and JSON Lines are read alike: commas, brackets and blanks between objects are skipped.

use std::{
    fs::File,
    io::{BufRead, BufReader},
};

use transmog_core::{TableLayout, Value};
use transmog_io::{ReadBackError, TableReader, WriterOptions, read_json};

/// Rows per call of `next_rows`.
const ROWS: usize = 1024;
/// Size of the read buffer.
const BLOCK_BYTES: usize = 64 * 1024;

struct JsonReader {
    file: BufReader<File>,
    /// Names of the columns.
    columns: Vec<String>,
    /// The object that was read last.
    text: Vec<u8>,
}

/// Opens the file of a table.
///
/// # Errors
/// Never fails: the file is first read with its first rows.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other formats look into the file first"
)]
pub(crate) fn open(
    file: File,
    table: &TableLayout,
    _options: &WriterOptions,
) -> Result<Box<dyn TableReader>, ReadBackError> {
    let columns = table.columns.iter().map(|column| column.name.clone());
    Ok(Box::new(JsonReader {
        file: BufReader::with_capacity(BLOCK_BYTES, file),
        columns: columns.collect(),
        text: Vec::new(),
    }))
}

impl JsonReader {
    /// Reads the next object into `text`; false at the end of the file.
    fn next_object(&mut self) -> Result<bool, ReadBackError> {
        self.text.clear();
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        loop {
            let block = self.file.fill_buf()?;
            if block.is_empty() {
                return if depth == 0 {
                    Ok(false)
                } else {
                    Err("the last row does not end".into())
                };
            }
            let mut taken = 0;
            let mut ended = false;
            for byte in block {
                taken += 1;
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if in_text => escaped = true,
                    b'"' if depth > 0 => in_text = !in_text,
                    _ if in_text => {}
                    b'{' => depth += 1,
                    b'}' if depth > 0 => {
                        depth -= 1;
                        ended = depth == 0;
                    }
                    b'[' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => continue,
                    _ if depth == 0 => return Err("expected rows that are objects".into()),
                    _ => {}
                }
                self.text.push(*byte);
                if ended {
                    break;
                }
            }
            self.file.consume(taken);
            if ended {
                return Ok(true);
            }
        }
    }
}

impl TableReader for JsonReader {
    fn next_rows(&mut self) -> Result<Option<Vec<Vec<Value>>>, ReadBackError> {
        let mut rows = Vec::new();
        while rows.len() < ROWS && self.next_object()? {
            let Value::Object(mut fields) = read_json(std::str::from_utf8(&self.text)?)? else {
                return Err("expected rows that are objects".into());
            };
            let cells = self.columns.iter().map(|name| fields.swap_remove(name));
            let cells = cells.map(|cell| cell.unwrap_or(Value::Null)).collect();
            if let Some(name) = fields.keys().next() {
                return Err(
                    format!("it has a column {name:?} that the manifest does not name").into(),
                );
            }
            rows.push(cells);
        }
        Ok((!rows.is_empty()).then_some(rows))
    }
}
