//! Records which tables and columns a record changed, so that a bad record can be rolled back.

use super::{
    Counts,
    place::{NodeId, TableId},
    shape::{Shape, TableMark},
};
use crate::{column::Column, types::Kinds};

/// The changes of the current record. Small: a table once for each record that reaches it, a column
/// only when the kinds of its values change.
#[derive(Debug, Default)]
pub(super) struct Journal {
    record: u64,
    tables: Vec<TableMark>,
    tables_listed: usize,
    /// In the order in which they were made: undone the other way round, the oldest state comes
    /// last.
    changes: Vec<(NodeId, Before)>,
    counts: Counts,
}

/// What was before a change of a column.
#[derive(Debug)]
enum Before {
    /// The column, whose representation changed.
    Column(Column),
    /// What the column had seen; only values were added to it.
    Seen((Kinds, Kinds)),
}

impl Journal {
    /// Forgets the record before and starts one, which `record` stands for.
    pub(super) fn begin(&mut self, record: u64, tables_listed: usize, counts: Counts) {
        self.record = record;
        self.tables_listed = tables_listed;
        self.counts = counts;
        self.tables.clear();
        self.changes.clear();
    }

    /// Remembers a table before the record's first row in it.
    pub(super) fn touch(&mut self, shape: &mut Shape, table: TableId) {
        let last = std::mem::replace(shape.last_record(table), self.record);
        if last != self.record {
            self.tables.push(shape.mark(table));
        }
    }

    /// Remembers a column whose representation changed.
    pub(super) fn changed(&mut self, node: NodeId, before: Column) {
        self.changes.push((node, Before::Column(before)));
    }

    /// Remembers what a column had seen.
    pub(super) fn saw(&mut self, node: NodeId, seen: (Kinds, Kinds)) {
        self.changes.push((node, Before::Seen(seen)));
    }

    /// Takes back the change that was noted last, and the column's value in this row with it.
    pub(super) fn take_back(&mut self, shape: &mut Shape, row: usize) {
        let Some((node, before)) = self.changes.pop() else {
            return;
        };
        let column = shape.column_as_is(node);
        match before {
            Before::Column(before) => *column = before,
            Before::Seen(seen) => {
                column.truncate(row);
                column.restore_seen(seen);
            }
        }
    }

    /// Takes the record back; returns the counts at its start.
    pub(super) fn roll_back(&mut self, shape: &mut Shape) -> Counts {
        for (node, before) in self.changes.drain(..).rev() {
            let column = shape.column_as_is(node);
            match before {
                Before::Column(before) => *column = before,
                Before::Seen(seen) => column.restore_seen(seen),
            }
        }
        for mark in self.tables.drain(..) {
            shape.truncate(mark);
        }
        shape.truncate_tables(self.tables_listed);
        self.counts
    }
}
