//! Rules by path: what becomes of the value that stands somewhere, and what it is called. They only answer; the shredder and
//! the catalog ask.

use crate::{
    config::Config,
    error::{Error, Result},
    name,
    path::{ColumnPath, TablePath},
    pattern::Pattern,
    value::Value,
};

/// The rules of a run, by the keys that lead to a value: those of its table, then those within the row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rules {
    /// Where values are not taken as they come; the first that matches counts, in the order of [`How`].
    treated: Vec<(How, Pattern)>,
    exclude: Vec<Pattern>,
    select: Vec<Pattern>,
    renames: Vec<(Pattern, String)>,
}

/// How a value is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    /// As what it is.
    #[default]
    Plain,
    /// Not at all.
    Excluded,
    /// As JSON text.
    Json,
    /// An object as a table of its entries.
    Map,
    /// As an array.
    Array,
}

impl How {
    /// Name of its setting.
    fn setting(self) -> &'static str {
        match self {
            Self::Plain | Self::Excluded => "exclude",
            Self::Json => "json_path",
            Self::Map => "map_path",
            Self::Array => "array_path",
        }
    }
}

/// What a path within the rows of a table needs. Most need nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Treatment {
    pub(crate) how: How,
    /// True if only something below it is selected: its own scalars are left out.
    pub(crate) way: bool,
    /// True if texts must be spelled as its type wants it.
    pub(crate) form: bool,
}

impl Treatment {
    pub(crate) const PLAIN: Self = Self {
        how: How::Plain,
        way: false,
        form: false,
    };
}

/// Whether a value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Out,
    /// Only what is selected below it.
    Way,
    In,
}

impl Rules {
    /// How the value at these keys is taken.
    pub(crate) fn treatment(&self, keys: &[&str]) -> Treatment {
        let way = match self.reach(keys) {
            Reach::Out => {
                return Treatment {
                    how: How::Excluded,
                    ..Treatment::PLAIN
                };
            }
            reach => reach == Reach::Way,
        };
        let matching = self
            .treated
            .iter()
            .find(|(_, pattern)| pattern.matches(keys.iter().copied()));
        let how = matching.map_or(How::Plain, |(how, _)| *how);
        Treatment {
            how,
            way,
            form: false,
        }
    }

    /// How the items of a table are taken, whose array these keys lead to.
    pub(crate) fn item_treatment(&self, keys: &[&str]) -> Treatment {
        Treatment {
            way: self.reach(keys) == Reach::Way,
            ..Treatment::PLAIN
        }
    }

    /// True if objects at these keys are tables of their entries.
    pub(crate) fn is_map<'k>(&self, keys: impl Iterator<Item = &'k str>) -> bool {
        self.has_maps() && self.treatment(&keys.collect::<Vec<_>>()).how == How::Map
    }

    /// True if there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.treated.is_empty() && !self.leaves_out()
    }

    pub(crate) fn has_maps(&self) -> bool {
        self.treated.iter().any(|(how, _)| *how == How::Map)
    }

    /// True if there are rules that leave something out.
    pub(crate) fn leaves_out(&self) -> bool {
        !(self.exclude.is_empty() && self.select.is_empty())
    }

    fn reach(&self, keys: &[&str]) -> Reach {
        let all = || keys.iter().copied();
        if self.exclude.iter().any(|pattern| pattern.matches(all())) {
            return Reach::Out;
        }
        let selected = |pattern: &Pattern| pattern.matches(all().take(pattern.len()));
        if self.select.is_empty() || self.select.iter().any(selected) {
            return Reach::In;
        }
        let leads = |pattern: &Pattern| pattern.leads_to(all()).is_some();
        if self.select.iter().any(leads) {
            Reach::Way
        } else {
            Reach::Out
        }
    }

    /// The value at these keys without what is left out of it, which is counted. What is left out of an array leaves null.
    pub(crate) fn prune<'v>(
        &self,
        keys: &mut Vec<&'v str>,
        value: &'v Value,
        left_out: &mut u64,
    ) -> Value {
        let reach = self.reach(keys);
        match value {
            Value::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.prune(keys, item, left_out))
                    .collect(),
            ),
            Value::Object(fields) => {
                let mut rest = Vec::with_capacity(fields.len());
                for (key, value) in fields {
                    keys.push(key);
                    let is_scalar = value.readable().scalar().is_some();
                    let goes = match self.reach(keys) {
                        Reach::Out => true,
                        Reach::Way => is_scalar,
                        Reach::In => false,
                    };
                    if goes {
                        *left_out += value.leaves();
                    } else {
                        rest.push((key.clone(), self.prune(keys, value, left_out)));
                    }
                    keys.pop();
                }
                rest.into_iter().collect()
            }
            Value::Faulty(faulty) => {
                let rest = self.prune(keys, &faulty.rest, left_out);
                rest.faulty(faulty.message.clone())
            }
            Value::Json(_) if reach == Reach::Way || self.excludes_below(keys) => {
                // It is too deep to be looked into.
                *left_out += 1;
                Value::Null
            }
            other if reach == Reach::Way => {
                *left_out += other.leaves();
                Value::Null
            }
            other => other.clone(),
        }
    }

    fn excludes_below(&self, keys: &[&str]) -> bool {
        let leads = |pattern: &Pattern| pattern.leads_to(keys.iter().copied()).is_some();
        self.exclude.iter().any(leads)
    }

    /// The longest renamed prefix of these keys that has more than `least` of them: how many keys it has, and its name.
    fn renamed(&self, keys: &[&str], least: usize) -> Option<(usize, &str)> {
        let lengths = self.renames.iter().map(|(pattern, name)| {
            let length = pattern.len();
            let prefix = keys.get(..length)?;
            let is_named = length > least && pattern.matches(prefix.iter().copied());
            is_named.then_some((length, name.as_str()))
        });
        // Of two of the same length, the first one that was set.
        lengths
            .flatten()
            .reduce(|best, other| if other.0 > best.0 { other } else { best })
    }

    fn add(&mut self, how: How, pattern: Pattern) -> Result<()> {
        if let Some((other, _)) = self.treated.iter().find(|(_, known)| *known == pattern)
            && *other != how
        {
            return Err(conflict(&pattern, how.setting(), other.setting()));
        }
        if self.exclude.contains(&pattern) {
            return Err(conflict(&pattern, how.setting(), "exclude"));
        }
        let at = self.treated.partition_point(|(other, _)| *other <= how);
        self.treated.insert(at, (how, pattern));
        Ok(())
    }
}

