//! Random tables, cut into batches as the pipeline cuts them: each with the columns and the narrowest types known so far.
//! Also a destination that reads back in small pieces.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    ops::Range,
    sync::Arc,
};

use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, NullArray,
    RecordBatch, RecordBatchOptions, StringArray, TimestampMicrosecondArray, cast::AsArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use proptest::prelude::*;
use transmog_core::{Kinds, Role, TableBatch, time_type, widen};
use transmog_io::{
    Destination, Memory, MemoryFiles, Output, StreamingWriter, TableSpec, WriteError,
};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Big(i128),
    Float(f64),
    Text(String),
    List(Vec<Value>),
}

impl Value {
    pub(crate) fn kinds(&self) -> Kinds {
        match self {
            Self::Null => Kinds::NONE,
            Self::Bool(_) => Kinds::BOOL,
            Self::Int(n) if n.unsigned_abs() > 1 << 53 => Kinds::LARGE,
            Self::Int(_) => Kinds::INT,
            Self::Big(_) => Kinds::BIG,
            Self::Float(_) => Kinds::FLOAT,
            Self::Text(_) => Kinds::TEXT,
            Self::List(_) => Kinds::LIST,
        }
    }

    fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The value as a text column has it.
    pub(crate) fn text(&self) -> Option<String> {
        let values = [self];
        let (array, marks) = array(&values, &data_type(&values));
        let text = widen(&array, marks.as_ref(), &DataType::Utf8).unwrap();
        let text = text.as_string::<i32>();
        text.is_valid(0).then(|| text.value(0).to_owned())
    }
}

/// The narrowest type of a column of these values.
pub(crate) fn data_type(values: &[&Value]) -> DataType {
    let join = |kinds: Kinds, value: &Value| kinds.join(value.kinds());
    let kinds = values
        .iter()
        .fold(Kinds::NONE, |kinds, value| join(kinds, value));
    let items = values.iter().flat_map(|value| value.items());
    kinds.data_type(items.fold(Kinds::NONE, join))
}

/// A column of the given type and its marks.
pub(crate) fn array(values: &[&Value], data_type: &DataType) -> (ArrayRef, Option<BooleanBuffer>) {
    let mut marks = None;
    let cells: ArrayRef = match data_type {
        DataType::Null => Arc::new(NullArray::new(values.len())),
        DataType::Boolean => Arc::new(BooleanArray::from_iter(values.iter().map(
            |value| match value {
                Value::Bool(b) => Some(*b),
                _ => None,
            },
        ))),
        DataType::Int64 => Arc::new(Int64Array::from_iter(values.iter().map(
            |value| match value {
                Value::Int(n) => Some(*n),
                _ => None,
            },
        ))),
        DataType::Decimal128(..) => {
            let digits = values.iter().map(|value| match value {
                Value::Int(n) => Some(i128::from(*n)),
                Value::Big(n) => Some(*n),
                _ => None,
            });
            let decimals = Decimal128Array::from_iter(digits);
            Arc::new(decimals.with_precision_and_scale(38, 0).unwrap())
        }
        DataType::Float64 => {
            marks = Some(values.iter().map(|v| matches!(v, Value::Int(_))).collect());
            Arc::new(Float64Array::from_iter(values.iter().map(
                |value| match value {
                    Value::Int(n) => Some(*n as f64),
                    Value::Float(x) => Some(*x),
                    _ => None,
                },
            )))
        }
        DataType::Utf8 => Arc::new(StringArray::from_iter(values.iter().map(
            |value| match value {
                Value::Text(text) => Some(text.clone()),
                other => other.text(),
            },
        ))),
        DataType::List(item) => {
            let items: Vec<&Value> = values.iter().flat_map(|value| value.items()).collect();
            let (child, child_marks) = array(&items, item.data_type());
            marks = child_marks;
            let offsets = OffsetBuffer::from_lengths(values.iter().map(|v| v.items().len()));
            let valid: NullBuffer = values.iter().map(|v| **v != Value::Null).collect();
            Arc::new(ListArray::new(
                Arc::clone(item),
                offsets,
                child,
                Some(valid),
            ))
        }
        other => unreachable!("{other}"),
    };
    (cells, marks)
}

/// One table: data columns, each a name and a cell for each row (`None`: the column is missing there).
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) rows: usize,
    pub(crate) columns: Vec<(String, Vec<Option<Value>>)>,
    pub(crate) metadata: bool,
}

impl Table {
    /// The data columns that are known after `rows` rows, in order of first appearance.
    pub(crate) fn known(&self, rows: usize) -> Vec<&(String, Vec<Option<Value>>)> {
        let first =
            |(_, cells): &(String, Vec<Option<Value>>)| cells.iter().position(Option::is_some);
        let mut known: Vec<_> = self
            .columns
            .iter()
            .filter(|column| first(column).is_some_and(|at| at < rows))
            .collect();
        known.sort_by_key(|column| first(column));
        known
    }

