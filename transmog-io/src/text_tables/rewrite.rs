//! Rewrites JSON values that were written before their column had its final type.
//!
//! Rows are written at once, with the types known so far. If a column gets a wider type later,
//! earlier values must be formatted as the final type formats them. The JSON format writes all
//! values so, CSV the cells with lists:
//!
//! ```text
//! JSON   n: int64, then text              {"n":7}      ->  {"n":"7"}
//!        n: float64, with a NaN           {"n":NaN}    ->  {"n":null}    if n stays float64
//!                                         {"n":NaN}    ->  {"n":"NaN"}   if n became text
//!
//! CSV    items of a became text,          a,c          ->  a,b,c
//!        column b came later              "[1,2]",7    ->  "[""1"",""2""]",,7
//! ```
//!
//! A value such as `NaN` above, which is not JSON, is a draft: it is rewritten in any case. Changes
//! that do not show in the text, such as int64 to float64, need no rewrite.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, ListArray, cast::AsArray, types::Float64Type};
use arrow_schema::{DataType, Field};
use memchr::memchr2;
use transmog_core::{Cells, Error, Result, text};

/// Formats a column as JSON, except that NaN and infinities are written as bare `NaN`, `Infinity`
/// and `-Infinity`: if the column becomes text, these words are its values. [`respell`] rewrites
/// them.
#[derive(Debug)]
pub struct Draft<'a> {
    cells: Cells<'a>,
    floats: Floats<'a>,
}

#[derive(Debug)]
enum Floats<'a> {
    /// All floats are finite, or there are none.
    Finite,
    Column(&'a Float64Array),
    Lists(&'a ListArray, &'a Float64Array, Cells<'a>),
}

impl<'a> Draft<'a> {
    /// Opens a column of a field; `integers` as for [`Cells::of_field`].
    ///
    /// # Errors
    /// If Transmog's tables have no such type.
    pub fn new(
        field: &Field,
        array: &'a ArrayRef,
        integers: Option<&'a arrow_buffer::BooleanBuffer>,
    ) -> Result<Self> {
        let mut floats = Floats::Finite;
        if let Some(column) = array.as_primitive_opt::<Float64Type>() {
            if !all_finite(column) {
                floats = Floats::Column(column);
            }
        } else if let Some(lists) = array.as_list_opt::<i32>()
            // A slice of a list array still has the items of the whole array.
            && let (Some(first), Some(last)) =
                (lists.value_offsets().first(), lists.value_offsets().last())
            && let (first, last) = (*first as usize, *last as usize)
            && let Some(items) = lists.values().as_primitive_opt::<Float64Type>()
            && !all_finite(&items.slice(first, last - first))
        {
            floats = Floats::Lists(lists, items, Cells::new(lists.values(), integers)?);
        }
        Ok(Self {
            cells: Cells::of_field(field, array, integers)?,
            floats,
        })
    }

    /// True if cells must be rewritten even if the column keeps its type.
    pub fn is_draft(&self) -> bool {
        !matches!(self.floats, Floats::Finite)
    }

    /// Appends the cell; `null` for a null.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        match &self.floats {
            Floats::Finite => self.cells.write_json(row, out),
            Floats::Column(floats) => write_float(floats, &self.cells, row, out),
            Floats::Lists(lists, ..) if lists.is_null(row) => self.cells.write_json(row, out),
            Floats::Lists(lists, floats, items) => {
                out.push(b'[');
                let offsets = lists.value_offsets();
                for item in offsets[row]..offsets[row + 1] {
                    if item > offsets[row] {
                        out.push(b',');
                    }
                    write_float(floats, items, item as usize, out);
                }
                out.push(b']');
            }
        }
    }
}

fn all_finite(floats: &Float64Array) -> bool {
    floats.values().iter().all(|value| value.is_finite())
}

fn write_float(floats: &Float64Array, cells: &Cells<'_>, row: usize, out: &mut Vec<u8>) {
    if floats.is_valid(row) && !floats.value(row).is_finite() {
        text::write_float(out, floats.value(row));
    } else {
        cells.write_json(row, out);
    }
}

/// True if values of type `from` may have to be rewritten for type `to`.
pub fn changes(from: &DataType, to: &DataType, draft: bool) -> bool {
    match (from, to) {
        (DataType::List(from), DataType::List(to)) => {
            changes(from.data_type(), to.data_type(), draft)
        }
        (from, DataType::Utf8) => !is_string(from),
        (DataType::Float64, _) => draft,
        _ => false,
    }
}

/// True if JSON writes the values of this type as strings anyway (or, for nulls, not at all).
fn is_string(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Null
            | DataType::Utf8
            | DataType::Date32
            | DataType::Timestamp(..)
            | DataType::FixedSizeBinary(_)
    )
}

/// Appends a value that was written with type `from`, rewritten for type `to`. `value` is one JSON
/// value without blanks.
///
/// # Errors
/// If `value` is not UTF-8.
pub fn respell(value: &[u8], from: &DataType, to: &DataType, out: &mut Vec<u8>) -> Result<()> {
    match (from, to) {
        (DataType::List(from), DataType::List(to)) => {
            out.push(b'[');
            let mut at = 1;
            while at < value.len() && value[at] != b']' {
                let end = value_end(value, at);
                respell(&value[at..end], from.data_type(), to.data_type(), out)?;
                at = end;
                if value.get(at) == Some(&b',') {
                    out.push(b',');
                    at += 1;
                }
            }
            out.push(b']');
        }
        (DataType::List(_), DataType::Utf8) => {
            let mut list = Vec::new();
            respell(value, from, from, &mut list)?;
            let list = std::str::from_utf8(&list).map_err(|e| Error::internal(e.to_string()))?;
            text::write_json_string(out, list);
        }
        (from, DataType::Utf8) if !is_string(from) && value != b"null" => {
            // Numbers and literals need no escapes.
            out.push(b'"');
            if let Some(float) = not_finite(value) {
                let float: ArrayRef = Arc::new(Float64Array::from(vec![float]));
                Cells::new(&float, None)?.write_text(0, out);
            } else {
                out.extend_from_slice(value);
            }
            out.push(b'"');
        }
        (DataType::Float64, _) if not_finite(value).is_some() => out.extend_from_slice(b"null"),
        _ => out.extend_from_slice(value),
    }
    Ok(())
}

fn not_finite(value: &[u8]) -> Option<f64> {
    match value {
        b"NaN" => Some(f64::NAN),
        b"Infinity" => Some(f64::INFINITY),
        b"-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// The end of the value that begins at `start`: a string, a list, or anything else up to `,`, `]`,
/// `}` or a line break.
pub fn value_end(json: &[u8], start: usize) -> usize {
    match json.get(start) {
        Some(b'"') => string_end(json, start),
        Some(b'[') => {
            let mut at = start + 1;
            while at < json.len() && json[at] != b']' {
                at = value_end(json, at);
                at += usize::from(json.get(at) == Some(&b','));
            }
            json.len().min(at + 1)
        }
        _ => json[start.min(json.len())..]
            .iter()
            .position(|byte| matches!(byte, b',' | b']' | b'}' | b'\n'))
            .map_or(json.len(), |length| start + length),
    }
}

/// The byte after the string whose opening quote is at `start`; the end of `json` if it is not
/// closed.
pub fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = json.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        if json[at + found] == b'"' {
            return at + found + 1;
        }
        at += found + 2;
    }
    json.len()
}
