//! The streaming copy that spells values of rows written under an earlier schema as the final one does. Knows only
//! files that this crate has written.

use std::io::{self, Read, Write};

use arrow_schema::DataType;
use memchr::{memchr, memchr2};
use transmog_core::text;
use transmog_io::growing::{Columns, changes, respell, string_end, value_end};

/// Bytes that are read at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// What happens to the rows of one stretch of the file.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The columns that the rows have, in the order of their keys, up to the last one that changes.
    columns: Vec<Column>,
    /// Bytes between a key and its value.
    after_key_bytes: usize,
}

#[derive(Debug)]
struct Column {
    /// The key with its quotes.
    key: Vec<u8>,
    /// Type written and final type, if values are spelled in another way now.
    change: Option<(DataType, DataType)>,
}

impl Plan {
    /// The plan for rows that were written at byte `at`.
    pub(crate) fn new(columns: &Columns, at: u64, after_key_bytes: usize) -> Self {
        let columns = columns.iter().filter_map(|column| {
            let from = column.type_at(at)?;
            let to = column.final_type();
            let mut key = Vec::new();
            text::write_json_string(&mut key, &column.name);
            let change = changes(from, &to, column.draft).then(|| (from.clone(), to));
            Some(Column { key, change })
        });
        let mut columns: Vec<Column> = columns.collect();
        // Behind the last column that changes there is nothing to look for.
        let last = columns.iter().rposition(|column| column.change.is_some());
        columns.truncate(last.map_or(0, |last| last + 1));
        Self {
            columns,
            after_key_bytes,
        }
    }

    /// True if the rows stay as they are.
    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Appends a row, from `{` to `}`, with its changes.
    fn write_row(&self, row: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let mut columns = self.columns.as_slice();
        let (mut copied, mut at) = (0, 0);
        while !columns.is_empty()
            && let Some(found) = row.get(at..).and_then(|rest| memchr(b'"', rest))
        {
            let key_end = string_end(row, at + found);
            let key = &row[at + found..key_end];
            // Nulls are left out, so some columns have no key here; the others keep their order.
            let Some(position) = columns.iter().position(|column| column.key == key) else {
                break; // A later column: none of those before it that are left has a value.
            };
            let column = &columns[position];
            columns = &columns[position + 1..];
            let start = key_end + self.after_key_bytes;
            at = value_end(row, start);
            if let Some((from, to)) = &column.change {
                let value = row.get(start..at).ok_or_else(damaged)?;
                out.extend_from_slice(&row[copied..start]);
                respell(value, from, to, out).map_err(io::Error::other)?;
                copied = at;
            }
        }
        out.extend_from_slice(&row[copied..]);
        Ok(())
    }
}

/// Copies the next `length` bytes of `old`, whole rows with the marks before each of them, with the changes of `plan`.
/// One row at a time is held in memory.
///
/// # Errors
/// If `old` cannot be read, is shorter or holds something else than this crate has written, or `new` cannot be written.
pub(crate) fn copy(
    old: &mut dyn Read,
    length: u64,
    plan: &Plan,
    new: &mut dyn Write,
) -> io::Result<()> {
    let mut old = old.take(length);
    if plan.is_empty() {
        return if io::copy(&mut old, new)? < length {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        };
    }
    let mut left = length;
    let mut block = vec![0; BLOCK_BYTES];
    let mut text: Vec<u8> = Vec::new(); // What was read and not copied, from the end of a row on.
    let mut out = Vec::new();
    let mut scan = Scan::default();
    while left > 0 {
        let count = old.read(&mut block)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= count as u64;
        text.extend_from_slice(&block[..count]);
        let mut copied = 0;
        while let Some(end) = scan.row_end(&text) {
            let row = &text[copied..end];
            let start = memchr(b'{', row).ok_or_else(damaged)?;
            out.extend_from_slice(&row[..start]);
            plan.write_row(&row[start..], &mut out)?;
            copied = end;
        }
        text.drain(..copied);
        scan.at -= copied;
        new.write_all(&out)?;
        out.clear();
    }
    if text.is_empty() {
        Ok(())
    } else {
        Err(damaged())
    }
}

/// How far rows were looked for.
#[derive(Debug, Default)]
struct Scan {
    at: usize,
    in_string: bool,
}

impl Scan {
    /// The byte after the next row's end, if `text` holds it; text may be appended before the next call.
    fn row_end(&mut self, text: &[u8]) -> Option<usize> {
        loop {
            let rest = text.get(self.at..)?;
            let found = if self.in_string {
                memchr2(b'"', b'\\', rest)
            } else {
                memchr2(b'"', b'}', rest)
            };
            let Some(found) = found else {
                self.at = text.len();
                return None;
            };
            let byte = rest[found];
            self.at += found + 1;
            match byte {
                // The next byte is escaped; it may not have been read yet.
                b'\\' => self.at += 1,
                b'"' => self.in_string = !self.in_string,
                _ => return Some(self.at),
            }
        }
    }
}

fn damaged() -> io::Error {
    io::Error::other("the unfinished file was changed by someone else")
}
