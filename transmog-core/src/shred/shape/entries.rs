//! Answers what ids ask of the shape: which entry of which row a child row is, and which field a
//! column is.

use super::{NodeId, Shape, TableId};
use crate::config::{Entry, Ids, Rank};

impl Shape {
    /// A row's parent table, its row there, and which of that row's entries it is; `None` for a
    /// main row.
    pub(in crate::shred) fn entry(
        &self,
        table: TableId,
        row: usize,
    ) -> Option<(TableId, usize, Entry<'_>)> {
        let at = &self.tables[table];
        let (parent, parent_row) = (at.parent?, *at.parent_rows.get(row)? as usize);
        let key = at.keys.binary_search_by_key(&row, |(row, _)| *row as usize);
        let entry = match key {
            Ok(place) => Entry::Key(&at.keys[place].1),
            Err(_) => Entry::Index(u64::from(*at.indexes.get(row)?)),
        };
        Some((parent, parent_row, entry))
    }

    /// The fields of composite ids that a column may be, by their numbers.
    pub(in crate::shred) fn id_fields(&self, node: NodeId) -> Vec<(usize, Rank)> {
        let Ids::Composite(composite) = &self.plan.settings.ids else {
            return Vec::new();
        };
        let path = self.path(node);
        let name = self
            .plan
            .settings
            .column_name(self.table_path(self.table_of(node)), path);
        let fields = composite.fields().enumerate();
        fields
            .filter_map(|(number, field)| Some((number, Rank::of(field, path, &name)?)))
            .collect()
    }
}
