//! The typed buffers that values go into while a chunk is shredded: one column, which widens as values come.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, NullArray,
    StringArray,
};
use arrow_buffer::{
    BooleanBuffer, BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer,
};
use arrow_schema::{DataType, Field};

use crate::{
    error::{Error, ErrorKind, Result},
    kinds::{DECIMAL_DIGITS, EXACT_INTEGER, Kinds},
    text,
    value::Value,
};

/// A column under construction. Rows without a value are filled with nulls when the next value comes.
#[derive(Debug, Default)]
pub(crate) struct Column {
    kinds: Kinds,
    /// What the items of its lists have seen.
    items: Kinds,
    len: usize,
    /// Set bits for values, clear bits for nulls; absent while there are no nulls.
    validity: Option<BooleanBufferBuilder>,
    values: Values,
    /// Values taken so far, for the ledger.
    leaves: u64,
    expected: Expected,
}

/// What a column will probably hold, from what it held in the chunk before: buffers that need not grow are faster.
#[derive(Debug, Clone, Copy, Default)]
struct Expected {
    rows: usize,
    /// Bytes of text.
    bytes: usize,
}

/// Most bytes that are set aside for text before there is any.
const MOST_EXPECTED_BYTES: usize = 64 * 1024;

#[derive(Debug, Default)]
enum Values {
    #[default]
    Null,
    Bool(BooleanBufferBuilder),
    Int(Vec<i64>),
    /// Floats, and which of them were integers.
    Float(Vec<f64>, Option<BooleanBufferBuilder>),
    /// Text; values of other kinds are spelled.
    Text(Vec<i32>, Vec<u8>),
    List(Vec<i32>, Box<Column>),
}

/// A value on its way into a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    /// A number that no 64-bit type holds, as written.
    Number(&'a str),
}

/// A finished column of a chunk.
#[derive(Debug, Clone)]
pub struct FinishedColumn {
    /// One value for each row, of the narrowest type that holds them.
    pub array: ArrayRef,
    /// Which floats were integers, see [`TableBatch`](crate::TableBatch).
    pub integers: Option<BooleanBuffer>,
    /// What the column has seen.
    pub kinds: Kinds,
    /// What the items of its lists have seen.
    pub items: Kinds,
    /// Values taken, nulls not counted.
    pub leaves: u64,
}

impl Scalar<'_> {
    fn kind(&self) -> Kinds {
        match self {
            Self::Null => Kinds::NONE,
            Self::Bool(_) => Kinds::BOOL,
            Self::Int(n) if n.unsigned_abs() > EXACT_INTEGER => Kinds::LARGE,
            Self::Int(_) => Kinds::INT,
            Self::Float(_) => Kinds::FLOAT,
            Self::Text(_) => Kinds::TEXT,
            Self::Number(digits) => {
                let digits = digits.strip_prefix('-').unwrap_or(digits);
                let integer = digits.bytes().all(|b| b.is_ascii_digit());
                if integer && digits.len() <= DECIMAL_DIGITS {
                    Kinds::BIG
                } else {
                    Kinds::HUGE
                }
            }
        }
    }

    /// The value, owned.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Float(value) => Value::Float(value),
            Self::Text(value) => Value::Text(value.to_owned()),
            Self::Number(raw) => Value::Number(raw.to_owned()),
        }
    }

    /// Appends the value as text.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => {}
            Self::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Int(value) => text::write_integer(out, *value),
            Self::Float(value) => text::write_float(out, *value),
            Self::Text(value) | Self::Number(value) => out.extend_from_slice(value.as_bytes()),
        }
    }
}

impl Column {
    /// Puts a value into a row that has none yet.
    ///
    /// Returns the column as it was if its representation had to change, so that the caller can take the value back.
    pub(crate) fn push(&mut self, row: usize, value: Scalar<'_>) -> Option<Column> {
        if let Scalar::Null = value {
            self.pad(row + 1);
            return None;
        }
        self.pad(row);
        let mut before = None;
        match (&mut self.values, value) {
            (Values::Int(values), Scalar::Int(n)) => {
                values.push(n);
                if n.unsigned_abs() > EXACT_INTEGER {
                    self.kinds = self.kinds.join(Kinds::LARGE);
                }
            }
            (Values::Text(offsets, bytes), Scalar::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                offsets.push(bytes.len() as i32);
                self.kinds = self.kinds.join(Kinds::TEXT);
            }
            (Values::Float(values, integers), Scalar::Float(x)) => {
                values.push(x);
                if let Some(integers) = integers {
                    integers.append(false);
                }
                self.kinds = self.kinds.join(Kinds::FLOAT);
            }
            (Values::Bool(values), Scalar::Bool(b)) => values.append(b),
            _ => {
                let kinds = self.kinds.join(value.kind());
                before = self.represent(kinds, self.items);
                self.kinds = kinds;
                self.append(value);
            }
        }
        self.taken();
        before
    }

