//! Holds consecutive rows of a table, column by column, until they are encoded.
//!
//! A large batch becomes a row block as it is; small batches are copied together by
//! [`RowBuilder`](super::row_builder::RowBuilder). The size of a block is a function of its values
//! and the schema, never of batches, of former types, or of the capacity of buffers: row groups end
//! by it, and must end at the same row however the input was cut.

use std::mem;

use transmog_core::TableBatch;

use super::{
    column_builder::ColumnBuilder,
    copied_column::CopiedColumn,
    slab::{SlabWriter, Slabs},
    values::Values,
};
use crate::{Cause, columns::Columns};

/// Some consecutive rows of a table.
#[derive(Debug)]
pub(crate) struct RowBlock {
    pub(crate) rows: usize,
    /// By column number; `None` (or nothing at the end) if the rows lack the column or all are
    /// null.
    columns: Vec<Option<Values>>,
    /// Logical size of the values, under the schema of `version`.
    pub(crate) bytes: u64,
    pub(crate) version: u32,
    /// Bytes that casts have left unused in slabs, which stay alive as long as one buffer in them
    /// is used; `None` if the block has no slabs.
    unused: Option<u64>,
}

/// A block is copied once more when its unused bytes exceed `1 / MOST_UNUSED` of its size.
const MOST_UNUSED: u64 = 4;

impl RowBlock {
    /// Keeps the rows of a batch, whose schema is the latest one of `columns`.
    ///
    /// # Errors
    /// The integer marks of a column are not as many as its values.
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

    /// Makes a block of columns, given by number.
    pub(crate) fn of(rows: usize, columns: Vec<Option<Values>>, version: u32) -> Self {
        Self {
            rows,
            bytes: columns.iter().flatten().map(Values::bytes).sum(),
            columns,
            version,
            unused: None,
        }
    }

    /// Copies columns, given by number, to slabs.
    ///
    /// # Errors
    /// Lists get too large for one array.
    pub(crate) fn copied(
        rows: usize,
        columns: Vec<Option<ColumnBuilder>>,
        version: u32,
        slabs: &Slabs,
    ) -> Result<Self, Cause> {
        let lengths = columns.iter().flatten().flat_map(ColumnBuilder::lengths);
        let mut writer = SlabWriter::new(slabs, lengths);
        let mut copy = |builder: ColumnBuilder| builder.copy_to(&mut writer);
        let copied = columns
            .into_iter()
            .map(|builder| builder.map(&mut copy).transpose());
        let copied = copied.collect::<Result<Vec<Option<CopiedColumn>>, Cause>>()?;
        let written = writer.finish();
        let values = |copied: Option<CopiedColumn>| match copied {
            Some(copied) => copied.into_values(&written),
            None => Ok(None),
        };
        let columns = copied.into_iter().map(values);
        let block = Self::of(rows, columns.collect::<Result<_, Cause>>()?, version);
        Ok(Self {
            unused: Some(0),
            ..block
        })
    }

    /// Casts columns that are narrower than in the latest schema.
    ///
    /// # Errors
    /// The schema has become narrower.
    pub(crate) fn conform(&mut self, columns: &Columns, slabs: &Slabs) -> Result<(), Cause> {
        if self.version == columns.version() {
            return Ok(());
        }
        let mut narrow = 0;
        for (number, values) in self.columns.iter_mut().enumerate() {
            let to = columns.data_type(number);
            if let Some(values) = values
                && values.data_type() != to
            {
                narrow += values.bytes();
                values.widen(to)?;
            }
        }
        self.version = columns.version();
        self.bytes = self.columns.iter().flatten().map(Values::bytes).sum();
        if let Some(unused) = &mut self.unused {
            *unused += narrow;
            if *unused * MOST_UNUSED > self.bytes {
                let columns = mem::take(&mut self.columns).into_iter();
                let copy = |values: Values| ColumnBuilder::of(values, self.rows);
                let columns = columns.map(|values| values.map(copy).transpose());
                let columns = columns.collect::<Result<_, Cause>>()?;
                *self = Self::copied(self.rows, columns, self.version, slabs)?;
            }
        }
        Ok(())
    }

    /// The values of a column; `None` if all are null.
    pub(crate) fn values(&self, number: usize) -> Option<&Values> {
        self.columns.get(number)?.as_ref()
    }

    /// Splits off the first `rows` rows. Copies nothing.
    pub(crate) fn split_front(&mut self, rows: usize) -> Self {
        let part = |from: usize, length: usize| {
            let slice = |values: &Option<Values>| values.as_ref()?.slice(from, length);
            let columns = self.columns.iter().map(slice).collect();
            Self {
                unused: self.unused,
                ..Self::of(length, columns, self.version)
            }
        };
        let front = part(0, rows);
        *self = part(rows, self.rows - rows);
        front
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, Int64Array};
    use arrow_schema::{DataType, Field, Schema, SchemaRef};

    use super::super::column_builder::Capacity;
    use super::*;

    const COLUMNS: usize = 40;

    /// A schema whose first `floats` columns are floats.
    fn schema(floats: usize) -> SchemaRef {
        let data_type = |column| match column {
            column if column < floats => DataType::Float64,
            _ => DataType::Int64,
        };
        let field = |column: usize| Field::new(column.to_string(), data_type(column), true);
        Arc::new(Schema::new((0..COLUMNS).map(field).collect::<Vec<_>>()))
    }

    #[test]
    fn columns_are_copied_once_more_when_casts_have_left_much_behind() {
        for (floats, unused) in [(2, 16_000), (COLUMNS - 1, 0)] {
            let slabs = Slabs::default();
            let mut columns = Columns::new(&schema(0)).unwrap();
            let array: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
            let column = || {
                let mut builder = ColumnBuilder::new(&DataType::Int64, Capacity::default());
                builder.append(&array, None, 0).unwrap();
                builder.end(1000);
                Some(builder)
            };
            let builder = (0..COLUMNS).map(|_| column()).collect();
            let mut block = RowBlock::copied(1000, builder, columns.version(), &slabs).unwrap();
            let bytes = block.bytes;
            columns.update(&schema(floats)).unwrap();
            block.conform(&columns, &slabs).unwrap();
            assert_eq!(block.unused, Some(unused));
            assert_eq!(block.bytes, bytes);
            let floats = Float64Array::from_iter_values((0..1000).map(f64::from));
            let every_row = |column| block.values(column).unwrap().every_row().unwrap();
            assert_eq!(every_row(0).to_data(), arrow_array::Array::to_data(&floats));
            assert_eq!(every_row(COLUMNS - 1).to_data(), array.to_data());
        }
    }
}
