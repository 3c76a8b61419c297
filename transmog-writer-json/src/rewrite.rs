//! Rewrites values that were written before their column had its final type.
//!
//! All values of a key have one type, so when a column of numbers becomes text, the numbers written
//! so far need quotes. Columns that come late need nothing, because a row without a value has no
//! key. Column `a` became text with the third row, which also has the new column `b`:
//!
//! ```text
//! before                  after
//!
//! {"a":1}                 {"a":"1"}
//! {"a":2}                 {"a":"2"}
//! {"a":"x","b":true}      {"a":"x","b":true}
//! ```
//!
//! The rows of a file fall into stretches with the same columns and types. A [`RewritePlan`] lists
//! which keys of a stretch get new values; `transmog-io` copies the file in pieces of whole rows
//! and applies the plans on several threads. Only rows of this crate are understood, not JSON in
//! general: they have no blanks within values, and their keys are in the order of the columns.

use std::io;

use arrow_schema::DataType;
use memchr::memchr;
use transmog_core::text;
use transmog_io::text_tables::{Columns, Revision, changes, respell, string_end, value_end};

use crate::punctuation::{Punctuation, row_end};

/// What to do with the rows of one stretch of the file.
#[derive(Debug)]
pub(crate) struct RewritePlan<'l> {
    /// The columns of the rows, in the order of their keys, up to the last one that changes.
    columns: Vec<OldColumn>,
    punctuation: &'l Punctuation,
}

#[derive(Debug)]
struct OldColumn {
    /// The key as it is in the file, with its quotes.
    key: Vec<u8>,
    /// The type written and the final type, if values look different in the final type.
    change: Option<(DataType, DataType)>,
}

impl<'l> RewritePlan<'l> {
    /// Makes the plan for rows that were written at byte `at` of the file.
    pub(crate) fn new(columns: &Columns, at: u64, punctuation: &'l Punctuation) -> Self {
        let columns = columns.iter().filter_map(|column| {
            let from = column.type_at(at)?;
            let to = column.final_type();
            let mut key = Vec::new();
            text::write_json_string(&mut key, &column.name);
            let change = changes(from, &to, column.draft).then(|| (from.clone(), to));
            Some(OldColumn { key, change })
        });
        let mut columns: Vec<OldColumn> = columns.collect();
        // A row need not be read beyond the last column that changes.
        let last = columns.iter().rposition(|column| column.change.is_some());
        columns.truncate(last.map_or(0, |last| last + 1));
        Self {
            columns,
            punctuation,
        }
    }

    /// Appends a row, which is `{` to `}`, with its new values.
    fn write_row(&self, row: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let mut columns = self.columns.as_slice();
        let (mut copied, mut at) = (0, 0);
        while !columns.is_empty()
            && let Some(found) = row.get(at..).and_then(|rest| memchr(b'"', rest))
        {
            let key_end = string_end(row, at + found);
            let key = &row[at + found..key_end];
            // Invariant: keys are in the order of `columns`. Nulls have no key, so some are
            // missing.
            let Some(position) = columns.iter().position(|column| column.key == key) else {
                break; // A column after the last that changes: the row is done.
            };
            let column = &columns[position];
            columns = &columns[position + 1..];
            let start = key_end + self.punctuation.after_key_bytes();
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

impl Revision for RewritePlan<'_> {
    fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    fn whole_rows(&self, text: &[u8]) -> usize {
        self.punctuation.whole_rows(text)
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