    /// Puts a list of scalars into a row that has none yet. Returns what [`push`](Self::push) returns.
    pub(crate) fn push_list(&mut self, row: usize, list: &[Scalar<'_>]) -> Option<Column> {
        self.pad(row);
        let of_list = list
            .iter()
            .fold(Kinds::NONE, |kinds, item| kinds.join(item.kind()));
        let (kinds, items) = self.seen();
        let (kinds, of_items) = (kinds.join(Kinds::LIST), items.join(of_list));
        let before = self.represent(kinds, of_items);
        if matches!(kinds.data_type(of_items), DataType::List(_)) {
            if let Values::List(offsets, items) = &mut self.values {
                for item in list {
                    // Taking items back needs no copy: within a list column they only change between numbers.
                    items.push(items.len, *item);
                }
                offsets.push(items.len as i32);
            }
        } else {
            let mut json = Vec::new();
            spell_list(list.iter().copied(), &mut json);
            self.append_text(&json);
        }
        self.kinds = kinds;
        self.items = of_items;
        self.taken();
        before
    }

    /// What the column has seen, and what the items of its lists have.
    pub(crate) fn seen(&self) -> (Kinds, Kinds) {
        (self.kinds, self.items)
    }

    /// Goes back to what was seen before, after values were taken back.
    pub(crate) fn restore_seen(&mut self, (kinds, of_items): (Kinds, Kinds)) {
        (self.kinds, self.items) = (kinds, of_items);
        if let Values::List(_, items) = &mut self.values {
            items.kinds = of_items;
        }
    }

    /// Takes back all rows from `rows` on.
    pub(crate) fn truncate(&mut self, rows: usize) {
        if rows >= self.len {
            return;
        }
        self.len = rows;
        match &mut self.values {
            Values::Null => {}
            Values::Bool(values) => values.truncate(rows),
            Values::Int(values) => values.truncate(rows),
            Values::Float(values, integers) => {
                values.truncate(rows);
                if let Some(integers) = integers {
                    integers.truncate(rows);
                }
            }
            Values::Text(offsets, bytes) => {
                offsets.truncate(rows + 1);
                bytes.truncate(offsets[rows] as usize);
            }
            Values::List(offsets, items) => {
                offsets.truncate(rows + 1);
                items.truncate(offsets[rows] as usize);
            }
        }
        if let Some(validity) = &mut self.validity {
            validity.truncate(rows);
        }
        self.leaves = match &self.validity {
            _ if matches!(self.values, Values::Null) => 0,
            Some(validity) => (0..rows).filter(|row| validity.get_bit(*row)).count() as u64,
            None => rows as u64,
        };
    }

    /// Takes the column out as it is, and leaves an empty one that expects the like.
    pub(crate) fn take(&mut self) -> Self {
        let bytes = match &self.values {
            Values::Text(_, bytes) => bytes.len().min(MOST_EXPECTED_BYTES),
            _ => 0,
        };
        let rows = self.len;
        let next = Self {
            expected: Expected { rows, bytes },
            ..Self::default()
        };
        std::mem::replace(self, next)
    }

    /// One array value for each of `rows` rows.
    ///
    /// # Errors
    /// If the text of the column is larger than Arrow's 32-bit offsets reach.
    pub(crate) fn finish(mut self, rows: usize) -> Result<FinishedColumn> {
        self.pad(rows);
        let (kinds, items) = self.seen();
        let (leaves, len) = (self.leaves, self.len);
        let mut integers = None;
        let target = kinds.data_type(items);
        let nulls = match &mut self.validity {
            _ if matches!(self.values, Values::Null) => None,
            Some(validity) => Some(NullBuffer::new(validity.finish())),
            None => None,
        };
        let array: ArrayRef = match self.values {
            Values::Null => Arc::new(NullArray::new(len)),
            Values::Bool(mut values) => Arc::new(BooleanArray::new(values.finish(), nulls)),
            Values::Int(values) => Arc::new(Int64Array::new(ScalarBuffer::from(values), nulls)),
            Values::Float(values, marks) => {
                integers = marks.map(|mut marks| marks.finish());
                if target == DataType::Int64 {
                    // A float came and was taken back.
                    integers = None;
                    Arc::new(Int64Array::new(
                        values.iter().map(|x| *x as i64).collect(),
                        nulls,
                    ))
                } else {
                    Arc::new(Float64Array::new(ScalarBuffer::from(values), nulls))
                }
            }
            Values::Text(offsets, bytes) => {
                if i32::try_from(bytes.len()).is_err() {
                    let (bytes, limit) = (bytes.len() as u64, i32::MAX as u64);
                    return Err(ErrorKind::RecordTooLarge { bytes, limit }.into());
                }
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                let text = StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls)
                    .map_err(|e| Error::internal(e.to_string()))?;
                match target {
                    DataType::Decimal128(precision, scale) => {
                        let decimals: Decimal128Array =
                            text.iter().map(|n| n?.parse().ok()).collect();
                        let decimals = decimals.with_precision_and_scale(precision, scale);
                        Arc::new(decimals.map_err(|e| Error::internal(e.to_string()))?)
                    }
                    // A longer integer came and was taken back.
                    DataType::Int64 => {
                        Arc::new(text.iter().map(|n| n?.parse().ok()).collect::<Int64Array>())
                    }
                    _ => Arc::new(text),
                }
            }
            Values::List(offsets, items) => {
                let rows = items.len;
                let items = items.finish(rows)?;
                integers = items.integers;
                let field = Arc::new(Field::new_list_field(items.array.data_type().clone(), true));
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(
                    ListArray::try_new(field, offsets, items.array, nulls)
                        .map_err(|e| Error::internal(e.to_string()))?,
                )
            }
        };
        debug_assert_eq!(
            array.data_type(),
            &target,
            "representation follows the kinds"
        );
        Ok(FinishedColumn {
            array,
            integers,
            kinds,
            items,
            leaves,
        })
    }

