//! Puts batches into one table that were made apart: by runs that knew nothing of each other, or by hand. What the
//! catalog does for paths is done here for names.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, cast::AsArray, types::Int64Type};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use indexmap::IndexMap;

use crate::{
    batch::TableBatch,
    cells::Cells,
    error::{ErrorKind, Result},
    kinds::{Kinds, final_schema},
    role::Role,
};

/// The columns of one table so far. Data columns are joined by name, in order of first appearance, and a column's type
/// is the one that holds all its values exactly; metadata columns come last and must be the same everywhere.
///
/// ```
/// # use std::sync::Arc;
/// # use arrow_array::{Float64Array, Int64Array, RecordBatch};
/// # use arrow_schema::DataType;
/// # use transmog_core::{TableBatch, TableUnion};
/// let ints = RecordBatch::try_from_iter([("a", Arc::new(Int64Array::from(vec![3])) as _)])?;
/// let floats = RecordBatch::try_from_iter([("a", Arc::new(Float64Array::from(vec![2.5])) as _)])?;
/// let mut union = TableUnion::new("t");
/// assert_eq!(union.take(&ints.into())?.rows.schema().field(0).data_type(), &DataType::Int64);
/// assert_eq!(union.take(&floats.into())?.rows.schema().field(0).data_type(), &DataType::Float64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TableUnion {
    table: String,
    columns: IndexMap<String, Column, ahash::RandomState>,
    metadata: Option<Vec<FieldRef>>,
    schema: SchemaRef,
    /// The latest id, if ids are row numbers.
    last_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Column {
    /// What values it has, and what its lists' items are.
    Kinds(Kinds, Kinds),
    /// Values of no kind: times, say.
    Other(DataType),
}

impl TableUnion {
    /// A table without columns; errors call it `table`.
    pub fn new(table: &str) -> Self {
        Self {
            table: table.to_owned(),
            columns: IndexMap::default(),
            metadata: None,
            schema: Arc::new(Schema::empty()),
            last_id: None,
        }
    }

    /// The columns so far, with the types that they need by now: null where no value was seen.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The schema with which the table ends if nothing more comes.
    pub fn final_schema(&self) -> SchemaRef {
        final_schema(&self.schema)
    }

    /// Takes the rows of a batch in and gives them the schema so far.
    ///
    /// # Errors
    /// If the batch has other metadata columns than those before, a type that Transmog's tables do not have, or row
    /// numbers as ids that start again, so that they would belong to other rows too. Nothing is taken in then.
    pub fn take(&mut self, batch: &TableBatch) -> Result<TableBatch> {
        self.admit(batch)?;
        batch.widened(&self.schema)
    }

    fn admit(&mut self, batch: &TableBatch) -> Result<()> {
        let fields = batch.rows.schema_ref().fields();
        let metadata: Vec<FieldRef> = fields
            .iter()
            .filter(|field| Role::of(field).is_some())
            .cloned()
            .collect();
        let last_id = self.check_metadata(batch, &metadata)?;
        let mut changed = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            if Role::of(field).is_some() {
                continue;
            }
            let name = field.name();
            if metadata.iter().any(|other| other.name() == name) {
                let reason = format!("column {name:?} is data and metadata in one");
                return Err(self.error(reason));
            }
            let marks = batch.integers.get(index).and_then(Option::as_ref);
            let Some(new) = Column::of(batch.rows.column(index), marks) else {
                let data_type = field.data_type();
                let reason = format!("column {name:?} has type {data_type}, which no table has");
                return Err(self.error(reason));
            };
            let joined = match self.columns.get(name) {
                Some(known) => known.join(&new),
                None => new,
            };
            if self.columns.get(name) != Some(&joined) {
                changed.push((name.clone(), joined));
            }
        }
        let same = changed.is_empty() && self.metadata.is_some();
        self.columns.extend(changed);
        self.metadata = Some(metadata);
        self.last_id = last_id;
        if !same {
            self.schema = self.joined();
        }
        Ok(())
    }

    /// Compares metadata columns with those before. Gives the latest row number.
    fn check_metadata(&self, batch: &TableBatch, metadata: &[FieldRef]) -> Result<Option<i64>> {
        if let Some(known) = &self.metadata
            && !std::iter::zip(known, metadata).all(|(a, b)| is_same(a, b))
                | (known.len() != metadata.len())
        {
            let names = |fields: &[FieldRef]| {
                let words = fields
                    .iter()
                    .map(|field| format!("{} {}", field.name(), field.data_type()));
                words.collect::<Vec<_>>().join(", ")
            };
            let reason = format!(
                "its metadata columns are {} in some rows and {} in others; use the same settings for all",
                names(known),
                names(metadata)
            );
            return Err(self.error(reason));
        }
        let fields = batch.rows.schema_ref().fields();
        let id = fields
            .iter()
            .position(|field| Role::of(field) == Some(Role::Id))
            .and_then(|index| batch.rows.column(index).as_primitive_opt::<Int64Type>());
        let Some((first, last)) = id.and_then(|ids| ids.values().first().zip(ids.values().last()))
        else {
            return Ok(self.last_id);
        };
        if self.last_id.is_some_and(|last_id| *first <= last_id) {
            let reason = "its ids are row numbers that start again, so that they would name several rows; use random or \
                          deterministic ids to put results together";
            return Err(self.error(reason.to_owned()));
        }
        Ok(Some(*last))
    }

    fn joined(&self) -> SchemaRef {
        let data = self
            .columns
            .iter()
            .map(|(name, column)| Arc::new(Field::new(name, column.data_type(), true)));
        let metadata = self.metadata.iter().flatten().cloned();
        Arc::new(Schema::new(data.chain(metadata).collect::<Vec<_>>()))
    }

    fn error(&self, reason: String) -> crate::Error {
        let table = self.table.clone();
        ErrorKind::Union { table, reason }.into()
    }
}

fn is_same(a: &Field, b: &Field) -> bool {
    a.name() == b.name() && a.data_type() == b.data_type() && Role::of(a) == Role::of(b)
}

impl Column {
    /// `None` for types that tables do not have.
    fn of(array: &ArrayRef, integers: Option<&BooleanBuffer>) -> Option<Self> {
        if let Some((kinds, items)) = Kinds::of(array, integers) {
            return Some(Self::Kinds(kinds, items));
        }
        Cells::new(array, None).ok()?;
        let is_scalar = !matches!(array.data_type(), DataType::List(_));
        is_scalar.then(|| Self::Other(array.data_type().clone()))
    }

    fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Kinds(a, a_items), Self::Kinds(b, b_items)) => {
                Self::Kinds(a.join(*b), a_items.join(*b_items))
            }
            (some, Self::Kinds(Kinds::NONE, _)) | (Self::Kinds(Kinds::NONE, _), some) => {
                some.clone()
            }
            (a, b) if a == b => a.clone(),
            // Spelled as text, they are together with anything.
            _ => Self::Kinds(Kinds::TEXT, Kinds::NONE),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Kinds(kinds, items) => kinds.data_type(*items),
            Self::Other(data_type) => data_type.clone(),
        }
    }
}
