//! Names of columns and tables, with the rules that give some.

use super::{Rules, What};
use crate::{
    base::{ColumnPath, TablePath, name},
    config::Config,
};

impl Rules {
    pub(super) fn renames(&self) -> bool {
        self.any(|what| matches!(what, What::Rename(_)))
    }

    /// The longest renamed prefix of these keys that has more than `least` of them: how many keys it has, and its name.
    fn renamed<'r>(&'r self, keys: &[&str], least: usize) -> Option<(usize, &'r str)> {
        // Of two of the same length, the first one that was set.
        self.names_of(keys, least)
            .map(|(_, length, name)| (length, name))
            .reduce(|best, other| if other.0 > best.0 { other } else { best })
    }

    /// The numbers of the rules that rename a prefix of these keys with more than `least` of them.
    pub(crate) fn renaming<'r>(
        &'r self,
        keys: &'r [&str],
        least: usize,
    ) -> impl Iterator<Item = usize> + 'r {
        self.names_of(keys, least).map(|(number, ..)| number)
    }

    /// The number, the length and the name of each of these rules.
    fn names_of<'r, 'k>(
        &'r self,
        keys: &'k [&'k str],
        least: usize,
    ) -> impl Iterator<Item = (usize, usize, &'r str)> {
        self.rules.iter().filter_map(move |rule| {
            let What::Rename(name) = &rule.what else {
                return None;
            };
            let length = rule.pattern.len();
            let prefix = keys.get(..length)?;
            let is_named = length > least && rule.pattern.matches(prefix.iter().copied());
            is_named.then_some((rule.number, length, name.as_str()))
        })
    }
}

/// Names.
impl Config {
    /// The plain name of a column.
    pub(crate) fn column_name(&self, table: &TablePath, path: &ColumnPath) -> String {
        let (separator, threshold) = (&self.separator, self.deep_nesting_threshold);
        if self.rules.renames() {
            let mut keys: Vec<&str> = table.keys().collect();
            let of_table = keys.len();
            keys.extend(path.iter().map(AsRef::as_ref));
            if let Some((length, name)) = self.rules.renamed(&keys, of_table) {
                let words: Vec<&str> = [name].into_iter().chain(keys.split_off(length)).collect();
                return name::column_name(&words, separator, threshold);
            }
        }
        name::column_name(path, separator, threshold)
    }

    /// The plain name of a child table.
    pub(crate) fn table_name(&self, entity: &str, table: &TablePath) -> String {
        let (separator, threshold) = (&self.separator, self.deep_nesting_threshold);
        let keys: Vec<&str> = table.keys().collect();
        let trim = self.trim_table_names;
        let sanitised = self
            .sanitise_entity
            .then(|| name::sanitise(entity, separator, trim));
        let entity = sanitised.as_deref().unwrap_or(entity);
        let mut name = match self.rules.renamed(&keys, 0) {
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
