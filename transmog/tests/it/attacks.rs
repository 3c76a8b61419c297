//! Records that are made to cost more than their size: keys without end, keys that come again and
//! again, keys that are one to a file system or to a weak hash, names far longer than the input. At
//! these sizes, whatever takes time or memory by the square of them does not end.

mod tokens;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::{Map, Value, json};
use transmog::{
    Config, Error, Memory, OutputSpec, Processor, Recovery, Report, TableReport, WriterOptions,
};

use crate::support::plain;

/// How a number becomes something.
type Spell = fn(usize) -> String;

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

fn lines() -> Processor {
    Processor::new()
        .with_config(plain())
        .with_input_format(transmog::InputFormat::JsonLines)
}

fn run(processor: &Processor, text: &str) -> Result<(Report, Files), Error> {
    let (memory, files) = Memory::new();
    let lines = WriterOptions::new().with("lines", true);
    let output = OutputSpec::new(("json", lines), memory);
    let report = processor.stream_process(text, "t", output)?;
    Ok((report, files.take()))
}

/// An object of keys and values that are JSON.
fn object<K: std::fmt::Display, V: std::fmt::Display>(
    fields: impl Iterator<Item = (K, V)>,
) -> String {
    let mut text = String::from("{");
    for (key, value) in fields {
        let comma = if text.len() > 1 { "," } else { "" };
        write!(text, "{comma}\"{key}\":{value}").expect("text grows");
    }
    text + "}"
}

fn table<'a>(report: &'a Report, name: &str) -> &'a TableReport {
    let found = report.tables.iter().find(|table| table.name == name);
    found.expect("a table")
}

/// The only row of a file, with what is in the column of the rest.
fn row(files: &Files, name: &str) -> (Map<String, Value>, Map<String, Value>) {
    let of = |text: &[u8]| serde_json::from_slice::<Map<_, _>>(text).expect("an object");
    let mut row = of(&files[name]);
    let rest = row.remove("__rest");
    let rest = rest.map(|rest| of(rest.as_str().expect("text").as_bytes()));
    (row, rest.unwrap_or_default())
}

#[test]
fn a_million_keys_in_one_record() {
    const KEYS: usize = 1_000_000;
    let text = object((0..KEYS).map(|n| (format!("k{n}"), n)));
    let (report, files) = run(&lines(), &text).expect("all are kept");
    assert_eq!(report.ledger.cells_written, KEYS as u64);
    let main = table(&report, "t");
    assert_eq!((main.rows, main.overflow), (1, KEYS as u64 - 20_000));
    let (row, rest) = row(&files, "t.jsonl");
    assert_eq!((row.len(), rest.len()), (20_000, KEYS - 20_000));
    for (key, value) in row.iter().chain(&rest) {
        assert_eq!(*key, format!("k{value}"));
    }
}

#[test]
fn a_million_keys_of_a_map() {
    const KEYS: usize = 1_000_000;
    let text = format!("{{\"m\":{}}}", object((0..KEYS).map(|n| (n, n))));
    let config = Config::default()
        .with_map_path("m".parse().expect("a path"))
        .expect("allowed")
        .with_ids(transmog::Ids::Row);
    let (report, files) = run(&lines().with_config(config), &text).expect("rows");
    assert_eq!(table(&report, "t_m").rows, KEYS as u64);
    let rows = std::str::from_utf8(&files["t_m.jsonl"]).expect("text");
    for (n, row) in rows.lines().enumerate() {
        assert!(row.starts_with(&format!("{{\"value\":{n},")), "{row}");
        assert!(row.contains(&format!("\"key\":\"{n}\"")), "{row}");
    }
    assert_eq!(rows.lines().count(), KEYS);
}

