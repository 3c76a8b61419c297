//! Which arrays give rows while the record that holds them is still being read. Decides by settings and keys alone.

use std::sync::Arc;

use crate::{
    base::TablePath,
    config::{
        ArrayMode, Config, EmptyText, How, Ids, Nulls, PER_ITEM_DEPTH, SchemaPolicy, TooDeep,
    },
};

/// Whether the items of an array may become rows before the rest of their record is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlyRows {
    /// They may not: the array stays in its row or is left out, or ids need the whole record.
    Never,
    /// They may if one of them is an object.
    WithObjects,
    /// They may.
    Always,
}

impl Config {
    /// Whether the items of the array that belongs to a table may become rows early. `table` is the path that the array has
    /// if all arrays around it are tables.
    pub fn early_rows(&self, table: &TablePath) -> EarlyRows {
        if !matches!(self.ids, Ids::Random | Ids::Row) {
            return EarlyRows::Never;
        }
        // Items without a row are noted with the row that holds their array.
        let drops_items = self.skip_empty_items
            || self.nulls == Nulls::Drop
            || self.empty_text == EmptyText::Drop;
        if self.keeps_empties() && drops_items {
            return EarlyRows::Never;
        }
        let keys: Vec<&str> = table.keys().collect();
        let way = |length| self.rules.treatment(&keys[..length]).how;
        if (1..keys.len()).any(|length| !matches!(way(length), How::Plain | How::Array)) {
            return EarlyRows::Never;
        }
        let array = match (way(keys.len()), self.array_mode) {
            (How::Array, _) | (How::Plain | How::Map, ArrayMode::Separate) => EarlyRows::Always,
            (How::Plain | How::Map, ArrayMode::Smart) => EarlyRows::WithObjects,
            _ => return EarlyRows::Never,
        };
        if self.refuses(table) {
            return EarlyRows::Never;
        }
        // As the shredder counts them.
        let (mut depth, mut level, mut limit) = (0, 0, self.max_depth);
        for (i, hop) in table.hops().iter().enumerate() {
            if i > 0 && level >= limit {
                return EarlyRows::Never;
            }
            for _ in 1..hop.len() {
                if level + 1 >= limit {
                    return EarlyRows::Never;
                }
                (depth, level) = (depth + 1, level + 1);
            }
            let too_deep = match self.too_deep {
                TooDeep::Json => level + 1 >= limit,
                TooDeep::Drop | TooDeep::DropPerItem => depth >= self.max_depth,
            };
            if too_deep {
                return EarlyRows::Never;
            }
            (depth, level) = (depth + 1, level + 1);
            if self.too_deep == TooDeep::DropPerItem {
                (level, limit) = (0, PER_ITEM_DEPTH);
            }
        }
        array
    }

    /// True if a given schema has no place for a table.
    fn refuses(&self, table: &TablePath) -> bool {
        let Some(plan) = &self.plan else {
            return false;
        };
        let mut path = TablePath::main();
        let mut policy = plan.policy(plan.table(self, &path), None);
        for hop in table.hops() {
            path = path.child(Arc::clone(hop));
            let given = plan.table(self, &path);
            if given.is_none() && policy != SchemaPolicy::Evolve {
                return true;
            }
            policy = plan.policy(given, Some(policy));
        }
        false
    }
}
