//! Spells the rows of a batch as JSON objects. Knows no files and nothing about rows written before.

use std::ops::Range;

use arrow_array::{Array, ArrayRef, TimestampMicrosecondArray, cast::AsArray};
use transmog_core::{Result, Role, TableBatch};
use transmog_io::growing::{Draft, Present};

use crate::layout::Layout;

/// The rows of one batch, each column opened once.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    layout: &'a Layout,
    arrays: &'a [ArrayRef],
    columns: Vec<Column<'a>>,
}

#[derive(Debug)]
struct Column<'a> {
    prefix: Vec<u8>,
    draft: Draft<'a>,
    time: Option<Time<'a>>,
}

/// The run's times are the same in most rows, so the first one's text is kept.
#[derive(Debug)]
struct Time<'a> {
    array: &'a TimestampMicrosecondArray,
    first: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// Opens the columns of a batch.
    ///
    /// # Errors
    /// If a column's type is none of those that Transmog's tables have.
    pub(crate) fn new(batch: &'a TableBatch, layout: &'a Layout) -> Result<Self> {
        let schema = batch.rows.schema_ref();
        let mut columns = Vec::with_capacity(schema.fields().len());
        for (index, (array, field)) in
            std::iter::zip(batch.rows.columns(), schema.fields()).enumerate()
        {
            let integers = batch.integers.get(index).and_then(Option::as_ref);
            let is_time = Role::of(field) == Some(Role::Time);
            let draft = Draft::new(field, array, integers)?;
            let time = array
                .as_primitive_opt()
                .filter(|array| is_time && !array.is_empty());
            let time = time.map(|array| {
                let mut first = Vec::new();
                draft.write(0, &mut first);
                Time { array, first }
            });
            columns.push(Column {
                prefix: layout.prefix(field.name()),
                draft,
                time,
            });
        }
        Ok(Self {
            layout,
            arrays: batch.rows.columns(),
            columns,
        })
    }

    /// Which columns are drafts, see [`Draft`].
    pub(crate) fn drafts(&self) -> impl Iterator<Item = bool> {
        self.columns.iter().map(|column| column.draft.is_draft())
    }

    /// Appends rows; `first` if no row of the table was written before.
    pub(crate) fn write(&self, rows: Range<usize>, mut first: bool, out: &mut Vec<u8>) {
        let present = Present::new(self.arrays.iter().map(AsRef::as_ref), rows.clone());
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
                column.write(row, out);
            }
            if !empty {
                out.extend_from_slice(self.layout.after_values.as_bytes());
            }
            out.push(b'}');
        }
    }
}

impl Column<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        match &self.time {
            Some(time)
                if time.array.value(row) == time.array.value(0) && time.array.is_valid(0) =>
            {
                out.extend_from_slice(&time.first);
            }
            _ => self.draft.write(row, out),
        }
    }
}
