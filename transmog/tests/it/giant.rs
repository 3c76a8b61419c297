//! Records that are cut at the items of their arrays give what they give whole.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use transmog::{
    ArrayMode, Config, Ids, InputFormat, Memory, OutputSpec, Processor, Recovery, Report, TooDeep,
};

use super::{same_bytes, support::columns};

type Files = BTreeMap<String, Vec<u8>>;

fn processor(config: &Config, bytes: usize) -> Processor {
    Processor::new()
        .with_config(config.clone())
        .with_input_format(InputFormat::Json)
        .with_record_bytes(bytes)
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time")
}

fn run(
    processor: &Processor,
    format: &str,
    text: &str,
) -> Result<(Report, Files), transmog::Error> {
    let (memory, files) = Memory::new();
    let output = OutputSpec::new(format, memory);
    let report = processor.stream_process(text, "t", output)?;
    Ok((report, files.take()))
}

/// What a report says of the data, whatever the size of the files.
fn summary(report: &Report) -> Vec<String> {
    let tables = report.tables.iter();
    let tables = tables.map(|table| format!("{} {} {:?}", table.name, table.rows, table.columns));
    let whole = format!(
        "{} {:?} {:?} {:?}",
        report.records_read, report.ledger, report.renames, report.rules
    );
    [whole].into_iter().chain(tables).collect()
}

fn assert_same(config: &Config, text: &str, bytes: usize, chunk_size: usize, threads: usize) {
    for format in ["csv", "json", "parquet"] {
        let (whole, expected) =
            run(&processor(config, usize::MAX), format, text).expect("it is valid");
        let cut = processor(config, bytes)
            .with_chunk_size(chunk_size)
            .and_then(|processor| processor.with_threads(threads))
            .expect("allowed");
        let (report, found) = run(&cut, format, text).expect("it is valid");
        assert_eq!(summary(&report), summary(&whole), "{text}");
        let (found_names, names): (Vec<_>, Vec<_>) =
            (found.keys().collect(), expected.keys().collect());
        assert_eq!(found_names, names);
        for (name, file) in found {
            let other = expected[&name].clone();
            if format == "parquet" {
                assert_eq!(columns(file), columns(other), "{name} of {text}");
            } else {
                let (file, other) = (
                    String::from_utf8_lossy(&file),
                    String::from_utf8_lossy(&other),
                );
                assert_eq!(file, other, "{name} of {text}");
            }
        }
    }
}

fn config() -> impl Strategy<Value = Config> {
    let mode = prop_oneof![
        4 => Just(ArrayMode::Separate),
        3 => Just(ArrayMode::Smart),
        1 => Just(ArrayMode::Keep),
        1 => Just(ArrayMode::Inline),
        1 => Just(ArrayMode::Skip)
    ];
    let base = prop_oneof![
        Just(Config::default()),
        Just(Config::v1()),
        Just(Config::v2())
    ];
    let deep = prop_oneof![
        Just(TooDeep::Json),
        Just(TooDeep::Drop),
        Just(TooDeep::DropPerItem)
    ];
    let depth = prop_oneof![1_usize..6, Just(100)];
    (base, mode, depth, deep, any::<bool>()).prop_map(|(base, mode, depth, deep, rules)| {
        let base = if rules {
            let at = |path: &str| path.parse::<transmog::Pattern>().expect("a path");
            base.with_exclude(at("*.c"))
                .and_then(|config| config.with_exclude(at("items.b.a")))
                .and_then(|config| config.with_array_path(at("a.b")))
                .and_then(|config| config.with_rename(at("items.a"), "named"))
                .expect("rules that go together")
        } else {
            base
        };
        base.with_ids(Ids::Row)
            .with_array_mode(mode)
            .with_too_deep(deep)
            .with_max_depth(depth)
            .expect("allowed")
    })
}

