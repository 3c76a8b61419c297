//! Writes values as JSON text with the tokens `NaN`, `Infinity` and `-Infinity`.
//!
//! `serde_json` writes null for them, and a null would be a silent loss. With the tokens in the
//! text, the value is handled as in a file: an error, or a float if `allow_nan` is set. Two passes:
//! the first looks for such floats, and few values have any; the second writes a token where
//! `serde_json` writes null.

use std::{fmt::Display, io};

use serde::ser::{self, Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

/// Appends the JSON text of a value.
///
/// # Errors
/// If it cannot be serialised.
pub(crate) fn write(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), serde_json::Error> {
    let mut found = NotFinite::default();
    value.serialize(Walk(&mut found))?;
    if found.tokens.is_empty() {
        return serde_json::to_writer(out, value);
    }
    let formatter = Tokens {
        nulls: 0,
        tokens: found.tokens.into_iter().peekable(),
    };
    value.serialize(&mut serde_json::Serializer::with_formatter(out, formatter))
}

/// The floats of a value that are not finite.
#[derive(Debug, Default)]
struct NotFinite {
    /// Nulls that `serde_json` has written so far.
    nulls: u64,
    /// The tokens to write instead of some of them, by the number of the null.
    tokens: Vec<(u64, &'static str)>,
}

/// Formats JSON, with these tokens instead of nulls.
struct Tokens<I: Iterator<Item = (u64, &'static str)>> {
    nulls: u64,
    tokens: std::iter::Peekable<I>,
}

impl<I: Iterator<Item = (u64, &'static str)>> Formatter for Tokens<I> {
    fn write_null<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        let place = self.nulls;
        self.nulls += 1;
        match self.tokens.next_if(|(at, _)| *at == place) {
            Some((_, token)) => out.write_all(token.as_bytes()),
            None => CompactFormatter.write_null(out),
        }
    }
}

/// Visits a value without writing anything.
struct Walk<'a>(&'a mut NotFinite);

type Walked = Result<(), serde_json::Error>;

impl Walk<'_> {
    fn null(self) {
        self.0.nulls += 1;
    }

    fn float(self, value: f64) {
        if value.is_finite() {
            return;
        }
        let token = if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        self.0.tokens.push((self.0.nulls, token));
        self.null();
    }
}

/// Scalars that are finite.
macro_rules! fine {
    ($($name:ident($type:ty)),* $(,)?) => {
        $(fn $name(self, _: $type) -> Walked { Ok(()) })*
    };
}

impl Serializer for Walk<'_> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fine! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_i128(i128), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64),
        serialize_u128(u128), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
    }

    fn serialize_f32(self, value: f32) -> Walked {
        self.float(value.into());
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Walked {
        self.float(value);
        Ok(())
    }

    fn serialize_none(self) -> Walked {
        self.null();
        Ok(())
    }

    fn serialize_unit(self) -> Walked {
        self.null();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Walked {
        self.null();
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Walked {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Walked {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Walked {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Walked {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Walked {
        Ok(())
    }
}

/// Compounds: each part is visited.
macro_rules! compound {
    ($($trait:ident::$method:ident),* $(,)?) => {
        $(impl ser::$trait for Walk<'_> {
            type Ok = ();
            type Error = serde_json::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Walked {
                value.serialize(Walk(self.0))
            }

            fn end(self) -> Walked {
                Ok(())
            }
        })*
    };
}

compound! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

impl ser::SerializeMap for Walk<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Walked {
        key.serialize(Walk(self.0))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Walked {
        value.serialize(Walk(self.0))
    }

    fn end(self) -> Walked {
        Ok(())
    }
}

impl ser::SerializeStruct for Walk<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Walked {
        value.serialize(Walk(self.0))
    }

    fn end(self) -> Walked {
        Ok(())
    }
}

impl ser::SerializeStructVariant for Walk<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Walked {
        value.serialize(Walk(self.0))
    }

    fn end(self) -> Walked {
        Ok(())
    }
}
