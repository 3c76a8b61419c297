//! Twelve columns without nesting: a table that happens to be JSON.

use crate::json::{
    Json,
    Part::{N, S},
};

const CITIES: &[&str] = &["Köln", "Oslo", "東京", "São Paulo", "Austin", "القاهرة"];

pub(crate) fn record(json: &mut Json, number: u64) {
    json.item(|r| {
        let user = r.below(1_000_000);
        r.integer("id", number);
        r.text("name", &[S("User "), N(user)]);
        r.text("email", &[S("user"), N(user), S("@example.org")]);
        let city = r.pick(CITIES);
        r.text("city", &[S(city)]);
        let age = r.below(80) + 18;
        r.integer("age", age);
        let balance = r.below(20_000_000) as i64 - 5_000_000;
        r.float("balance", balance);
        let flag = r.once_in(2);
        r.flag("active", flag);
        r.time("created_at");
        let score = r.below(1000) as i64;
        r.float("score", score);
        let visits = r.below(1 << 33);
        r.integer("visits", visits);
        let status = r.pick(&["new", "paid", "open", "closed"]);
        r.text("status", &[S(status)]);
        if number > 0 && r.once_in(3) {
            r.null("note");
        } else {
            r.sentence("note", 6);
        }
    });
}
