//! Makes the plain names of columns and tables: keys joined by the separator, or what a rename rule
//! says.
//!
//! ```text
//! entity orders, array items, column price.net     -> table orders_items, column price_net
//! the same with the rename rule items = lines      -> table lines
//! ```

use super::rules::Rules;
use crate::base::{ColumnPath, Error, Result, TablePath, name};

/// What happens if two paths would have the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Naming {
    /// The first to come has the plain name, later ones get `_2`, `_3`, ..., and the report says
    /// so.
    #[default]
    Suffix,
    /// The run fails. Names of tables that differ only in upper and lower case count as the same.
    Strict,
}

impl std::str::FromStr for Naming {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "suffix" => Ok(Self::Suffix),
            "strict" => Ok(Self::Strict),
            _ => {
                let reason = format!("{word:?} is none of suffix, strict");
                Err(Error::setting("naming", reason))
            }
        }
    }
}

/// How names are made of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameStyle {
    /// Joins keys.
    pub(crate) separator: String,
    /// Names of paths with more keys are shortened.
    pub(crate) deep_nesting_threshold: Option<usize>,
    /// True if `_` at the ends of a key is cut off in names of tables.
    pub(crate) trim_table_names: bool,
    /// True if child tables' names begin with the entity made of letters, digits and `_` only.
    pub(crate) sanitise_entity: bool,
}

impl Default for NameStyle {
    /// Full paths joined with `_`.
    fn default() -> Self {
        Self {
            separator: "_".into(),
            deep_nesting_threshold: None,
            trim_table_names: false,
            sanitise_entity: false,
        }
    }
}

impl NameStyle {
    /// The plain name of a column.
    pub(crate) fn column_name(
        &self,
        rules: &Rules,
        table: &TablePath,
        path: &ColumnPath,
    ) -> String {
        let (separator, threshold) = (&self.separator, self.deep_nesting_threshold);
        if rules.renames() {
            let mut keys: Vec<&str> = table.keys().collect();
            let of_table = keys.len();
            keys.extend(path.iter().map(AsRef::as_ref));
            if let Some((length, name)) = rules.renamed(&keys, of_table) {
                let words: Vec<&str> = [name].into_iter().chain(keys.split_off(length)).collect();
                return name::column_name(&words, separator, threshold);
            }
        }
        name::column_name(path, separator, threshold)
    }

    /// The plain name of a child table.
    pub(crate) fn table_name(&self, rules: &Rules, entity: &str, table: &TablePath) -> String {
        let (separator, threshold) = (&self.separator, self.deep_nesting_threshold);
        let keys: Vec<&str> = table.keys().collect();
        let trim = self.trim_table_names;
        let sanitised = self
            .sanitise_entity
            .then(|| name::sanitise(entity, separator, trim));
        let entity = sanitised.as_deref().unwrap_or(entity);
        let mut name = match rules.renamed(&keys, 0) {
            None => name::table_name(entity, table.keys(), separator, threshold, trim),
            Some((length, name)) => {
                let below = keys[length..].iter().copied();
                let mut ends = table.hops().iter().scan(0, |end, hop| {
                    *end += hop.len();
                    Some(*end)
                });
                let below: Vec<String> = below
                    .map(|key| name::sanitise(key, separator, trim))
                    .collect();
                let is_table = ends.any(|end| end == length);
                let entity = (!is_table).then(|| entity.to_owned());
                let words = entity.into_iter().chain([name.to_owned()]).chain(below);
                words.collect::<Vec<_>>().join(separator)
            }
        };
        if table.is_errors() {
            name.extend([separator, "errors"]);
        }
        name
    }
}
