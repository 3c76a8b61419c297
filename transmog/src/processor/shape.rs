//! The processor's settings by path, and of names and numbers of columns.

use transmog_core::{Config, Error as DataError, Naming, Pattern};
use transmog_io::Error;

use super::Processor;

/// Which places in records are treated otherwise than all others. Paths are [`Pattern`]s:
/// `orders.lines.sku`, or a JSON pointer; arrays on the way are not counted. Each call adds one.
impl Processor {
    fn at(
        self,
        path: &str,
        change: impl FnOnce(Config, Pattern) -> Result<Config, DataError>,
    ) -> Result<Self, Error> {
        let path = path.parse()?;
        self.try_change(|config| change(config, path))
    }

    /// Keeps what stands at a path in the row as JSON text: [`Config::with_json_path`].
    ///
    /// # Errors
    /// If it is no path, or another rule is set for it.
    pub fn with_json_path(self, path: &str) -> Result<Self, Error> {
        self.at(path, Config::with_json_path)
    }

    /// Takes what stands at a path for an array that becomes a table: [`Config::with_array_path`].
    ///
    /// # Errors
    /// If it is no path, or another rule is set for it.
    pub fn with_array_path(self, path: &str) -> Result<Self, Error> {
        self.at(path, Config::with_array_path)
    }

    /// Makes a table of an object whose keys are data: [`Config::with_map_path`].
    ///
    /// ```
    /// # use transmog::Processor;
    /// let result = Processor::new()
    ///     .with_map_path("prices")?
    ///     .process(r#"{"prices": {"EUR": 5, "USD": 6}}"#, "t")?;
    /// let prices = result.child_table("t_prices").ok_or("a table")?;
    /// let row = prices.rows().last().ok_or("a row")?;
    /// assert_eq!(row.get("key").and_then(|key| key.as_str()), Some("USD"));
    /// assert_eq!(row.get("value").and_then(|value| value.as_i64()), Some(6));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it is no path, another rule is set for it, or another metadata column has the name of the
    /// keys' column.
    pub fn with_map_path(self, path: &str) -> Result<Self, Error> {
        self.at(path, Config::with_map_path)
    }

    /// Leaves out what stands at a path: [`Config::with_exclude`].
    ///
    /// # Errors
    /// If it is no path, or another rule is set for it.
    pub fn with_exclude(self, path: &str) -> Result<Self, Error> {
        self.at(path, Config::with_exclude)
    }

    /// Takes only what stands at this path and others that are selected: [`Config::with_select`].
    ///
    /// # Errors
    /// If it is no path, or is excluded.
    pub fn with_select(self, path: &str) -> Result<Self, Error> {
        self.at(path, Config::with_select)
    }

    /// Calls what stands at a path by a name: [`Config::with_rename`].
    ///
    /// # Errors
    /// If it is no path, the name is empty, or the path has another one.
    pub fn with_rename(self, path: &str, name: &str) -> Result<Self, Error> {
        self.at(path, |config, path| config.with_rename(path, name))
    }
}

/// What rules must do.
impl Processor {
    /// Sets whether a rule that applies to nothing is an error; then nothing is written. Default:
    /// false, and [`Report::rules`](crate::Report::rules) has how often each applied. Rules are not
    /// judged if there were no records.
    ///
    /// ```
    /// # use transmog::Processor;
    /// let processor = Processor::new().with_exclude("user.snn")?;
    /// let record = r#"{"user": {"ssn": "000-00-0000"}}"#;
    /// let report = processor.inspect(record, "t")?;
    /// assert_eq!(report.rules[0].met, 0);
    /// assert_eq!(report.rules[0].suggestion.as_deref(), Some("user.ssn"));
    /// assert!(processor.with_strict_rules(true).inspect(record, "t").is_err());
    /// # Ok::<(), transmog::Error>(())
    /// ```
    #[must_use]
    pub fn with_strict_rules(mut self, strict: bool) -> Self {
        self.strict_rules = strict;
        self
    }
}

/// Names, and numbers of columns and tables.
impl Processor {
    /// Sets what happens if two paths would have the same name.
    #[must_use]
    pub fn with_naming(self, naming: Naming) -> Self {
        self.change(|config| config.with_naming(naming))
    }

    /// Sets how many data columns a table may have: [`Config::with_max_columns`].
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_max_columns(self, columns: usize) -> Result<Self, Error> {
        self.try_change(|config| config.with_max_columns(columns))
    }

    /// Sets how many tables there may be: [`Config::with_max_tables`].
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_max_tables(self, tables: usize) -> Result<Self, Error> {
        self.try_change(|config| config.with_max_tables(tables))
    }
}