fn conflict(pattern: &Pattern, setting: &'static str, other: &str) -> Error {
    Error::setting(
        setting,
        format!("{pattern} is also set as {other}; set one of them"),
    )
}

/// Rules by path.
impl Config {
    /// Keeps whatever stands at a path in the row, as compact JSON text in one column: objects, arrays, and scalars too, so that
    /// every cell can be parsed. Null stays null.
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_json_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(How::Json, path)?;
        Ok(self)
    }

    /// Takes whatever stands at a path for an array that becomes a child table, whatever the array mode: an object or a scalar
    /// there is the only item, null is none.
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_array_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(How::Array, path)?;
        Ok(self)
    }

    /// Makes a child table of an object at a path whose keys are data: a row for each entry, with its key in the column
    /// [`Metadata::key`](crate::Metadata::key). An entry is treated like the item of an array, and its key, as the number of
    /// an item, is no part of paths.
    ///
    /// # Errors
    /// If another rule is set for the same path, or another metadata column has the key column's name.
    pub fn with_map_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.add(How::Map, path)?;
        self.with_metadata(|_| ())
    }

    /// Leaves out what stands at a path, with everything below it, also where that is part of JSON text. It is counted as
    /// excluded. Wins over [`with_select`](Self::with_select).
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_exclude(mut self, path: Pattern) -> Result<Self> {
        if let Some((other, _)) = self.rules.treated.iter().find(|(_, known)| *known == path) {
            return Err(conflict(&path, "exclude", other.setting()));
        }
        if self.rules.select.contains(&path) {
            return Err(conflict(&path, "exclude", "select"));
        }
        self.rules.exclude.push(path);
        Ok(self)
    }

    /// Takes only what stands at a path, what is below it, and the objects and arrays on the way to it; everything else is
    /// counted as excluded. Several such paths add up.
    ///
    /// # Errors
    /// If the same path is excluded.
    pub fn with_select(mut self, path: Pattern) -> Result<Self> {
        if self.rules.exclude.contains(&path) {
            return Err(conflict(&path, "select", "exclude"));
        }
        self.rules.select.push(path);
        Ok(self)
    }

    /// Calls the column or the table of a path by a name. Below it, the name stands for the keys of the path; the tables below
    /// an array begin with it.
    ///
    /// # Errors
    /// If the name is empty, or the path has another one already.
    pub fn with_rename(mut self, path: Pattern, name: &str) -> Result<Self> {
        if name.is_empty() {
            return Err(Error::setting(
                "rename",
                format!("{path} needs a name that is not empty"),
            ));
        }
        let renames = &mut self.rules.renames;
        if let Some((_, other)) = renames.iter().find(|(known, _)| *known == path) {
            if other != name {
                let reason = format!("{path} is called {other:?} and {name:?}; give one name");
                return Err(Error::setting("rename", reason));
            }
            return Ok(self);
        }
        renames.push((path, name.to_owned()));
        Ok(self)
    }

    /// The plain name of a column.
    pub(crate) fn column_name(&self, table: &TablePath, path: &ColumnPath) -> String {
        let (separator, threshold) = (&self.separator, self.deep_nesting_threshold);
        if !self.rules.renames.is_empty() {
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
