//! Bundles the rows of one table for a writer.

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::{Array, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, SchemaRef};

use super::{cells::Cells, widen::widen_marked};
use crate::{
    base::{Error, Result},
    value::Value,
};

/// Rows of one table: an Arrow batch, and which cells of its float columns were integers in the
/// input.
///
/// Data columns come first, in the order in which their paths were met; metadata columns (see
/// [`Role`](crate::Role)) come last. A column's name never changes. Later batches may have more
/// data columns and wider types: a writer gives its earlier rows nulls in new columns and widens
/// old ones with [`widen`](super::widen::widen).
///
/// The marks exist because `3` and `2.5` share a float column, while text that comes later turns
/// the column into text with `3` and not `3.0`. A writer that does not keep them prints `3.0`.
#[derive(Debug, Clone, PartialEq)]
pub struct TableBatch {
    /// The rows.
    pub rows: RecordBatch,
    /// For each column, which values were integers: set bits, one for each row (for a list column,
    /// one for each item of the list array's values). `None`: none of them, or not a float column.
    pub integers: Vec<Option<BooleanBuffer>>,
}

impl From<RecordBatch> for TableBatch {
    /// A batch in which every float is a float.
    fn from(rows: RecordBatch) -> Self {
        let integers = vec![None; rows.num_columns()];
        Self { rows, integers }
    }
}

impl TableBatch {
    /// `length` rows from `offset` on, without a copy.
    ///
    /// # Panics
    /// If the range is not within the batch.
    #[must_use]
    pub fn slice(&self, offset: usize, length: usize) -> Self {
        let rows = self.rows.slice(offset, length);
        let integers = std::iter::zip(&self.integers, self.rows.columns())
            .map(|(marks, column)| {
                let marks = marks.as_ref()?;
                // A sliced list array keeps its whole values, so its marks stay whole too.
                let whole = matches!(column.data_type(), DataType::List(_));
                Some(if whole {
                    marks.clone()
                } else {
                    marks.slice(offset, length)
                })
            })
            .collect();
        Self { rows, integers }
    }

    /// The rows with a later schema of their table: nulls in new columns, values cast to wider
    /// types, and marks for what was an integer.
    ///
    /// # Errors
    /// If the schema lacks a column, or has a type that is not wider.
    pub fn widened(&self, schema: &SchemaRef) -> Result<Self> {
        let old = self.rows.schema_ref();
        if Arc::ptr_eq(old, schema) || old == schema {
            return Ok(self.clone());
        }
        let names: BTreeMap<&str, usize> = old
            .fields()
            .iter()
            .enumerate()
            .map(|(index, field)| (field.name().as_str(), index))
            .collect();
        let rows = self.rows.num_rows();
        let mut columns = Vec::with_capacity(schema.fields().len());
        let mut integers = Vec::with_capacity(schema.fields().len());
        let mut found = 0;
        for field in schema.fields() {
            let (array, marks) = if let Some(index) = names.get(field.name().as_str()) {
                found += 1;
                let marks = self.integers.get(*index).and_then(Option::as_ref);
                widen_marked(self.rows.column(*index), marks, field.data_type())?
            } else {
                (new_null_array(field.data_type(), rows), None)
            };
            columns.push(array);
            integers.push(marks);
        }
        if found < old.fields().len() {
            return Err(Error::internal("a later schema lacks a column"));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let rows = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
            .map_err(|error| Error::internal(error.to_string()))?;
        Ok(Self { rows, integers })
    }

    /// The rows as objects, columns in order and nulls left out.
    ///
    /// # Errors
    /// If a column's type is none of those that Transmog's tables have.
    pub fn records(&self) -> Result<impl Iterator<Item = Value>> {
        let names = self.rows.schema_ref().fields().iter();
        let mut columns = Vec::with_capacity(self.rows.num_columns());
        for (index, (field, array)) in std::iter::zip(names, self.rows.columns()).enumerate() {
            let marks = self.integers.get(index).and_then(Option::as_ref);
            let cells = Cells::of_field(field, array, marks)?;
            columns.push((field.name().as_str(), cells));
        }
        let record = move |row| {
            let cells = columns.iter().filter(|(_, cells)| !cells.is_null(row));
            let fields = cells.map(|(name, cells)| ((*name).to_owned(), cells.value(row)));
            Value::Object(fields.collect())
        };
        Ok((0..self.rows.num_rows()).map(record))
    }
}
