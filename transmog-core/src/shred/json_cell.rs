//! Writes an array that becomes one cell as JSON text, straight from the parser. Objects in it are
//! read into values first, because a key may come twice.

use std::{fmt, mem};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::{Item, Place, Shredder, from_serde::exact_float};
use crate::{
    text,
    value::{NUMBERS_AS_WRITTEN, Scalar, Value, written},
};

/// An array without items.
const EMPTY: &[u8] = b"[]";

impl Shredder {
    /// Puts an array into its cell as JSON text. Nothing may be left out of it.
    pub(super) fn spell_array<'de, A: SeqAccess<'de>>(
        &mut self,
        place: Place,
        items: A,
    ) -> Result<(), A::Error> {
        let json = self.json_of(items)?;
        if json == EMPTY {
            self.note_empty_array(place);
        } else {
            self.push_json(place, &json);
        }
        self.cell = json;
        Ok(())
    }

    /// Makes a row of an array in an array, as [`Shredder::put_inner_array`] does.
    pub(super) fn spell_inner_array<'de, A: SeqAccess<'de>>(
        &mut self,
        item: Item,
        items: A,
    ) -> Result<(), A::Error> {
        if self.plan.settings.rules.leaves_out() || self.counts_below(self.shape.root(item.table)) {
            let array = Value::deserialize(SeqAccessDeserializer::new(items))?;
            self.put_inner_array(item, &array);
            return Ok(());
        }
        let json = self.json_of(items)?;
        if json != EMPTY || !self.skips(item, &Value::Array(Vec::new())) {
            let place = self.item_place(item);
            self.push_json(place, &json);
        }
        self.cell = json;
        Ok(())
    }

    /// The array as text, in a buffer that is to be given back.
    fn json_of<'de, A: SeqAccess<'de>>(&mut self, items: A) -> Result<Vec<u8>, A::Error> {
        let mut json = mem::take(&mut self.cell);
        json.clear();
        spell_items(items, &mut json)?;
        Ok(json)
    }

    fn push_json(&mut self, place: Place, json: &[u8]) {
        self.note_json(place);
        let json = str::from_utf8(json).unwrap_or_default(); // Only text was written.
        self.push(place, Scalar::Json(json));
    }
}

/// Appends the items of an array as compact JSON, with its brackets.
fn spell_items<'de, A: SeqAccess<'de>>(mut items: A, out: &mut Vec<u8>) -> Result<(), A::Error> {
    out.push(b'[');
    let mut is_first = true;
    while items
        .next_element_seed(Spelled {
            out: &mut *out,
            is_first,
        })?
        .is_some()
    {
        is_first = false;
    }
    out.push(b']');
    Ok(())
}

/// Appends an item.
struct Spelled<'o> {
    out: &'o mut Vec<u8>,
    is_first: bool,
}

impl<'de> DeserializeSeed<'de> for Spelled<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if !self.is_first {
            self.out.push(b',');
        }
        deserializer.deserialize_newtype_struct(NUMBERS_AS_WRITTEN, self)
    }
}

impl<'de> Visitor<'de> for Spelled<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, it: D) -> Result<(), D::Error> {
        it.deserialize_any(self)
    }

    #[inline]
    fn visit_bytes<E: de::Error>(self, number: &[u8]) -> Result<(), E> {
        let number: &str = written(number)?;
        self.out.extend_from_slice(number.as_bytes());
        Ok(())
    }

    #[inline]
    fn visit_unit<E>(self) -> Result<(), E> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    #[inline]
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        let word: &[u8] = if value { b"true" } else { b"false" };
        self.out.extend_from_slice(word);
        Ok(())
    }

    #[inline]
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        text::write_integer(self.out, value);
        Ok(())
    }

    #[inline]
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        let mut digits = itoa::Buffer::new();
        self.out.extend_from_slice(digits.format(value).as_bytes());
        Ok(())
    }

    #[inline]
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        exact_float(value)?;
        if value.is_finite() {
            text::write_float(self.out, value);
            Ok(())
        } else {
            self.visit_unit()
        }
    }

    #[inline]
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        text::write_json_string(self.out, value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        spell_items(items, self.out)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<(), A::Error> {
        Value::deserialize(MapAccessDeserializer::new(fields))?.write_json(self.out);
        Ok(())
    }
}