    /// Rows of the table, with the types that hold its first `upto` rows.
    pub(crate) fn batch(&self, rows: Range<usize>, upto: usize) -> TableBatch {
        let (mut fields, mut arrays, mut integers) = (Vec::new(), Vec::new(), Vec::new());
        for (name, cells) in self.known(upto) {
            let cells: Vec<&Value> = cells
                .iter()
                .map(|cell| cell.as_ref().unwrap_or(&Value::Null))
                .collect();
            let (array, marks) = array(&cells[rows.clone()], &data_type(&cells[..upto]));
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
            integers.push(marks);
        }
        if self.metadata {
            fields.push(Role::Id.field("__id", DataType::Int64));
            arrays.push(Arc::new(Int64Array::from_iter_values(
                rows.clone().map(|row| row as i64),
            )));
            fields.push(Role::Time.field("__time", time_type()));
            let times = rows
                .clone()
                .map(|row| 1_700_000_000_000_000 + row as i64 / 3);
            let times = TimestampMicrosecondArray::from_iter_values(times);
            arrays.push(Arc::new(times.with_timezone("UTC")));
            integers.extend([None, None]);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let schema = Arc::new(Schema::new(fields));
        TableBatch {
            rows: RecordBatch::try_new_with_options(schema, arrays, &options).unwrap(),
            integers,
        }
    }

    /// The schema after `rows` rows.
    pub(crate) fn schema(&self, rows: usize) -> SchemaRef {
        self.batch(0..0, rows).rows.schema()
    }
}

/// Writes the first `written` rows, cut before the rows in `cuts`, and gives the final schema of the whole table; then
/// the same rows in one batch that has that schema from the start. Both must be the same file.
pub(crate) fn both_ways(
    table: &Table,
    cuts: &[usize],
    written: usize,
    open: impl Fn(Box<dyn Destination>) -> Box<dyn StreamingWriter>,
) -> (Vec<u8>, Vec<u8>) {
    let schema = table.schema(table.rows);
    let (destination, files) = Trickle::new();
    let mut writer = open(Box::new(destination));
    begin(&mut *writer, "t", &table.schema(0));
    let mut start = 0;
    for end in cuts
        .iter()
        .copied()
        .filter(|cut| *cut < written)
        .chain([written])
    {
        writer
            .write_batch("t", &table.batch(start..end, end))
            .unwrap();
        writer.checkpoint().unwrap();
        start = end;
    }
    writer.set_schema("t", &schema).unwrap();
    let summaries = writer.finish().unwrap();
    assert_eq!(summaries.len(), 1);
    assert_eq!(summaries[0].rows, written as u64);
    let cut = files.take().remove(&summaries[0].file).unwrap();
    assert_eq!(summaries[0].bytes, cut.len() as u64);

    let (destination, files) = Memory::new();
    let mut writer = open(Box::new(destination));
    begin(&mut *writer, "t", &schema);
    let whole = table.batch(0..written, table.rows);
    writer.write_batch("t", &whole).unwrap();
    let file = &writer.finish().unwrap()[0].file;
    let whole = files.take().remove(file).unwrap();
    (cut, whole)
}

pub(crate) fn begin(writer: &mut dyn StreamingWriter, name: &str, schema: &SchemaRef) {
    let spec = TableSpec {
        name: name.into(),
        parent: None,
        schema: Arc::clone(schema),
    };
    writer.begin_table(&spec).unwrap();
}

/// Writes batches to one table `t` and gives the files.
pub(crate) fn write(
    mut writer: Box<dyn StreamingWriter>,
    files: &MemoryFiles,
    batches: &[TableBatch],
) -> BTreeMap<String, Vec<u8>> {
    let empty: SchemaRef = Arc::new(Schema::empty());
    let schema = batches.first().map_or(empty, |batch| batch.rows.schema());
    begin(&mut *writer, "t", &schema);
    for batch in batches {
        writer.write_batch("t", batch).unwrap();
    }
    writer.finish().unwrap();
    files.take()
}

/// One batch of columns given as values.
pub(crate) fn batch(columns: &[(&str, &[Value])]) -> TableBatch {
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    let columns = columns.iter().map(|(name, cells)| {
        let cells = cells.iter().cloned().map(Some).collect();
        ((*name).to_owned(), cells)
    });
    let table = Table {
        rows,
        columns: columns.collect(),
        metadata: false,
    };
    table.batch(0..rows, rows)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::Bool),
        4 => (-1000_i64..1000).prop_map(Value::Int),
        1 => any::<i64>().prop_map(Value::Int),
        1 => any::<u64>().prop_map(|n| Value::Big(i128::from(n) + i128::from(i64::MAX))),
        2 => float(),
        3 => text(),
    ]
}

