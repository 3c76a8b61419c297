//! Describes the tables and columns of a catalog, for reports, manifests and schema files.

use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::{DataType, SchemaRef};

use super::{Catalog, Table};
use crate::{
    base::{ColumnPath, Role, TablePath},
    types::{Class, ColumnLayout, Kinds, Layout, TableLayout, final_type, type_name},
};

/// A path that does not have its plain name: another path had it, or it is not what the header of a
/// CSV input spells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// Name of the table that has the column, or of the renamed table itself.
    pub table: String,
    /// Keys of the column within a row; `None` if a table was renamed.
    pub column: Option<ColumnPath>,
    /// Keys of the table, outermost first.
    pub table_path: TablePath,
    /// The plain name; of a CSV input's column, the header's spelling.
    pub wanted: String,
    /// The name that something else had already; `None` if only the spelling was changed.
    pub taken: Option<String>,
    /// The name given.
    pub name: String,
}

/// One table of a finished run.
#[derive(Debug, Clone, PartialEq)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Name of the parent table; `None` for the main table.
    pub parent: Option<String>,
    /// Its path.
    pub path: TablePath,
    /// Number of rows.
    pub rows: u64,
    /// Rows whose id is random, because what the settings make ids of was missing.
    pub fallback_ids: u64,
    /// What those rows lack, in words; empty if no row can lack it.
    pub ids_need: String,
    /// Rows whose id an earlier row has; random ids and row numbers are not counted.
    pub repeated_ids: u64,
    /// True if that is exact, and false if it is about that many because the table has very many
    /// ids.
    pub repeated_ids_exact: bool,
    /// Values that have no column of their own, because there were too many columns.
    pub overflow: u64,
    /// Its columns, metadata last.
    pub columns: Vec<ColumnInfo>,
    /// The columns that natural ids are in, in the order in which they are looked for.
    pub natural_ids: Vec<String>,
    /// For columns of a CSV input that are not called as the header spells them, their keys and the
    /// spelling.
    pub header: BTreeMap<String, String>,
    /// Its final schema.
    pub schema: SchemaRef,
}

/// One column of a finished run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// Its keys within a row; `None` for a metadata column, but for an id column that is the
    /// natural column.
    pub path: Option<ColumnPath>,
    /// What a metadata column holds.
    pub role: Option<Role>,
    /// Its final type.
    pub data_type: DataType,
    /// True if every value is JSON text.
    pub is_json: bool,
    /// What the cells of a text column stand for: with kept empties, all for which the row does not
    /// say otherwise; without them, all. `None` for other columns, and where cells are of several
    /// classes.
    pub class: Option<Class>,
    /// Rows in which it holds nothing.
    pub nulls: u64,
}

impl ColumnInfo {
    /// The word for its type: [`type_name`](crate::type_name), or `json`.
    pub fn type_name(&self) -> String {
        if self.is_json {
            "json".to_owned()
        } else {
            type_name(&self.data_type)
        }
    }
}

impl Catalog {
    /// Names that had to make way, table by table.
    pub fn renames(&self) -> impl Iterator<Item = &Rename> {
        self.tables.values().flat_map(|table| &table.renames)
    }

    /// The tables so far, in the order in which they were met, with the types that they would end
    /// with now.
    pub fn tables(&self) -> Vec<TableInfo> {
        let info = |(path, table): (&TablePath, &Table)| {
            let data = table.data_columns().map(|(path, column)| ColumnInfo {
                name: column.name.clone(),
                path: Some(Arc::clone(column.bound.as_ref().unwrap_or(path))),
                role: None,
                data_type: final_type(&column.kinds.data_type(column.items)),
                is_json: column.kinds == Kinds::JSON,
                class: column.class(),
                nulls: table.rows - column.cells,
            });
            let late = self.late_columns(table).map(|(role, name)| ColumnInfo {
                name: name.clone(),
                path: None,
                role: Some(role),
                data_type: DataType::Utf8,
                is_json: role == Role::Rest,
                class: None,
                nulls: match role {
                    Role::Rest => table.rows - table.rest_rows,
                    Role::Empties => table.rows - table.empties,
                    _ => table.rows - table.errors,
                },
            });
            let metadata = table.metadata.iter().map(|(role, name)| ColumnInfo {
                name: name.clone(),
                path: table.absorbed_path(*role).cloned(),
                role: Some(*role),
                data_type: final_type(&self.metadata_type(table, *role)),
                is_json: false,
                class: table.absorbed_class(*role),
                nulls: self.metadata_nulls(table, *role),
            });
            TableInfo {
                name: table.name.clone(),
                parent: table.parent.map(|parent| self.tables[parent].name.clone()),
                path: table.bound.as_ref().unwrap_or(path).clone(),
                rows: table.rows,
                fallback_ids: table.fallback_ids,
                ids_need: self.ids_need(table.parent.is_some()),
                repeated_ids: table.repeats.count(),
                repeated_ids_exact: table.repeats.is_exact(),
                overflow: table.overflow,
                columns: data.chain(metadata).chain(late).collect(),
                natural_ids: table.natural_ids(&self.plan),
                header: if table.parent.is_none() {
                    self.spellings.changed()
                } else {
                    BTreeMap::new()
                },
                schema: self.schema(table, final_type),
            }
        };
        self.tables.iter().map(info).collect()
    }
}

/// The keys of a path as a layout has them.
fn words(path: &ColumnPath) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

impl From<&[TableInfo]> for Layout {
    fn from(tables: &[TableInfo]) -> Self {
        Self {
            tables: tables.iter().map(TableLayout::from).collect(),
        }
    }
}

impl From<&TableInfo> for TableLayout {
    fn from(table: &TableInfo) -> Self {
        Self {
            name: table.name.clone(),
            parent: table.parent.clone(),
            path: table.path.hops().iter().map(words).collect(),
            errors: table.path.is_errors(),
            columns: table.columns.iter().map(ColumnLayout::from).collect(),
            natural_ids: table.natural_ids.clone(),
            header: table.header.clone(),
        }
    }
}

impl From<&ColumnInfo> for ColumnLayout {
    fn from(column: &ColumnInfo) -> Self {
        Self {
            name: column.name.clone(),
            path: column.path.as_ref().map(words),
            role: column.role.map(|role| Role::as_str(role).to_owned()),
            data_type: column.type_name(),
            class: column
                .class
                .filter(|class| *class != Class::Text && !column.is_json)
                .map(|class| class.as_str().to_owned()),
        }
    }
}
