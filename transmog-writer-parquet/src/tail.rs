//! The last rows of a buffer, which still grow: small batches are copied to them, because an array of few values takes
//! many times their size, and an allocation takes longer than to copy what is in it.

use std::mem;

use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_schema::DataType;
use transmog_core::TableBatch;

use crate::{
    Cause,
    columns::Columns,
    growing::{Growing, Room},
    piece::Piece,
    values::value_bytes,
};

/// Bytes that a table's tail has at most, or so many for each column, if that is more.
const MOST_BYTES: u64 = 1024 * 1024;
const MOST_BYTES_PER_COLUMN: u64 = 1024;

/// What it never exceeds, so that offsets into texts stay far from their limit.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A batch is small if its columns have fewer bytes than this on average.
const SMALL_COLUMN: u64 = 640;

/// Consecutive rows of one schema.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    rows: usize,
    /// By column number; `None` (or nothing at the end) for a column that has had no value so far.
    columns: Vec<Option<Growing>>,
    bytes: u64,
    version: u32,
    /// What the columns took the last time, so that they need not grow often.
    rooms: Vec<Room>,
}

impl Tail {
    /// True if a batch of so many bytes can be added, under the latest schema of `columns`.
    pub(crate) fn has_room(&self, bytes: u64, columns: &Columns) -> bool {
        self.bytes + bytes <= most_bytes(columns.len())
    }

    /// Casts the rows to the latest schema.
    ///
    /// # Errors
    /// If the schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns) -> Result<(), Cause> {
        if self.version == columns.version() {
            return Ok(());
        }
        self.version = columns.version();
        for (number, growing) in self.columns.iter_mut().enumerate() {
            if let Some(growing) = growing {
                growing.widen(columns.data_type(number), self.rows)?;
            }
        }
        self.bytes = self.columns.iter().flatten().map(Growing::bytes).sum();
        Ok(())
    }

    /// Logical size of the rows' values.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds the rows of a batch for which there is room. Its schema is the latest one of `columns`.
    ///
    /// # Errors
    /// If the batch's marks do not fit its columns, or its schema is narrower than the one before.
    pub(crate) fn push(&mut self, batch: &TableBatch, columns: &Columns) -> Result<(), Cause> {
        self.conform(columns)?;
        self.columns.resize_with(columns.len(), || None);
        self.rooms.resize(columns.len(), Room::default());
        let arrays = std::iter::zip(columns.numbers(), batch.rows.columns());
        for (place, (number, array)) in arrays.enumerate() {
            if array.logical_null_count() == array.len() {
                continue;
            }
            let room = self.rooms[*number];
            let growing =
                self.columns[*number].get_or_insert_with(|| Growing::new(array.data_type(), room));
            let marks = batch.integers.get(place).and_then(Option::as_ref);
            self.bytes -= growing.bytes();
            growing.append(array, marks, self.rows)?;
            self.bytes += growing.bytes();
        }
        self.rows += batch.rows.num_rows();
        Ok(())
    }

    /// Takes the rows out, which grow no more; `None` if there are none.
    ///
    /// # Errors
    /// None that input can cause.
    pub(crate) fn close(&mut self) -> Result<Option<Piece>, Cause> {
        let (rows, columns) = (mem::take(&mut self.rows), mem::take(&mut self.columns));
        self.bytes = 0;
        if rows == 0 {
            return Ok(None);
        }
        let finish = |(growing, room): (Option<Growing>, &mut Room)| {
            let Some(growing) = growing else {
                return Ok(None);
            };
            *room = growing.room();
            growing.finish(rows)
        };
        let columns = std::iter::zip(columns, &mut self.rooms).map(finish);
        let columns = columns.collect::<Result<_, Cause>>()?;
        Ok(Some(Piece::of(rows, columns, self.version)))
    }
}

/// True if batches of so many bytes and columns are copied to a tail.
pub(crate) fn is_small(bytes: u64, columns: usize) -> bool {
    bytes <= most_bytes(columns).min(SMALL_COLUMN * columns as u64)
}

fn most_bytes(columns: usize) -> u64 {
    (MOST_BYTES_PER_COLUMN * columns as u64).clamp(MOST_BYTES, LARGEST)
}

/// About the logical size of a batch, without looking at each row.
pub(crate) fn size(batch: &TableBatch) -> u64 {
    batch.rows.columns().iter().map(size_of).sum()
}

fn size_of(array: &ArrayRef) -> u64 {
    let valid = (array.len() - array.null_count()) as u64;
    let (offsets, items) = match array.data_type() {
        DataType::Utf8 => (array.as_string::<i32>().value_offsets(), 1),
        DataType::List(item) => (
            array.as_list::<i32>().value_offsets(),
            value_bytes(item.data_type()),
        ),
        _ => (&[][..], 0),
    };
    let span = offsets.last().zip(offsets.first());
    let span = span.map_or(0, |(last, first)| (last - first) as u64);
    valid * value_bytes(array.data_type()) + span * items
}
