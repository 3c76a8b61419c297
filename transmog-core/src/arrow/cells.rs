//! Reads the cells of an Arrow column and formats them, for text columns and for the formats that
//! are text.

use std::{ops::Range, sync::OnceLock};

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray,
    Float64Array, Int64Array, ListArray, StringArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampSecondArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{DataType, Field, TimeUnit};

use crate::{
    base::{Error, Result, Role},
    text::{self, Zone},
    value::{Scalar, Value},
};

/// One column, ready to be spelled cell by cell.
#[derive(Debug)]
pub struct Cells<'a> {
    nulls: Option<&'a NullBuffer>,
    values: Values<'a>,
}

#[derive(Debug)]
enum Values<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Integer(&'a Int64Array),
    Float(&'a Float64Array, Option<&'a BooleanBuffer>),
    Decimal(&'a Decimal128Array),
    Text(Texts<'a>),
    Date(&'a Date32Array),
    Timestamp(&'a [i64], TimeUnit, Zone),
    /// The time column.
    Time(&'a TimestampMicrosecondArray),
    Uuid(&'a FixedSizeBinaryArray),
    List(&'a ListArray, Box<Cells<'a>>),
}

impl<'a> Cells<'a> {
    /// Opens a column of a field, as [`Cells::new`] does, but the times of the [time
    /// column](Role::Time) have only as many digits as they need.
    ///
    /// # Errors
    /// Those of [`Cells::new`].
    pub fn of_field(
        field: &Field,
        array: &'a ArrayRef,
        integers: Option<&'a BooleanBuffer>,
    ) -> Result<Self> {
        let mut cells = Self::new(array, integers)?;
        if Role::of(field) == Some(Role::Time)
            && let Some(times) = array.as_any().downcast_ref()
        {
            cells.values = Values::Time(times);
        }
        Ok(cells)
    }

    /// Opens a column. `integers` are its marks (see [`TableBatch`](crate::TableBatch)): such
    /// floats are spelled as integers.
    ///
    /// # Errors
    /// If the column's type is none of those that Transmog's tables have.
    pub fn new(array: &'a ArrayRef, integers: Option<&'a BooleanBuffer>) -> Result<Self> {
        Self::of_rows(array, integers, 0..array.len())
    }

    /// Opens a column of which only some rows will be asked for.
    fn of_rows(
        array: &'a ArrayRef,
        integers: Option<&'a BooleanBuffer>,
        rows: Range<usize>,
    ) -> Result<Self> {
        let any = array.as_any();
        let values = match array.data_type() {
            DataType::Null => Some(Values::Null),
            DataType::Boolean => any.downcast_ref().map(Values::Boolean),
            DataType::Int64 => any.downcast_ref().map(Values::Integer),
            DataType::Float64 => any
                .downcast_ref()
                .map(|floats| Values::Float(floats, integers)),
            DataType::Decimal128(_, 0) => any.downcast_ref().map(Values::Decimal),
            DataType::Utf8 => any
                .downcast_ref()
                .map(|texts| Values::Text(Texts::new(texts, rows))),
            DataType::Date32 => any.downcast_ref().map(Values::Date),
            DataType::Timestamp(unit, zone) => {
                let values = match unit {
                    TimeUnit::Second => any
                        .downcast_ref()
                        .map(|array: &TimestampSecondArray| &**array.values()),
                    TimeUnit::Millisecond => any
                        .downcast_ref()
                        .map(|array: &TimestampMillisecondArray| &**array.values()),
                    TimeUnit::Microsecond => any
                        .downcast_ref()
                        .map(|array: &TimestampMicrosecondArray| &**array.values()),
                    TimeUnit::Nanosecond => None,
                };
                let zone = Zone::of(zone.as_deref());
                values.map(|values| Values::Timestamp(values, *unit, zone))
            }
            DataType::FixedSizeBinary(16) => any.downcast_ref().map(Values::Uuid),
            DataType::List(_) => match any.downcast_ref::<ListArray>() {
                Some(list) => {
                    // A slice of lists has the items of all.
                    let offsets = list.value_offsets();
                    let items = offsets[0] as usize..offsets[list.len()] as usize;
                    let items = Self::of_rows(list.values(), integers, items)?;
                    Some(Values::List(list, Box::new(items)))
                }
                None => None,
            },
            _ => None,
        };
        let Some(values) = values else {
            return Err(Error::internal(format!(
                "columns of type {} are not supported",
                array.data_type()
            )));
        };
        Ok(Self {
            nulls: array.nulls(),
            values,
        })
    }

    /// True if the cell holds nothing.
    pub fn is_null(&self, row: usize) -> bool {
        matches!(self.values, Values::Null) || self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }

    /// The cell as a scalar; lists are JSON text. What has to be spelled is spelled in `spelled`.
    pub(crate) fn scalar<'s>(&'s self, row: usize, spelled: &'s mut String) -> Scalar<'s> {
        if self.is_null(row) {
            return Scalar::Null;
        }
        match &self.values {
            Values::Boolean(array) => Scalar::Bool(array.value(row)),
            Values::Integer(array) => Scalar::Int(array.value(row)),
            Values::Float(array, Some(marks)) if marks.value(row) => {
                Scalar::Int(array.value(row) as i64)
            }
            Values::Float(array, _) => Scalar::Float(array.value(row)),
            Values::Text(texts) => Scalar::Text(texts.array.value(row)),
            other => {
                let mut cell = std::mem::take(spelled).into_bytes();
                cell.clear();
                self.write_text(row, &mut cell);
                *spelled = String::from_utf8(cell).unwrap_or_default(); // Only text was written.
                match other {
                    Values::Decimal(_) => Scalar::Number(spelled),
                    _ => Scalar::Text(spelled),
                }
            }
        }
    }

    /// The cell as a value: times and ids are text, marked floats are integers.
    pub fn value(&self, row: usize) -> Value {
        if self.is_null(row) {
            return Value::Null;
        }
        match &self.values {
            Values::Null => Value::Null,
            Values::Boolean(array) => Value::Bool(array.value(row)),
            Values::Integer(array) => Value::Int(array.value(row)),
            Values::Float(array, integers) => {
                let value = array.value(row);
                if integers.is_some_and(|marks| marks.value(row)) {
                    Value::Int(value as i64)
                } else {
                    Value::Float(value)
                }
            }
            Values::Decimal(array) => {
                let value = array.value(row);
                i64::try_from(value).map_or_else(|_| Value::Number(value.to_string()), Value::Int)
            }
            Values::Text(texts) => Value::Text(texts.array.value(row).to_owned()),
            Values::Date(_) | Values::Timestamp(..) | Values::Time(_) | Values::Uuid(_) => {
                let mut text = Vec::new();
                self.write_text(row, &mut text);
                Value::Text(String::from_utf8(text).unwrap_or_default()) // Digits and signs only.
            }
            Values::List(array, items) => {
                let offsets = array.value_offsets();
                let items = (offsets[row]..offsets[row + 1]).map(|item| items.value(item as usize));
                Value::Array(items.collect())
            }
        }
    }

    /// Appends the cell as plain text; nothing for a null. Lists are JSON text.
    pub fn write_text(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return;
        }
        match &self.values {
            Values::Text(texts) => out.extend_from_slice(texts.array.value(row).as_bytes()),
            Values::Float(array, _) if !array.value(row).is_finite() => {
                text::write_float(out, array.value(row));
            }
            values if values.is_spelled() => values.spell(row, out),
            _ => self.write_json(row, out),
        }
    }

    /// Appends the cell as a JSON value, compact, UTF-8 not escaped; `null` for a null and for a
    /// float that is not finite.
    pub fn write_json(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return;
        }
        match &self.values {
            Values::Null => {}
            Values::Boolean(array) => {
                out.extend_from_slice(if array.value(row) { b"true" } else { b"false" });
            }
            Values::Integer(array) => text::write_integer(out, array.value(row)),
            Values::Float(array, integers) => {
                let value = array.value(row);
                if integers.is_some_and(|marks| marks.value(row)) {
                    // Marked values are integers within 2^53.
                    text::write_integer(out, value as i64);
                } else if value.is_finite() {
                    text::write_float(out, value);
                } else {
                    out.extend_from_slice(b"null");
                }
            }
            Values::Decimal(array) => text::write_decimal(out, array.value(row)),
            Values::Text(texts) => texts.write_json(row, out),
            Values::Date(_) | Values::Timestamp(..) | Values::Time(_) | Values::Uuid(_) => {
                out.push(b'"');
                self.values.spell(row, out);
                out.push(b'"');
            }
            Values::List(array, items) => {
                out.push(b'[');
                let offsets = array.value_offsets();
                for item in offsets[row]..offsets[row + 1] {
                    if item > offsets[row] {
                        out.push(b',');
                    }
                    items.write_json(item as usize, out);
                }
                out.push(b']');
            }
        }
    }
}

/// A column of texts. Most hold nothing that JSON escapes, which is faster to see for all rows than
/// for each.
#[derive(Debug)]
struct Texts<'a> {
    array: &'a StringArray,
    rows: Range<usize>,
    /// True if none of the rows needs an escape; looked for once it is asked for.
    plain: OnceLock<bool>,
}

impl<'a> Texts<'a> {
    fn new(array: &'a StringArray, rows: Range<usize>) -> Self {
        Self {
            array,
            rows,
            plain: OnceLock::new(),
        }
    }

    fn write_json(&self, row: usize, out: &mut Vec<u8>) {
        let text = self.array.value(row);
        if *self.plain.get_or_init(|| self.are_plain()) {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        } else {
            text::write_json_string(out, text);
        }
    }

    fn are_plain(&self) -> bool {
        let offsets = self.array.value_offsets();
        let (start, end) = (offsets[self.rows.start], offsets[self.rows.end]);
        let bytes = &self.array.value_data()[start as usize..end as usize];
        text::plain_json(bytes) == bytes.len()
    }
}

impl Values<'_> {
    /// True for values that are strings in JSON, and need no escapes there.
    fn is_spelled(&self) -> bool {
        matches!(
            self,
            Self::Date(_) | Self::Timestamp(..) | Self::Time(_) | Self::Uuid(_)
        )
    }

    /// Appends such a value.
    fn spell(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Date(array) => text::write_date(out, array.value(row)),
            Self::Timestamp(values, unit, zone) => {
                text::write_timestamp(out, values[row], *unit, *zone);
            }
            Self::Time(array) => text::write_time(out, array.value(row)),
            Self::Uuid(array) => text::write_uuid(out, array.value(row)),
            _ => {}
        }
    }
}
