//! Joins batches that were made apart into one table, by column name, as the catalog joins chunks
//! by path.

use std::{collections::BTreeSet, sync::Arc};

use arrow_array::{Array, ArrayRef, cast::AsArray, types::Int64Type};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use indexmap::IndexMap;

use crate::{
    arrow::{Cells, TableBatch},
    base::{ErrorKind, Result, Role},
    types::{Kinds, final_schema},
};

/// The columns of one table so far. Data columns are joined by name, in order of first appearance,
/// and a column's type is the one that holds all its values exactly; metadata columns come last and
/// must be the same everywhere, but for the types of ids, which are joined as data is, and the
/// column of errors, which not every run has.
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
    /// The columns that not every run has, in the order in which they came.
    late: Vec<FieldRef>,
    schema: SchemaRef,
    /// The latest id, if ids are row numbers.
    last_id: Option<i64>,
    /// Schema of the latest batch as it came.
    admitted: Option<SchemaRef>,
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
            late: Vec::new(),
            schema: Arc::new(Schema::empty()),
            last_id: None,
            admitted: None,
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
    /// If the batch has other metadata columns than those before, a type that Transmog's tables do
    /// not have, or row numbers as ids that start again, so that they would belong to other rows
    /// too. Nothing is taken in then.
    pub fn take(&mut self, batch: &TableBatch) -> Result<TableBatch> {
        self.admit(batch)?;
        batch.widened(&self.schema)
    }

    fn admit(&mut self, batch: &TableBatch) -> Result<()> {
        let fields = batch.rows.schema_ref().fields();
        let metadata: Vec<FieldRef> = fields
            .iter()
            .filter(|field| Role::of(field).is_some_and(|role| !role.is_late()))
            .cloned()
            .collect();
        let mut late = self.late.clone();
        for field in fields {
            if Role::of(field).is_some_and(Role::is_late) && !late.contains(field) {
                late.push(Arc::clone(field));
            }
        }
        let metadata = self.join_metadata(metadata)?;
        let last_id = self.check_row_numbers(batch)?;
        let is_known = (self.admitted.as_ref())
            .is_some_and(|known| Arc::ptr_eq(known, batch.rows.schema_ref()));
        if !is_known {
            let mut names = BTreeSet::new();
            if let Some(twice) = fields.iter().find(|field| !names.insert(field.name())) {
                return Err(self.error(format!("two columns are named {:?}", twice.name())));
            }
        }
        let mut changed = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            if Role::of(field).is_some() {
                continue;
            }
            let name = field.name();
            let array = batch.rows.column(index);
            let marks = batch.integers.get(index).and_then(Option::as_ref);
            let cells = array
                .as_list_opt::<i32>()
                .map_or(array.len(), |list| list.values().len());
            if marks.is_some_and(|marks| marks.len() != cells) {
                let reason =
                    format!("column {name:?} has {cells} values and another number of marks");
                return Err(self.error(reason));
            }
            let Some(new) = Column::of(array, marks) else {
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
        let is_data = |field: &&FieldRef| self.columns.contains_key(field.name());
        if let Some(field) = metadata.iter().chain(&late).find(is_data) {
            let reason = format!("column {:?} is data and metadata in one", field.name());
            return Err(self.error(reason));
        }
        let metadata = Some(metadata);
        let same = changed.is_empty() && self.metadata == metadata && self.late == late;
        self.columns.extend(changed);
        (self.metadata, self.late) = (metadata, late);
        self.last_id = last_id;
        self.admitted = Some(batch.rows.schema());
        if !same {
            self.schema = self.joined();
        }
        Ok(())
    }

    /// The metadata columns of a batch and of those before it as one.
    fn join_metadata(&self, metadata: Vec<FieldRef>) -> Result<Vec<FieldRef>> {
        let Some(known) = &self.metadata else {
            return Ok(metadata);
        };
        let joined = std::iter::zip(known, &metadata).map(|(a, b)| join_fields(a, b));
        let joined: Option<Vec<FieldRef>> = joined.collect();
        joined
            .filter(|joined| joined.len() == known.len() && joined.len() == metadata.len())
            .ok_or_else(|| {
                let names = |fields: &[FieldRef]| {
                    let words = fields
                        .iter()
                        .map(|field| format!("{} {}", field.name(), field.data_type()));
                    words.collect::<Vec<_>>().join(", ")
                };
                let (known, found) = (names(known), names(&metadata));
                self.error(format!(
                    "its metadata columns are {known} in some rows and {found} in others; use the same settings for all"
                ))
            })
    }

    /// Refuses row numbers that start again. Gives the latest row number.
    fn check_row_numbers(&self, batch: &TableBatch) -> Result<Option<i64>> {
        let fields = batch.rows.schema_ref().fields();
        let is_number = |field: &FieldRef| field.metadata().contains_key(Role::ROW_NUMBERS);
        let id = fields
            .iter()
            .position(is_number)
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
        let metadata = self.metadata.iter().flatten().chain(&self.late).cloned();
        Arc::new(Schema::new(data.chain(metadata).collect::<Vec<_>>()))
    }

    fn error(&self, reason: String) -> crate::Error {
        let table = self.table.clone();
        ErrorKind::Union { table, reason }.into()
    }
}

