//! Applies the rules of the settings to values at their paths, from a parser and from memory.
//! Values without rules do not come here.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::{
    Place, Shredder,
    from_serde::{Field, exact_float, visit_items},
};
use crate::{
    config::{ArrayMode, EmptyText, How, Nulls, Treatment},
    value::{Scalar, Value, written},
};

impl Shredder {
    /// Takes a value at a path for which there are rules.
    pub(super) fn walk_treated(&mut self, place: Place, value: &Value) {
        let Treatment { how, way, form, .. } = self.shape.treatment(place.node);
        match (how, value) {
            (How::Excluded, _) => {
                self.note_left_out(place.node);
                self.count_below(place, value);
                self.exclude(value.leaves());
            }
            (How::Json, _) => self.put_as_json(place, value, way),
            (_, Value::Faulty(faulty)) => {
                self.shape.mark_row(place.node, place.row, &faulty.message);
                self.lose(&faulty.rest);
                self.walk_treated(place, &faulty.rest);
            }
            (How::Map, Value::Object(fields)) => {
                let entries = fields.iter().map(|(key, value)| (key.as_str(), value));
                self.walk_entries(place, value, entries);
            }
            (How::Array, Value::Array(_)) => {
                self.walk_array_as(ArrayMode::Separate, place, value);
            }
            (How::Array, _) => self.walk_only_item(place, value),
            (How::Plain | How::Map, _) if way && value.scalar().is_some() => {
                self.note_left_out(place.node);
                self.exclude(value.leaves());
            }
            (How::Plain | How::Map, Value::Text(text)) if form && !self.has_form(place, text) => {}
            (How::Plain | How::Map, _) => self.walk_plain(place, value),
        }
    }

    /// Makes a row of each entry of a map.
    fn walk_entries<'v>(
        &mut self,
        place: Place,
        map: &Value,
        entries: impl ExactSizeIterator<Item = (&'v str, &'v Value)>,
    ) {
        if entries.len() == 0 {
            return self.note_empty(place, map);
        }
        if self.array_too_deep(place) {
            return self.put_too_deep(place, map);
        }
        if let Some(breach) = self.shape.refused(place.node) {
            let items: Vec<Value> = entries.map(|(_, value)| value.clone()).collect();
            return self.unknown_table(place, breach, &items);
        }
        let mut item = self.first_item(place);
        let mut has_empty_key = false;
        for (key, value) in entries {
            let before = self.shape.row_counts(item.table);
            has_empty_key |= key.is_empty();
            // Items without rows have numbers, and entries have keys.
            let is_noted = self.notes.is_some() && self.note_no_entry(place, key, value);
            let notes = if is_noted { self.notes.take() } else { None };
            self.walk_item(item, value);
            if is_noted {
                self.notes = notes;
            }
            self.shape.name_row(item.table, before, key);
            item.index += 1;
        }
        // In some formats an empty key is no key, and the map would be an array.
        if has_empty_key {
            self.note_empty(place, map);
        }
    }

    /// Makes a row of what is no array and counts as one.
    fn walk_only_item(&mut self, place: Place, value: &Value) {
        if let Some(Scalar::Null) = value.scalar().map(|scalar| self.finite(scalar)) {
            return self.note_empty(place, &Value::Null);
        }
        if self.array_too_deep(place) && value.scalar().is_none() {
            return self.put_too_deep(place, value);
        }
        if let Some(breach) = self.shape.refused(place.node) {
            return self.unknown_table(place, breach, std::slice::from_ref(value));
        }
        let item = self.first_item(place);
        self.note_only(place);
        self.walk_item(item, value);
    }

    /// Puts any value into its cell as JSON text.
    fn put_as_json(&mut self, place: Place, value: &Value, way: bool) {
        let Some(scalar) = value.readable().scalar() else {
            return self.put_json(place, value);
        };
        self.mark_faults(place, value);
        let is_faulty = matches!(value, Value::Faulty(_));
        if is_faulty {
            self.lose(value.readable());
        }
        match self.finite(scalar) {
            _ if way => self.exclude(value.leaves()),
            Scalar::Null if self.plan.settings.nulls == Nulls::Drop => {
                self.note_empty(place, &Value::Null);
            }
            Scalar::Null => {
                self.note_empty(place, &Value::Null);
                self.push(place, Scalar::Null);
            }
            Scalar::Text("") if self.plan.settings.empty_text != EmptyText::Keep => {
                self.exclude(1);
                self.note_empty(place, value.readable());
                if self.plan.settings.empty_text == EmptyText::Null {
                    self.push(place, Scalar::Null);
                }
            }
            _ => {
                self.note_json(place);
                self.push(place, Scalar::Json(&value.to_json()));
            }
        }
    }

    /// The JSON text of a value that becomes one cell, without what is left out of it; `None` if
    /// nothing remains.
    pub(super) fn json(&mut self, place: Place, value: &Value) -> Option<String> {
        if !self.plan.settings.rules.leaves_out() {
            self.mark_faults(place, value);
            return Some(value.to_json());
        }
        let mut left_out = 0;
        let path = self.shape.table_path(self.shape.table_of(place.node));
        let within = self.shape.path(place.node).iter().map(AsRef::as_ref);
        let mut keys: Vec<&str> = path.keys().chain(within).collect();
        let rest = self
            .plan
            .settings
            .rules
            .prune(&mut keys, value, &mut left_out);
        self.exclude(left_out);
        if left_out > 0 && rest.leaves() == 0 {
            return None;
        }
        self.mark_faults(place, &rest);
        Some(rest.to_json())
    }

    /// Makes the main row's id where it is made of the record, of what is not left out of it.
    pub(super) fn make_main_id_of_taken(&mut self, record: &Value) {
        if self.needs_values() && self.plan.settings.rules.leaves_out() {
            let mut left_out = 0;
            let taken = self
                .plan
                .settings
                .rules
                .prune(&mut Vec::new(), record, &mut left_out);
            self.make_main_id(&taken);
        } else {
            self.make_main_id(record);
        }
    }
}

