//! Describes the tables of a run as data: names, paths and types. It is the shape of schema files
//! and manifests.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::base::{ColumnPath, Role, TablePath};

/// The tables of a run, every one after its parent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Layout {
    /// The tables, the main table first.
    pub tables: Vec<TableLayout>,
}

/// One table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableLayout {
    /// Its name.
    pub name: String,
    /// Name of the parent table; `None` for the main table.
    #[serde(default)]
    pub parent: Option<String>,
    /// Its hops from the main table, each the keys from a row of the parent to the array.
    pub path: Vec<Vec<String>>,
    /// True for a table of items that could not be read; the path is that of the items' table.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub errors: bool,
    /// Its columns, metadata last.
    pub columns: Vec<ColumnLayout>,
    /// The columns that natural ids are in: a row without an id of its own has it in the first of
    /// them that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub natural_ids: Vec<String>,
    /// For columns of a CSV input that are not called as the header spells them, their keys and the
    /// spelling.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, String>,
}

/// One column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnLayout {
    /// Its name.
    pub name: String,
    /// Its keys within the row, none for the items of an array themselves; `None` for a metadata
    /// column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<String>>,
    /// What a metadata column holds: the word of its [`Role`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its type, a word of [`type_name`](crate::type_name); `json` for text that is JSON in every
    /// row.
    #[serde(rename = "type")]
    pub data_type: String,
    /// What the cells of a text column stand for, if that is not text: a word of
    /// [`Class`](crate::Class).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl TableLayout {
    /// The table's path.
    pub fn table_path(&self) -> TablePath {
        let hops = self.path.iter().map(|hop| keys(hop));
        let path = hops.fold(TablePath::main(), |path, hop| path.child(hop));
        if self.errors { path.errors() } else { path }
    }
}

impl ColumnLayout {
    /// What a metadata column holds.
    pub(crate) fn role(&self) -> Option<Role> {
        Role::of_word(self.role.as_deref()?)
    }

    /// The column's path; `None` for a metadata column.
    pub fn column_path(&self) -> Option<ColumnPath> {
        self.path.as_deref().map(keys)
    }
}

fn keys(keys: &[String]) -> ColumnPath {
    keys.iter().map(|key| Arc::from(key.as_str())).collect()
}
