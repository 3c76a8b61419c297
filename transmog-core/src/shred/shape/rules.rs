//! Finds the rules of each place of the shape, once, when its node is made.

use super::{NodeId, Shape, TableId};
use crate::{base::ColumnPath, config::Treatment};

/// What the rules say of a place.
#[derive(Debug, Default)]
pub(super) struct RulesHere {
    pub(super) treatment: Treatment,
    pub(super) counting: Box<[(usize, bool)]>,
    pub(super) below: bool,
}

impl Shape {
    /// The rules that count the values of a node: their numbers, and whether only objects count.
    pub(in crate::shred) fn counting(&self, node: NodeId) -> &[(usize, bool)] {
        &self.nodes[node].rules
    }

    /// True if there are rules for what may stand below a node.
    pub(in crate::shred) fn has_rules_below(&self, node: NodeId) -> bool {
        self.nodes[node].rules_below
    }

    /// Marks a node as left out in this chunk, or not; true if it was.
    pub(in crate::shred) fn mark_left_out(&mut self, node: NodeId, left_out: bool) -> bool {
        std::mem::replace(&mut self.nodes[node].left_out, left_out)
    }

    /// What the rules say of a place: how its values are taken, which rules count them, and whether
    /// there are rules for what is below.
    pub(super) fn rules_for(&self, path: &ColumnPath, table: TableId) -> RulesHere {
        let rules = &self.plan.settings.rules;
        if rules.is_empty() {
            return RulesHere::default();
        }
        let mut keys: Vec<&str> = self.tables[table].path.keys().collect();
        keys.extend(path.iter().map(AsRef::as_ref));
        let below = rules.goes_below(&keys);
        // An array was counted, its items are not.
        let (treatment, counting) = if path.is_empty() {
            (rules.item_treatment(&keys), Box::default())
        } else {
            (rules.treatment(&keys), rules.counting(&keys))
        };
        RulesHere {
            treatment,
            counting,
            below,
        }
    }
}
