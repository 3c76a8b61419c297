//! Takes items of an array whose record is still open: they become rows whose parent row comes
//! later.

use super::{Item, Place, Shredder, from_serde::PartSeed, place::TableId};
use crate::{
    base::{Result, TablePath},
    value::Value,
};

/// The array whose items the shredder takes, and how many were before this chunk's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    item: Item,
    first: u64,
}

impl Part {
    /// Number of the first item, for the tables whose rows are items of the array.
    pub(super) fn first(self, path: &TablePath, of: &TablePath) -> u64 {
        if path.hops() == of.hops() {
            self.first
        } else {
            0
        }
    }

    pub(super) fn table(self) -> TableId {
        self.item.table
    }
}

impl Shredder {
    /// Makes the next chunk one of items of an array, the one of table `path` in the rows that are
    /// open: its rows have no parent row in the chunk. `first` is the number of the chunk's first
    /// item. Items count no record.
    pub fn part(&mut self, path: &TablePath, first: u64) {
        let stamp = self.next_stamp();
        let (_, node) = self.shape.main_table();
        let mut place = Place {
            node,
            row: 0,
            depth: 0,
            level: 0,
            limit: self.plan.settings.max_depth,
        };
        for hop in path.hops() {
            for (i, key) in hop.iter().enumerate() {
                if i > 0 {
                    place.depth += 1;
                    place.level += 1;
                }
                let mut next = 0;
                // A stamp of its own lets every key pass.
                let node = self.shape.field(place.node, key, &mut next, stamp);
                place.node = node.unwrap_or(place.node);
            }
            let item = self.first_item(place);
            place = Place {
                node: self.shape.root(item.table),
                row: 0,
                depth: item.depth,
                level: item.level,
                limit: item.limit,
            };
            self.part = Some(Part { item, first });
        }
    }

    /// Takes the item that is the `index`th of the chunk's array from a parser, as
    /// [`record`](Self::record) takes a record.
    ///
    /// # Errors
    /// Whatever `read` gives; the shredder is then as it was before.
    pub fn part_item<E>(
        &mut self,
        index: usize,
        read: impl FnOnce(PartSeed<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let Some(part) = self.part else {
            return Ok(());
        };
        let item = Item { index, ..part.item };
        self.begin_record();
        let result = read(PartSeed::new(self, item));
        self.settle(result.is_ok());
        result
    }

    /// Takes an item that was read exactly.
    ///
    /// # Errors
    /// If it holds what a given schema has no room for; the shredder is then as it was before.
    pub fn part_value(&mut self, index: usize, value: &Value) -> Result<()> {
        let Some(part) = self.part else {
            return Ok(());
        };
        self.begin_record();
        self.walk_item(Item { index, ..part.item }, value);
        self.put_kept(0);
        let result = self.violations.check();
        self.settle(result.is_ok());
        result
    }

    /// Takes what fits of an item that was read exactly, and marks in its rows what does not.
    ///
    /// # Errors
    /// None that [`keep_value`](Self::keep_value) has not.
    pub fn keep_part_value(&mut self, index: usize, value: &Value) -> Result<()> {
        self.violations.marked = true;
        let result = self.part_value(index, value);
        self.violations.marked = false;
        result
    }

    /// Rows of the array's table so far.
    pub fn part_rows(&self) -> usize {
        self.part.map_or(0, |part| self.shape.rows(part.table()))
    }
}
