//! Puts values from a parser straight into columns: the fast path. Inlined by hand, because with
//! more than one parser the compiler would not inline, which costs a tenth of the instructions.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::{Item, Place, Shredder, path_rules::Treated, place::NodeId};
use crate::{
    config::{ArrayMode, Treatment},
    value::{NUMBERS_AS_WRITTEN, Scalar, Value, may_be_integer, written},
};

/// Takes one record from a deserializer.
#[derive(Debug)]
pub struct RecordSeed<'s> {
    shredder: &'s mut Shredder,
}

impl<'s> RecordSeed<'s> {
    pub(super) fn new(shredder: &'s mut Shredder) -> Self {
        Self { shredder }
    }
}

impl<'de> DeserializeSeed<'de> for RecordSeed<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        if self.shredder.needs_values() {
            let record = Value::deserialize(MapAccessDeserializer::new(fields))?;
            return self
                .shredder
                .walk_record(&record)
                .map_err(de::Error::custom);
        }
        let place = self.shredder.main_place();
        visit_fields(self.shredder, &mut fields, place)?;
        self.shredder.put_kept(0);
        self.shredder.check_violations()
    }
}

/// Takes one item of an array whose record is open from a deserializer.
#[derive(Debug)]
pub struct PartSeed<'s> {
    shredder: &'s mut Shredder,
    item: Item,
}

impl<'s> PartSeed<'s> {
    pub(super) fn new(shredder: &'s mut Shredder, item: Item) -> Self {
        Self { shredder, item }
    }
}

impl<'de> DeserializeSeed<'de> for PartSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { shredder, item } = self;
        let (node, row) = (shredder.shape.root(item.table), 0);
        let Item {
            depth,
            level,
            limit,
            ..
        } = item;
        let seed = ItemSeed {
            shredder: &mut *shredder,
            // Not looked at, because the item has its place.
            place: Place {
                node,
                row,
                depth,
                level,
                limit,
            },
            item: &mut Some(item),
            hold: false,
        };
        seed.deserialize(deserializer)?;
        shredder.put_kept(0);
        shredder.check_violations()
    }
}

/// Takes the fields of an object.
#[inline]
fn visit_fields<'de, A: MapAccess<'de>>(
    shredder: &mut Shredder,
    fields: &mut A,
    place: Place,
) -> Result<(), A::Error> {
    let stamp = shredder.next_stamp();
    let mut next = 0;
    while let Some(node) = fields.next_key_seed(Key {
        shredder: &mut *shredder,
        object: place.node,
        next: &mut next,
        stamp,
    })? {
        fields.next_value_seed(Field {
            shredder: &mut *shredder,
            place: Place { node, ..place },
        })?;
    }
    // Every field moves it on.
    if next == 0 {
        shredder.note_empty_object(place);
    }
    Ok(())
}

/// Resolves a key to its node without making a string of it.
struct Key<'s> {
    shredder: &'s mut Shredder,
    object: NodeId,
    next: &'s mut usize,
    stamp: u64,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = NodeId;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<NodeId, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = NodeId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    #[inline]
    fn visit_str<E: de::Error>(self, key: &str) -> Result<NodeId, E> {
        self.shredder
            .shape
            .field(self.object, key, self.next, self.stamp)
            .ok_or_else(|| E::custom("a key comes twice and needs an exact look"))
    }
}

/// Takes the value of a field.
pub(super) struct Field<'s> {
    pub(super) shredder: &'s mut Shredder,
    pub(super) place: Place,
}

impl<'de> DeserializeSeed<'de> for Field<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { shredder, place } = self;
        let treatment = shredder.shape.treatment(place.node);
        if treatment == Treatment::PLAIN {
            // Nothing here is about rules.
            deserializer.deserialize_any(Self { shredder, place })
        } else {
            Treated::new(shredder, place, treatment).deserialize(deserializer)
        }
    }
}

