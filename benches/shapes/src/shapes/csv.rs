//! A CSV file: numbers, dates, true and false, texts with quotes, separators and line breaks, and
//! cells with nothing in them.

use crate::json::{
    Json,
    Part::{N, S},
};

pub(crate) const HEADER: &str =
    "id,customer,email,amount,quantity,paid,day,created_at,comment,country\n";

/// Comments that need quotes, as they stand between them.
const QUOTED: &[&str] = &[
    "first, second",
    "said \"\"yes\"\" twice",
    "two\nlines",
    "größer, später",
    "",
];

/// Without its line break.
pub(crate) fn record(csv: &mut Json, number: u64) {
    let user = csv.below(100_000);
    csv.parts(&[N(number), S(",Customer "), N(user), S(",")]);
    csv.parts(&[S("user"), N(user), S("@example.org,")]);
    let amount = csv.below(10_000_000) as i64;
    csv.thousandths(amount);
    let quantity = csv.below(100);
    csv.parts(&[S(","), N(quantity), S(",")]);
    let paid = csv.pick(&["true", "false"]);
    csv.parts(&[S(paid), S(",")]);
    csv.date(user);
    csv.push(",");
    if number == 0 || !csv.once_in(8) {
        csv.moment();
    }
    csv.push(",");
    match csv.below(4) {
        0 => {
            let quoted = csv.pick(QUOTED);
            csv.parts(&[S("\""), S(quoted), S("\"")]);
        }
        1 => {}
        _ => csv.parts(&[S("a plain comment of "), N(user)]),
    }
    let country = csv.pick(&["DE", "FR", "JP", "US", "BR", ""]);
    csv.parts(&[S(","), S(country)]);
}
