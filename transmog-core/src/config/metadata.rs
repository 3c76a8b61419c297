//! Names of the metadata columns, the columns that tie tables together and are not data.

/// Names of the metadata columns; `None` switches a column off.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The row's id.
    pub id: Option<String>,
    /// The id of the parent table's row, in child tables.
    pub parent: Option<String>,
    /// The run's time stamp.
    pub time: Option<String>,
    /// The array's key, in child tables.
    pub array_field: Option<String>,
    /// The item's number in its array, in child tables.
    pub array_index: Option<String>,
    /// What cells do not say of the row, in tables that have such rows, if
    /// [`Config::with_kept_empties`](super::Config::with_kept_empties) asks for it.
    pub empties: Option<String>,
    /// The entry's key, in child tables of [map paths](super::Config::with_map_path).
    pub key: Option<String>,
    /// What could not be read of the row's record, in tables that have such rows. `None` switches
    /// the marks off: what is wrong then shows in rejects and reports only.
    pub error: Option<String>,
    /// What came when the table had [all the columns that it may
    /// have](super::Config::with_max_columns), in tables that have such rows. `None` switches that
    /// limit off.
    pub rest: Option<String>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            id: Some("__transmog_id".into()),
            parent: Some("__parent_transmog_id".into()),
            time: Some("__transmog_datetime".into()),
            array_field: Some("__array_field".into()),
            array_index: Some("__array_index".into()),
            empties: Some("__empties".into()),
            key: Some("key".into()),
            error: Some("__error".into()),
            rest: Some("__rest".into()),
        }
    }
}

impl Metadata {
    pub(crate) fn names(&self, has_maps: bool) -> impl Iterator<Item = &String> {
        // Tables without maps may call another column so.
        let key = self.key.as_ref().filter(|_| has_maps);
        let all = [
            &self.id,
            &self.parent,
            &self.time,
            &self.array_field,
            &self.array_index,
            &self.empties,
            &self.error,
            &self.rest,
        ];
        all.into_iter().flatten().chain(key)
    }
}