#[test]
fn one_key_a_hundred_thousand_times() {
    const TIMES: usize = 100_000;
    // What each would be, and what stays of the last one.
    let cases: [(&str, Spell, &str); 4] = [
        ("a number", |n| n.to_string(), "{\"k\":99999}\n"),
        ("an array", |n| format!("[{n}]"), "{}\n"),
        (
            "an object",
            |n| format!("{{\"v{n}\":1}}"),
            "{\"k_v99999\":1}\n",
        ),
        (
            "an object with a key twice",
            |n| format!("{{\"k\":{n},\"k\":0}}"),
            "{\"k_k\":0}\n",
        ),
    ];
    for (what, value, expected) in cases {
        let text = object((0..TIMES).map(|n| ("k", value(n))));
        for format in [
            transmog::InputFormat::JsonLines,
            transmog::InputFormat::Json,
        ] {
            let processor = lines().with_input_format(format);
            let (report, files) = run(&processor, &text).expect("the last one counts");
            assert_eq!(report.ledger.cells_written, 1, "{what}");
            assert_eq!(
                String::from_utf8_lossy(&files["t.jsonl"]),
                expected,
                "{what}"
            );
        }
    }
}

/// `bits` letters in either case, by the bits of a number.
fn cased(number: usize, bits: usize) -> String {
    let letters = (b'a'..).take(bits).enumerate();
    letters
        .map(|(bit, letter)| match number >> bit & 1 {
            0 => char::from(letter),
            _ => char::from(letter.to_ascii_uppercase()),
        })
        .collect()
}

/// So many times an accented letter, composed or not.
fn composed(number: usize, bits: usize) -> String {
    (0..bits)
        .map(|bit| ["\u{e9}", "e\u{301}"][number >> bit & 1])
        .collect()
}

#[test]
fn a_hundred_thousand_keys_that_differ_in_case_or_composition_only() {
    const KEYS: usize = 100_000;
    for spell in [cased, composed] {
        let text = object((0..KEYS).map(|n| (spell(n, 17), n)));
        let (report, files) = run(&lines(), &text).expect("all are kept");
        assert!(report.renames.is_empty());
        let (row, rest) = row(&files, "t.jsonl");
        assert_eq!(row.len() + rest.len(), KEYS);
        for (key, value) in row.iter().chain(&rest) {
            assert_eq!(*key, spell(value.as_u64().expect("a number") as usize, 17));
        }
    }
}

#[test]
fn thousands_of_tables_whose_files_would_be_one() {
    const TABLES: usize = 5_000;
    for spell in [cased, composed] {
        let text = object((0..TABLES).map(|n| (spell(n, 13), format!("[{n}]"))));
        let (report, files) = run(&lines(), &text).expect("tables");
        assert_eq!((report.tables.len(), files.len()), (TABLES + 1, TABLES + 1));
        let folded: BTreeSet<String> = files.keys().map(|file| file.to_lowercase()).collect();
        assert_eq!(folded.len(), TABLES + 1);
    }
}

#[test]
fn a_table_for_each_key_is_one_table_too_many() {
    let text = object((0..100_000).map(|n| (format!("k{n}"), "[1]")));
    let error = run(&lines(), &text).expect_err("the limit is 10,000");
    let start = "<memory>: record 0: table k9999[] would be one more than `max_tables` allows, which is 10000;";
    assert!(error.to_string().starts_with(start), "{error}");
}

