//! Holds one table: its columns, its waiting rows and its file.

use std::mem;

use arrow_schema::{DataType, FieldRef, SchemaRef};
use transmog_core::TableBatch;
use transmog_io::{Output, TableSpec, TableSummary, in_order};

use crate::{
    Cause,
    columns::Columns,
    encode::{Encoder, chunks_at_a_time},
    file::{Chunk, IntegerMarks, MAGIC, MOST_ROW_GROUPS, RowGroups, can_be_marked, write_footer},
    rows::{RowQueue, Slabs},
};

/// A table that is being written.
pub(crate) struct Table {
    name: String,
    columns: Columns,
    queue: RowQueue,
    groups: RowGroups,
    output: Box<dyn Output>,
}

impl Table {
    /// Makes a table without rows. All tables share the `slabs` of the writer.
    ///
    /// # Errors
    /// Two columns have one name, or a column has a type that Transmog's tables do not have.
    pub(crate) fn new(
        spec: &TableSpec,
        output: Box<dyn Output>,
        slabs: Slabs,
    ) -> Result<Self, Cause> {
        Ok(Self {
            name: spec.name.clone(),
            columns: Columns::new(&spec.schema)?,
            queue: RowQueue::new(slabs),
            groups: RowGroups::default(),
            output,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The latest schema.
    pub(crate) fn schema(&self) -> &SchemaRef {
        self.columns.schema()
    }

    pub(crate) fn rows(&self) -> usize {
        self.queue.rows()
    }

    /// Logical size of the waiting rows; exact only right after [`Table::conform`].
    pub(crate) fn bytes(&self) -> u64 {
        self.queue.bytes(&self.columns)
    }

    /// Adopts a later schema.
    ///
    /// # Errors
    /// The schema lacks a column of the one before, or a column has a type that Transmog's tables
    /// do not have.
    pub(crate) fn set_schema(&mut self, schema: &SchemaRef) -> Result<(), Cause> {
        self.columns.update(schema)
    }

    /// Appends the rows of a batch to those that wait.
    ///
    /// # Errors
    /// Those of [`Table::set_schema`] for the schema of the batch; or the integer marks of a column
    /// are not as many as its values.
    pub(crate) fn push(&mut self, batch: &TableBatch) -> Result<(), Cause> {
        self.columns.update(batch.rows.schema_ref())?;
        if batch.rows.num_rows() > 0 {
            self.queue.push(batch, &self.columns)?;
        }
        Ok(())
    }

    /// Casts the waiting rows to the latest schema. Their size depends on it.
    ///
    /// # Errors
    /// The schema has become narrower.
    pub(crate) fn conform(&mut self) -> Result<(), Cause> {
        self.queue.conform(&self.columns)
    }

    /// Writes the first `rows` waiting rows as a row group. They must have been
    /// [conformed](Table::conform).
    ///
    /// # Errors
    /// The file has as many row groups as Parquet allows, the rows cannot be encoded, or the file
    /// cannot be written.
    pub(crate) fn write_group(&mut self, rows: usize, encoder: &Encoder) -> Result<(), Cause> {
        if self.groups.len() == MOST_ROW_GROUPS {
            return Err(format!(
                "the file has {MOST_ROW_GROUPS} row groups, the most that readers take; raise row_group_size or memory_bytes"
            )
            .into());
        }
        let blocks = self.queue.take(rows)?;
        debug_assert!(
            blocks
                .iter()
                .all(|block| block.version == self.columns.version()),
            "rows are cast to the latest schema before they are encoded"
        );
        let output = self.output.as_mut();
        if output.is_empty() {
            output.write_all(MAGIC)?;
        }
        self.columns.number_in_file();
        let numbers = self.columns.numbers().iter().copied();
        let numbers = std::iter::zip(numbers, self.columns.numbers_in_file());
        let columns = std::iter::zip(numbers, self.columns.schema().fields());
        // A column of nulls has no type yet. It gets its chunks in the end, as a column that came
        // late.
        let typed = columns.filter(|(_, field)| *field.data_type() != DataType::Null);
        let mut chunks = Vec::new();
        let encode = |(numbers, field): ((usize, usize), &FieldRef)| {
            let encoded = encoder.encode_blocks(field, &blocks, numbers.0);
            (numbers, field.data_type().clone(), encoded)
        };
        in_order(
            typed,
            chunks_at_a_time(),
            encode,
            |((number, in_file), data_type, encoded)| {
                let (metadata, index) = encoded?.append_to(output)?;
                let marks = if can_be_marked(&data_type) {
                    IntegerMarks::store(&blocks, number, output)?
                } else {
                    IntegerMarks::None
                };
                let chunk = Chunk {
                    data_type,
                    marks,
                    metadata,
                    index,
                };
                chunks.push((in_file, chunk));
                Ok::<(), Cause>(())
            },
        )?;
        let rows = blocks.iter().map(|block| block.rows).sum();
        self.groups.push(rows, &chunks, output)?;
        output.flush()?;
        Ok(())
    }

    /// Writes the rows that still wait, and completes the file.
    ///
    /// # Errors
    /// Those of [`Table::conform`] and [`Table::write_group`]; or the file cannot be read or
    /// written.
    pub(crate) fn finish(
        mut self,
        row_group_size: usize,
        encoder: &Encoder,
    ) -> Result<TableSummary, Cause> {
        self.columns.end()?;
        self.conform()?;
        while self.rows() > 0 {
            self.write_group(row_group_size, encoder)?;
        }
        self.queue.free();
        if self.output.is_empty() {
            self.output.write_all(MAGIC)?;
        }
        let groups = mem::take(&mut self.groups);
        let rows = groups.all_rows();
        self.columns.number_in_file();
        write_footer(groups, &self.columns, encoder, self.output.as_mut())?;
        Ok(TableSummary {
            table: self.name,
            rows,
            file: self.output.name().to_owned(),
            bytes: self.output.len(),
        })
    }
}
