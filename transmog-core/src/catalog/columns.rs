//! Matches the columns of a chunk with those of their table, and names new ones.

use std::sync::Arc;

use super::{Catalog, Column, Table, check_names, info::Rename};
use crate::{
    base::{ColumnPath, ErrorKind, Result, TablePath},
    config::Naming,
    plan::Plan,
    shred::{ShreddedColumn, ShreddedTable},
    types::Kinds,
};

/// Where the columns of a chunk's table belong.
pub(super) struct Placed {
    /// For each column of the table, its position in the chunk.
    pub(super) sources: Vec<Option<usize>>,
    /// Positions in the chunk of columns that the table has no room for.
    pub(super) rest: Vec<usize>,
    /// True if columns were added or have other types.
    pub(super) changed: bool,
}

impl Catalog {
    /// Finds the columns of a chunk among those of a table, and adds those that are new.
    pub(super) fn place_columns(&mut self, index: usize, chunk: &ShreddedTable) -> Result<Placed> {
        let plan = Arc::clone(&self.plan);
        let mut table = &mut self.tables[index];
        let mut changed = false;
        let (mut sources, mut rest) = (Vec::new(), Vec::new());
        for (position, column) in chunk.columns.iter().enumerate() {
            let path = &column.path;
            let known = if let Some(known) = table.columns.get_index_of(path) {
                known
            } else if let Some((known, is_new)) =
                Self::column_by_name(&plan, table, &chunk.path, path)
            {
                if is_new {
                    self.met.column(&plan, &chunk.path, path);
                }
                known
            } else if table.is_full(&plan) {
                self.met.rest(&plan, &chunk.path, path);
                rest.push(position);
                continue;
            } else {
                changed = true;
                let added = Self::add_column(&plan, table, &chunk.path, path)?;
                self.met.column(&plan, &chunk.path, path);
                let (header, name) = (self.headed.as_deref(), &table.columns[added].name);
                let of = (table.name.as_str(), &chunk.path);
                let respelled = Self::respelled(&plan, header, of, path, name);
                let bytes = name.len();
                table.renames.extend(respelled);
                table.name_bytes += bytes;
                self.name_bytes += bytes;
                check_names(self.name_bytes, &table.name)?;
                added
            };
            if table.columns[known].is_new_to(column) {
                self.note_type_changes((index, known), &chunk.path, column)?;
                table = &mut self.tables[index];
            }
            changed |= table.columns[known].take(column);
            sources.resize(sources.len().max(known + 1), None);
            sources[known] = Some(position);
        }
        sources.resize(table.columns.len(), None);
        Ok(Placed {
            sources,
            rest,
            changed,
        })
    }

    /// Adds a column with the plain name of its path, or the next free one.
    fn add_column(
        plan: &Plan,
        table: &mut Table,
        table_path: &TablePath,
        path: &ColumnPath,
    ) -> Result<usize> {
        let wanted = plan.settings.column_name(table_path, path);
        if plan.settings.naming == Naming::Strict && table.takes(&wanted) {
            let mut first = table.columns.iter();
            let first = first.find(|(_, column)| column.name == wanted);
            let table = &table.name;
            let of_path = |path: &ColumnPath| format!("column {:?} of {table}", path.join("."));
            return Err(ErrorKind::SameName {
                first: first.map_or_else(
                    || format!("a metadata column of {table}"),
                    |(path, _)| of_path(path),
                ),
                second: of_path(path),
                name: wanted,
            }
            .into());
        }
        let name = table.names.assign(&wanted);
        if name != wanted {
            table.renames.push(Rename {
                table: table.name.clone(),
                column: Some(Arc::clone(path)),
                table_path: table_path.clone(),
                taken: Some(wanted.clone()),
                wanted,
                name: name.clone(),
            });
        }
        let index = Self::insert_column(table, path, name);
        if let Some((kinds, items)) = Self::hinted(plan, table_path, path) {
            (table.columns[index].kinds, table.columns[index].items) = (kinds, items);
        }
        Ok(index)
    }

    /// Adds a column with a name that is free.
    pub(super) fn insert_column(table: &mut Table, path: &ColumnPath, name: String) -> usize {
        table.names.reserve(&name);
        let column = Column {
            name,
            kinds: Kinds::NONE,
            items: Kinds::NONE,
            cells: 0,
            first: None,
            bound: None,
        };
        let index = table.columns.insert_full(Arc::clone(path), column).0;
        table.absorb(index);
        index
    }
}

impl Column {
    /// True if a chunk's values are of kinds that were not seen before.
    fn is_new_to(&self, chunk: &ShreddedColumn) -> bool {
        !self.kinds.holds(chunk.values.kinds) || !self.items.holds(chunk.values.items)
    }

    /// Takes a chunk's values in; true if that may change the type.
    fn take(&mut self, chunk: &ShreddedColumn) -> bool {
        let values = &chunk.values;
        let before = (self.kinds, self.items);
        self.kinds = self.kinds.join(values.kinds);
        self.items = self.items.join(values.items);
        self.cells += values.leaves;
        before != (self.kinds, self.items)
    }
}
