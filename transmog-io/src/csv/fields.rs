//! A row as serde sees it: an object of columns and their cells.

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor,
    value::{Error as Refused, StrDeserializer},
};
use serde::forward_to_deserialize_any;

use super::{Cells, CsvTable, infer::Cell};

/// The fields of a row; those whose cells are missing are null.
pub(super) struct Fields<'r> {
    table: &'r CsvTable,
    cells: &'r Cells,
    /// The text of the cells.
    text: &'r str,
    typed: bool,
    /// The next column.
    column: usize,
}

impl<'r> Fields<'r> {
    pub(super) fn new(table: &'r CsvTable, cells: &'r Cells, text: &'r str, typed: bool) -> Self {
        Self {
            table,
            cells,
            text,
            typed,
            column: 0,
        }
    }
}

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        if self.column == self.table.width() {
            return Ok(None);
        }
        let name: StrDeserializer<'_, Refused> = self.table.name(self.column).into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let text = (self.cells.get(self.column)).and_then(|range| self.text.get(range));
        let cell = self.table.cell(self.column, text, self.typed);
        self.column += 1;
        seed.deserialize(cell)
    }
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Int(value) => visitor.visit_i64(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(text) => visitor.visit_str(text),
            Self::Number(_) => Err(Refused::custom("the number needs an exact look")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
