//! Keeps what ids are made of and columns do not say: the rows of the current record as they were
//! pushed, or which cells were lists or JSON text. Most kinds of ids need nothing of it.

use std::mem;

use super::given_ids::GivenIds;
use super::{
    Shredder,
    place::{NodeId, TableId},
    shape::Shape,
};
use crate::{
    config::{IdFormula, Ids},
    plan::Plan,
    value::{Scalar, Value},
};

mod fields;
mod rows;

use rows::Rows;

#[derive(Debug)]
pub(super) enum IdInputs {
    Nothing,
    Lists(Lists),
    Rows(Box<Rows>),
}

/// Rows of columns that hold lists or JSON text.
#[derive(Debug, Default)]
pub(super) struct Lists {
    by_node: Vec<Vec<u32>>,
    /// The columns that the current record put such into, each as often as it did.
    of_record: Vec<NodeId>,
}

impl IdInputs {
    pub(super) fn new(plan: &Plan) -> Self {
        match plan.settings.ids {
            Ids::Composite(_) | Ids::Hash | Ids::Custom(_) => Self::Rows(Box::new(Rows::new(plan))),
            Ids::Natural(_) => Self::Lists(Lists::default()),
            _ => Self::Nothing,
        }
    }

    /// Takes note of a new row.
    #[inline]
    pub(super) fn row(&mut self, table: TableId, row: usize) {
        if let Self::Rows(rows) = self {
            rows.begin(table, row);
        }
    }

    /// Takes note of a scalar.
    #[inline]
    pub(super) fn scalar(&mut self, shape: &Shape, node: NodeId, row: usize, value: Scalar<'_>) {
        // Most ids need none, and this is called for each value.
        if !matches!(self, Self::Nothing) {
            self.keep_scalar(shape, node, row, value);
        }
    }

    #[inline(never)]
    fn keep_scalar(&mut self, shape: &Shape, node: NodeId, row: usize, value: Scalar<'_>) {
        match self {
            Self::Rows(rows) => rows.cell(shape, node, row, || value.to_value()),
            Self::Lists(lists) if matches!(value, Scalar::Json(_)) => lists.push(node, row),
            _ => {}
        }
    }

    /// Takes note of a list.
    pub(super) fn list(&mut self, shape: &Shape, node: NodeId, row: usize, list: &[Scalar<'_>]) {
        match self {
            Self::Nothing => {}
            Self::Lists(lists) => lists.push(node, row),
            Self::Rows(rows) => rows.cell(shape, node, row, || {
                Value::Array(list.iter().map(|item| item.to_value()).collect())
            }),
        }
    }

    /// Makes ids of the record's rows, or forgets it.
    pub(super) fn end_record(&mut self, taken: bool, shape: &Shape, plan: &Plan) {
        match self {
            Self::Nothing => {}
            Self::Lists(lists) => {
                for node in lists.of_record.drain(..) {
                    if !taken {
                        lists.by_node[node].pop();
                    }
                }
            }
            Self::Rows(rows) if taken => rows.make_ids(shape, plan),
            Self::Rows(rows) => rows.forget_record(),
        }
    }

    /// The chunk's ids of a table.
    pub(super) fn take_ids(&mut self, table: TableId) -> Option<GivenIds> {
        let Self::Rows(rows) = self else { return None };
        rows.take_ids(table)
    }

    /// For each field of composite ids, how many of the chunk's rows have it.
    pub(super) fn take_rows_with(&mut self) -> Vec<u64> {
        match self {
            Self::Rows(rows) => rows.take_rows_with(),
            _ => Vec::new(),
        }
    }

    /// The chunk's rows of a column that hold lists or JSON text.
    pub(super) fn take_lists(&mut self, node: NodeId) -> Vec<u32> {
        match self {
            Self::Lists(lists) => lists.by_node.get_mut(node).map(mem::take),
            _ => None,
        }
        .unwrap_or_default()
    }
}

impl Lists {
    fn push(&mut self, node: NodeId, row: usize) {
        if self.by_node.len() <= node {
            self.by_node.resize_with(node + 1, Vec::new);
        }
        self.by_node[node].push(row as u32);
        self.of_record.push(node);
    }
}

impl Shredder {
    /// True if ids are made of whole input records: they are then read into [`Value`]s before they
    /// are shredded.
    pub fn needs_values(&self) -> bool {
        matches!(self.plan.settings.ids, Ids::Composite(_) | Ids::Hash)
    }

    /// True if ids are made of cells as the input [writes](Self::set_written) them.
    pub fn needs_written(&self) -> bool {
        self.needs_values() && self.plan.settings.id_formula == IdFormula::Linked
    }

    /// Sets how a CSV input writes the cells of the next record, by their keys. Ids of `hash` and
    /// `composite` are made of these texts instead of the values, because values depend on the
    /// types that columns have by then: `7` is a number until a later cell makes its column text.
    /// Cells that are null stay null.
    pub fn set_written(&mut self, cells: impl Iterator<Item = (String, String)>) {
        if let IdInputs::Rows(rows) = &mut self.id_inputs {
            rows.set_written(cells);
        }
    }

    /// Makes the main row's id where it is made of the record.
    pub(super) fn make_main_id(&mut self, record: &Value) {
        let Value::Object(fields) = record else {
            return;
        };
        if !self.needs_values() {
            return;
        }
        self.put_kept(0);
        if let IdInputs::Rows(rows) = &mut self.id_inputs {
            rows.make_main(record, fields, &self.shape, &self.plan);
        }
    }
}
