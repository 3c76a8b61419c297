//! Spells the rows of a batch as JSON objects. Knows no files and nothing about rows written before.

use std::{mem, ops::Range};

use arrow_array::Array;
use transmog_core::{Result, TableBatch};
use transmog_io::growing::{Draft, Present, constant_columns};

use crate::layout::Layout;

/// The rows of one batch, each column opened once.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    layout: &'a Layout,
    /// Without the constant ones.
    columns: Vec<Column<'a>>,
    /// Constant columns behind them.
    last: Vec<u8>,
    drafts: Vec<bool>,
}

#[derive(Debug)]
struct Column<'a> {
    array: &'a dyn Array,
    /// What stands before the value: constant columns, and the key.
    prefix: Vec<u8>,
    draft: Draft<'a>,
}

impl<'a> Rows<'a> {
    /// Opens the columns of a batch.
    ///
    /// # Errors
    /// If a column's type is none of those that Transmog's tables have.
    pub(crate) fn new(batch: &'a TableBatch, layout: &'a Layout) -> Result<Self> {
        let mut columns = Vec::with_capacity(batch.rows.num_columns());
        let mut drafts = Vec::with_capacity(batch.rows.num_columns());
        let mut prefix = Vec::new();
        let fields = std::iter::zip(batch.rows.columns(), batch.rows.schema_ref().fields());
        let fields = fields.zip(constant_columns(&batch.rows)).enumerate();
        for (index, ((array, field), is_constant)) in fields {
            let integers = batch.integers.get(index).and_then(Option::as_ref);
            let draft = Draft::new(field, array, integers)?;
            drafts.push(draft.is_draft());
            prefix.extend(layout.prefix(field.name()));
            if is_constant {
                draft.write(0, &mut prefix);
            } else {
                columns.push(Column {
                    array,
                    prefix: mem::take(&mut prefix),
                    draft,
                });
            }
        }
        Ok(Self {
            layout,
            columns,
            last: prefix,
            drafts,
        })
    }

    /// Which columns are drafts, see [`Draft`].
    pub(crate) fn drafts(&self) -> impl Iterator<Item = bool> {
        self.drafts.iter().copied()
    }

    /// Appends rows; `first` if no row of the table was written before.
    pub(crate) fn write(&self, rows: Range<usize>, mut first: bool, out: &mut Vec<u8>) {
        let present = Present::new(self.columns.iter().map(|column| column.array), rows.clone());
        for (row, present) in rows.zip(present.rows()) {
            let mark = if first {
                self.layout.open
            } else {
                self.layout.between
            };
            first = false;
            out.extend_from_slice(mark.as_bytes());
            out.push(b'{');
            let mut empty = true;
            for number in present {
                let column = &self.columns[number];
                // Without the comma before the first value.
                out.extend_from_slice(&column.prefix[usize::from(empty)..]);
                empty = false;
                column.draft.write(row, out);
            }
            if let Some(last) = self.last.get(usize::from(empty)..) {
                out.extend_from_slice(last);
                empty &= last.is_empty();
            }
            if !empty {
                out.extend_from_slice(self.layout.after_values.as_bytes());
            }
            out.push(b'}');
        }
    }
}
