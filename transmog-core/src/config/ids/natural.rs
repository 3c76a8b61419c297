//! Settings of natural ids: the names of the columns in which the data has ids of its own.

use crate::{
    base::{Error, Result},
    config::Header,
};

/// Names of columns that probably hold ids.
const PATTERNS: [&str; 16] = [
    "id",
    "ID",
    "Id",
    "_id",
    "uuid",
    "UUID",
    "guid",
    "GUID",
    "pk",
    "PK",
    "primary_key",
    "key",
    "identifier",
    "code",
    "number",
    "no",
];

/// Where natural ids are, see [`Ids::Natural`](crate::config::Ids::Natural).
///
/// ```
/// use transmog_core::{Config, Ids, NaturalIds};
///
/// let ids = NaturalIds::new().with_mapping([("orders", "order_no"), ("*", "id")])?;
/// let config = Config::default().with_ids(Ids::Natural(ids));
/// # Ok::<(), transmog_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NaturalIds {
    patterns: Vec<String>,
    /// True if the patterns are the caller's.
    has_own_patterns: bool,
    mapping: Vec<(String, String)>,
    forced: bool,
}

impl Default for NaturalIds {
    fn default() -> Self {
        Self::new()
    }
}

impl NaturalIds {
    /// Ids in columns with the usual names: `id`, `ID`, `Id`, `_id`, `uuid`, `UUID`, `guid`,
    /// `GUID`, `pk`, `PK`, `primary_key`, `key`, `identifier`, `code`, `number`, `no`.
    pub fn new() -> Self {
        Self {
            patterns: PATTERNS.map(str::to_owned).into(),
            has_own_patterns: false,
            mapping: Vec::new(),
            forced: false,
        }
    }

    /// Sets the names of columns that may hold ids: a row's id is in the first of them that it has,
    /// with text that is not blank, a number or a boolean. None at all leaves it to the mapping.
    ///
    /// # Errors
    /// If a name is empty.
    pub fn with_patterns(
        mut self,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self> {
        self.patterns = columns.into_iter().map(Into::into).collect();
        self.has_own_patterns = true;
        if self.patterns.iter().any(String::is_empty) {
            let reason = "a pattern of natural ids must not be empty";
            return Err(Error::setting("ids", reason));
        }
        Ok(self)
    }

    /// Sets columns by the name of their table, or `*` for all others. They come before the
    /// patterns, and any value but null will do.
    ///
    /// # Errors
    /// If a name is empty, or a table comes twice.
    pub fn with_mapping(
        mut self,
        columns: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self> {
        let pair = |(table, column): (_, _)| (Into::into(table), Into::into(column));
        self.mapping = columns.into_iter().map(pair).collect();
        for (i, (table, column)) in self.mapping.iter().enumerate() {
            if table.is_empty() || column.is_empty() {
                let reason = "natural ids: a table and its column must have names";
                return Err(Error::setting("ids", reason));
            }
            if self.mapping[..i].iter().any(|(known, _)| known == table) {
                let reason = format!("natural ids: table {table:?} comes twice");
                return Err(Error::setting("ids", reason));
            }
        }
        Ok(self)
    }

    /// Sets whether every row gets a random id nevertheless. Child rows point at it then.
    #[must_use]
    pub fn with_forced(mut self, forced: bool) -> Self {
        self.forced = forced;
        self
    }

    /// The same columns, if they are spelled as a CSV header spells them.
    pub(crate) fn under(&self, header: &Header) -> Self {
        let called = |column: &String| header.column(column).to_owned();
        let mapping = self.mapping.iter();
        Self {
            patterns: self.patterns.iter().map(called).collect(),
            mapping: mapping
                .map(|(table, column)| (table.clone(), called(column)))
                .collect(),
            forced: self.forced,
            has_own_patterns: self.has_own_patterns,
        }
    }

    /// True if every row has a random id.
    pub(crate) fn is_forced(&self) -> bool {
        self.forced
    }

    /// True if the caller has named columns.
    pub(crate) fn is_named(&self) -> bool {
        self.has_own_patterns || !self.mapping.is_empty()
    }

    /// All columns that it names: those of the mapping, then the patterns.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.pairs().map(|(_, column)| column)
    }

    /// All columns that it names, in the same order, with the tables that it names them for.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let mapped = self.mapping.iter();
        let mapped = mapped.map(|(table, column)| (Some(table.as_str()), column.as_str()));
        mapped.chain(self.patterns().map(|pattern| (None, pattern)))
    }

    /// Number among [`words`](Self::words) and name of the columns to look for in a table, in this
    /// order; true for the one that the mapping names.
    pub(crate) fn words_for(&self, table: &str) -> impl Iterator<Item = (usize, &str, bool)> {
        let entry = |wanted: &str| self.mapping.iter().position(|(known, _)| known == wanted);
        let mapped = entry(table).or_else(|| entry("*"));
        let mapped = mapped.map(|number| (number, self.mapping[number].1.as_str(), true));
        let patterns = self.patterns().zip(self.mapping.len()..);
        mapped
            .into_iter()
            .chain(patterns.map(|(pattern, number)| (number, pattern, false)))
    }

    /// The column that a table's mapping names.
    pub(crate) fn mapped(&self, table: &str) -> Option<&str> {
        let mut words = self.words_for(table);
        words.find_map(|(_, word, is_mapped)| is_mapped.then_some(word))
    }

    /// The columns to try after the mapped one.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(String::as_str)
    }

    /// True if a table's id column and its natural column are one, because they have one name.
    pub(crate) fn absorbs(&self, table: &str, id_column: Option<&str>) -> bool {
        let first = self.mapped(table).or_else(|| self.patterns().next());
        !self.forced && first.is_some() && first == id_column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_refused() {
        let ids = NaturalIds::new;
        assert!(ids().with_patterns(["a", ""]).is_err());
        assert!(ids().with_patterns(Vec::<String>::new()).is_ok());
        assert!(ids().with_mapping([("", "a")]).is_err());
        assert!(ids().with_mapping([("*", "")]).is_err());
        assert!(ids().with_mapping([("*", "a"), ("*", "b")]).is_err());
    }

    #[test]
    fn a_table_comes_before_the_others() {
        let ids = NaturalIds::new()
            .with_mapping([("*", "a"), ("t", "b")])
            .expect("allowed");
        assert_eq!([ids.mapped("t"), ids.mapped("u")], [Some("b"), Some("a")]);
        assert!(ids.absorbs("t", Some("b")) && !ids.absorbs("t", Some("a")));
        assert!(!ids.clone().with_forced(true).absorbs("t", Some("b")));
        let none = ids.with_mapping(Vec::<(String, String)>::new());
        let none = none.and_then(|ids| ids.with_patterns(Vec::<String>::new()));
        assert!(!none.expect("allowed").absorbs("t", None));
    }
}
