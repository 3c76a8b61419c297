//! A schema that never comes to rest: there are as many fields as the square root of the number of
//! records, a record has a few of them, and each changes its type with age.

use crate::json::{
    Json,
    Part::{N, S},
};

/// Fields of a record that drift.
const FIELDS: u64 = 12;

pub(crate) fn record(json: &mut Json, number: u64) {
    json.item(|r| {
        r.integer("id", number);
        r.time("at");
        r.sentence("message", 8);
        let known = number.isqrt() + 1;
        let first = r.below(known);
        r.object("data", |r| {
            for field in (first..known).chain(0..first).take(FIELDS as usize) {
                value(r, field, known - field);
            }
        });
    });
}

/// A field that is so old, in new fields.
fn value(r: &mut Json, field: u64, age: u64) {
    let name = ["field_", itoa::Buffer::new().format(field)].concat();
    let n = r.below(10_000);
    match (field % 4, age) {
        // Whole numbers, then others, then texts.
        (0, 80..) | (1, 160..) => r.text(&name, &[S("number "), N(n)]),
        (0, 20..) | (2, 40..) => r.float(&name, n as i64),
        // True and false, then numbers.
        (3, ..30) => r.flag(&name, n.is_multiple_of(2)),
        // A value, then an array of them.
        (2, 20..) if field % 8 == 2 => r.array(&name, 3, |r, item| r.number_item(n + item)),
        _ => r.integer(&name, n),
    }
}
