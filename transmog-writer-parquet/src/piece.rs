//! Rows that wait to be encoded, with their size. The size is a function of the values and the schema, never of how
//! rows were cut into batches, of types that columns had before, or of buffers' capacities.

use transmog_core::TableBatch;

use crate::{Cause, columns::Columns, values::Values};

/// Some consecutive rows of a table.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) rows: usize,
    /// By column number; `None` (or nothing at the end) for a column that the rows lack or that is null everywhere.
    columns: Vec<Option<Values>>,
    /// Logical size of the values under the schema of `version`.
    pub(crate) bytes: u64,
    pub(crate) version: u32,
}

impl Piece {
    /// Keeps the rows of a batch, whose schema is the latest one of `columns`.
    ///
    /// # Errors
    /// If the batch's marks do not fit its columns.
    pub(crate) fn new(batch: &TableBatch, columns: &Columns) -> Result<Self, Cause> {
        let mut kept = vec![None; columns.len()];
        for (place, (number, array)) in
            std::iter::zip(columns.numbers(), batch.rows.columns()).enumerate()
        {
            let integers = batch.integers.get(place).cloned().flatten();
            kept[*number] = Values::new(array, integers)?;
        }
        Ok(Self::of(batch.rows.num_rows(), kept, columns.version()))
    }

    /// Rows by column number, as [`values`](Self::values) gives them.
    pub(crate) fn of(rows: usize, columns: Vec<Option<Values>>, version: u32) -> Self {
        Self {
            rows,
            bytes: columns.iter().flatten().map(Values::bytes).sum(),
            columns,
            version,
        }
    }

    /// Casts what is narrower than the latest schema.
    ///
    /// # Errors
    /// If the schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        if self.version == columns.version() {
            return Ok(());
        }
        for (number, values) in self.columns.iter_mut().enumerate() {
            if let Some(values) = values {
                values.widen(columns.data_type(number))?;
            }
        }
        self.version = columns.version();
        self.bytes = self.columns.iter().flatten().map(Values::bytes).sum();
        Ok(())
    }

    /// The values of a column; `None` if all are null.
    pub(crate) fn values(&self, number: usize) -> Option<&Values> {
        self.columns.get(number)?.as_ref()
    }

    /// Cuts off the first `rows` rows.
    pub(crate) fn split_front(&mut self, rows: usize) -> Self {
        let part = |from: usize, length: usize| {
            let slice = |values: &Option<Values>| values.as_ref()?.slice(from, length);
            let columns = self.columns.iter().map(slice).collect();
            Self::of(length, columns, self.version)
        };
        let front = part(0, rows);
        *self = part(rows, self.rows - rows);
        front
    }
}