/// Records with long arrays, one in another and side by side.
fn long() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (0..30).prop_map(Value::from),
        "[a-c\u{e9}\"\\\\,\n\\[{]{0,9}".prop_map(Value::from)
    ];
    leaf.prop_recursive(6, 120, 12, |inner| {
        let field = ("[a-d]|b_a", inner.clone());
        prop_oneof![
            2 => prop::collection::vec(inner, 0..12).prop_map(Value::from),
            3 => prop::collection::btree_map(field.0, field.1, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(crate::support::cases(150))]

    #[test]
    fn cut_or_whole(
        values in prop::collection::vec(long(), 1..5),
        config in config(),
        bytes in prop_oneof![Just(1_usize), 2_usize..40, 40_usize..400],
        chunk_size in 1_usize..8,
        threads in 1_usize..4,
        layout in 0..4,
    ) {
        let records: Vec<Value> = values
            .into_iter()
            .map(|value| if value.is_object() { value } else { json!({ "v": value }) })
            .collect();
        let text = match layout {
            0 => json!(records).to_string(),
            1 => serde_json::to_string_pretty(&records).expect("JSON"),
            2 => json!({ "x": 1, "items": records, "y": 2 }).to_string(),
            _ => same_bytes::lines(&records),
        };
        assert_same(&config, &text, bytes, chunk_size, threads);
    }
}

#[test]
fn two_levels_of_an_open_item() {
    let item = |i: i32| json!({ "k": i, "tags": ["p", i], "e": [] });
    let inner: Vec<Value> = (0..200).map(item).collect();
    let text = json!({
        "first": [1, 2],
        "a": [{ "x": 1, "c": [{ "d": 1 }], "b": inner, "y": 2 }, { "x": 2, "b": inner }, 5],
        "o": { "p": inner },
        "after": 1
    });
    let text = serde_json::to_string_pretty(&text).expect("JSON");
    for bytes in [10, 300, 1000, 5000] {
        for ids in [ArrayMode::Separate, ArrayMode::Smart] {
            let config = Config::default().with_ids(Ids::Row).with_array_mode(ids);
            assert_same(&config, &text, bytes, 7, 2);
        }
    }
}

#[test]
fn random_ids_link_to_rows_that_come_later() {
    let inner: Vec<Value> = (0..50).map(|i| json!({ "k": i })).collect();
    let record = json!({ "a": [{ "b": inner }, { "b": inner }] });
    let text = json!([record, record]).to_string();
    let processor = processor(&Config::default(), 100);
    let result = processor.process(text.as_str(), "t").expect("valid");
    let ids = |table: &str, column: &str| -> Vec<String> {
        let table = result.table(table).expect("a table");
        table
            .rows()
            .map(|row| row.get(column).expect("an id").to_string())
            .collect()
    };
    let (main, outer) = (ids("t", "__transmog_id"), ids("t_a", "__transmog_id"));
    let expected: Vec<_> = main
        .iter()
        .flat_map(|id| [id.clone(), id.clone()])
        .collect();
    assert_eq!(ids("t_a", "__parent_transmog_id"), expected);
    let expected: Vec<_> = outer.iter().flat_map(|id| vec![id.clone(); 50]).collect();
    assert_eq!(ids("t_a_b", "__parent_transmog_id"), expected);
    let distinct: std::collections::BTreeSet<_> = main.iter().chain(&outer).collect();
    assert_eq!(distinct.len(), 6);
}

fn fails(text: &str, recovery: &str) -> String {
    let recovery: Recovery = recovery.parse().expect("a word");
    let processor = processor(&Config::default(), 60).with_recovery(recovery);
    let error = run(&processor, "csv", text).expect_err("something is wrong");
    error.to_string()
}

#[test]
fn what_is_wrong_has_its_place() {
    // Byte and line of the mark, without it.
    let place = |text: &str| {
        let at = text.find('@').expect("a mark");
        let line = 1 + text[..at].matches('\n').count();
        (
            text.replace('@', ""),
            format!("record 0 (line {line}, byte {at})"),
        )
    };
    let items: Vec<String> = (0..40).map(|i| format!("{{\"k\": {i}}}")).collect();
    let items = items.join(",\n");
    let cases = [
        (
            format!("{{\"a\": [{items}, {{\"k\": @x}}, {items}]}}"),
            "field a[40].k",
        ),
        (format!("{{\"a\": [{items}],\n \"z\": @x}}"), "field z"),
        (
            format!("{{\"a\": [1, {{\"b\": [{items}, {{\"k\": @nul}}, {items}]}}]}}"),
            "field a[1].b[40].k",
        ),
        (
            format!("{{\"a\": [1, {{\"b\": [{items}], \"c\": @x}}, {items}]}}"),
            "field a[1].c",
        ),
        (format!("{{\"a\": [{items} @{items}]}}"), "expected a comma"),
        (
            format!("{{\"a\": [{items},@, {items}]}}"),
            "expected a value",
        ),
    ];
    for (text, words) in cases {
        let (text, place) = place(&text);
        let error = fails(&text, "strict");
        assert!(error.contains(&place), "{error}, not {place}");
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn only_a_bad_item_is_left_out() {
    let items: Vec<String> = (0..40).map(|i| format!("{{\"k\": {i}}}")).collect();
    let items = items.join(",\n");
    let text = format!("{{\"a\": [{items}, {{\"k\": x}}, {items}], \"z\": 1}}");
    let skip = processor(&Config::default(), 60)
        .with_recovery("skip".parse::<Recovery>().expect("a word"));
    let result = skip.process(text.as_str(), "t").expect("it is left out");
    assert_eq!(result.table("t_a").expect("a table").num_rows(), 80);
    let report = result.report();
    assert_eq!(
        (
            report.records_read,
            report.records_rejected,
            report.records_partial
        ),
        (1, 0, 1)
    );
    let partial = processor(&Config::default(), 60).with_partial_recovery();
    let result = partial.process(text.as_str(), "t").expect("it is kept");
    assert_eq!(result.table("t_a").expect("a table").num_rows(), 81);
}

#[test]
fn what_cannot_be_left_out_any_more_ends_the_run() {
    let items: Vec<String> = (0..40).map(|i| format!("{{\"k\": {i}}}")).collect();
    let items = items.join(",\n");
    let cases = [
        format!("{{\"a\": [{items}], \"z\": x}}"),
        format!("{{\"a\": [{items}], \"a\": 1}}"),
        format!("{{\"a\": 1, \"a\": [{items}]}}"),
        format!("{{\"o\": {{\"a\": [{items}]}}, \"\\u006f\": 1}}"),
        format!("{{\"a\": [{items}]"),
        format!("{{\"a\": [{items}, {items}"),
        format!("{{\"a\": [{items},, {items}]}}"),
        format!("{{\"a\": [1, {{\"b\": [{items}], \"c\": x}}, {items}]}}"),
    ];
    for text in cases {
        let error = fails(&text, "skip");
        assert!(error.contains("written already"), "{error}");
        fails(&text, "strict");
    }
    // Elsewhere, a key that comes twice is as everywhere.
    let text = format!("{{\"m\": 1, \"a\": [{items}], \"m\": 2}}");
    assert_same(&Config::default().with_ids(Ids::Row), &text, 60, 5, 1);
}

#[test]
fn what_lies_deep_in_a_cut_record_is_passed() {
    let items = vec![json!({ "k": 1 }).to_string(); 30].join(",");
    let deep = format!("{}1{}", "[".repeat(6000), "]".repeat(6000));
    let objects = format!("{}1{}", "{\"o\":".repeat(5000), "}".repeat(5000));
    let text = format!(
        "{{\"a\": [{items}, {{\"d\": [{deep}], \"e\": {objects}}}, {items}], \"z\": {objects}}}"
    );
    let config = Config::default().with_ids(Ids::Row);
    assert_same(&config, &text, 100, 9, 2);
}
