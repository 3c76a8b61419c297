//! Long arrays: hundreds of rows of child tables for each record.

use crate::json::{
    Json,
    Part::{N, S},
};

pub(crate) fn record(json: &mut Json, number: u64) {
    json.item(|r| {
        r.integer("id", number);
        r.text("device", &[S("device-"), N(number % 977)]);
        r.time("at");
        let samples = r.below(400) + 100;
        r.array("samples", samples, |r, _| {
            let value = r.below(1 << 20);
            r.number_item(value);
        });
        let levels = r.below(200) + 50;
        r.array("levels", levels, |r, _| {
            let value = r.below(200_000) as i64 - 100_000;
            r.float_item(value);
        });
        let tags = r.below(20);
        r.array("tags", tags, |r, _| {
            let tag = r.below(500);
            r.text_item(&[S("tag-"), N(tag)]);
        });
        let points = r.below(100) + 20;
        r.array("points", points, |r, n| {
            let (x, y) = (r.below(360_000) as i64, r.below(180_000) as i64);
            r.item(|r| {
                r.integer("t", n);
                r.float("x", x - 180_000);
                r.float("y", y - 90_000);
                r.flag("ok", x % 7 > 0);
            });
        });
    });
}
