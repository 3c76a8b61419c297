//! Identity of columns and tables: the keys that lead to them, never their names.

use std::{fmt, sync::Arc};

/// Keys from a row to a value: `["a", "b"]` is `b` in object `a`. Empty for the item of an array of scalars itself.
pub type ColumnPath = Arc<[Arc<str>]>;

/// Hops from the main table to a table, each the keys from a row of the parent table to the array: none for the main
/// table; `[["a"], ["b"]]` is array `b` in the items of array `a`, `[["a", "b"]]` is array `b` in object `a`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TablePath(Arc<[ColumnPath]>);

impl TablePath {
    /// The main table.
    pub fn main() -> Self {
        Self::default()
    }

    /// The table of the array that `keys` lead to from a row of this table.
    #[must_use]
    pub fn child(&self, keys: ColumnPath) -> Self {
        Self(self.0.iter().cloned().chain([keys]).collect())
    }

    /// The hops, outermost first.
    pub fn hops(&self) -> &[ColumnPath] {
        &self.0
    }

    /// Path of the parent table; `None` for the main table.
    pub fn parent(&self) -> Option<Self> {
        let (_, outer) = self.0.split_last()?;
        Some(Self(outer.iter().cloned().collect()))
    }

    /// All keys from the record to the array, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|hop| hop.iter().map(AsRef::as_ref))
    }

    /// Key of the array itself, `""` for the main table.
    pub fn last_key(&self) -> &str {
        self.0
            .last()
            .and_then(|hop| hop.last())
            .map_or("", AsRef::as_ref)
    }
}

impl fmt::Display for TablePath {
    /// `orders[].lines[]`, nothing for the main table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, hop) in self.0.iter().enumerate() {
            write!(f, "{}{}[]", if i > 0 { "." } else { "" }, hop.join("."))?;
        }
        Ok(())
    }
}
