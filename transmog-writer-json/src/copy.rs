//! How values of rows written under an earlier schema are spelled as the final one does. Knows only rows that this crate
//! has written.

use std::io;

use arrow_schema::DataType;
use memchr::memchr;
use transmog_core::text;
use transmog_io::growing::{Columns, Revision, changes, respell, string_end, value_end};

use crate::layout::{Layout, row_end};

/// What happens to the rows of one stretch of the file.
#[derive(Debug)]
pub(crate) struct Plan<'l> {
    /// The columns that the rows have, in the order of their keys, up to the last one that changes.
    columns: Vec<Column>,
    layout: &'l Layout,
}

#[derive(Debug)]
struct Column {
    /// The key with its quotes.
    key: Vec<u8>,
    /// Type written and final type, if values are spelled in another way now.
    change: Option<(DataType, DataType)>,
}

impl<'l> Plan<'l> {
    /// The plan for rows that were written at byte `at`.
    pub(crate) fn new(columns: &Columns, at: u64, layout: &'l Layout) -> Self {
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
        Self { columns, layout }
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
            let start = key_end + self.layout.after_key_bytes();
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

impl Revision for Plan<'_> {
    fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    fn whole_rows(&self, text: &[u8]) -> usize {
        self.layout.whole_rows(text)
    }

    fn apply(&self, rows: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let mut copied = 0;
        while let Some(end) = row_end(rows, copied) {
            let row = &rows[copied..end];
            let start = memchr(b'{', row).ok_or_else(damaged)?;
            out.extend_from_slice(&row[..start]);
            self.write_row(&row[start..], out)?;
            copied = end;
        }
        if copied == rows.len() {
            Ok(())
        } else {
            Err(damaged())
        }
    }
}

fn damaged() -> io::Error {
    io::Error::other("the unfinished file was changed by someone else")
}
