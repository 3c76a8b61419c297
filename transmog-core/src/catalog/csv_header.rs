//! Reports columns of CSV inputs whose names differ from the header (`E-Mail` became `E_Mail`), and
//! keeps the header's text for the way back.

use std::{collections::BTreeMap, sync::Arc};

use super::{Catalog, info::Rename};
use crate::{
    base::{ColumnPath, Result, TablePath},
    config::{Header, HeaderColumn},
    plan::Plan,
    shred::ShreddedChunk,
};

/// What headers said so far.
#[derive(Debug, Default)]
pub(super) struct Spellings {
    /// The spelling of each column of the main table that a header has brought, by its key; the
    /// first input's.
    by_key: BTreeMap<Arc<str>, String>,
}

impl Spellings {
    /// Adds a column. No two columns get one spelling, because records have each key once.
    fn add(&mut self, column: &HeaderColumn, is_known: bool) {
        let key: Arc<str> = column.name.as_str().into();
        if self.by_key.contains_key(&key) {
            return;
        }
        let wanted = if is_known {
            &column.name
        } else {
            &column.spelled
        };
        let is_free = |spelling: &String| !self.by_key.values().any(|other| other == spelling);
        let numbered = (2..).map(|number| format!("{}_{number}", column.name));
        let spellings = [wanted.clone(), column.name.clone()]
            .into_iter()
            .chain(numbered);
        if let Some(spelling) = { spellings }.find(is_free) {
            self.by_key.insert(key, spelling);
        }
    }

    /// The spellings that are not the key itself.
    pub(super) fn changed(&self) -> BTreeMap<String, String> {
        let all = self.by_key.iter();
        let changed = all.filter(|(key, spelling)| ***key != ***spelling);
        changed
            .map(|(key, spelling)| (key.to_string(), spelling.clone()))
            .collect()
    }
}

impl Catalog {
    /// Makes the settings those that a chunk's records were read with.
    pub(super) fn take_header(&mut self, chunk: &ShreddedChunk) -> Result<()> {
        let is_known = match (&self.headed, &chunk.header) {
            (None, None) => true,
            (Some(known), Some(header)) => Arc::ptr_eq(known, header) || known == header,
            _ => false,
        };
        if is_known {
            return Ok(());
        }
        self.headed.clone_from(&chunk.header);
        let Some(header) = &chunk.header else {
            self.plan = Arc::clone(&self.run_plan);
            return Ok(());
        };
        self.plan = Arc::new(self.run_plan.under(header)?);
        let Some((_, main)) = self.tables.get_index_mut(0) else {
            return Ok(());
        };
        for column in header.columns() {
            let key: ColumnPath = [Arc::from(column.name.as_str())].into_iter().collect();
            let known = main.columns.get(&key).map(|column| column.name.clone());
            self.spellings.add(column, known.is_some());
            // Other inputs spelled it otherwise, or as it is called.
            if let Some(name) = known
                && let Some(rename) = respelled(&self.plan, &main.name, column, &key, name)
                && !main.renames.contains(&rename)
            {
                main.renames.push(rename);
            }
        }
        Ok(())
    }

    /// The line of the report for a new column of the main table that is not called as the header
    /// spells it.
    pub(super) fn respelled(
        plan: &Plan,
        header: Option<&Header>,
        table: (&str, &TablePath),
        path: &ColumnPath,
        name: &str,
    ) -> Option<Rename> {
        let [key] = &**path else { return None };
        if !table.1.hops().is_empty() {
            return None;
        }
        let mut columns = header?.columns().iter();
        let column = columns.find(|column| *column.name == **key)?;
        respelled(plan, table.0, column, path, name.to_owned())
    }
}

/// None if the settings name the column.
fn respelled(
    plan: &Plan,
    table: &str,
    column: &HeaderColumn,
    path: &ColumnPath,
    name: String,
) -> Option<Rename> {
    let keys: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    let is_named = plan.settings.rules.renaming(&keys, 0).next().is_some();
    let differs = column.spelled != column.name && !is_named;
    differs.then(|| Rename {
        table: table.to_owned(),
        column: Some(Arc::clone(path)),
        table_path: TablePath::main(),
        wanted: column.spelled.clone(),
        taken: column.taken.clone(),
        name,
    })
}
