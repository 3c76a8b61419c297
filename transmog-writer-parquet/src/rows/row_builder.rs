//! The last rows of a buffer, which still grow: small batches are copied to them, because an array of few values takes
//! many times their size, and an allocation takes longer than to copy what is in it.

use std::mem;

use arrow_array::Array;
use transmog_core::TableBatch;

use super::{
    column_builder::{Capacity, ColumnBuilder},
    row_block::RowBlock,
    slab::Slabs,
    values::check_marks,
};
use crate::{Cause, columns::Columns};

/// Bytes that a table's builder has at most, or so many for each column, if that is more.
const MOST_BYTES: u64 = 1024 * 1024;
const MOST_BYTES_PER_COLUMN: u64 = 2 * 1024;

/// What it never exceeds, so that offsets into texts and items stay far from their limit.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Bytes of nulls that a builder may hold beside as many as it has values.
const MOST_NULLS: u64 = 128 * 1024;

/// A batch is small if its columns have fewer bytes than this on average.
const SMALL_COLUMN: u64 = 1_280;

/// Consecutive rows of one schema.
#[derive(Debug, Default)]
pub(crate) struct RowBuilder {
    rows: usize,
    /// By column number; `None` (or nothing at the end) for a column that has had no value so far.
    columns: Vec<Option<ColumnBuilder>>,
    /// Logical size of the values.
    bytes: u64,
    /// Sum of the batches' [`size`].
    size: u64,
    version: u32,
    /// What the columns took the last time, so that they need not grow often.
    capacities: Vec<Capacity>,
}

impl RowBuilder {
    /// True if a batch of a [`size`] can be added.
    pub(crate) fn has_room(&self, batch: &TableBatch, size: u64) -> bool {
        let rows = self.rows + batch.rows.num_rows();
        let nulls = self
            .columns
            .iter()
            .flatten()
            .map(|builder| builder.nulls(rows));
        self.size + size <= most_bytes(batch.rows.num_columns())
            && nulls.sum::<u64>() <= self.bytes + MOST_NULLS
    }

    /// Casts the rows to the latest schema.
    ///
    /// # Errors
    /// If the schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        if self.version == columns.version() {
            return Ok(());
        }
        for (number, builder) in self.columns.iter_mut().enumerate() {
            if let Some(builder) = builder {
                builder.widen(columns.data_type(number), self.rows)?;
            }
        }
        self.version = columns.version();
        self.bytes = self
            .columns
            .iter()
            .flatten()
            .map(ColumnBuilder::bytes)
            .sum();
        Ok(())
    }

    /// Logical size of the rows' values.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds the rows of a batch for whose [`size`] there is capacity. Its schema is the latest one of `columns`.
    ///
    /// # Errors
    /// If the batch's marks do not fit its columns, before anything is added; or if its schema is narrower than the one before.
    pub(crate) fn push(
        &mut self,
        batch: &TableBatch,
        size: u64,
        columns: &Columns,
    ) -> Result<(), Cause> {
        let marks = |place: usize| batch.integers.get(place).and_then(Option::as_ref);
        for (place, array) in batch.rows.columns().iter().enumerate() {
            check_marks(array, marks(place))?;
        }
        self.conform(columns)?;
        self.columns.resize_with(columns.len(), || None);
        self.capacities.resize(columns.len(), Capacity::default());
        let arrays = std::iter::zip(columns.numbers(), batch.rows.columns());
        for (place, (number, array)) in arrays.enumerate() {
            if array.logical_null_count() == array.len() {
                continue;
            }
            let capacity = self.capacities[*number];
            let builder = self.columns[*number]
                .get_or_insert_with(|| ColumnBuilder::new(array.data_type(), capacity));
            self.bytes -= builder.bytes();
            builder.append(array, marks(place), self.rows)?;
            self.bytes += builder.bytes();
        }
        self.rows += batch.rows.num_rows();
        self.size += size;
        Ok(())
    }

    /// Takes the rows out, which grow no more; `None` if there are none.
    ///
    /// # Errors
    /// If lists get too large for one array.
    pub(crate) fn close(&mut self, slabs: &Slabs) -> Result<Option<RowBlock>, Cause> {
        let (rows, mut columns) = (mem::take(&mut self.rows), mem::take(&mut self.columns));
        (self.bytes, self.size) = (0, 0);
        if rows == 0 {
            return Ok(None);
        }
        for (builder, capacity) in std::iter::zip(&mut columns, &mut self.capacities) {
            *capacity = builder
                .as_ref()
                .map(ColumnBuilder::capacity)
                .unwrap_or_default();
            if let Some(builder) = builder {
                builder.end(rows);
            }
        }
        RowBlock::copied(rows, columns, self.version, slabs).map(Some)
    }
}

/// True if batches of so many bytes and columns are copied to a builder.
pub(crate) fn is_small(bytes: u64, columns: usize) -> bool {
    bytes <= most_bytes(columns).min(SMALL_COLUMN * columns as u64)
}

fn most_bytes(columns: usize) -> u64 {
    (MOST_BYTES_PER_COLUMN * columns as u64).clamp(MOST_BYTES, LARGEST)
}
