//! Writing by hand: batches whose columns differ from call to call become tables with one schema each.

use std::{collections::BTreeMap, fmt};

use arrow_array::RecordBatch;
use transmog_core::{ErrorKind, TableBatch, TableUnion};

use super::Table;
use crate::{
    error::Error,
    split::BLOCK_BYTES,
    writer::{StreamingWriter, TableSpec, TableSummary},
};

/// Feeds a [`StreamingWriter`] with tables that were made one by one, such as the results of several runs.
///
/// Each table is appended to what was written under its name before. Columns that it lacks become null, columns that are
/// new are null in the rows before, and types are joined so that every value is kept exactly: integers and floats are
/// floats, a number and a text are text.
///
/// Ids must name one row of a table only. Row numbers that start again are refused: give the runs random or deterministic
/// ids.
///
/// What was written is there after [`finalize`](Self::finalize). A writer that is dropped without it leaves nothing.
pub struct TableWriter {
    writer: Box<dyn StreamingWriter>,
    main: Option<String>,
    tables: BTreeMap<String, TableUnion>,
    /// The parents of child tables.
    parents: BTreeMap<String, String>,
    /// Children that are wanted and have no rows yet, in the order in which they were named.
    wanted: Vec<String>,
    /// Bytes since the writer could flush.
    bytes: usize,
    /// Rows were refused, or written in part.
    broken: bool,
}

impl TableWriter {
    /// Feeds a writer, which no table was declared to.
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
    /// If the main table has another name, its rows do not go together, or they cannot be written.
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

    /// Makes sure that a child table is there in the end, even if it gets no rows. It may be named several times.
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
    /// If its parent was not written before, its rows do not go together, or they cannot be written.
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

    /// Appends all tables of a result, or any others: the main table, and every table after its parent.
    ///
    /// # Errors
    /// As [`write_main_records`](Self::write_main_records) and [`write_child_records`](Self::write_child_records).
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

    /// Bytes of rows that wait in the writer, about.
    pub fn buffered_bytes(&self) -> usize {
        self.writer.buffered_bytes()
    }

    /// Writes what is left, and makes everything final.
    ///
    /// # Errors
    /// If rows were refused before, child tables were named and no main table was written, or something cannot be
    /// written; nothing is final then.
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
        // Without rows there still are columns.
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