/// A metadata column of two runs as one; `None` if it is not the same column.
fn join_fields(a: &FieldRef, b: &FieldRef) -> Option<FieldRef> {
    if a.name() != b.name() || Role::of(a) != Role::of(b) {
        return None;
    }
    match Role::of(a) {
        _ if a.data_type() == b.data_type() => Some(Arc::clone(a)),
        // Numbers that are ids of rows become text beside ids that are text.
        Some(role @ (Role::Id | Role::Parent)) => {
            Some(Arc::new(role.field(a.name(), DataType::Utf8)))
        }
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use arrow_array::{
        Float64Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray,
        types::Float64Type,
    };

    use super::*;
    use crate::base::time_type;

    fn batch(columns: &[(&str, ArrayRef)]) -> TableBatch {
        RecordBatch::try_from_iter(columns.to_vec()).unwrap().into()
    }

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    fn ints(values: &[i64]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    fn types(union: &TableUnion) -> Vec<(String, DataType)> {
        let fields = union.schema().fields().iter();
        fields
            .map(|field| (field.name().clone(), field.data_type().clone()))
            .collect()
    }

    #[test]
    fn what_was_null_everywhere_takes_any_type() {
        let times: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC"));
        for (values, data_type) in [(ints(&[1]), DataType::Int64), (times, time_type())] {
            let mut union = TableUnion::new("t");
            let first = union.take(&batch(&[("a", texts(&[None]))])).unwrap();
            assert_eq!(first.rows.schema().field(0).data_type(), &DataType::Null);
            assert_eq!(union.final_schema().field(0).data_type(), &DataType::Utf8);
            union.take(&batch(&[("a", values)])).unwrap();
            assert_eq!(types(&union), [("a".to_owned(), data_type.clone())]);
            let again = union.take(&batch(&[("a", texts(&[None, None]))])).unwrap();
            assert_eq!(again.rows.column(0).data_type(), &data_type);
            assert_eq!(again.rows.column(0).null_count(), 2);
        }
    }

    #[test]
    fn times_and_anything_else_are_text() {
        let times: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC"));
        let mut union = TableUnion::new("t");
        let first = union.take(&batch(&[("a", times)])).unwrap();
        union.take(&batch(&[("a", ints(&[1]))])).unwrap();
        assert_eq!(types(&union), [("a".to_owned(), DataType::Utf8)]);
        let rows: Vec<String> = first
            .widened(union.schema())
            .unwrap()
            .records()
            .unwrap()
            .map(|row| row.to_json())
            .collect();
        assert_eq!(rows, [r#"{"a":"1970-01-01T00:00:00.000000Z"}"#]);
    }

    #[test]
    fn marks_go_along() {
        let lists = |items: Vec<f64>| -> ArrayRef {
            let items = items.into_iter().map(Some).collect::<Vec<_>>();
            Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>([Some(
                items,
            )]))
        };
        let int_lists: ArrayRef =
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some(
                vec![Some(1), None],
            )]));
        let mut union = TableUnion::new("t");
        let first = batch(&[("a", ints(&[3])), ("l", int_lists)]);
        let second = batch(&[
            ("a", Arc::new(Float64Array::from(vec![2.5]))),
            ("l", lists(vec![0.5])),
        ]);
        union.take(&first).unwrap();
        union.take(&second).unwrap();
        let wide = first.widened(union.schema()).unwrap();
        assert_eq!(wide.rows.column(0).data_type(), &DataType::Float64);
        assert_eq!(wide.integers[0], Some(BooleanBuffer::new_set(1)));
        assert_eq!(wide.integers[1], Some(BooleanBuffer::new_set(2)));
        // As floats with marks, they are still integers to a union that sees them first.
        let mut other = TableUnion::new("t");
        other.take(&wide).unwrap();
        other
            .take(&batch(&[
                ("a", texts(&[Some("x")])),
                ("l", texts(&[Some("y")])),
            ]))
            .unwrap();
        let text = wide.widened(other.schema()).unwrap();
        let row = text.records().unwrap().next().map(|row| row.to_json());
        assert_eq!(row.as_deref(), Some(r#"{"a":"3","l":"[1,null]"}"#));
    }

    #[test]
    fn batches_that_make_no_sense_are_refused() {
        let refuse = |batch: TableBatch, reason: &str| {
            let error = TableUnion::new("t").take(&batch).unwrap_err().to_string();
            assert!(
                error.starts_with("table \"t\": ") && error.contains(reason),
                "{error}"
            );
        };
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
        let mut short = batch(&[("a", floats)]);
        short.integers = vec![Some(BooleanBuffer::new_set(1))];
        refuse(short, "another number of marks");
        refuse(
            batch(&[("a", ints(&[1])), ("a", ints(&[1]))]),
            "two columns are named \"a\"",
        );
        let small: ArrayRef = Arc::new(arrow_array::Int8Array::from(vec![1]));
        refuse(batch(&[("a", small)]), "type Int8");

        let schema = Schema::new(vec![Role::Time.field("a", time_type())]);
        let times = TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC");
        let metadata = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(times)]).unwrap();
        let mut union = TableUnion::new("t");
        union.take(&metadata.into()).unwrap();
        let error = union
            .take(&batch(&[("a", ints(&[1]))]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("metadata columns"), "{error}");
    }

    #[test]
    fn columns_keep_their_order_and_metadata_comes_last() {
        let with_id = |name: &str, id: &str| -> TableBatch {
            let fields = vec![
                Field::new(name, DataType::Int64, true),
                Role::Id.field("id", DataType::Utf8),
            ];
            let columns = vec![ints(&[1]), texts(&[Some(id)])];
            RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
                .unwrap()
                .into()
        };
        let mut union = TableUnion::new("t");
        union.take(&with_id("b", "x")).unwrap();
        let second = union.take(&with_id("a", "y")).unwrap();
        let names: Vec<String> = types(&union).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a", "id"]);
        let row = second.records().unwrap().next().map(|row| row.to_json());
        assert_eq!(row.as_deref(), Some(r#"{"a":1,"id":"y"}"#));
    }
}
