//! The columns of one table while its schema grows. Knows names and types, holds no values.

use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
use transmog_core::final_type;

use crate::Cause;

/// The latest schema of a table. A column is known by its number, which is given in order of appearance and stays,
/// while its place in the schema moves when columns are added before the metadata columns.
///
/// In which order columns appear depends on how rows were cut into batches: of two new columns and a metadata column, the
/// second gets number 1 if all come in one batch, and number 2 if it comes in the next one. So what is stored in the file
/// has other numbers, which are given when a row group is written.
#[derive(Debug)]
pub(crate) struct Columns {
    schema: SchemaRef,
    /// The column's number at each place of the schema.
    numbers: Vec<usize>,
    /// The place in the schema of each column.
    places: Vec<usize>,
    by_name: BTreeMap<String, usize>,
    /// The number in the file of each column, by number; nothing at the end for columns that have none yet.
    in_file: Vec<Option<usize>>,
    version: u32,
}

impl Columns {
    /// The columns of a declared table.
    ///
    /// # Errors
    /// If two columns have one name, or a type is none that Transmog's tables have.
    pub(crate) fn new(schema: &SchemaRef) -> Result<Self, Cause> {
        let mut columns = Self {
            schema: Arc::new(Schema::empty()),
            numbers: Vec::new(),
            places: Vec::new(),
            by_name: BTreeMap::new(),
            in_file: Vec::new(),
            version: 0,
        };
        columns.update(schema)?;
        Ok(columns)
    }

    /// Takes over a later schema. The version changes if the schema did.
    ///
    /// # Errors
    /// If a column is gone or two have one name, or a type is none that Transmog's tables have.
    pub(crate) fn update(&mut self, schema: &SchemaRef) -> Result<(), Cause> {
        if Arc::ptr_eq(schema, &self.schema) || *schema == self.schema {
            return Ok(());
        }
        let mut numbers = Vec::with_capacity(schema.fields().len());
        let mut places = vec![None; self.by_name.len()];
        for (place, field) in schema.fields().iter().enumerate() {
            if !is_known(field.data_type()) {
                let (name, data_type) = (field.name(), field.data_type());
                return Err(format!(
                    "column {name:?} has type {data_type}, which is not supported"
                )
                .into());
            }
            let number = if let Some(number) = self.by_name.get(field.name()) {
                *number
            } else {
                let number = self.by_name.len();
                self.by_name.insert(field.name().clone(), number);
                places.push(None);
                number
            };
            if places[number].replace(place).is_some() {
                return Err(format!("two columns are named {:?}", field.name()).into());
            }
            numbers.push(number);
        }
        let Some(places) = places.into_iter().collect() else {
            return Err("a later schema lacks a column of an earlier one".into());
        };
        self.places = places;
        self.numbers = numbers;
        self.schema = Arc::clone(schema);
        self.version += 1;
        Ok(())
    }

    /// Ends growth: what was null everywhere becomes text, and every column may hold nulls.
    ///
    /// # Errors
    /// None that [`Columns::update`] has not reported before.
    pub(crate) fn end(&mut self) -> Result<(), Cause> {
        let fields = self.schema.fields().iter().map(|field| {
            let data_type = final_type(field.data_type());
            Arc::new(
                field
                    .as_ref()
                    .clone()
                    .with_data_type(data_type)
                    .with_nullable(true),
            )
        });
        let schema =
            Schema::new_with_metadata(fields.collect::<Vec<_>>(), self.schema.metadata().clone());
        self.update(&Arc::new(schema))
    }

    /// The latest schema.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Counts the changes of the schema.
    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The columns' numbers in the schema's order.
    pub(crate) fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// Gives numbers in the file to the columns that have none, in the schema's order.
    pub(crate) fn number_in_file(&mut self) {
        let mut next = self.in_file.iter().flatten().count();
        self.in_file.resize(self.len(), None);
        for number in &self.numbers {
            self.in_file[*number].get_or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
    }

    /// The columns' numbers in the file, in the schema's order; of those that have one.
    pub(crate) fn numbers_in_file(&self) -> impl Iterator<Item = usize> {
        let in_file = |number: &usize| self.in_file.get(*number).copied().flatten();
        self.numbers.iter().filter_map(in_file)
    }

    /// The latest type of a column.
    pub(crate) fn data_type(&self, number: usize) -> &DataType {
        self.schema.field(self.places[number]).data_type()
    }
}

/// True for the types that Transmog's tables have.
fn is_known(data_type: &DataType) -> bool {
    match data_type {
        DataType::Null
        | DataType::Boolean
        | DataType::Int64
        | DataType::Float64
        | DataType::Decimal128(38, 0)
        | DataType::Utf8
        | DataType::Date32
        | DataType::Timestamp(
            TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Microsecond,
            _,
        )
        | DataType::FixedSizeBinary(16) => true,
        DataType::List(item) => {
            !matches!(item.data_type(), DataType::List(_)) && is_known(item.data_type())
        }
        _ => false,
    }
}
