//! Adds the tables and columns that a given schema declares, before any record is read, and the
//! types that settings give.

use std::sync::Arc;

use super::{Catalog, Table, info::Rename};
use crate::{
    base::{ColumnPath, TablePath},
    config::SchemaPolicy,
    plan::{Plan, PlannedTable},
    types::{Kinds, Pin},
};

impl Catalog {
    /// Adds the given tables and columns, in their order.
    pub(super) fn add_given(&mut self) {
        let plan = Arc::clone(&self.plan);
        let Some(schema) = &plan.schema else { return };
        for planned in &schema.tables {
            let index = match planned.path.parent() {
                None => 0,
                Some(parent) => {
                    let parent = self.tables.get_index_of(&parent);
                    let wanted = plan.settings.table_name(self.plan.entity(), &planned.path);
                    let given = schema.same_entity.then_some(planned.name.as_str());
                    self.add_table(&planned.path, parent, wanted, given)
                }
            };
            // Writers are told of all tables that are there at the start.
            self.tables[index].declared = true;
            self.tables[index].closed = planned.rest && planned.policy != SchemaPolicy::Evolve;
            self.add_given_columns(index, planned);
            let table = &self.tables[index];
            let schema = self.schema(table, arrow_schema::DataType::clone);
            self.tables[index].schema = schema;
        }
    }

    fn add_given_columns(&mut self, index: usize, planned: &PlannedTable) {
        let plan = Arc::clone(&self.plan);
        let table = &mut self.tables[index];
        for column in &planned.columns {
            let known = Self::insert_column(table, &column.path, column.name.clone());
            let of_hint = Self::hinted(&plan, &planned.path, &column.path)
                .filter(|_| planned.policy == SchemaPolicy::Evolve);
            let ((kinds, items), (of_hint, items_of_hint)) =
                (column.preset(), of_hint.unwrap_or_default());
            table.columns[known].kinds = kinds.join(of_hint);
            table.columns[known].items = items.join(items_of_hint);
        }
        // As a run says it that finds these columns.
        for column in &planned.columns {
            let wanted = plan.settings.column_name(&planned.path, &column.path);
            if wanted == column.name && !planned.is_by_name() {
                self.met.column(&plan, &planned.path, &column.path);
            }
            let mut metadata = plan.settings.metadata.names(false);
            let is_taken = planned.columns.iter().any(|it| it.name == wanted)
                || metadata.any(|taken| *taken == wanted);
            if wanted != column.name && is_taken {
                table.renames.push(Rename {
                    table: table.name.clone(),
                    column: Some(Arc::clone(&column.path)),
                    table_path: planned.path.clone(),
                    taken: Some(wanted.clone()),
                    wanted,
                    name: column.name.clone(),
                });
            }
        }
    }

    /// The kinds that a type setting gives to a column.
    pub(super) fn hinted(
        plan: &Plan,
        table: &TablePath,
        path: &ColumnPath,
    ) -> Option<(Kinds, Kinds)> {
        let hint = plan.schema.as_ref()?.hint(table, path)?;
        Some(Pin::preset(hint))
    }

    /// The given table that stands for a path, if only its name was known until now.
    pub(super) fn table_by_name(&mut self, path: &TablePath) -> Option<usize> {
        let schema = self.plan.schema.as_ref()?;
        let given = schema.table(path)?;
        let index = self.tables.get_index_of(&schema.tables[given].path)?;
        let table = &mut self.tables[index];
        match &table.bound {
            Some(bound) => (bound == path).then_some(index),
            None if table.rows > 0 => None,
            None => {
                table.bound = Some(path.clone());
                Some(index)
            }
        }
    }

    /// The given column that stands for a path, if only its name was known until now, and whether
    /// it stands for it from now on.
    pub(super) fn column_by_name(
        plan: &Plan,
        table: &mut Table,
        table_path: &TablePath,
        path: &ColumnPath,
    ) -> Option<(usize, bool)> {
        let schema = plan.schema.as_ref()?;
        let given = schema.table(table_path)?;
        let column = schema.column(given, table_path, path)?;
        let guess = &schema.tables[given].columns[column].path;
        let index = table.columns.get_index_of(guess)?;
        let column = &mut table.columns[index];
        match &column.bound {
            Some(bound) => (bound == path).then_some((index, false)),
            None if column.cells > 0 => None,
            None => {
                column.bound = Some(Arc::clone(path));
                Some((index, true))
            }
        }
    }
}