impl<'de> Visitor<'de> for Field<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    #[inline]
    fn visit_unit<E>(self) -> Result<(), E> {
        self.shredder.put(self.place, Scalar::Null);
        Ok(())
    }

    #[inline]
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.shredder.put(self.place, Scalar::Bool(value));
        Ok(())
    }

    #[inline]
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.shredder.put(self.place, Scalar::Int(value));
        Ok(())
    }

    #[inline]
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.shredder.put(self.place, Scalar::Int(value)),
            Err(_) => self.shredder.put(
                self.place,
                Scalar::Number(itoa::Buffer::new().format(value)),
            ),
        }
        Ok(())
    }

    #[inline]
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        exact_float(value)?;
        self.shredder.put(self.place, Scalar::Float(value));
        Ok(())
    }

    /// A number that no 64-bit type holds.
    #[inline(never)]
    fn visit_bytes<E: de::Error>(self, number: &[u8]) -> Result<(), E> {
        let number = Scalar::Number(written(number)?);
        self.shredder.put(self.place, number);
        Ok(())
    }

    #[inline]
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.shredder.put(self.place, Scalar::Text(value));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        if self.place.too_deep_for_object() {
            let value = Value::deserialize(MapAccessDeserializer::new(fields))?;
            self.shredder.put_too_deep(self.place, &value);
            return Ok(());
        }
        let Place { depth, level, .. } = self.place;
        visit_fields(
            self.shredder,
            &mut fields,
            Place {
                depth: depth + 1,
                level: level + 1,
                ..self.place
            },
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        let mode = self.shredder.plan.settings.array_mode;
        visit_items(self.shredder, items, self.place, mode)
    }
}

/// Takes the items of an array.
pub(super) fn visit_items<'de, A: SeqAccess<'de>>(
    shredder: &mut Shredder,
    mut items: A,
    place: Place,
    mode: ArrayMode,
) -> Result<(), A::Error> {
    let is_plain = !shredder.array_too_deep(place) && shredder.shape.refused(place.node).is_none();
    let is_text = is_plain && mode == ArrayMode::Inline;
    if is_text && !shredder.plan.settings.rules.leaves_out() && !shredder.counts_below(place.node) {
        return shredder.spell_array(place, items);
    }
    if !is_plain || !matches!(mode, ArrayMode::Separate | ArrayMode::Smart) {
        let value = Value::deserialize(SeqAccessDeserializer::new(items))?;
        shredder.walk_array_as(mode, place, &value);
        return Ok(());
    }
    let mut item: Option<Item> = None;
    loop {
        // Smart mode decides by the first item: an object makes a table of it, anything else needs
        // all items.
        let hold = mode == ArrayMode::Smart && item.is_none();
        let seed = ItemSeed {
            shredder: &mut *shredder,
            place,
            item: &mut item,
            hold,
        };
        match items.next_element_seed(seed)? {
            None => {
                if item.is_none() {
                    shredder.note_empty_array(place);
                }
                return Ok(());
            }
            Some(None) => {
                if let Some(item) = &mut item {
                    item.index += 1;
                }
            }
            Some(Some(first)) => {
                let mut all = vec![first];
                while let Some(value) = items.next_element()? {
                    all.push(value);
                }
                shredder.walk_array_as(mode, place, &Value::Array(all));
                return Ok(());
            }
        }
    }
}

/// Takes an item of an array into the array's table. Gives the item back if it is to be held and is
/// no object.
struct ItemSeed<'s> {
    shredder: &'s mut Shredder,
    place: Place,
    /// The item's own place; none before the first one.
    item: &'s mut Option<Item>,
    hold: bool,
}

impl ItemSeed<'_> {
    fn item(&mut self) -> Item {
        *self
            .item
            .get_or_insert_with(|| self.shredder.first_item(self.place))
    }

    fn scalar(mut self, value: Scalar<'_>) -> Option<Value> {
        if self.hold {
            return Some(value.to_value());
        }
        let item = self.item();
        self.shredder.put_item(item, value);
        None
    }
}

