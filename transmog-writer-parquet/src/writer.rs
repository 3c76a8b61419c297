//! Decides which table's rows become a row group, and when.
//!
//! A row group ends at `row_group_size` rows. It ends earlier if the waiting rows of all tables
//! exceed the memory budget: then the largest tables' rows are written until half of the budget is
//! free. All of that happens in `checkpoint`, which the pipeline calls at places that depend on the
//! input alone; so a file does not show how its rows were cut into batches.

use std::{collections::BTreeMap, fmt};

use arrow_schema::SchemaRef;
use rayon::prelude::*;
use transmog_core::TableBatch;
use transmog_io::{
    Destination, OptionRule, StreamingWriter, TableSpec, TableSummary, WriteError, WriterOptions,
};

use crate::{
    Cause, FORMAT, ParquetOptions,
    encode::{Encoder, may_have_bloom_filter},
    options::MEMORY_BYTES,
    rows::Slabs,
    table::Table,
};

/// Writes each table as `<table>.parquet`.
///
/// ```
/// # use std::sync::Arc;
/// # use arrow_array::{Int64Array, RecordBatch};
/// # use transmog_io::{Memory, StreamingWriter, TableSpec};
/// # use transmog_writer_parquet::{ParquetOptions, ParquetStreamingWriter};
/// let rows = RecordBatch::try_from_iter([("a", Arc::new(Int64Array::from(vec![1, 2])) as _)])?;
/// let (memory, files) = Memory::new();
/// let mut writer = Box::new(ParquetStreamingWriter::new(ParquetOptions::default(), memory));
/// let numbers = TableSpec { name: "numbers".into(), parent: None, schema: rows.schema() };
/// writer.begin_table(&numbers)?;
/// writer.write_batch("numbers", &rows.into())?;
/// writer.finish()?;
/// assert!(files.take()["numbers.parquet"].starts_with(b"PAR1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ParquetStreamingWriter {
    options: ParquetOptions,
    /// Bytes of rows that may wait in all tables together.
    budget: usize,
    encoder: Encoder,
    tables: Vec<Table>,
    by_name: BTreeMap<String, usize>,
    slabs: Slabs,
    destination: Box<dyn Destination>,
}

impl ParquetStreamingWriter {
    /// Makes a writer whose files go to `destination`.
    pub fn new(options: ParquetOptions, destination: impl Destination + 'static) -> Self {
        Self {
            encoder: Encoder::new(&options),
            budget: options.memory_bytes.unwrap_or(MEMORY_BYTES),
            options,
            tables: Vec::new(),
            by_name: BTreeMap::new(),
            slabs: Slabs::default(),
            destination: Box::new(destination),
        }
    }

    fn table(&mut self, name: &str) -> Result<&mut Table, WriteError> {
        self.by_name
            .get(name)
            .and_then(|index| self.tables.get_mut(*index))
            .ok_or_else(|| WriteError::UnknownTable {
                format: FORMAT,
                table: name.to_owned(),
            })
    }
}

impl fmt::Debug for ParquetStreamingWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetStreamingWriter")
            .field("options", &self.options)
            .field("tables", &self.by_name)
            .finish_non_exhaustive()
    }
}

fn failed(table: &str, action: &'static str) -> impl FnOnce(Cause) -> WriteError {
    WriteError::encode(FORMAT, table, action)
}

const WRITE_GROUP: &str = "write a row group";
const CAST: &str = "cast rows to the latest schema";

