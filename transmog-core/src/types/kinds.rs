//! Collects the kinds of values that a column has seen, and finds the one type that holds them all
//! without loss.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, cast::AsArray, types::Int64Type};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::text::Zone;

/// The largest integer up to which a float holds every integer exactly: 2^53.
pub(crate) const EXACT_INTEGER: u64 = 1 << 53;

/// Most digits of a decimal(38,0).
pub(crate) const DECIMAL_DIGITS: usize = 38;

/// The first bit of those that stand for timestamps.
const FIRST_TIMESTAMP: u32 = 11;

/// Units of timestamps.
const UNITS: [TimeUnit; 3] = [
    TimeUnit::Second,
    TimeUnit::Millisecond,
    TimeUnit::Microsecond,
];

/// The set of kinds that a column has seen. Sets of two chunks are joined with [`Kinds::join`]; the
/// order does not matter, so neither does the order in which chunks were shredded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u32);

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
    /// JSON text of objects and arrays.
    pub const JSON: Self = Self(1 << 8);
    /// Text that is dates.
    pub const DATE: Self = Self(1 << 9);
    /// Text that is UUIDs.
    pub const UUID: Self = Self(1 << 10);
    /// Text that is timestamps: a bit for each unit of [`UNITS`], for each zone.
    const TIMESTAMPS: Self = Self(0x1ff << FIRST_TIMESTAMP);
    /// Everything that JSON has as strings.
    const STRINGS: Self = Self(Self::TEXT.0 | Self::DATE.0 | Self::UUID.0 | Self::TIMESTAMPS.0);

    /// Every kind.
    pub(crate) const ALL: Self = Self(u32::MAX);

    /// The kinds of a column's values and, if they are lists, of their items. `integers` are the
    /// column's marks (see [`TableBatch`](crate::TableBatch)). `None` for types whose values are of
    /// no kind, such as times in zones other than UTC.
    ///
    /// A text column without a value has no kinds: it is what a column that was null everywhere
    /// ends as.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use arrow_array::{ArrayRef, Int64Array};
    /// # use transmog_core::Kinds;
    /// let small: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    /// let large: ArrayRef = Arc::new(Int64Array::from(vec![1 << 60]));
    /// assert_eq!(Kinds::of(&small, None), Some((Kinds::INT, Kinds::NONE)));
    /// assert_eq!(Kinds::of(&large, None), Some((Kinds::LARGE, Kinds::NONE)));
    /// ```
    pub fn of(array: &ArrayRef, integers: Option<&BooleanBuffer>) -> Option<(Self, Self)> {
        let kinds = match array.data_type() {
            DataType::Null => Self::NONE,
            DataType::Boolean => Self::BOOL,
            DataType::Int64 => {
                let integers = array.as_primitive::<Int64Type>();
                let large = |n: i64| n.unsigned_abs() > EXACT_INTEGER;
                if integers.iter().flatten().any(large) {
                    Self::LARGE
                } else {
                    Self::INT
                }
            }
            DataType::Float64 => {
                let marked = integers.is_some_and(|marks| marks.count_set_bits() > 0);
                if marked {
                    Self::FLOAT.join(Self::INT)
                } else {
                    Self::FLOAT
                }
            }
            DataType::Decimal128(38, 0) => Self::BIG,
            DataType::Utf8 if array.null_count() == array.len() => Self::NONE,
            DataType::Utf8 => Self::TEXT,
            DataType::Date32 => Self::DATE,
            DataType::FixedSizeBinary(16) => Self::UUID,
            DataType::Timestamp(unit, name) => {
                let zone = Zone::of(name.as_deref());
                if name.as_deref() != zone.name() {
                    return None;
                }
                Self::of_timestamp(*unit, zone)?
            }
            DataType::List(item) if !matches!(item.data_type(), DataType::List(_)) => {
                let (items, _) = Self::of(array.as_list_opt::<i32>()?.values(), integers)?;
                return Some((Self::LIST, items));
            }
            _ => return None,
        };
        Some((kinds, Self::NONE))
    }

    /// The kind of an integer of 64 bits.
    pub fn of_integer(value: i64) -> Self {
        if value.unsigned_abs() > EXACT_INTEGER {
            Self::LARGE
        } else {
            Self::INT
        }
    }

    /// The kind of timestamps that are spelled like this; `None` for nanoseconds.
    pub fn of_timestamp(unit: TimeUnit, zone: Zone) -> Option<Self> {
        let unit = UNITS.iter().position(|known| *known == unit)?;
        let number = zone as u32 * UNITS.len() as u32 + unit as u32;
        Some(Self(1 << (FIRST_TIMESTAMP + number)))
    }

    /// The unit and the zone, if this is nothing but timestamps of one spelling.
    pub(crate) fn timestamp(self) -> Option<(TimeUnit, Zone)> {
        if self.0.count_ones() != 1 || !self.within(Self::TIMESTAMPS) {
            return None;
        }
        let number = (self.0.trailing_zeros() - FIRST_TIMESTAMP) as usize;
        Some((UNITS[number % UNITS.len()], Zone::ALL[number / UNITS.len()]))
    }

    /// The kind of a number that no 64-bit type holds, as written.
    pub fn of_number(raw: &str) -> Self {
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        if digits.len() <= DECIMAL_DIGITS && digits.bytes().all(|b| b.is_ascii_digit()) {
            Self::BIG
        } else {
            Self::HUGE
        }
    }

    /// Both sets together.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if every kind of `other` is in this set.
    pub fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// True if there is nothing but what JSON has as strings.
    pub(crate) fn are_strings(self) -> bool {
        self.within(Self::STRINGS)
    }

    fn within(self, other: Self) -> bool {
        other.holds(self)
    }

    /// The narrowest type that holds all values exactly; `items` are the kinds of the items of
    /// lists. Lists whose items are of several kinds are JSON text, which keeps `1` and `"1"`
    /// apart.
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
        } else if self == Self::DATE {
            DataType::Date32
        } else if self == Self::UUID {
            DataType::FixedSizeBinary(16)
        } else if let Some((unit, zone)) = self.timestamp() {
            DataType::Timestamp(unit, zone.name().map(Into::into))
        } else if self == Self::LIST
            && (items.within(Self::STRINGS) || items.data_type(Self::NONE) != DataType::Utf8)
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

