//! Decides which arrays give rows while the record that holds them is still being read.

use std::sync::Arc;

use super::Plan;
use crate::{
    base::TablePath,
    config::{ArrayMode, EmptyText, How, Ids, Nulls, PER_ITEM_DEPTH, SchemaPolicy, TooDeep},
};

/// Whether the items of an array may become rows before the rest of their record is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamedRows {
    /// They may not: the array stays in its row or is left out, or ids need the whole record.
    Never,
    /// They may if one of them is an object.
    WithObjects,
    /// They may.
    Always,
}

impl Plan {
    /// Whether the items of the array that belongs to a table may become rows early. `table` is the
    /// path that the array has if all arrays around it are tables.
    pub fn streamed_rows(&self, table: &TablePath) -> StreamedRows {
        let settings = &self.settings;
        if !matches!(settings.ids, Ids::Random | Ids::Row) {
            return StreamedRows::Never;
        }
        // Items without a row are noted with the row that holds their array.
        let drops_items = settings.skip_empty_items
            || settings.nulls == Nulls::Drop
            || settings.empty_text == EmptyText::Drop;
        if settings.keeps_empties() && drops_items {
            return StreamedRows::Never;
        }
        let keys: Vec<&str> = table.keys().collect();
        let way = |length| settings.rules.treatment(&keys[..length]).how;
        if (1..keys.len()).any(|length| !matches!(way(length), How::Plain | How::Array)) {
            return StreamedRows::Never;
        }
        let array = match (way(keys.len()), settings.array_mode) {
            (How::Array, _) | (How::Plain | How::Map, ArrayMode::Separate) => StreamedRows::Always,
            (How::Plain | How::Map, ArrayMode::Smart) => StreamedRows::WithObjects,
            _ => return StreamedRows::Never,
        };
        if self.refuses(table) {
            return StreamedRows::Never;
        }
        // As the shredder counts them.
        let (mut depth, mut level, mut limit) = (0, 0, settings.max_depth);
        for (i, hop) in table.hops().iter().enumerate() {
            if i > 0 && level >= limit {
                return StreamedRows::Never;
            }
            for _ in 1..hop.len() {
                if level + 1 >= limit {
                    return StreamedRows::Never;
                }
                (depth, level) = (depth + 1, level + 1);
            }
            let too_deep = match settings.too_deep {
                TooDeep::Json => level + 1 >= limit,
                TooDeep::Drop | TooDeep::DropPerItem => depth >= settings.max_depth,
            };
            if too_deep {
                return StreamedRows::Never;
            }
            (depth, level) = (depth + 1, level + 1);
            if settings.too_deep == TooDeep::DropPerItem {
                (level, limit) = (0, PER_ITEM_DEPTH);
            }
        }
        array
    }

    /// True if a given schema has no place for a table.
    fn refuses(&self, table: &TablePath) -> bool {
        let Some(schema) = &self.schema else {
            return false;
        };
        let mut path = TablePath::main();
        let mut policy = schema.policy(schema.table(&path), None);
        for hop in table.hops() {
            path = path.child(Arc::clone(hop));
            let given = schema.table(&path);
            if given.is_none() && policy != SchemaPolicy::Evolve {
                return true;
            }
            policy = schema.policy(given, Some(policy));
        }
        false
    }
}
