//! The processor's settings about schemas, and runs that only find out what the schema would be.

use transmog_core::{GivenSchema, Pattern, SchemaPolicy};
use transmog_io::{Asides, Discard, Error, Input, Report};

use super::{Outputs, Processor, Reopen};

/// Schemas.
impl Processor {
    /// Sets tables and columns that are there whatever comes, in their order and with at least
    /// their types: a [`Layout`] (from a schema file, or from [`Report::layout`]), or Arrow schemas
    /// by table name.
    ///
    /// ```
    /// use transmog::{Processor, SchemaPolicy};
    ///
    /// let yesterday = Processor::new().inspect(r#"{"id": 1, "price": 1.5}"#, "orders")?;
    /// let processor = Processor::new()
    ///     .with_schema(yesterday.layout)
    ///     .with_schema_policy(SchemaPolicy::Freeze);
    /// let error = processor.process(r#"{"id": "one"}"#, "orders").unwrap_err();
    /// assert!(error.to_string().contains("column id is int64 in the schema, found text"));
    /// # Ok::<(), transmog::Error>(())
    /// ```
    ///
    /// [`Layout`]: crate::Layout
    #[must_use]
    pub fn with_schema(self, schema: impl Into<GivenSchema>) -> Self {
        self.change(|config| config.with_schema(schema))
    }

    /// Sets what happens to columns, tables and values that the given schema has no room for.
    /// Default: the schema grows.
    #[must_use]
    pub fn with_schema_policy(self, policy: SchemaPolicy) -> Self {
        self.change(|config| config.with_schema_policy(policy))
    }

    /// Sets that for one table, called as in the given schema, and for tables below it that the
    /// schema does not have.
    #[must_use]
    pub fn with_table_schema_policy(self, table: &str, policy: SchemaPolicy) -> Self {
        self.change(|config| config.with_table_schema_policy(table, policy))
    }

    /// Sets the type of the columns that a pattern such as `orders.price` names: `boolean`,
    /// `int64`, `float64`, `decimal`, `text`, `date`, `timestamp`, `uuid`, or a list such as
    /// `list<int64>`. A value that does not fit is an error of its record.
    ///
    /// # Errors
    /// If it is no pattern, or there is no such type.
    pub fn with_type(self, pattern: &str, data_type: &str) -> Result<Self, Error> {
        let pattern: Pattern = pattern.parse()?;
        self.try_change(|config| config.with_type(pattern, data_type))
    }

    /// Finds out which tables, columns and types a run would give, without writing anything.
    ///
    /// ```
    /// let report = transmog::Processor::new().inspect(r#"{"id": 1, "tags": ["a"]}"#, "orders")?;
    /// assert_eq!(report.tables[1].name, "orders_tags");
    /// assert_eq!(report.tables[1].columns[0].data_type, "text");
    /// # Ok::<(), transmog::Error>(())
    /// ```
    ///
    /// # Errors
    /// If something is wrong with the input or the settings.
    pub fn inspect<'a>(
        &self,
        records: impl Into<Input<'a>>,
        entity: &str,
    ) -> Result<Report, Error> {
        self.inspect_all([records.into()], entity)
    }

    /// Finds out which tables several inputs would give, read one after another.
    ///
    /// # Errors
    /// As [`inspect`](Self::inspect).
    pub fn inspect_all<'a>(
        &self,
        inputs: impl IntoIterator<Item = Input<'a>>,
        entity: &str,
    ) -> Result<Report, Error> {
        let open = || -> Outputs { (Box::new(Discard), Asides::default()) };
        self.run(inputs.into_iter().collect(), entity, |_| {
            let again: Reopen<'_> = Box::new(move || Ok(open()));
            Ok((open(), Some(again)))
        })
    }
}
