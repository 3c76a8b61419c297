//! A table in memory, and how such tables are written.

use std::fmt;

use arrow_array::{Array, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::SchemaRef;
use transmog_core::{TableBatch, TableUnion, Value};

use crate::{
    error::Error,
    split::BLOCK_BYTES,
    writer::{StreamingWriter, TableSpec, TableSummary},
};

/// A table in memory: Arrow batches of one schema, which is the table's final one.
#[derive(Debug, Clone)]
pub struct Table {
    name: String,
    parent: Option<String>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    /// The integer marks of each batch, see [`TableBatch`].
    integers: Vec<Vec<Option<BooleanBuffer>>>,
}

impl Table {
    /// Joins batches whose columns may differ: missing columns get nulls, and types are widened so
    /// that every value is kept exactly. `parent` is `None` for a main table.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use arrow_array::{Int64Array, RecordBatch, StringArray};
    /// # use transmog_io::Table;
    /// let one = RecordBatch::try_from_iter([("a", Arc::new(Int64Array::from(vec![1])) as _)])?;
    /// let two = RecordBatch::try_from_iter([("b", Arc::new(StringArray::from(vec!["x"])) as _)])?;
    /// let table = Table::from_batches("t", None, [one.into(), two.into()])?;
    /// let rows: Vec<String> = table.rows().map(|row| row.to_json()).collect();
    /// assert_eq!(rows, [r#"{"a":1}"#, r#"{"b":"x"}"#]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a type is not supported, or the metadata columns differ.
    pub fn from_batches(
        name: &str,
        parent: Option<&str>,
        batches: impl IntoIterator<Item = TableBatch>,
    ) -> Result<Self, Error> {
        let mut union = TableUnion::new(name);
        let batches: Vec<TableBatch> = batches
            .into_iter()
            .map(|batch| union.take(&batch))
            .collect::<Result<_, _>>()?;
        let parent = parent.map(str::to_owned);
        Self::new(name.to_owned(), parent, union.final_schema(), batches)
    }

    /// A table of batches that can be widened to `schema`.
    pub(super) fn new(
        name: String,
        parent: Option<String>,
        schema: SchemaRef,
        batches: Vec<TableBatch>,
    ) -> Result<Self, Error> {
        // Check the types now: iterating over rows later cannot fail.
        let none = TableBatch::from(RecordBatch::new_empty(schema.clone()));
        drop(none.records()?);
        let mut table = Self {
            name,
            parent,
            batches: Vec::with_capacity(batches.len()),
            integers: Vec::with_capacity(batches.len()),
            schema,
        };
        for batch in batches {
            let TableBatch { rows, integers } = batch.widened(&table.schema)?;
            if rows.num_rows() > 0 {
                table.batches.push(rows);
                table.integers.push(integers);
            }
        }
        Ok(table)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of the parent table; `None` for a main table.
    pub fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }

    /// Its columns, metadata last.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Its rows as Arrow batches with the schema of the table, none of them empty.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// Its rows as writers expect them, with marks for integers in float columns.
    pub fn table_batches(&self) -> impl Iterator<Item = TableBatch> {
        std::iter::zip(&self.batches, &self.integers).map(|(rows, integers)| TableBatch {
            rows: rows.clone(),
            integers: integers.clone(),
        })
    }

    /// Number of rows.
    pub fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Its rows one by one, as objects: columns in order, without nulls, numbers with all digits,
    /// times as text. As JSON they are the rows that the JSON format writes.
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            batches: Box::new(self.table_batches()),
            current: Vec::new().into_iter(),
            left: self.num_rows(),
        }
    }

    /// For each column, the number of nulls.
    pub fn null_counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.schema.fields().len()];
        for batch in &self.batches {
            for (count, column) in std::iter::zip(&mut counts, batch.columns()) {
                *count += column.null_count() as u64;
            }
        }
        counts
    }

    /// The same table with another name.
    #[must_use]
    pub fn renamed(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The same table with another parent.
    #[must_use]
    pub fn with_parent(mut self, parent: Option<&str>) -> Self {
        self.parent = parent.map(str::to_owned);
        self
    }
}

/// The rows of a [`Table`].
pub struct Rows<'a> {
    batches: Box<dyn Iterator<Item = TableBatch> + 'a>,
    /// Rows of the current batch.
    current: std::vec::IntoIter<Value>,
    left: usize,
}

impl Iterator for Rows<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(row) = self.current.next() {
                self.left -= 1;
                return Some(row);
            }
            let batch = self.batches.next()?;
            // The types were checked when the table was created.
            let rows: Vec<Value> = batch.records().ok()?.collect();
            self.current = rows.into_iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// Writes tables and commits the output. The main table must come first, and every table after its
/// parent.
///
/// # Errors
/// If the output cannot be written; nothing is committed then.
pub fn write_tables<'a>(
    tables: impl IntoIterator<Item = &'a Table>,
    mut writer: Box<dyn StreamingWriter>,
) -> Result<Vec<TableSummary>, Error> {
    let mut bytes = 0;
    for table in tables {
        writer.begin_table(&TableSpec {
            name: table.name.clone(),
            parent: table.parent.clone(),
            schema: table.schema.clone(),
        })?;
        for batch in table.table_batches() {
            writer.write_batch(&table.name, &batch)?;
            bytes += batch.rows.get_array_memory_size();
            if bytes >= BLOCK_BYTES {
                writer.checkpoint()?;
                bytes = 0;
            }
        }
        writer.set_schema(&table.name, &table.schema)?;
    }
    Ok(writer.finish()?)
}
