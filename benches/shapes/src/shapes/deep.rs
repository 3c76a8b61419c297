//! Nesting: a chain of 24 objects, a cube of numbers, and a tree of items five arrays deep.

use crate::json::{
    Json,
    Part::{N, S},
};

const LEVELS: u32 = 24;
const TREE: u32 = 5;

pub(crate) fn record(json: &mut Json, number: u64) {
    json.item(|r| {
        r.integer("id", number);
        r.object("chain", |r| link(r, LEVELS));
        let sides = [0; 3].map(|_: u64| r.below(4) + 1);
        r.array("cube", sides[0], |r, _| {
            r.inner_array(sides[1], |r, _| {
                r.inner_array(sides[2], |r, _| {
                    let value = r.below(1000);
                    r.number_item(value);
                });
            });
        });
        r.array("nodes", 2, |r, _| r.item(|r| node(r, TREE - 1)));
    });
}

fn link(r: &mut Json, levels: u32) {
    let value = r.below(10_000);
    r.integer("value", value);
    r.text("label", &[S("level "), N(u64::from(levels))]);
    if levels > 1 {
        r.object("next", |r| link(r, levels - 1));
    }
}

fn node(r: &mut Json, levels: u32) {
    let weight = r.below(100_000) as i64;
    r.float("weight", weight);
    r.sentence("name", 2);
    if levels > 0 {
        let children = r.below(3);
        r.array("children", children, |r, _| r.item(|r| node(r, levels - 1)));
    }
}
