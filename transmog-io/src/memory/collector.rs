//! A writer that keeps the tables of a run in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use arrow_schema::SchemaRef;
use transmog_core::{TableBatch, final_schema};

use super::Table;
use crate::{
    error::WriteError,
    writer::{StreamingWriter, TableSpec, TableSummary},
};

/// The name of the format in errors.
const FORMAT: &str = "memory";

/// Keeps the tables of a run in memory, as Arrow batches. After [`finish`](StreamingWriter::finish)
/// they are in the [`CollectedTables`].
#[derive(Debug, Default)]
pub struct Collector {
    tables: Vec<Collecting>,
    by_name: BTreeMap<String, usize>,
    collected: CollectedTables,
}

#[derive(Debug)]
struct Collecting {
    spec: TableSpec,
    batches: Vec<TableBatch>,
}

/// The tables that a [`Collector`] has collected; empty until the run has succeeded.
#[derive(Debug, Clone, Default)]
pub struct CollectedTables(Arc<Mutex<Vec<Table>>>);

impl Collector {
    /// A writer, and the tables that it will fill.
    pub fn new() -> (Self, CollectedTables) {
        let collector = Self::default();
        let collected = collector.collected.clone();
        (collector, collected)
    }

    /// A second writer that fills the same tables; only one of the two may be finished.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            collected: self.collected.clone(),
            ..Self::default()
        }
    }

    fn table(&mut self, name: &str) -> Result<&mut Collecting, WriteError> {
        let index = self.by_name.get(name);
        let table = index.and_then(|index| self.tables.get_mut(*index));
        table.ok_or_else(|| WriteError::UnknownTable {
            format: FORMAT,
            table: name.to_owned(),
        })
    }
}

impl CollectedTables {
    /// Takes the tables out, in the order in which they were declared: the main table first.
    pub fn take(&self) -> Vec<Table> {
        // Valid even after a panic: all tables are stored at once.
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StreamingWriter for Collector {
    fn begin_table(&mut self, table: &TableSpec) -> Result<(), WriteError> {
        if self.by_name.contains_key(&table.name) {
            let error = WriteError::encode(FORMAT, &table.name, "declare it");
            return Err(error("it was declared before"));
        }
        self.by_name.insert(table.name.clone(), self.tables.len());
        self.tables.push(Collecting {
            spec: table.clone(),
            batches: Vec::new(),
        });
        Ok(())
    }

    fn write_batch(&mut self, table: &str, batch: &TableBatch) -> Result<(), WriteError> {
        let table = self.table(table)?;
        table.spec.schema = batch.rows.schema();
        table.batches.push(batch.clone());
        Ok(())
    }

    fn set_schema(&mut self, table: &str, schema: &SchemaRef) -> Result<(), WriteError> {
        self.table(table)?.spec.schema = Arc::clone(schema);
        Ok(())
    }

    /// There are no files, so there are no summaries.
    fn finish(self: Box<Self>) -> Result<Vec<TableSummary>, WriteError> {
        let mut tables = Vec::with_capacity(self.tables.len());
        for Collecting { spec, batches } in self.tables {
            let name = spec.name.clone();
            let table = Table::new(spec.name, spec.parent, final_schema(&spec.schema), batches);
            let cast = "cast rows to the latest schema";
            tables.push(table.map_err(WriteError::encode(FORMAT, &name, cast))?);
        }
        *self
            .collected
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = tables;
        Ok(Vec::new())
    }
}
