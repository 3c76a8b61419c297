//! Copies small batches together to one block of rows.
//!
//! An array of few values takes many times their size, and allocating it takes longer than to copy
//! its values: a batch of 100 rows and 2,000 columns has 2,000 arrays of a few values each. So
//! batches of less than 1,280 bytes per column are appended to one [`ColumnBuilder`] per column,
//! until these hold 1 MiB (or 2 KiB per column) together.

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

/// Largest size of a builder, and its size per column if that gives more.
const MOST_BYTES: u64 = 1024 * 1024;
const MOST_BYTES_PER_COLUMN: u64 = 2 * 1024;

/// Never more than this, so that 32-bit offsets into texts and items cannot overflow.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A builder may hold as many bytes of nulls as of values, and this many more.
const MOST_NULLS: u64 = 128 * 1024;

/// A batch is small if its columns have at most this many bytes on average.
const SMALL_COLUMN: u64 = 1_280;

/// Consecutive rows of one schema, to which more are appended.
#[derive(Debug, Default)]
pub(crate) struct RowBuilder {
    rows: usize,
    /// By column number; `None` (or nothing at the end) for a column without a value so far.
    columns: Vec<Option<ColumnBuilder>>,
    /// Logical size of the values, exact.
    bytes: u64,
    /// Sum of the batches' estimated sizes, see [`size::of_batch`](super::size::of_batch).
    size: u64,
    version: u32,
    /// What each column needed in the block before, so that it seldom has to grow.
    capacities: Vec<Capacity>,
}

impl RowBuilder {
    /// True if a batch with the estimated size `size` can be appended.
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
    /// The schema has become narrower.
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

    /// Logical size of the values.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends the rows of a batch with the estimated size `size`, if it [has
    /// room](Self::has_room). The schema of the batch is the latest one of `columns`.
    ///
    /// # Errors
    /// The integer marks of a column are not as many as its values; then nothing was
    /// appended. Or the schema has become narrower.
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

    /// Makes a block of the rows, and begins again; `None` if there are none.
    ///
    /// # Errors
    /// Lists get too large for one array.
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

/// True if batches with this size and number of columns are copied together.
pub(crate) fn is_small(bytes: u64, columns: usize) -> bool {
    bytes <= most_bytes(columns).min(SMALL_COLUMN * columns as u64)
}

fn most_bytes(columns: usize) -> u64 {
    (MOST_BYTES_PER_COLUMN * columns as u64).clamp(MOST_BYTES, LARGEST)
}