/// Takes the value of a field for which there are rules.
pub(super) struct Treated<'s> {
    shredder: &'s mut Shredder,
    place: Place,
    treatment: Treatment,
}

impl<'s> Treated<'s> {
    pub(super) fn new(shredder: &'s mut Shredder, place: Place, treatment: Treatment) -> Self {
        Self {
            shredder,
            place,
            treatment,
        }
    }

    fn take(self, value: &Value) {
        self.shredder.walk_treated(self.place, value);
    }

    fn scalar(self, value: Scalar<'_>) {
        self.take(&value.to_value());
    }
}

impl<'de> DeserializeSeed<'de> for Treated<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self {
            shredder,
            place,
            treatment,
        } = self;
        match treatment.how {
            How::Excluded if shredder.looks_into_left_out(place.node) => {
                shredder.walk(place, &Value::deserialize(deserializer)?);
                return Ok(());
            }
            How::Json => {
                shredder.walk(place, &Value::deserialize(deserializer)?);
                return Ok(());
            }
            _ => {}
        }
        if treatment.counted {
            shredder.count_value(place.node, false);
        }
        match treatment.how {
            How::Excluded => {
                let leaves = deserializer.deserialize_any(Leaves)?;
                shredder.note_left_out(place.node);
                shredder.exclude(leaves);
                Ok(())
            }
            _ if treatment.takes_all() => deserializer.deserialize_any(Field { shredder, place }),
            _ => deserializer.deserialize_any(Self {
                shredder,
                place,
                treatment,
            }),
        }
    }
}

impl<'de> Visitor<'de> for Treated<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.scalar(Scalar::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.scalar(Scalar::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.scalar(Scalar::Int(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.take(&Value::from(value));
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        exact_float(value)?;
        self.scalar(Scalar::Float(value));
        Ok(())
    }

    fn visit_bytes<E: serde::de::Error>(self, number: &[u8]) -> Result<(), E> {
        self.scalar(Scalar::Number(written(number)?));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.scalar(Scalar::Text(value));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        let mode = match self.treatment.how {
            How::Array => ArrayMode::Separate,
            _ => self.shredder.plan.settings.array_mode,
        };
        visit_items(self.shredder, items, self.place, mode)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<(), A::Error> {
        let Self {
            shredder, place, ..
        } = self;
        if self.treatment.how == How::Plain {
            return Field { shredder, place }.visit_map(fields);
        }
        let value = Value::deserialize(MapAccessDeserializer::new(fields))?;
        shredder.count_object(place.node);
        shredder.walk_treated(place, &value);
        Ok(())
    }
}

/// Counts the scalars of a value that is left out, nulls not counted.
#[derive(Clone, Copy)]
struct Leaves;

impl<'de> DeserializeSeed<'de> for Leaves {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Leaves {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(0)
    }

    fn visit_bool<E>(self, _: bool) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_i64<E>(self, _: i64) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_u64<E>(self, _: u64) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_f64<E>(self, _: f64) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_str<E>(self, _: &str) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u64, A::Error> {
        let mut leaves = 0;
        while let Some(more) = items.next_element_seed(self)? {
            leaves += more;
        }
        Ok(leaves)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<u64, A::Error> {
        let mut leaves = 0;
        while let Some(()) = fields.next_key_seed(AnyKey)? {
            leaves += fields.next_value_seed(self)?;
        }
        Ok(leaves)
    }
}

/// Reads a key, which must be right even where nobody asks for it.
struct AnyKey;

impl<'de> DeserializeSeed<'de> for AnyKey {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for AnyKey {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
