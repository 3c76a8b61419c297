//! Surprises after thirty thousand rows: a column, a table, a type that nobody could see at the
//! start.

use std::fmt::Write;

use crate::support::{Outcome, flatten};

const ROWS: usize = 30_000;

/// As many records of each kind.
fn run(early: &str, late: &str) -> Outcome {
    let mut text = String::new();
    for n in 0..2 * ROWS {
        let record = if n < ROWS { early } else { late };
        writeln!(text, "{{\"n\":{n},{record}}}").expect("text grows");
    }
    flatten(&text)
}

/// Both halves of a column in all formats: what each of their rows holds.
#[track_caller]
fn check(outcome: &Outcome, csv: [&str; 2], json: [&str; 2], parquet: (&str, [&str; 2])) {
    let halves = |n: usize| usize::from(n >= ROWS);
    let (name, kind, values) = &outcome.parquet["t"][1];
    assert_eq!((name.as_str(), kind.as_str()), ("a", parquet.0));
    assert_eq!(values.len(), 2 * ROWS);
    for (n, value) in values.iter().enumerate() {
        assert_eq!(value, parquet.1[halves(n)], "row {n}");
    }
    let mut lines = outcome.csv["t"].lines();
    assert_eq!(lines.next(), Some("n,a"));
    for (n, line) in lines.enumerate() {
        assert_eq!(line, format!("{n},{}", csv[halves(n)]));
    }
    for (n, line) in outcome.json["t"].lines().enumerate() {
        assert_eq!(line, format!("{{\"n\":{n}{}}}", json[halves(n)]));
    }
    assert_eq!(outcome.json["t"].lines().count(), 2 * ROWS);
    assert_eq!(outcome.csv["t"].lines().count(), 2 * ROWS + 1);
}

#[test]
fn a_late_key() {
    let outcome = run("\"x\":null", "\"a\":\"v\"");
    let columns: Vec<_> = outcome.parquet["t"]
        .iter()
        .map(|(name, ..)| name.as_str())
        .collect();
    assert_eq!(columns, ["n", "x", "a"]);
    let values = &outcome.parquet["t"][2].2;
    assert!(values[..ROWS].iter().all(|value| value == "-"));
    assert!(values[ROWS..].iter().all(|value| value == "v"));
    let mut lines = outcome.csv["t"].lines();
    assert_eq!(lines.next(), Some("n,x,a"));
    assert_eq!(lines.next(), Some("0,,"));
    assert_eq!(lines.last(), Some("59999,,v"));
    assert_eq!(
        outcome.json["t"].lines().last(),
        Some(r#"{"n":59999,"a":"v"}"#)
    );
}

#[test]
fn a_late_array() {
    let outcome = run("\"a\":[]", "\"a\":[1,{\"b\":[2]}]");
    assert_eq!(outcome.parquet["t_a"][0].2.len(), 2 * ROWS);
    assert_eq!(outcome.parquet["t_a_b"][0].2, vec!["2"; ROWS]);
    assert_eq!(outcome.csv["t_a"].lines().nth(1), Some("1"));
    assert_eq!(outcome.json["t_a_b"].lines().last(), Some(r#"{"value":2}"#));
}

#[test]
fn integers_then_text() {
    let outcome = run("\"a\":5", "\"a\":\"x\"");
    check(
        &outcome,
        ["5", "x"],
        [",\"a\":\"5\"", ",\"a\":\"x\""],
        ("text", ["5", "x"]),
    );
}

#[test]
fn integers_then_floats() {
    let outcome = run("\"a\":5", "\"a\":0.5");
    check(
        &outcome,
        ["5", "0.5"],
        [",\"a\":5", ",\"a\":0.5"],
        ("float64", ["5.0", "0.5"]),
    );
}

#[test]
fn integers_then_floats_then_text() {
    let mut text = String::new();
    for n in 0..3 * ROWS {
        let value = ["3", "0.5", "\"x\""][n / ROWS];
        writeln!(text, "{{\"n\":{n},\"a\":{value}}}").expect("text grows");
    }
    let outcome = flatten(&text);
    let (_, kind, values) = &outcome.parquet["t"][1];
    assert_eq!(kind, "text");
    assert!(
        values[..ROWS].iter().all(|value| value == "3"),
        "integers stay integers"
    );
    assert!(values[ROWS..2 * ROWS].iter().all(|value| value == "0.5"));
    assert_eq!(outcome.json["t"].lines().next(), Some(r#"{"n":0,"a":"3"}"#));
}

#[test]
fn booleans_then_integers() {
    let outcome = run("\"a\":true", "\"a\":7");
    check(
        &outcome,
        ["true", "7"],
        [",\"a\":\"true\"", ",\"a\":\"7\""],
        ("text", ["true", "7"]),
    );
}

#[test]
fn nulls_then_a_value() {
    let outcome = run("\"a\":null", "\"a\":7");
    check(&outcome, ["", "7"], ["", ",\"a\":7"], ("int64", ["-", "7"]));
}

#[test]
fn nulls_only_are_a_text_column() {
    let outcome = run("\"a\":null", "\"a\":null");
    check(&outcome, ["", ""], ["", ""], ("text", ["-", "-"]));
}

#[test]
fn integers_then_integers_beyond_64_bits() {
    let big = "18446744073709551616";
    let outcome = run("\"a\":5", &format!("\"a\":{big}"));
    check(
        &outcome,
        ["5", big],
        [",\"a\":5", &format!(",\"a\":{big}")],
        ("decimal", ["5", big]),
    );
}