/// The schema of a table once all input has been read: every type is its [`final_type`].
pub fn final_schema(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let data_type = final_type(field.data_type());
        field.as_ref().clone().with_data_type(data_type)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The word that reports use for a type: `timestamp` for microseconds in UTC, `timestamp[ms,
/// +00:00]`, `timestamp[s]` and so on for others.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "null".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Int64 => "int64".into(),
        DataType::Float64 => "float64".into(),
        DataType::Decimal128(..) => "decimal".into(),
        DataType::Utf8 => "text".into(),
        DataType::Date32 => "date".into(),
        // The time column, too.
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if **zone == *"UTC" => {
            "timestamp".into()
        }
        DataType::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Second => "s",
                TimeUnit::Millisecond => "ms",
                TimeUnit::Microsecond => "us",
                TimeUnit::Nanosecond => "ns",
            };
            match zone {
                Some(zone) => format!("timestamp[{unit}, {zone}]"),
                None => format!("timestamp[{unit}]"),
            }
        }
        DataType::FixedSizeBinary(16) => "uuid".into(),
        DataType::List(item) => format!("list<{}>", type_name(item.data_type())),
        other => other.to_string(),
    }
}

/// The type of data columns that [`type_name`] has this word for; `None` if there is none.
///
/// ```
/// use transmog_core::{type_name, type_of_name};
///
/// let words = "boolean int64 float64 decimal text date uuid timestamp timestamp[s] list<int64> list<uuid>";
/// for word in words.split(' ').chain(["timestamp[ms, UTC]", "timestamp[us, +00:00]"]) {
///     assert_eq!(type_of_name(word).map(|it| type_name(&it)).as_deref(), Some(word));
/// }
/// assert_eq!(type_of_name("integer"), None);
/// ```
pub fn type_of_name(word: &str) -> Option<DataType> {
    Some(match word {
        "boolean" => DataType::Boolean,
        "int64" => DataType::Int64,
        "float64" => DataType::Float64,
        "decimal" => DataType::Decimal128(38, 0),
        "text" => DataType::Utf8,
        "date" => DataType::Date32,
        "uuid" => DataType::FixedSizeBinary(16),
        _ if word.starts_with("timestamp") => {
            let mut spellings = UNITS
                .iter()
                .flat_map(|unit| Zone::ALL.map(|zone| (*unit, zone)))
                .map(|(unit, zone)| DataType::Timestamp(unit, zone.name().map(Into::into)));
            spellings.find(|data_type| type_name(data_type) == word)?
        }
        _ => {
            let item = word.strip_prefix("list<")?.strip_suffix('>')?;
            let item = type_of_name(item).filter(|item| !matches!(item, DataType::List(_)))?;
            DataType::List(Arc::new(Field::new_list_field(item, true)))
        }
    })
}
