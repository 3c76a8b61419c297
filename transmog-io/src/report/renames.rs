//! Reports tables, columns and files that did not get their plain names.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use transmog_core::{Catalog, Rename, folded};

use super::{ColumnReport, Report, TableReport, hops, spelled, strings};

/// A table, column or file that did not get its plain name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RenameReport {
    /// Name of the table.
    pub table: String,
    /// The table's hops.
    pub table_path: Vec<Vec<String>>,
    /// The keys of the column; `None` if the table was renamed.
    pub column_path: Option<Vec<String>>,
    /// True if the file of the table was renamed, because some file systems would confuse it with
    /// that of another table.
    pub is_file: bool,
    /// The plain name; for a CSV column, the cell of the header.
    pub wanted: String,
    /// The actual name.
    pub name: String,
    /// What has the plain name; `None` if only a CSV header was made a valid name.
    pub taken_by: Option<TakenBy>,
    /// The file of the table that it made way for, if it is a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_by_file: Option<String>,
}

/// The table or column that has the plain name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TakenBy {
    /// The table's hops.
    pub table_path: Vec<Vec<String>>,
    /// The column's keys; `None` for a metadata column, and where a table was renamed.
    pub column_path: Option<Vec<String>>,
}

/// True if a column is called like its only key: what was changed is then the spelling of a CSV
/// input's header.
fn is_of_header(name: &str, path: Option<&[String]>) -> bool {
    matches!(path, Some([key]) if key == name)
}

/// All of a run, tables and columns first.
pub(super) fn all(catalog: &Catalog, tables: &[TableReport]) -> Vec<RenameReport> {
    let mut renames = catalog.renames().peekable();
    if renames.peek().is_none() {
        return renamed_files(tables);
    }
    let by_name: BTreeMap<&str, &TableReport> = tables
        .iter()
        .map(|table| (table.name.as_str(), table))
        .collect();
    let columns: BTreeMap<(&str, &str), &ColumnReport> = tables
        .iter()
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)))
        .map(|(table, column)| ((table.name.as_str(), column.name.as_str()), column))
        .collect();
    let report = |rename: &Rename| {
        let table_path = hops(&rename.table_path);
        let column_path = rename.column.as_ref().map(|keys| strings(keys));
        let taken_by = rename.taken.as_deref().map(|taken| {
            if column_path.is_some() {
                let column = columns.get(&(rename.table.as_str(), taken));
                let path = column.and_then(|column| column.path.clone());
                // A column of a CSV input may be left out by a rule and have its name nevertheless.
                let of_header = || is_of_header(&rename.name, column_path.as_deref());
                TakenBy {
                    table_path: table_path.clone(),
                    column_path: path.or_else(|| of_header().then(|| vec![taken.to_owned()])),
                }
            } else {
                let table = by_name.get(taken);
                TakenBy {
                    table_path: table.map_or_else(Vec::new, |table| table.path.clone()),
                    column_path: None,
                }
            }
        });
        RenameReport {
            table: rename.table.clone(),
            table_path,
            column_path,
            is_file: false,
            wanted: rename.wanted.clone(),
            name: rename.name.clone(),
            taken_by_file: None,
            taken_by,
        }
    };
    renames.map(report).chain(renamed_files(tables)).collect()
}

/// Files that are not called like their tables, because other tables' files are.
fn renamed_files(tables: &[TableReport]) -> Vec<RenameReport> {
    let mut by_name: BTreeMap<String, &TableReport> = BTreeMap::new();
    let mut renamed = Vec::new();
    for table in tables {
        let Some(file) = table.files.first() else {
            continue;
        };
        let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
        let wanted = format!("{}.{extension}", table.name);
        if *file != wanted
            && let Some(first) = by_name.get(&folded(&wanted))
        {
            renamed.push(RenameReport {
                table: table.name.clone(),
                table_path: table.path.clone(),
                column_path: None,
                is_file: true,
                wanted,
                name: file.clone(),
                taken_by_file: first.files.first().cloned(),
                taken_by: Some(TakenBy {
                    table_path: first.path.clone(),
                    column_path: None,
                }),
            });
        }
        by_name.insert(folded(file), table);
    }
    renamed
}

impl Report {
    /// A line for each name that was taken. Sanitised CSV headers are not listed.
    pub(super) fn write_renames(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rename in &self.renames {
            let Some(taken_by) = &rename.taken_by else {
                continue;
            };
            let (name, wanted) = (&rename.name, &rename.wanted);
            if let Some(path) = &rename.column_path {
                let first = match &taken_by.column_path {
                    Some(first) => first.join("."),
                    None => "a metadata column".to_owned(),
                };
                let table = &rename.table;
                if is_of_header(name, Some(path)) {
                    writeln!(
                        f,
                        "{table}: column {wanted:?} of the header is called {name}, because there is a {first}"
                    )?;
                    continue;
                }
                let path = path.join(".");
                writeln!(
                    f,
                    "{table}: {path} is column {name}, because {first} is {wanted}"
                )?;
            } else {
                let path = spelled(&rename.table_path);
                let first = spelled(&taken_by.table_path);
                match rename.taken_by_file.as_deref() {
                    Some(file) if file != wanted => writeln!(
                        f,
                        "{path} is in file {name}, because {first} is in {file}, which some file systems take for \
                         {wanted}"
                    )?,
                    Some(file) => {
                        writeln!(f, "{path} is in file {name}, because {first} is in {file}")?;
                    }
                    None => writeln!(f, "{path} is table {name}, because {first} is {wanted}")?,
                }
            }
        }
        Ok(())
    }
}