impl<'de> DeserializeSeed<'de> for ItemSeed<'_> {
    type Value = Option<Value>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        if self.hold {
            return deserializer.deserialize_newtype_struct(NUMBERS_AS_WRITTEN, self);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemSeed<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    #[inline]
    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(self.scalar(Scalar::Null))
    }

    #[inline]
    fn visit_bool<E>(self, value: bool) -> Result<Option<Value>, E> {
        Ok(self.scalar(Scalar::Bool(value)))
    }

    #[inline]
    fn visit_i64<E>(self, value: i64) -> Result<Option<Value>, E> {
        Ok(self.scalar(Scalar::Int(value)))
    }

    #[inline]
    fn visit_u64<E>(self, value: u64) -> Result<Option<Value>, E> {
        Ok(match i64::try_from(value) {
            Ok(value) => self.scalar(Scalar::Int(value)),
            Err(_) => self.scalar(Scalar::Number(itoa::Buffer::new().format(value))),
        })
    }

    #[inline]
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<Value>, E> {
        exact_float(value)?;
        Ok(self.scalar(Scalar::Float(value)))
    }

    #[inline(never)]
    fn visit_bytes<E: de::Error>(self, number: &[u8]) -> Result<Option<Value>, E> {
        let number = written(number)?;
        if self.hold {
            return Ok(Some(Value::of_number(number)));
        }
        Ok(self.scalar(Scalar::Number(number)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, it: D) -> Result<Option<Value>, D::Error> {
        it.deserialize_any(self)
    }

    #[inline]
    fn visit_str<E>(self, value: &str) -> Result<Option<Value>, E> {
        Ok(self.scalar(Scalar::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, items: A) -> Result<Option<Value>, A::Error> {
        if self.hold {
            let value = Value::deserialize(SeqAccessDeserializer::new(items))?;
            return Ok(Some(value));
        }
        let item = self.item();
        self.shredder.spell_inner_array(item, items)?;
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Option<Value>, A::Error> {
        let item = self.item();
        if item.level >= item.limit {
            let value = Value::deserialize(MapAccessDeserializer::new(fields))?;
            self.shredder.put_item_too_deep(item, &value);
            return Ok(None);
        }
        // The row is made with the first field: an empty object may have none.
        let stamp = self.shredder.next_stamp();
        let (mut next, object) = (0, self.shredder.shape.root(item.table));
        let mut key = Key {
            shredder: &mut *self.shredder,
            object,
            next: &mut next,
            stamp,
        };
        let mut met = fields.next_key_seed(key)?;
        if met.is_none() && self.shredder.plan.settings.skip_empty_items {
            self.shredder.exclude(1);
            let empty = Value::Object(indexmap::IndexMap::default());
            self.shredder.note_no_row(item, &empty);
            return Ok(None);
        }
        let (place, kept) = (self.shredder.item_place(item), self.shredder.kept.len());
        if met.is_none() {
            self.shredder.note_empty_object(place);
        }
        while let Some(node) = met {
            fields.next_value_seed(Field {
                shredder: &mut *self.shredder,
                place: Place { node, ..place },
            })?;
            key = Key {
                shredder: &mut *self.shredder,
                object,
                next: &mut next,
                stamp,
            };
            met = fields.next_key_seed(key)?;
        }
        self.shredder.put_kept(kept);
        Ok(None)
    }
}

impl Shredder {
    /// Fails if the current record needs an exact look, because it holds something that does not
    /// fit the schema.
    fn check_violations<E: de::Error>(&self) -> Result<(), E> {
        if self.violations.any() {
            return Err(E::custom("a value does not fit the schema"));
        }
        Ok(())
    }
}

pub(super) fn exact_float<E: de::Error>(value: f64) -> Result<(), E> {
    if may_be_integer(value) {
        return Err(E::custom("the number needs an exact look"));
    }
    Ok(())
}
