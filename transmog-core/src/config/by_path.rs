//! Settings for places in records: rules, types and given schemas, and what they mean under the
//! header of a CSV input.

use std::sync::Arc;

use super::{Config, GivenSchema, Header, How, Ids, SchemaPolicy};
use crate::base::{Pattern, Result};

/// Rules by path.
impl Config {
    /// Keeps whatever stands at a path in the row, as compact JSON text in one column: objects,
    /// arrays, and scalars too, so that every cell can be parsed. Null stays null.
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_json_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.take(How::Json, path)?;
        Ok(self)
    }

    /// Takes whatever stands at a path for an array that becomes a child table, whatever the array
    /// mode: an object or a scalar there is the only item, null is none.
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_array_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.take(How::Array, path)?;
        Ok(self)
    }

    /// Makes a child table of an object at a path whose keys are data: a row for each entry, with
    /// its key in the column [`Metadata::key`](crate::config::Metadata::key). An entry is treated
    /// like the item of an array, and its key, as the number of an item, is no part of paths.
    ///
    /// # Errors
    /// If another rule is set for the same path, or another metadata column has the key column's
    /// name.
    pub fn with_map_path(mut self, path: Pattern) -> Result<Self> {
        self.rules.take(How::Map, path)?;
        self.with_metadata(|_| ())
    }

    /// Leaves out what stands at a path, with everything below it, also where that is part of JSON
    /// text. It is counted as excluded. Wins over [`with_select`](Self::with_select).
    ///
    /// # Errors
    /// If another rule is set for the same path.
    pub fn with_exclude(mut self, path: Pattern) -> Result<Self> {
        self.rules.exclude(path)?;
        Ok(self)
    }

    /// Takes only what stands at a path, what is below it, and the objects and arrays on the way to
    /// it; everything else is counted as excluded. Several such paths add up.
    ///
    /// # Errors
    /// If the same path is excluded.
    pub fn with_select(mut self, path: Pattern) -> Result<Self> {
        self.rules.select(path)?;
        Ok(self)
    }

    /// Calls the column or the table of a path by a name. Below it, the name stands for the keys of
    /// the path; the tables below an array begin with it.
    ///
    /// # Errors
    /// If the name is empty, or the path has another one already.
    pub fn with_rename(mut self, path: Pattern, name: &str) -> Result<Self> {
        self.rules.rename(path, name)?;
        Ok(self)
    }
}

/// Schemas.
impl Config {
    /// Sets tables and columns that are there whatever comes, with at least their types.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<GivenSchema>) -> Self {
        self.schema.given = Some(Arc::new(schema.into()));
        self
    }

    /// Sets what happens to what the given schema has no place for.
    #[must_use]
    pub fn with_schema_policy(mut self, policy: SchemaPolicy) -> Self {
        self.schema.policy = policy;
        self
    }

    /// Sets that for one table, called as in the given schema, and for tables below it that the
    /// schema does not have.
    #[must_use]
    pub fn with_table_schema_policy(mut self, table: &str, policy: SchemaPolicy) -> Self {
        self.schema.of_tables.push((table.to_owned(), policy));
        self
    }

    /// Sets the type of columns by their pattern: `boolean`, `int64`, `float64`, `decimal`, `text`,
    /// or a list such as `list<int64>`. A value that does not fit is an error of its record. The
    /// first pattern that matches counts.
    ///
    /// # Errors
    /// If there is no such type, or the same path has another one.
    pub fn with_type(mut self, pattern: Pattern, data_type: &str) -> Result<Self> {
        self.schema.add_type(pattern, data_type)?;
        Ok(self)
    }
}

/// Headers.
impl Config {
    /// The settings with every rule and id field that is spelled as the header spells a column
    /// changed to the column's name. The one place where such spellings are looked at.
    pub(crate) fn under(&self, header: &Header) -> Self {
        let mut config = self.clone();
        config.rules = self.rules.under(header);
        config.schema.translate(header);
        config.ids = match &self.ids {
            Ids::Deterministic(source) => Ids::Deterministic(source.under(header)),
            Ids::Natural(natural) => Ids::Natural(natural.under(header)),
            Ids::Composite(composite) => Ids::Composite(composite.under(header)),
            other => other.clone(),
        };
        config
    }
}
