//! Reserves the ids of parent rows that come after their child rows: each is the next row of its
//! table.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use uuid::Uuid;

use super::{Admission, Catalog};
use crate::{
    base::{Result, TablePath},
    config::Ids,
};

/// The id of a row that comes later.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OpenRow {
    Number(u64),
    Random(Uuid),
}

/// A table that a writer must know before any of its rows.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) name: String,
    /// Name of the parent table.
    pub(crate) parent: Option<String>,
    /// Its columns so far.
    pub(crate) schema: SchemaRef,
}

impl Catalog {
    /// The parent table of a table whose rows come before their parent row. It and those around it
    /// are made if need be.
    ///
    /// # Errors
    /// If two paths would have the same name and must not.
    pub(super) fn open_parent(&mut self, path: &TablePath) -> Result<Option<usize>> {
        let Some(parent) = path.parent() else {
            return Ok(None);
        };
        if let Some(known) = self.tables.get_index_of(&parent) {
            return Ok(Some(known));
        }
        let outer = self.open_parent(&parent)?;
        let wanted = self.wanted_name(&parent)?;
        Ok(Some(self.add_table(&parent, outer, wanted, None)))
    }

    /// Declares the tables around one whose rows come before theirs, outermost first.
    pub(crate) fn declare_around(&mut self, admission: &Admission) -> Vec<Declaration> {
        let mut around = Vec::new();
        let mut next = admission.open_parent;
        while let Some(table) = next
            && !self.tables[table].declared
        {
            around.push(table);
            next = self.tables[table].parent;
        }
        let declare = |table: usize| {
            let parent = self.tables[table].parent;
            let parent = parent.map(|parent| self.tables[parent].name.clone());
            let table = &mut self.tables[table];
            table.declared = true;
            Declaration {
                name: table.name.clone(),
                parent,
                schema: Arc::clone(&table.schema),
            }
        };
        around.into_iter().rev().map(declare).collect()
    }

    /// The id that the next row of a table will have; `random` draws one if it has none yet.
    pub(crate) fn open_row(&mut self, table: usize, random: impl FnOnce() -> Uuid) -> OpenRow {
        let table = &mut self.tables[table];
        if self.plan.settings.ids == Ids::Row {
            OpenRow::Number(table.rows)
        } else {
            OpenRow::Random(*table.open.get_or_insert_with(random))
        }
    }

    /// The id that the next row of a table has already.
    pub(crate) fn take_open(&mut self, table: usize) -> Option<Uuid> {
        self.tables[table].open.take()
    }
}
