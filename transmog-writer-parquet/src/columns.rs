//! Tracks the columns of one table while its schema grows: names, types, and numbers that stay.

use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
use transmog_core::final_type;

use crate::Cause;

/// The latest schema of a table. A column moves in the schema when others are added before it, so
/// it is known by a number that it keeps.
///
/// Memory and file have different numbers. In memory, columns are numbered as they appear, which
/// depends on how rows were cut into batches. In the file they are numbered when a row group is
/// written, so that nothing of the batches shows. For data columns `a` and `b` and a metadata
/// column `time`, which stays the last one:
///
/// ```text
///                                      a   b   time
/// one batch with a, b and time         0   1   2       numbers in memory
/// a batch with a and time, then b      0   2   1
/// in the file, either way              0   1   2
/// ```
#[derive(Debug)]
pub(crate) struct Columns {
    schema: SchemaRef,
    /// The number of the column at each place of the schema.
    numbers: Vec<usize>,
    /// The place in the schema of each column, by number.
    places: Vec<usize>,
    by_name: BTreeMap<String, usize>,
    /// The number in the file of each column, by number; `None` (or nothing at the end) while it
    /// has none.
    in_file: Vec<Option<usize>>,
    version: u32,
}

impl Columns {
    /// The columns of a declared table.
    ///
    /// # Errors
    /// Two columns have one name, or a column has a type that Transmog's tables do not have.
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

    /// Adopts a later schema. The version changes if the schema did.
    ///
    /// # Errors
    /// The schema lacks a column of the one before, two columns have one name, or a column has a
    /// type that Transmog's tables do not have.
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

    /// Ends the growth: columns without any value become text, and all columns may hold nulls.
    ///
    /// # Errors
    /// Those of [`Columns::update`], which the latest schema has passed already.
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

    /// A number that changes with the schema.
    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The numbers of the columns in the order of the schema.
    pub(crate) fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// Numbers the columns that have no number in the file yet, in the order of the schema.
    pub(crate) fn number_in_file(&mut self) {
        let mut next = self.in_file.iter().flatten().count();
        self.in_file.resize(self.len(), None);
        for number in &self.numbers {
            self.in_file[*number].get_or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
        debug_assert!(
            self.in_file.iter().all(Option::is_some),
            "every column is in the schema, so every one has a number now"
        );
    }

    /// The numbers in the file, in the order of the schema, of the columns that have one.
    pub(crate) fn numbers_in_file(&self) -> impl Iterator<Item = usize> {
        let in_file = |number: &usize| self.in_file.get(*number).copied().flatten();
        self.numbers.iter().filter_map(in_file)
    }

    /// The latest type of a column.
    pub(crate) fn data_type(&self, number: usize) -> &DataType {
        self.schema.field(self.places[number]).data_type()
    }
}

/// True for types that Transmog's tables have.
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
