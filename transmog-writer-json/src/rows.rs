//! Writes the rows of one batch as JSON objects.
//!
//! Each column is opened once per batch, and the rows are then written on several threads, a range
//! of rows on each. Keys, and the values of constant columns (metadata such as the time of the
//! run), are formatted once per batch. For the columns `id, time, b` with a constant `time`, a row
//! is written as
//!
//! ```text
//! {"id":7,"time":"2024-05-01","b":"x"}
//!  '---'  '----------------------'
//!  prefix           prefix
//! ```
//!
//! with a value after each prefix. A null leaves out its value and the key.

use std::{mem, ops::Range};

use arrow_array::Array;
use transmog_core::{Result, TableBatch};
use transmog_io::text_tables::{Draft, Present, constant_columns};

use crate::punctuation::Punctuation;

/// The rows of one batch, ready to be written.
#[derive(Debug)]
pub(crate) struct BatchRows<'a> {
    punctuation: &'a Punctuation,
    /// The columns that are not constant.
    columns: Vec<KeyedColumn<'a>>,
    /// Keys and values of the constant columns at the end of the row.
    last: Vec<u8>,
    /// Of every column, constant ones too: see [`BatchRows::drafts`].
    drafts: Vec<bool>,
}

/// A column with everything that precedes its value.
#[derive(Debug)]
struct KeyedColumn<'a> {
    array: &'a dyn Array,
    /// Keys and values of the constant columns right before it, and its own key.
    prefix: Vec<u8>,
    draft: Draft<'a>,
}

impl<'a> BatchRows<'a> {
    /// Opens the columns of a batch.
    ///
    /// # Errors
    /// A column has a type that Transmog's tables do not have.
    pub(crate) fn new(batch: &'a TableBatch, punctuation: &'a Punctuation) -> Result<Self> {
        let mut columns = Vec::with_capacity(batch.rows.num_columns());
        let mut drafts = Vec::with_capacity(batch.rows.num_columns());
        let mut prefix = Vec::new();
        let fields = std::iter::zip(batch.rows.columns(), batch.rows.schema_ref().fields());
        let fields = fields.zip(constant_columns(&batch.rows)).enumerate();
        for (index, ((array, field), is_constant)) in fields {
            let integers = batch.integers.get(index).and_then(Option::as_ref);
            let draft = Draft::new(field, array, integers)?;
            drafts.push(draft.is_draft());
            prefix.extend(punctuation.prefix(field.name()));
            if is_constant {
                draft.write(0, &mut prefix);
            } else {
                columns.push(KeyedColumn {
                    array,
                    prefix: mem::take(&mut prefix),
                    draft,
                });
            }
        }
        Ok(Self {
            punctuation,
            columns,
            last: prefix,
            drafts,
        })
    }

    /// For each column, whether [`Draft`] wrote values that must be rewritten even if the column
    /// keeps its type.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = bool> {
        self.drafts.iter().copied()
    }

    /// Appends `rows` as text. `first` is true if they are the first of the table.
    pub(crate) fn write(&self, rows: Range<usize>, mut first: bool, out: &mut Vec<u8>) {
        let present = Present::new(self.columns.iter().map(|column| column.array), rows.clone());
        for (row, present) in rows.zip(present.rows()) {
            let mark = if first {
                self.punctuation.open
            } else {
                self.punctuation.between
            };
            first = false;
            out.extend_from_slice(mark.as_bytes());
            out.push(b'{');
            let mut empty = true;
            for number in present {
                let column = &self.columns[number];
                // The first value of a row skips the comma, byte 0 of its prefix.
                out.extend_from_slice(&column.prefix[usize::from(empty)..]);
                empty = false;
                column.draft.write(row, out);
            }
            if let Some(last) = self.last.get(usize::from(empty)..) {
                out.extend_from_slice(last);
                empty &= last.is_empty();
            }
            if !empty {
                out.extend_from_slice(self.punctuation.after_values.as_bytes());
            }
            out.push(b'}');
        }
    }
}
