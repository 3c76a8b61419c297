//! Which kinds of values a column has seen, and the one type that holds them all without loss.

use std::sync::Arc;

use arrow_schema::{DataType, Field};

/// The largest integer up to which a float holds every integer exactly: 2^53.
pub(crate) const EXACT_INTEGER: u64 = 1 << 53;

/// Most digits of a decimal(38,0).
pub(crate) const DECIMAL_DIGITS: usize = 38;

/// The set of kinds that a column has seen. Sets of two chunks are joined with [`Kinds::join`]; the order does not
/// matter, so neither does the order in which chunks were shredded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// Nothing but nulls.
    pub const NONE: Self = Self(0);
    /// `true` and `false`.
    pub const BOOL: Self = Self(1);
    /// Integers of 64 bits.
    pub const INT: Self = Self(1 << 1);
    /// Integers of 64 bits beyond 2^53, which a float cannot hold.
    pub const LARGE: Self = Self(1 << 2 | 1 << 1);
    /// Integers beyond 64 bits with at most 38 digits.
    pub const BIG: Self = Self(1 << 3);
    /// Numbers that only text can hold: longer integers, and what is beyond float64.
    pub const HUGE: Self = Self(1 << 4);
    /// Floats.
    pub const FLOAT: Self = Self(1 << 5);
    /// Text.
    pub const TEXT: Self = Self(1 << 6);
    /// Lists of scalars.
    pub const LIST: Self = Self(1 << 7);

    /// Both sets together.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if every kind of `other` is in this set.
    pub fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn within(self, other: Self) -> bool {
        other.holds(self)
    }

    /// The narrowest type that holds all values exactly; `items` are the kinds of the items of lists. Lists whose items
    /// are of several kinds are JSON text, which keeps `1` and `"1"` apart.
    pub fn data_type(self, items: Self) -> DataType {
        if self == Self::NONE {
            DataType::Null
        } else if self == Self::BOOL {
            DataType::Boolean
        } else if self.within(Self::LARGE) {
            DataType::Int64
        } else if self.within(Self::LARGE.join(Self::BIG)) {
            DataType::Decimal128(38, 0)
        } else if self.within(Self::INT.join(Self::FLOAT)) {
            DataType::Float64
        } else if self == Self::LIST
            && (items == Self::TEXT || items.data_type(Self::NONE) != DataType::Utf8)
        {
            DataType::List(Arc::new(Field::new_list_field(
                items.data_type(Self::NONE),
                true,
            )))
        } else {
            DataType::Utf8
        }
    }
}

/// The type of a column once all input has been read: what was null everywhere becomes text.
pub fn final_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Null => DataType::Utf8,
        DataType::List(item) => DataType::List(Arc::new(Field::new_list_field(
            final_type(item.data_type()),
            true,
        ))),
        other => other.clone(),
    }
}

/// The word that reports use for a type.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "null".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Int64 => "int64".into(),
        DataType::Float64 => "float64".into(),
        DataType::Decimal128(..) => "decimal".into(),
        DataType::Utf8 => "text".into(),
        DataType::Timestamp(..) => "timestamp".into(),
        DataType::FixedSizeBinary(16) => "uuid".into(),
        DataType::List(item) => format!("list<{}>", type_name(item.data_type())),
        other => other.to_string(),
    }
}
