//! Choices of what to do with arrays, nulls, empty text, scalars and what is nested too deep.

use crate::base::{Error, Result};

/// Levels of objects in an array's item with [`TooDeep::DropPerItem`].
pub(crate) const PER_ITEM_DEPTH: usize = 100;

/// What happens to an array.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArrayMode {
    /// A child table, one row for each item.
    #[default]
    Separate,
    /// Arrays of scalars stay in the row as lists, arrays with an object are child tables.
    Smart,
    /// JSON text in the row.
    Inline,
    /// Left out, and counted as excluded.
    Skip,
    /// A child table, and JSON text in the row as well, after the row's other columns.
    Keep,
}

impl std::str::FromStr for ArrayMode {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Ok(match word {
            "separate" => Self::Separate,
            "smart" => Self::Smart,
            "inline" => Self::Inline,
            "skip" => Self::Skip,
            "keep" => Self::Keep,
            _ => {
                let reason = format!("{word:?} is none of separate, smart, inline, skip, keep");
                return Err(Error::setting("array_mode", reason));
            }
        })
    }
}

/// What a null in the input becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nulls {
    /// A null cell.
    #[default]
    Keep,
    /// Nothing: no column, and no row for an item.
    Drop,
    /// Empty text (a null item keeps its row and is a null cell).
    EmptyText,
}

/// What empty text in the input becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyText {
    /// A value like any other.
    #[default]
    Keep,
    /// Nothing, counted as excluded: no column, and no row for an item.
    Drop,
    /// A null, counted as excluded.
    Null,
}

/// Whether scalars become text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cast {
    /// Columns keep their types.
    #[default]
    Off,
    /// All data columns are text: `true`, `1`, `1.5`.
    Text,
    /// As `Text`, with booleans as `True` and `False`.
    PythonText,
}

/// What happens to what lies deeper than `max_depth`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TooDeep {
    /// It stays in the row as JSON text, in the column of its path.
    #[default]
    Json,
    /// It is left out, and counted as excluded; the count of levels goes on inside array items.
    Drop,
    /// It is left out, and counted as excluded; objects in array items count their levels again, up
    /// to 100.
    DropPerItem,
}
