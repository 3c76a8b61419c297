//! Finds the columns of the fields that composite ids are made of, by name (`customer_id`) or by
//! path in the row (`customer.id`).

use crate::shred::{place::NodeId, shape::Shape};
use crate::{
    config::{CompositeIds, Rank},
    value::Value,
};

/// By column, the fields that it may be, each with its rank: of a row's columns that may be a
/// field, the one with the least is it.
#[derive(Debug, Default)]
pub(super) struct FieldColumns(Vec<Option<Vec<(usize, Rank)>>>);

impl FieldColumns {
    /// The fields that a column may be.
    pub(super) fn of(&mut self, shape: &Shape, node: NodeId) -> &[(usize, Rank)] {
        if self.0.len() <= node {
            self.0.resize(node + 1, None);
        }
        self.0[node].get_or_insert_with(|| shape.id_fields(node))
    }

    /// What the cells of a row hold of each field; `None` for a field that the row lacks or that is
    /// null.
    pub(super) fn values<'v>(
        &mut self,
        composite: &CompositeIds,
        cells: &'v [(NodeId, Value)],
        shape: &Shape,
    ) -> Vec<Option<&'v Value>> {
        let mut found: Vec<Option<(Rank, NodeId, &Value)>> = vec![None; composite.fields().count()];
        for (node, value) in cells {
            if matches!(value, Value::Null) {
                continue;
            }
            for (field, rank) in self.of(shape, *node) {
                let known = &mut found[*field];
                // Which of two paths with one name counts must not depend on the order of keys.
                let is_first = known.is_none_or(|(known_rank, known_node, _)| {
                    let key = |rank, node| (rank, shape.path(node));
                    key(*rank, *node) < key(known_rank, known_node)
                });
                if is_first {
                    *known = Some((*rank, *node, value));
                }
            }
        }
        found
            .into_iter()
            .map(|found| found.map(|(_, _, value)| value))
            .collect()
    }
}
