//! Rows that are pointed at before they are written: each is the next one of its table.

use std::sync::Arc;

use arrow_array::RecordBatch;
use uuid::Uuid;

use super::{Admission, Catalog};
use crate::{
    assemble::{AssembledTable, RandomIds},
    base::{Result, TablePath},
    config::Ids,
    plan::Plan,
};

/// The id of a row that comes later.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OpenRow {
    Number(u64),
    Random(Uuid),
}

impl Catalog {
    /// The parent table of a table whose rows come before their parent row. It and those around it are made if need be.
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

    /// Declares the tables around one whose rows come before theirs, outermost first, with a batch without rows.
    pub(crate) fn declare_around(&mut self, admission: &Admission, out: &mut Vec<AssembledTable>) {
        let mut around = Vec::new();
        let mut next = admission.open_parent;
        while let Some(table) = next
            && !self.tables[table].declared
        {
            around.push(table);
            next = self.tables[table].parent;
        }
        for table in around.into_iter().rev() {
            let parent = self.tables[table].parent;
            let parent = parent.map(|parent| self.tables[parent].name.clone());
            let table = &mut self.tables[table];
            table.declared = true;
            out.push(AssembledTable {
                name: table.name.clone(),
                parent,
                new: true,
                batch: RecordBatch::new_empty(Arc::clone(&table.schema)).into(),
                cells: 0,
            });
        }
    }

    /// The id that the next row of a table will have.
    pub(crate) fn open_row(
        &mut self,
        plan: &Plan,
        table: usize,
        random: &mut RandomIds,
    ) -> OpenRow {
        let table = &mut self.tables[table];
        if plan.settings.ids == Ids::Row {
            OpenRow::Number(table.rows)
        } else {
            OpenRow::Random(*table.open.get_or_insert_with(|| random.next()))
        }
    }

    /// The id that the next row of a table has already.
    pub(crate) fn take_open(&mut self, table: usize) -> Option<Uuid> {
        self.tables[table].open.take()
    }
}