    /// Fills up with nulls to `rows` rows.
    fn pad(&mut self, rows: usize) {
        if self.len >= rows {
            return;
        }
        let more = rows - self.len;
        match &mut self.values {
            Values::Null => {}
            Values::Bool(values) => values.append_n(more, false),
            Values::Int(values) => values.resize(rows, 0),
            Values::Float(values, integers) => {
                values.resize(rows, 0.0);
                if let Some(integers) = integers {
                    integers.append_n(more, false);
                }
            }
            Values::Text(offsets, bytes) => offsets.resize(rows + 1, bytes.len() as i32),
            Values::List(offsets, items) => offsets.resize(rows + 1, items.len as i32),
        }
        if !matches!(self.values, Values::Null) {
            let validity = self.validity.get_or_insert_with(|| all(self.len, true));
            validity.append_n(more, false);
        }
        self.len = rows;
    }

    /// Counts a value that was just appended.
    fn taken(&mut self) {
        self.len += 1;
        self.leaves += 1;
        if let Some(validity) = &mut self.validity {
            validity.append(true);
        }
    }

    /// Appends to the buffer that [`represent`](Self::represent) chose.
    fn append(&mut self, value: Scalar<'_>) {
        match (&mut self.values, value) {
            (Values::Bool(values), Scalar::Bool(b)) => values.append(b),
            (Values::Int(values), Scalar::Int(n)) => values.push(n),
            (Values::Float(values, integers), Scalar::Float(x)) => {
                values.push(x);
                if let Some(integers) = integers {
                    integers.append(false);
                }
            }
            (Values::Float(values, integers), Scalar::Int(n)) => {
                let integers = integers.get_or_insert_with(|| all(values.len(), false));
                values.push(n as f64);
                integers.append(true);
            }
            (_, value) => {
                let mut cell = Vec::new();
                value.write(&mut cell);
                self.append_text(&cell);
            }
        }
    }

    fn append_text(&mut self, cell: &[u8]) {
        if let Values::Text(offsets, bytes) = &mut self.values {
            bytes.extend_from_slice(cell);
            offsets.push(bytes.len() as i32);
        }
    }

