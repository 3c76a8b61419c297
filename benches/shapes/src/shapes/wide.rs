//! A thousand columns: ten groups of ten sections of ten fields. A record has six of the groups
//! with a section each.

use crate::json::{
    Json,
    Part::{N, S},
};

const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

pub(crate) fn record(json: &mut Json, number: u64) {
    json.item(|r| {
        r.integer("id", number);
        let first = r.below(10);
        for group in (0..6).map(|n| (first + n) % 10) {
            let section = DIGITS[r.below(10) as usize];
            r.key(["group_", DIGITS[group as usize]].concat().as_str());
            r.item(|r| r.object(["section_", section].concat().as_str(), fields));
        }
    });
}

fn fields(r: &mut Json) {
    for (n, digit) in DIGITS.iter().enumerate() {
        let name = ["field_", digit].concat();
        let value = r.below(100_000);
        match n % 5 {
            0 => r.integer(&name, value),
            1 => r.float(&name, value as i64),
            2 => r.flag(&name, value.is_multiple_of(2)),
            3 => r.text(&name, &[S("value "), N(value)]),
            _ => r.sentence(&name, 3),
        }
    }
}
