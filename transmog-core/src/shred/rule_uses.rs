//! Counts the values at the paths of rules. Counts are sums over the accepted records, so they
//! depend neither on chunks nor on threads.

use super::{Place, Shredder, place::NodeId, shape::Shape};
use crate::{config::LeftOut, value::Value};

/// Counts of the chunk.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// By the numbers of rules; empty if there are none.
    counts: Vec<u64>,
    /// As they were before the current record.
    before: Vec<u64>,
    /// Places of which something was left out, in the order in which they were met.
    left_out: Vec<NodeId>,
    /// How many of them there were before the current record.
    left_out_before: usize,
    /// Columns of a header without rows, by the numbers of rules.
    header: Option<Vec<u64>>,
}

impl Met {
    pub(super) fn new(rules: usize) -> Self {
        Self {
            counts: vec![0; rules],
            before: vec![0; rules],
            left_out: Vec::new(),
            left_out_before: 0,
            header: None,
        }
    }

    pub(super) fn begin_record(&mut self) {
        self.before.copy_from_slice(&self.counts);
        self.left_out_before = self.left_out.len();
    }

    pub(super) fn take_back_record(&mut self, shape: &mut Shape) {
        self.counts.copy_from_slice(&self.before);
        for node in self.left_out.drain(self.left_out_before..) {
            shape.mark_left_out(node, false);
        }
    }

    /// The counts of the chunk.
    pub(super) fn take_counts(&mut self) -> Vec<u64> {
        let none = vec![0; self.counts.len()];
        self.before.fill(0);
        std::mem::replace(&mut self.counts, none)
    }

    /// The counts of a header without rows.
    pub(super) fn header(&mut self) -> &mut [u64] {
        let rules = self.counts.len();
        self.header.get_or_insert_with(|| vec![0; rules])
    }

    /// The counts of a header without rows, if the chunk has one.
    pub(super) fn take_header(&mut self) -> Option<Vec<u64>> {
        self.header.take()
    }

    /// The places of which something was left out.
    pub(super) fn take_left_out(&mut self, shape: &mut Shape) -> Vec<LeftOut> {
        self.left_out_before = 0;
        let places = self.left_out.drain(..).map(|node| {
            shape.mark_left_out(node, false);
            let table = shape.table_path(shape.table_of(node)).clone();
            (table, shape.path(node).clone())
        });
        places.collect()
    }
}

impl Shredder {
    /// Counts a value for the rules of its place.
    pub(super) fn count_value(&mut self, node: NodeId, is_object: bool) {
        for (rule, wants_object) in self.shape.counting(node) {
            if is_object || !wants_object {
                self.met.counts[*rule] += 1;
            }
        }
    }

    /// Counts an object for the rules of its place that count nothing else, when the others have
    /// counted it already.
    pub(super) fn count_object(&mut self, node: NodeId) {
        for (rule, wants_object) in self.shape.counting(node) {
            self.met.counts[*rule] += u64::from(*wants_object);
        }
    }

    /// True if rules count what stands below a place, so that a value there must be looked into
    /// even where it becomes text.
    pub(super) fn counts_below(&self, node: NodeId) -> bool {
        self.shape.has_rules_below(node)
    }

    /// True if a value that is left out must be looked into, because rules count objects or what
    /// stands below.
    pub(super) fn looks_into_left_out(&self, node: NodeId) -> bool {
        let mut counting = self.shape.counting(node).iter();
        self.counts_below(node) || counting.any(|(_, wants_object)| *wants_object)
    }

    /// Counts what stands below a place in a value that is left out or becomes text.
    pub(super) fn count_below(&mut self, place: Place, value: &Value) {
        if !self.shape.has_rules_below(place.node) {
            return;
        }
        let path = self.shape.table_path(self.shape.table_of(place.node));
        let within = self.shape.path(place.node).iter().map(AsRef::as_ref);
        let mut keys: Vec<&str> = path.keys().chain(within).collect();
        let rules = &self.plan.settings.rules;
        rules.count_below(&mut keys, value, &mut self.met.counts);
    }

    /// Takes note of a place of which something is left out, where the settings say what is taken:
    /// what was meant may be among these places.
    pub(super) fn note_left_out(&mut self, node: NodeId) {
        if self.plan.settings.rules.selects() && !self.shape.mark_left_out(node, true) {
            self.met.left_out.push(node);
        }
    }
}