/// Keys of sixteen letters that have one and the same hash where hashes are not seeded (FxHash):
/// the second word undoes what the first one did.
fn colliding(keys: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut state = 1_u64;
    while found.len() < keys {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let first = (state >> 8 & 0x0f0f_0f0f_0f0f_0f0f) | 0x6060_6060_6060_6060;
        let hash = first.wrapping_mul(0x517c_c1b7_2722_0a95).rotate_left(5);
        let second = hash ^ 0x6162_6364_6566_6768;
        let key = [first.to_le_bytes(), second.to_le_bytes()].concat();
        let is_plain = |byte: &u8| (b'#'..=b'~').contains(byte) && *byte != b'\\';
        if key.iter().all(is_plain) {
            found.push(String::from_utf8(key).expect("ASCII"));
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn keys_that_are_alike() {
    let long = "p".repeat(1_000);
    let prefixed = (0..10_000).map(|n| format!("{long}{n}")).collect();
    for keys in [prefixed, colliding(1_000)] {
        let keys: Vec<String> = keys;
        // Forth and back, so that no key is the one that came next last time.
        let forth = object(keys.iter().map(|key| (key, 1)));
        let back = object(keys.iter().rev().map(|key| (key, 2)));
        let (report, files) = run(&lines(), &format!("{forth}\n{back}\n")).expect("columns");
        assert_eq!(table(&report, "t").columns.len(), keys.len());
        let rows = std::str::from_utf8(&files["t.jsonl"]).expect("text");
        for (row, value) in rows.lines().zip([1, 2]) {
            let row: Map<String, Value> = serde_json::from_str(row).expect("JSON");
            let expected = keys.iter().map(|key| (key.clone(), json!(value)));
            assert!(row == expected.collect(), "row {value}");
        }
    }
}

/// Many columns below ninety-nine keys of a thousand letters: names a thousand times as long as the
/// input.
#[test]
fn names_do_not_become_far_larger_than_the_input() {
    let key = "k".repeat(1_000);
    let (open, close) = (format!("{{\"{key}\":").repeat(99), "}".repeat(99));
    let columns = object((0..5_000).map(|n| (format!("a{n}"), n)));
    let text = format!("{open}{columns}{close}\n");
    assert!(text.len() < 200_000);
    let (report, files) = run(&lines(), &text).expect("they are in the column of the rest");
    let main = table(&report, "t");
    let names = main.columns.iter().map(|column| column.name.len());
    assert!(names.sum::<usize>() <= (16 << 20) + 100_000);
    assert_eq!(main.columns.len() as u64 - 1 + main.overflow, 5_000);
    let (row, mut rest) = row(&files, "t.jsonl");
    for _ in 0..99 {
        let Some(Value::Object(inner)) = rest.remove(&key) else {
            panic!("it has its keys");
        };
        rest = inner;
    }
    let values = row.values().chain(rest.values());
    let values: BTreeSet<u64> = values
        .map(|value| value.as_u64().expect("a number"))
        .collect();
    assert!(values.into_iter().eq(0..5_000));

    // The same paths make tables, too, which have no column of the rest.
    let tables = object((0..5_000).map(|n| (format!("a{n}"), "[1]")));
    let (open, close) = (format!("{{\"{key}\":").repeat(97), "}".repeat(97));
    let error = run(&lines(), &format!("{open}{tables}{close}\n")).expect_err("names");
    assert!(matches!(&error, Error::Data(error) if error.kind().word() == "too_long_names"));
    assert!(error.to_string().len() < 1_000, "{error}");
}

/// What repeats a key, with every row or fault, repeats its beginning only.
#[test]
fn a_key_of_half_a_megabyte_is_not_repeated() {
    let key = "k\u{e9}".repeat(200_000);
    let items = vec!["1"; 1_000].join(",");
    let faults = object((0..1_000).map(|n| (format!("a{n}"), "NaN")));
    let text = format!("{{\"{key}\":[{items},NaN]}}\n{{\"{key}\":{faults}}}\n");
    let config = Config::default().with_ids(transmog::Ids::Row);
    let partial: Recovery = "partial".parse().expect("a word");
    let processor = lines().with_config(config).with_recovery(partial);
    let (report, files) = run(&processor, &text).expect("kept in part");
    assert_eq!((report.records_read, report.records_partial), (2, 2));
    let bytes: usize = files.values().map(Vec::len).sum();
    assert!(bytes < 5_000_000, "{bytes} bytes");
    let child = table(&report, &format!("t_{key}"));
    assert_eq!(child.rows, 1_000);
    // The report is told to people, in lines as long as they must be.
    assert!(report.to_string().contains(&child.name));
    let main = std::str::from_utf8(&files["t.jsonl"]).expect("text");
    assert_eq!(main.matches("NaN is not a JSON number").count(), 1_000);
    let start = "k\u{e9}".repeat(84);
    assert!(
        main.contains(&format!("\"{start}k\u{2026}: NaN")),
        "{}",
        &main[..1_000]
    );
}
