//! Makes ids of what records and rows hold: the hashes of 2.x, and the composite id of 1.x.

use std::collections::BTreeMap;

use super::{custom::Row, deterministic_id};
use crate::{
    base::{Error, Result},
    config::Header,
    text,
    value::{Scalar, Value},
};

/// Which fields ids are made of, see [`Ids::Composite`](super::Ids::Composite).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositeIds {
    /// As they were given in alphabetical order, each once; under a header as that means them, in
    /// the same order.
    fields: Vec<String>,
}

impl CompositeIds {
    /// Ids made of these fields; their order does not matter.
    ///
    /// # Errors
    /// If there are none, or one has no name.
    pub fn new(fields: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        let mut fields: Vec<String> = fields.into_iter().map(Into::into).collect();
        if fields.is_empty() {
            return Err(Error::setting("ids", "composite needs at least one field"));
        }
        if fields.iter().any(String::is_empty) {
            let reason = "a field of composite must have a name";
            return Err(Error::setting("ids", reason));
        }
        fields.sort_unstable();
        fields.dedup();
        Ok(Self { fields })
    }

    /// The fields, in alphabetical order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }

    /// The same fields, if they are spelled as a CSV header spells columns.
    pub(crate) fn under(&self, header: &Header) -> Self {
        let called = self.fields().map(|field| header.column(field).to_owned());
        Self {
            fields: called.collect(),
        }
    }

    /// The id that [`IdFormula::Python`](super::formula::IdFormula::Python) gives a row; of the
    /// main row, the input record comes first.
    pub(crate) fn id(&self, record: Option<&Value>, row: &Row<'_>) -> String {
        let value = |field: &str| {
            let of_record = record.and_then(|record| record.get(field));
            of_record.or_else(|| row.get(field)).unwrap_or(&Value::Null)
        };
        hash(self.fields().map(|field| (field, value(field))))
    }
}

/// The id that hashing gives an object of these fields with
/// [`IdFormula::Python`](super::formula::IdFormula::Python): a UUID of its JSON text in lower case.
pub(crate) fn hash<'v>(fields: impl Iterator<Item = (&'v str, &'v Value)>) -> String {
    // Only text was written.
    deterministic_id(std::str::from_utf8(&object_json(fields)).unwrap_or_default())
}

/// The JSON text of an object in the spelling of Python, with sorted keys.
pub(super) fn object_json<'v>(fields: impl Iterator<Item = (&'v str, &'v Value)>) -> Vec<u8> {
    let mut json = Vec::new();
    write_object(fields, &mut json);
    json
}

fn write_object<'v>(fields: impl Iterator<Item = (&'v str, &'v Value)>, out: &mut Vec<u8>) {
    let sorted: BTreeMap<&str, &Value> = fields.collect();
    out.push(b'{');
    for (i, (key, value)) in sorted.into_iter().enumerate() {
        out.extend_from_slice(if i > 0 { b", " } else { b"" });
        text::write_json_string(out, key);
        out.extend_from_slice(b": ");
        write_python(value, out);
    }
    out.push(b'}');
}

/// Appends JSON as Python spells it, keys sorted, UTF-8 not escaped.
fn write_python(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(fields) => {
            write_object(fields.iter().map(|(key, value)| (key.as_str(), value)), out);
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                out.extend_from_slice(if i > 0 { b", " } else { b"" });
                write_python(item, out);
            }
            out.push(b']');
        }
        Value::Float(value) => text::write_float(out, *value),
        // However it is written.
        Value::Number(number) => Scalar::of_number(number).write(out),
        other => other.write_json(out),
    }
}

/// The id that `generate_composite_id` of 1.x gives a record: a UUID of the fields' values, in
/// alphabetical order of the fields' names, joined by `|`. A null is `None`, a missing field
/// nothing; arrays and objects are JSON text.
///
/// ```
/// use transmog_core::{Value, composite_id};
///
/// let record: Value = [("a", Value::from(1)), ("b", Value::from("X"))].into_iter().collect();
/// assert_eq!(composite_id(&record, &["b", "a"]), "28aa0ec7-bdcf-5e6d-8663-e36245159217");
/// ```
pub fn composite_id(record: &Value, fields: &[impl AsRef<str>]) -> String {
    let mut fields: Vec<&str> = fields.iter().map(AsRef::as_ref).collect();
    fields.sort_unstable();
    let python = |field: &&str| match record.get(field) {
        None => String::new(),
        Some(Value::Null) => "None".to_owned(),
        Some(Value::Bool(true)) => "True".to_owned(),
        Some(Value::Bool(false)) => "False".to_owned(),
        Some(other) => other.to_text(),
    };
    deterministic_id(&fields.iter().map(python).collect::<Vec<_>>().join("|"))
}
