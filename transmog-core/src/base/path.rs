//! Identifies columns and tables by the keys that lead to them; names come later and may collide.

use std::{fmt, sync::Arc};

/// Keys from a row to a value: `["a", "b"]` is `b` in object `a`. Empty for the item of an array of
/// scalars itself.
pub type ColumnPath = Arc<[Arc<str>]>;

/// Hops from the main table to a table, each the keys from a row of the parent table to the array:
/// none for the main table; `[["a"], ["b"]]` is array `b` in the items of array `a`, `[["a", "b"]]`
/// is array `b` in object `a`. Beside the table of an array there may be one of its items that
/// could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TablePath {
    hops: Arc<[ColumnPath]>,
    errors: bool,
}

impl TablePath {
    /// The main table.
    pub fn main() -> Self {
        Self::default()
    }

    /// The table of the array that `keys` lead to from a row of this table.
    #[must_use]
    pub fn child(&self, keys: ColumnPath) -> Self {
        Self {
            hops: self.hops.iter().cloned().chain([keys]).collect(),
            errors: false,
        }
    }

    /// The table of what could not be read of this table's items.
    #[must_use]
    pub fn errors(&self) -> Self {
        Self {
            hops: Arc::clone(&self.hops),
            errors: true,
        }
    }

    /// True for a table of items that could not be read.
    pub fn is_errors(&self) -> bool {
        self.errors
    }

    /// The hops, outermost first.
    pub fn hops(&self) -> &[ColumnPath] {
        &self.hops
    }

    /// Path of the parent table; `None` for the main table.
    pub fn parent(&self) -> Option<Self> {
        let (_, outer) = self.hops.split_last()?;
        Some(Self {
            hops: outer.iter().cloned().collect(),
            errors: false,
        })
    }

    /// All keys from the record to the array, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.hops
            .iter()
            .flat_map(|hop| hop.iter().map(AsRef::as_ref))
    }

    /// Key of the array itself, `""` for the main table.
    pub fn last_key(&self) -> &str {
        self.hops
            .last()
            .and_then(|hop| hop.last())
            .map_or("", AsRef::as_ref)
    }
}

impl fmt::Display for TablePath {
    /// `orders[].lines[]`, nothing for the main table, `orders[].errors` for items that could not
    /// be read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, hop) in self.hops.iter().enumerate() {
            write!(f, "{}{}[]", if i > 0 { "." } else { "" }, hop.join("."))?;
        }
        f.write_str(if self.errors { ".errors" } else { "" })
    }
}
