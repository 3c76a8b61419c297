//! Writes tables by hand: batches whose columns differ from call to call become tables with one
//! schema each.

use std::{collections::BTreeMap, fmt};

use arrow_array::RecordBatch;
use transmog_core::{ErrorKind, TableBatch, TableUnion};

use super::Table;
use crate::{
    error::Error,
    split::BLOCK_BYTES,
    writer::{StreamingWriter, TableSpec, TableSummary},
};

/// Writes tables that come one by one, such as the results of several runs, with a
/// [`StreamingWriter`].
///
/// Each table is appended to the rows that were written under its name before. Missing columns
/// become null, new columns are null in earlier rows, and types are widened so that every value is
/// kept exactly: integers and floats become floats, a number and a text become text.
///
/// Ids must be unique in a table. Row numbers that start again are refused: use random or
/// deterministic ids.
///
/// [`finalize`](Self::finalize) commits the output. Dropped without it, everything is removed.
pub struct TableWriter {
    writer: Box<dyn StreamingWriter>,
    main: Option<String>,
    tables: BTreeMap<String, TableUnion>,
    /// The parents of child tables.
    parents: BTreeMap<String, String>,
    /// Child tables that must exist and have no rows yet, in the order of the calls.
    wanted: Vec<String>,
    /// Bytes since the last checkpoint.
    bytes: usize,
    /// True if rows were refused, or written in part.
    broken: bool,
}

impl TableWriter {
    /// Writes with this writer, to which no table was declared.
    pub fn new(writer: impl StreamingWriter + 'static) -> Self {
        Self {
            writer: Box::new(writer),
            main: None,
            tables: BTreeMap::new(),
            parents: BTreeMap::new(),
            wanted: Vec::new(),
            bytes: 0,
            broken: false,
        }
    }

    /// Appends rows to the main table, which gets the name of the first one.
    ///
    /// # Errors
    /// If the main table has another name, its rows cannot be joined with earlier ones, or cannot
    /// be written.
    pub fn write_main_records(&mut self, table: &Table) -> Result<(), Error> {
        self.broken = true;
        match &self.main {
            None => {
                let parent = None;
                self.declare(table.name(), parent)?;
                self.main = Some(table.name().to_owned());
            }
            Some(main) if main != table.name() => {
                let reason = format!(
                    "the main table is {main:?}; rename one of them, or combine the results"
                );
                return Err(wrong(table.name(), reason));
            }
            Some(_) => {}
        }
        self.append(table.name(), table)
    }

    /// Makes sure that a child table exists in the output, even without rows. May be called
    /// repeatedly.
    ///
    /// # Errors
    /// If it is the main table.
    pub fn initialize_child_table(&mut self, name: &str) -> Result<(), Error> {
        if self.main.as_deref() == Some(name) {
            return Err(wrong(name, "it is the main table".to_owned()));
        }
        if !self.tables.contains_key(name) && !self.wanted.iter().any(|wanted| wanted == name) {
            self.wanted.push(name.to_owned());
        }
        Ok(())
    }

    /// Appends rows to a child table.
    ///
    /// # Errors
    /// If its parent was not written before, its rows cannot be joined with earlier ones, or cannot
    /// be written.
    pub fn write_child_records(&mut self, name: &str, table: &Table) -> Result<(), Error> {
        self.broken = true;
        let parent = table.parent().or(self.main.as_deref()).map(str::to_owned);
        if let (Some(known), Some(parent)) = (self.parents.get(name), &parent)
            && known != parent
        {
            let reason = format!("it is a child of {known:?} and cannot be one of {parent:?} too");
            return Err(wrong(name, reason));
        }
        if !self.tables.contains_key(name) {
            match parent {
                Some(parent) if self.tables.contains_key(&parent) => {
                    self.declare(name, Some(parent))?;
                }
                Some(parent) => {
                    let reason = format!("its parent {parent:?} must be written before it");
                    return Err(wrong(name, reason));
                }
                None => {
                    let reason = "the main table must be written before it".to_owned();
                    return Err(wrong(name, reason));
                }
            }
        } else if self.main.as_deref() == Some(name) {
            return Err(wrong(name, "it is the main table".to_owned()));
        }
        self.append(name, table)
    }

    /// Appends several tables, such as those of a result: the main table first, every table after
    /// its parent.
    ///
    /// # Errors
    /// As [`write_main_records`](Self::write_main_records) and
    /// [`write_child_records`](Self::write_child_records).
    pub fn write<'a>(&mut self, tables: impl IntoIterator<Item = &'a Table>) -> Result<(), Error> {
        for table in tables {
            if table.parent().is_none() {
                self.write_main_records(table)?;
            } else {
                self.write_child_records(table.name(), table)?;
            }
        }
        Ok(())
    }

    /// Approximate bytes of rows that wait in the writer.
    pub fn buffered_bytes(&self) -> usize {
        self.writer.buffered_bytes()
    }

    /// Writes the rest, and commits the output.
    ///
    /// # Errors
    /// If rows were refused before, there are child tables without a main table, or the output
    /// cannot be written; nothing is committed then.
    pub fn finalize(mut self) -> Result<Vec<TableSummary>, Error> {
        if self.broken {
            let main = self.main.as_deref().unwrap_or_default();
            let reason = "rows were refused or could not be written before".to_owned();
            return Err(wrong(main, reason));
        }
        for name in std::mem::take(&mut self.wanted) {
            if !self.tables.contains_key(&name) {
                let Some(main) = self.main.clone() else {
                    let reason = "there is no main table".to_owned();
                    return Err(wrong(&name, reason));
                };
                self.declare(&name, Some(main))?;
            }
        }
        for (name, union) in &self.tables {
            self.writer.set_schema(name, &union.final_schema())?;
        }
        Ok(self.writer.finish()?)
    }

    fn declare(&mut self, name: &str, parent: Option<String>) -> Result<(), Error> {
        let union = TableUnion::new(name);
        if let Some(parent) = &parent {
            self.parents.insert(name.to_owned(), parent.clone());
        }
        self.writer.begin_table(&TableSpec {
            name: name.to_owned(),
            parent,
            schema: union.schema().clone(),
        })?;
        self.tables.insert(name.to_owned(), union);
        Ok(())
    }

    fn append(&mut self, name: &str, table: &Table) -> Result<(), Error> {
        let Some(union) = self.tables.get_mut(name) else {
            return Ok(());
        };
        // A table without rows still has columns.
        let none = TableBatch::from(RecordBatch::new_empty(table.schema().clone()));
        let none = table.batches().is_empty().then_some(none);
        for batch in none.into_iter().chain(table.table_batches()) {
            let batch = union.take(&batch)?;
            self.writer.write_batch(name, &batch)?;
            self.bytes += batch.rows.get_array_memory_size();
            if self.bytes >= BLOCK_BYTES {
                self.writer.checkpoint()?;
                self.bytes = 0;
            }
        }
        self.broken = false;
        Ok(())
    }
}

fn wrong(table: &str, reason: String) -> Error {
    let table = table.to_owned();
    Error::Data(ErrorKind::Union { table, reason }.into())
}

impl fmt::Debug for TableWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableWriter")
            .field("tables", &self.tables.keys())
            .finish_non_exhaustive()
    }
}