impl StreamingWriter for ParquetStreamingWriter {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        if self.by_name.contains_key(&table.name) {
            let cause = Cause::from("it was declared before");
            return Err(failed(&table.name, "declare it")(cause));
        }
        let output = self.destination.create(&table.name, FORMAT)?;
        let new = Table::new(table, output, self.slabs.clone());
        let new = new.map_err(failed(&table.name, "declare it"))?;
        self.by_name.insert(table.name.clone(), self.tables.len());
        self.tables.push(new);
        Ok(())
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        self.table(table)?
            .push(batch)
            .map_err(failed(table, "take a batch"))
    }

    fn checkpoint(&mut self) -> Result<(), WriteError> {
        let Self {
            options,
            budget,
            encoder,
            tables,
            slabs,
            ..
        } = self;
        let size = options.row_group_size.get();
        for table in tables.iter_mut() {
            table.conform().map_err(failed(table.name(), CAST))?;
            while table.rows() >= size {
                table
                    .write_group(size, encoder)
                    .map_err(failed(table.name(), WRITE_GROUP))?;
            }
        }
        let budget = *budget as u64;
        let mut waiting: u64 = tables.iter().map(Table::bytes).sum();
        // Half, and not just below the budget: small tables are never the largest, so they would
        // come to hold most of the budget, and the row groups of large tables would get as small as
        // the rest.
        let keep = if waiting > budget { budget / 2 } else { budget };
        while waiting > keep {
            // `rev` because `max_by_key` returns the last of equal tables; the first is wanted.
            let Some(largest) = tables.iter_mut().rev().max_by_key(|table| table.bytes()) else {
                break;
            };
            waiting -= largest.bytes();
            largest
                .write_group(largest.rows(), encoder)
                .map_err(failed(largest.name(), WRITE_GROUP))?;
        }
        slabs.keep(budget.saturating_sub(waiting));
        Ok(())
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        self.table(table)?
            .set_schema(schema)
            .map_err(failed(table, "take its final schema"))
    }

    fn buffered_bytes(&self) -> usize {
        let bytes: u64 = self.tables.iter().map(Table::bytes).sum();
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    fn limit_memory(&mut self, bytes: usize) {
        if self.options.memory_bytes.is_none() {
            self.budget = bytes;
        }
    }

    fn read_back(&self) -> Option<(&'static str, WriterOptions)> {
        Some((FORMAT, WriterOptions::new()))
    }

    fn option_rules(&self) -> Vec<OptionRule> {
        let names = self.options.bloom_filter.names();
        let rules = names.map(|name| {
            let tables = self.tables.iter();
            let with_filter = tables.filter(|table| {
                let field = table.schema().field_with_name(name);
                field.is_ok_and(may_have_bloom_filter)
            });
            OptionRule {
                option: "bloom_filter",
                column: name.to_owned(),
                met: with_filter.count() as u64,
            }
        });
        rules.collect()
    }

    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        let Self {
            options,
            encoder,
            tables,
            destination,
            ..
        } = *self;
        let size = options.row_group_size.get();
        let finish = |table: Table| {
            let name = table.name().to_owned();
            let summary = table.finish(size, &encoder);
            summary.map_err(failed(&name, "complete its file"))
        };
        let mut summaries = Vec::with_capacity(tables.len());
        let mut tables = tables.into_iter();
        // Several tables at once: a thread that waits for a table's columns can work on another
        // table.
        let at_once = 4 * rayon::current_num_threads();
        while tables.len() > 0 {
            let several: Vec<_> = tables.by_ref().take(at_once).collect();
            let finished: Vec<_> = several.into_par_iter().map(finish).collect();
            for summary in finished {
                summaries.push(summary?);
            }
        }
        destination.commit()?;
        Ok(summaries)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, RecordBatch};
    use arrow_schema::{DataType, Field, Schema};
    use transmog_io::Memory;

    use super::*;

    #[test]
    fn free_slabs_and_rows_that_wait_are_no_more_than_the_budget() {
        let options = ParquetOptions::default().with_memory_bytes(3_000_000);
        let mut writer = ParquetStreamingWriter::new(options, Memory::default());
        let schema = |columns: usize| {
            let field = |column: usize| Field::new(column.to_string(), DataType::Int64, true);
            Arc::new(Schema::new((0..columns).map(field).collect::<Vec<_>>()))
        };
        for (name, columns) in [("wide", 300), ("large", 3)] {
            let table = TableSpec {
                name: name.to_owned(),
                parent: None,
                schema: schema(columns),
            };
            writer.begin_table(&table).unwrap();
        }
        let mut write = |(name, columns): (&str, usize), rows: i64| {
            let array: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
            let rows = RecordBatch::try_new(schema(columns), vec![array; columns]).unwrap();
            writer.write_batch(name, &TableBatch::from(rows)).unwrap();
            writer.checkpoint().unwrap();
            (writer.buffered_bytes(), writer.slabs.count())
        };
        let waited: Vec<_> = (0..13).map(|_| write(("wide", 300), 100)).collect();
        let (waiting, free) = waited[12];
        // They were written as a row group, and its slabs are free for the next rows.
        assert!(waiting < 300_000 && free > 5, "{waited:?}");
        assert_eq!(write(("large", 3), 120_000).1, 0);
    }
}
