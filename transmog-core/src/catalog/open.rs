//! Rows that are pointed at before they are written: each is the next one of its table.

use super::Catalog;
use crate::{
    config::Config,
    ids::{Ids, RandomIds},
    path::TablePath,
};
use uuid::Uuid;

/// The id of a row that comes later.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OpenRow {
    Number(u64),
    Random(Uuid),
}

impl Catalog {
    /// The parent table of a table whose rows come before their parent row. It and those around it are made if need be.
    pub(super) fn open_parent(&mut self, path: &TablePath) -> Option<usize> {
        let parent = path.parent()?;
        if let Some(known) = self.tables.get_index_of(&parent) {
            return Some(known);
        }
        let outer = self.open_parent(&parent);
        Some(self.add_table(&parent, outer))
    }

    /// The id that the next row of a table will have.
    pub(crate) fn open_row(
        &mut self,
        config: &Config,
        table: usize,
        random: &mut RandomIds,
    ) -> OpenRow {
        let table = &mut self.tables[table];
        if config.ids == Ids::Row {
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