    /// Changes the representation to one that can hold `kinds`; returns the column as it was if that was a change.
    fn represent(&mut self, kinds: Kinds, of_items: Kinds) -> Option<Column> {
        let rows = self.len;
        let values = match (&self.values, kinds.data_type(of_items)) {
            (Values::Bool(_), DataType::Boolean)
            | (Values::Int(_), DataType::Int64)
            | (Values::Float(..), DataType::Float64)
            | (Values::List(..), DataType::List(_))
            | (Values::Text(..), _) => return None,
            (Values::Null, DataType::Boolean) => Values::Bool(all(rows, false)),
            (Values::Null, DataType::Int64) => Values::Int(self.room(rows, 0)),
            (Values::Null, DataType::Float64) => Values::Float(self.room(rows, 0.0), None),
            (Values::Null, DataType::List(_)) => {
                Values::List(self.room(rows + 1, 0), Box::default())
            }
            (Values::Null, _) => {
                let bytes = Vec::with_capacity(self.expected.bytes);
                Values::Text(self.room(rows + 1, 0), bytes)
            }
            (Values::Int(values), DataType::Float64) => Values::Float(
                values.iter().map(|n| *n as f64).collect(),
                Some(all(rows, true)),
            ),
            // A float came and was taken back.
            (Values::Float(values, _), DataType::Int64) => {
                Values::Int(values.iter().map(|x| *x as i64).collect())
            }
            _ => self.spelled(),
        };
        // Rows of a column without values had no validity; now they are nulls.
        let validity = match &self.validity {
            None if matches!(self.values, Values::Null) && rows > 0 => Some(all(rows, false)),
            None => None,
            Some(bits) => {
                let mut copy = BooleanBufferBuilder::new(rows);
                copy.append_packed_range(0..rows, bits.as_slice());
                Some(copy)
            }
        };
        let now = Column {
            kinds: self.kinds,
            items: self.items,
            len: rows,
            validity,
            values,
            leaves: self.leaves,
            expected: self.expected,
        };
        Some(std::mem::replace(self, now))
    }

    /// As many fillers, and room for what will probably come.
    fn room<T: Clone>(&self, len: usize, filler: T) -> Vec<T> {
        let mut values = Vec::with_capacity(len.max(self.expected.rows + 1));
        values.resize(len, filler);
        values
    }

    /// All values as text.
    fn spelled(&self) -> Values {
        let mut offsets = vec![0];
        let mut bytes = Vec::new();
        for row in 0..self.len {
            if let (Values::List(ends, items), true) = (&self.values, self.is_valid(row)) {
                let range = ends[row] as usize..ends[row + 1] as usize;
                spell_list(range.map(|item| items.get(item)), &mut bytes);
            } else {
                self.get(row).write(&mut bytes);
            }
            offsets.push(bytes.len() as i32);
        }
        Values::Text(offsets, bytes)
    }

    fn is_valid(&self, row: usize) -> bool {
        !matches!(self.values, Values::Null)
            && self.validity.as_ref().is_none_or(|bits| bits.get_bit(row))
    }

    /// The value of a row; a list is none.
    fn get(&self, row: usize) -> Scalar<'_> {
        if !self.is_valid(row) {
            return Scalar::Null;
        }
        match &self.values {
            Values::Null | Values::List(..) => Scalar::Null,
            Values::Bool(values) => Scalar::Bool(values.get_bit(row)),
            Values::Int(values) => Scalar::Int(values[row]),
            Values::Float(values, Some(marks)) if marks.get_bit(row) => {
                Scalar::Int(values[row] as i64)
            }
            Values::Float(values, _) => Scalar::Float(values[row]),
            Values::Text(offsets, bytes) => {
                let cell = &bytes[offsets[row] as usize..offsets[row + 1] as usize];
                // Only whole strings were appended.
                let cell = std::str::from_utf8(cell).unwrap_or_default();
                if self.kinds.holds(Kinds::TEXT) {
                    Scalar::Text(cell)
                } else {
                    Scalar::Number(cell)
                }
            }
        }
    }
}

/// Appends a list as JSON text. In a list column, items are of one kind, so text stands only for text.
fn spell_list<'a>(items: impl Iterator<Item = Scalar<'a>>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        match item {
            Scalar::Null => out.extend_from_slice(b"null"),
            Scalar::Text(text) => text::write_json_string(out, text),
            other => other.write(out),
        }
    }
    out.push(b']');
}

fn all(len: usize, bit: bool) -> BooleanBufferBuilder {
    let mut bits = BooleanBufferBuilder::new(len.max(64));
    bits.append_n(len, bit);
    bits
}
