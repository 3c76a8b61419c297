//! Makes values of all kinds, and columns that hold them.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, NullArray,
    StringArray, cast::AsArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use transmog_core::{Kinds, widen};

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
        let data_type = data_type(&values);
        if let (Self::List(items), DataType::Utf8) = (self, &data_type) {
            // Items of several kinds: each looks as in a list of its own.
            let alone = |item: &Self| Self::List(vec![item.clone()]).text();
            let spelled: Option<Vec<_>> = items.iter().map(alone).collect();
            let spelled: Vec<_> = spelled
                .iter()
                .flatten()
                .map(|list| &list[1..list.len() - 1])
                .collect();
            return Some(format!("[{}]", spelled.join(",")));
        }
        let (array, marks) = array(&values, &data_type);
        let text = widen(&array, marks.as_ref(), &DataType::Utf8).unwrap();
        let text = text.as_string::<i32>();
        text.is_valid(0).then(|| text.value(0).to_owned())
    }
}

/// The narrowest type of a column with these values.
pub(crate) fn data_type(values: &[&Value]) -> DataType {
    let join = |kinds: Kinds, value: &Value| kinds.join(value.kinds());
    let kinds = values
        .iter()
        .fold(Kinds::NONE, |kinds, value| join(kinds, value));
    let items = values.iter().flat_map(|value| value.items());
    kinds.data_type(items.fold(Kinds::NONE, join))
}

/// A column of the given type, and its integer marks.
pub(crate) fn array(values: &[&Value], data_type: &DataType) -> (ArrayRef, Option<BooleanBuffer>) {
    let mut marks = None;
    let cells: ArrayRef = match data_type {
        DataType::Null => Arc::new(NullArray::new(values.len())),
        DataType::Boolean => Arc::new(
            values
                .iter()
                .map(|value| match value {
                    Value::Bool(b) => Some(*b),
                    _ => None,
                })
                .collect::<BooleanArray>(),
        ),
        DataType::Int64 => Arc::new(
            values
                .iter()
                .map(|value| match value {
                    Value::Int(n) => Some(*n),
                    _ => None,
                })
                .collect::<Int64Array>(),
        ),
        DataType::Decimal128(..) => {
            let digits = values.iter().map(|value| match value {
                Value::Int(n) => Some(i128::from(*n)),
                Value::Big(n) => Some(*n),
                _ => None,
            });
            let decimals: Decimal128Array = digits.collect();
            Arc::new(decimals.with_precision_and_scale(38, 0).unwrap())
        }
        DataType::Float64 => {
            marks = Some(values.iter().map(|v| matches!(v, Value::Int(_))).collect());
            Arc::new(
                values
                    .iter()
                    .map(|value| match value {
                        Value::Int(n) => Some(*n as f64),
                        Value::Float(x) => Some(*x),
                        _ => None,
                    })
                    .collect::<Float64Array>(),
            )
        }
        DataType::Utf8 => Arc::new(
            values
                .iter()
                .map(|value| match value {
                    Value::Text(text) => Some(text.clone()),
                    other => other.text(),
                })
                .collect::<StringArray>(),
        ),
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
