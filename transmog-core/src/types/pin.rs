//! Checks values against a column's given type, and describes those that do not fit.

use arrow_schema::DataType;

use super::kinds::{Kinds, type_name};
use crate::{
    base::{ColumnPath, ErrorKind},
    text::{self, Zone},
};

/// Characters of a text that messages show.
const SHOWN: usize = 40;

/// What happens to a value that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breach {
    /// It is an error of its record.
    Fail,
    /// It is dropped.
    Drop,
}

/// The kinds of values that a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pin {
    kinds: Kinds,
    items: Kinds,
    /// What texts must be spelled like, if that is what the type is about; not looked at in lists.
    pub(crate) form: Kinds,
    /// True if it is a setting's, not the given schema's.
    is_hint: bool,
    pub(crate) breach: Breach,
}

impl Pin {
    /// A pin of a type; `None` for types that data columns do not have.
    pub(crate) fn new(data_type: &DataType) -> Option<Self> {
        let (kinds, items) = match data_type {
            DataType::Utf8 => (Kinds::ALL, Kinds::ALL),
            // Items of several kinds would make the list JSON text.
            DataType::List(item) if *item.data_type() == DataType::Utf8 => {
                (Kinds::LIST, Kinds::TEXT)
            }
            DataType::List(item) => (Kinds::LIST, scalar(item.data_type())?),
            other => (scalar(other)?, Kinds::NONE),
        };
        let form = form(data_type).unwrap_or_default();
        Some(Self {
            kinds,
            items,
            form,
            is_hint: false,
            breach: Breach::Fail,
        })
    }

    /// The pin as a setting's.
    pub(crate) fn of_setting(self) -> Self {
        let is_hint = true;
        Self { is_hint, ..self }
    }

    /// The pin with what happens to values that do not fit.
    pub(crate) fn with_breach(self, breach: Breach) -> Self {
        Self { breach, ..self }
    }

    /// The kinds that a column of this type has from the start, so that it ends with the type.
    pub(crate) fn preset(data_type: &DataType) -> (Kinds, Kinds) {
        let of_scalar = |data_type: &DataType| match data_type {
            DataType::Boolean => Kinds::BOOL,
            DataType::Int64 => Kinds::INT,
            DataType::Float64 => Kinds::FLOAT,
            DataType::Decimal128(..) => Kinds::BIG,
            other => form(other).unwrap_or(Kinds::TEXT),
        };
        match data_type {
            DataType::List(item) => (Kinds::LIST, of_scalar(item.data_type())),
            other => (of_scalar(other), Kinds::NONE),
        }
    }

    /// True if a column that has seen such values still has the type.
    pub(crate) fn fits(&self, (kinds, items): (Kinds, Kinds)) -> bool {
        self.kinds.holds(kinds) && self.items.holds(items)
    }

    /// True if a column of the type, or the items of its lists if `list` is [`Kinds::LIST`], are
    /// floats: they take any number that has a float next to it.
    pub(crate) fn wants_floats(&self, list: Kinds) -> bool {
        let floats = Kinds::FLOAT.join(Kinds::INT);
        (self.kinds, self.items)
            == if list == Kinds::LIST {
                (Kinds::LIST, floats)
            } else {
                (floats, Kinds::NONE)
            }
    }

    /// True if everything fits.
    pub(crate) fn is_open(&self) -> bool {
        self.kinds == Kinds::ALL
    }

    /// What is wrong with a text that is not spelled as the type wants it.
    pub(crate) fn error_of_text(&self, path: &ColumnPath, text: &str) -> ErrorKind {
        let mut error = self.error(path, (Kinds::TEXT, Kinds::NONE));
        if let ErrorKind::Misfit { found, .. } = &mut error {
            let mut shown: String = text.chars().take(SHOWN).collect();
            if shown.len() < text.len() {
                shown.push_str("...");
            }
            *found = format!("text {shown:?}");
        }
        error
    }

    /// The type that texts are spelled like, with an example.
    fn spelled_type(&self) -> String {
        let name = type_name(&self.form.data_type(Kinds::NONE));
        let mut example = Vec::new();
        if let Some((unit, zone)) = self.form.timestamp() {
            text::write_timestamp(&mut example, 0, unit, zone);
        } else if self.form == Kinds::DATE {
            text::write_date(&mut example, 0);
        } else {
            return name;
        }
        format!("{name} (such as {})", String::from_utf8_lossy(&example))
    }

    /// What is wrong with values that do not fit.
    pub(crate) fn error(&self, path: &ColumnPath, found: (Kinds, Kinds)) -> ErrorKind {
        ErrorKind::Misfit {
            column: spelled(path),
            expected: if self.form == Kinds::NONE {
                type_name(&self.kinds.data_type(self.items))
            } else {
                self.spelled_type()
            },
            given: if self.is_hint {
                "by its type setting"
            } else {
                "in the schema"
            },
            found: word(found),
        }
    }
}

fn scalar(data_type: &DataType) -> Option<Kinds> {
    Some(match data_type {
        DataType::Boolean => Kinds::BOOL,
        DataType::Int64 => Kinds::LARGE,
        DataType::Decimal128(38, 0) => Kinds::LARGE.join(Kinds::BIG),
        DataType::Float64 => Kinds::FLOAT.join(Kinds::INT),
        other => {
            form(other)?;
            Kinds::TEXT
        }
    })
}

/// What texts are spelled like in a column of a type.
pub(crate) fn form(data_type: &DataType) -> Option<Kinds> {
    match data_type {
        DataType::Date32 => Some(Kinds::DATE),
        DataType::FixedSizeBinary(16) => Some(Kinds::UUID),
        DataType::Timestamp(unit, zone) => {
            let zone = Zone::ALL
                .into_iter()
                .find(|known| known.name() == zone.as_deref())?;
            Kinds::of_timestamp(*unit, zone)
        }
        _ => None,
    }
}

/// A column's keys for people.
pub(crate) fn spelled(path: &ColumnPath) -> String {
    if path.is_empty() {
        "value".to_owned()
    } else {
        path.join(".")
    }
}

fn word((kinds, items): (Kinds, Kinds)) -> String {
    match kinds {
        Kinds::LARGE => "an integer beyond 2^53".to_owned(),
        Kinds::BIG => "an integer beyond 64 bits".to_owned(),
        Kinds::HUGE => "a number that only text can hold".to_owned(),
        Kinds::JSON => "JSON text".to_owned(),
        Kinds::LIST if kinds.data_type(items) == DataType::Utf8 => {
            "a list of several kinds".to_owned()
        }
        kinds => type_name(&kinds.data_type(items)),
    }
}
