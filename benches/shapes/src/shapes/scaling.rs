//! One thing at a time that grows: columns, or tables.

use crate::json::{
    Json,
    Part::{N, S},
};

/// Tables that a record has items for, at most.
const ARRAYS: u64 = 10;

/// A record that has all of so many columns.
pub(crate) fn columns(json: &mut Json, number: u64, columns: u32) {
    json.item(|r| {
        r.integer("id", number);
        for column in 1..columns {
            let value = r.below(100_000);
            r.key(&["column_", itoa::Buffer::new().format(column)].concat());
            match column % 3 {
                0 => r.number(value),
                1 => r.thousandths(value as i64),
                _ => r.parts(&[S("\"value "), N(value), S("\"")]),
            }
        }
    });
}

/// A record of the main table, and items for some of the others.
pub(crate) fn tables(json: &mut Json, number: u64, tables: u32) {
    json.item(|r| {
        r.integer("id", number);
        r.sentence("title", 6);
        let others = u64::from(tables.saturating_sub(1));
        let first = r.below(others.max(1));
        for n in 0..others.min(ARRAYS) {
            let table = (first + n) % others;
            r.array(
                &["table_", itoa::Buffer::new().format(table)].concat(),
                3,
                |r, item| {
                    let value = r.below(100_000);
                    r.item(|r| {
                        r.integer("n", item);
                        r.text("name", &[S("item "), N(value)]);
                        r.float("price", value as i64);
                    });
                },
            );
        }
    });
}
