//! Makes ids with a closure of the caller's, and defines the rows that it is given.

use std::{fmt, sync::Arc};

use indexmap::IndexMap;

use crate::{base::TablePath, value::Value};

/// A row before its metadata columns, after the rules for values: what is cast is cast here too.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    table: &'a TablePath,
    cells: IndexMap<Arc<str>, Value, ahash::RandomState>,
}

impl<'a> Row<'a> {
    /// A row of these cells; a name that comes again gets `_2`, `_3`, ...
    pub(crate) fn new(
        table: &'a TablePath,
        cells: impl Iterator<Item = (Arc<str>, Value)>,
    ) -> Self {
        let mut named: IndexMap<Arc<str>, Value, ahash::RandomState> = IndexMap::default();
        for (wanted, value) in cells {
            let mut name = Arc::clone(&wanted);
            let mut number = 2;
            while named.contains_key(&name) {
                name = format!("{wanted}_{number}").into();
                number += 1;
            }
            named.insert(name, value);
        }
        Self {
            table,
            cells: named,
        }
    }

    /// The value in the column of this name; `None` if the row has no such cell.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.cells.get(column)
    }

    /// Names and values, in the order in which they were met.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.cells.iter().map(|(name, value)| (&**name, value))
    }

    /// True for a row of the main table.
    pub fn is_main(&self) -> bool {
        self.table.hops().is_empty()
    }

    /// The row's table.
    pub fn table(&self) -> &TablePath {
        self.table
    }
}

/// A closure that makes ids of rows, see [`Ids::custom`](super::Ids::custom). Two are equal if they
/// are the same.
#[derive(Clone)]
pub struct CustomId(Arc<Closure>);

type Closure = dyn Fn(&Row<'_>) -> Option<String> + Send + Sync;

impl CustomId {
    /// Ids that `id` makes. A row for which it gives `None` or empty text gets a random id.
    pub fn new(id: impl Fn(&Row<'_>) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(id))
    }

    pub(crate) fn id(&self, row: &Row<'_>) -> Option<String> {
        (self.0)(row)
    }
}

impl PartialEq for CustomId {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}

impl Eq for CustomId {}

impl fmt::Debug for CustomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomId(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_come_again_are_told_apart() {
        let table = TablePath::main();
        let cells = ["a", "a_2", "a", "a"].into_iter().zip(1..);
        let row = Row::new(&table, cells.map(|(name, n)| (name.into(), Value::Int(n))));
        let found: Vec<_> = row
            .iter()
            .map(|(name, value)| (name, value.as_i64()))
            .collect();
        let expected = [("a", 1), ("a_2", 2), ("a_3", 3), ("a_4", 4)];
        assert_eq!(found, expected.map(|(name, n)| (name, Some(n))));
        assert!(row.is_main());
    }

    #[test]
    fn closures_are_equal_to_themselves() {
        let (a, b) = (CustomId::new(|_| None), CustomId::new(|_| None));
        assert_eq!(a, a.clone());
        assert_ne!(a, b);
    }
}