fn float() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Value::Float),
        2 => (-9_i32..9).prop_map(|n| Value::Float(f64::from(n) / 4.0)),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).prop_map(Value::Float),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[a-c\",;\\\\\r\n\t'{}\\[\\]:é\u{1}]{0,6}",
        1 => prop::sample::select(vec!["True", "False", "true", "null", "NaN", "1", "[1]", "\"\"", ""])
            .prop_map(str::to_owned),
    ]
    .prop_map(Value::Text)
}

/// Cells of one column. Lists and other values share a column only where the lists' items have one kind: mixed items are
/// text as soon as they are met together, but not if other values turn the column into text first.
fn column(rows: usize) -> impl Strategy<Value = Vec<Option<Value>>> {
    let or_null =
        |values: BoxedStrategy<Value>| prop_oneof![3 => values, 1 => Just(Value::Null)].boxed();
    let int = || (-1000_i64..1000).prop_map(Value::Int).boxed();
    let list = |item: BoxedStrategy<Value>| {
        prop::collection::vec(item, 0..4)
            .prop_map(Value::List)
            .boxed()
    };
    let value = prop_oneof![
        Just(Just(Value::Null).boxed()),
        Just(or_null(any::<bool>().prop_map(Value::Bool).boxed())),
        Just(or_null(int())),
        Just(or_null(prop_oneof![int(), float()].boxed())),
        Just(or_null(text().boxed())),
        Just(or_null(list(scalar().boxed()))),
        Just(or_null(list(prop_oneof![int(), float()].boxed()))),
        Just(prop_oneof![3 => scalar(), 1 => list(prop_oneof![int(), float()].boxed())].boxed()),
        Just(
            prop_oneof![9 => or_null(any::<bool>().prop_map(Value::Bool).boxed()), 1 => text()]
                .boxed()
        ),
        Just(prop_oneof![9 => float(), 1 => text()].boxed()),
    ];
    (value, 0..=rows).prop_flat_map(move |(value, first)| {
        let cells = prop::collection::vec(prop::option::weighted(0.9, value), rows - first);
        cells.prop_map(move |cells| {
            let missing = std::iter::repeat_n(None, first);
            missing.chain(cells).collect()
        })
    })
}

const NAMES: [&str; 11] = [
    "",
    "a",
    "b,c",
    "q\"q",
    "line\r\nbreak",
    "é",
    "tab\t",
    "back\\slash",
    "x;y",
    "}{",
    "[1]",
];

/// A table, rows before which it is cut, and how many rows of it are written.
pub(crate) fn tables() -> impl Strategy<Value = (Table, Vec<usize>, usize)> {
    (0..25_usize).prop_flat_map(|rows| {
        let names = prop::sample::subsequence(NAMES.to_vec(), 0..6).prop_shuffle();
        let columns = names.prop_flat_map(move |names| {
            let cells = prop::collection::vec(column(rows), names.len());
            cells.prop_map(move |cells| {
                let names = names.iter().map(|name| (*name).to_owned());
                names.zip(cells).collect::<Vec<_>>()
            })
        });
        let cuts = prop::collection::btree_set(0..=rows, 0..8);
        let table = (columns, any::<bool>()).prop_map(move |(columns, metadata)| Table {
            rows,
            columns,
            metadata,
        });
        (table, cuts, prop_oneof![3 => Just(rows), 1 => 0..=rows])
            .prop_map(|(table, cuts, written)| (table, cuts.into_iter().collect(), written))
    })
}

/// A [`Memory`] whose outputs are read back a few bytes at a time.
pub(crate) struct Trickle(Memory);

impl Trickle {
    pub(crate) fn new() -> (Self, MemoryFiles) {
        let (memory, files) = Memory::new();
        (Self(memory), files)
    }
}

impl Destination for Trickle {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        Ok(Box::new(TrickleOutput(self.0.create(table, extension)?)))
    }

    fn commit(self: Box<Self>) -> Result<(), WriteError> {
        Box::new(self.0).commit()
    }
}

struct TrickleOutput(Box<dyn Output>);

impl Write for TrickleOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Output for TrickleOutput {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset, buffer)
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(TrickleRead(self.0.restart()?, 0)))
    }

    fn buffered_bytes(&self) -> usize {
        self.0.buffered_bytes()
    }
}

struct TrickleRead(Box<dyn Read + Send>, usize);

impl Read for TrickleRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        let most = buffer.len().min(1 + self.1 % 4);
        self.0.read(&mut buffer[..most])
    }
}
