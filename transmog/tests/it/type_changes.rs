//! Columns that change their types say so, with the value that forced it and its place, at any
//! pace.

use transmog::{
    ArrayMode, Config, Input, InputFormat, Memory, OutputSpec, Processor, Recovery, Report,
    WriterOptions,
};

use crate::support::{files, plain};

/// The changes, a line for each, at several paces that must agree.
fn changes(config: &Config, input: &str) -> Vec<String> {
    let at = |(chunk_size, threads): (usize, usize)| {
        let processor = Processor::new()
            .with_config(config.clone())
            .with_recovery("skip".parse::<Recovery>().expect("a strategy"))
            .with_chunk_size(chunk_size)
            .and_then(|processor| processor.with_threads(threads))
            .expect("allowed");
        let report = processor.inspect(input, "t").expect("valid");
        report.type_changes
    };
    let found = at((2000, 1));
    for pace in [(1, 1), (1, 4), (7, 2), (100, 2)] {
        assert_eq!(at(pace), found, "{pace:?}");
    }
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn one_value_in_many_is_found() {
    let mut input: Vec<String> = (0..5000)
        .map(|n| format!(r#"{{"id":{n},"o":{{"x":{n}.5}},"items":[{{"sku":{n}}},{{"sku":7}}]}}"#))
        .collect();
    input[4321] = r#"{"id":"A1","o":{"x":true},"items":[{"sku":1},{"sku":"x"}]}"#.to_owned();
    // Lines without a record, and records that are left out, do not count as lines.
    input[17] = String::new();
    input[18] = "no record".to_owned();
    let input = input.join("\n");
    let byte = input.find("{\"id\":\"A1\"").expect("it is there");
    let place = format!("at record 4320 (line 4322, byte {byte}) of <memory>");
    assert_eq!(
        changes(&plain(), &input),
        [
            format!("column id of t: int64 -> text {place}: \"A1\""),
            format!("column o_x of t: float64 -> text {place}: true"),
            format!("column sku of t_items: int64 -> text {place}: \"x\""),
        ]
    );
    // As one document, records are found on their lines as well.
    let document = format!(
        "[\n{}\n]",
        r#"{"a":1},"#.repeat(3) + "\n" + r#"{"a":0.5},{"a":"x"}"#
    );
    assert_eq!(
        changes(&plain(), &document),
        [
            "column a of t: int64 -> float64 at record 3 (line 3, byte 27) of <memory>: 0.5",
            "column a of t: float64 -> text at record 4 (line 3, byte 37) of <memory>: \"x\"",
        ]
    );
}

#[test]
fn each_kind_of_change_is_told() {
    let short = |config: &Config, input: &str| -> Vec<String> {
        let found = changes(config, input);
        let without_place = |line: String| {
            let (start, rest) = line.split_once(" at record ").expect("a place");
            let (record, rest) = rest.split_once(" (line").expect("a line");
            let (_, value) = rest.split_once(">: ").expect("a value");
            let (_, types) = start.split_once(": ").expect("types");
            format!("{types} at {record}: {value}")
        };
        found.into_iter().map(without_place).collect()
    };
    let smart = plain().with_array_mode(ArrayMode::Smart);
    let dates = plain().with_detection("all".parse().expect("words"));
    let schema = r#"{"tables":[{"name":"t","path":[],"columns":[{"name":"a","path":["a"],"type":"int64"}]}]}"#;
    let schema: transmog::Layout = serde_json::from_str(schema).expect("a layout");
    let given = plain().with_schema(schema);
    let day = r#"{"a":"2026-01-31"}"#;
    let cases: [(&Config, String, &[&str]); 9] = [
        (&plain(), "{\"a\":null}{\"a\":1}{}{\"a\":2}".to_owned(), &[]),
        (
            &plain(),
            "{\"a\":1}{\"a\":18446744073709551615}{\"a\":1e400}".to_owned(),
            &[
                "int64 -> decimal at 1: 18446744073709551615",
                "decimal -> text at 2: 1e400",
            ],
        ),
        (
            &plain(),
            "{\"a\":9007199254740993}{\"a\":0.5}".to_owned(),
            &["int64 -> text at 1: 0.5"],
        ),
        (
            &smart,
            "{\"a\":[]}{\"a\":[1]}{\"a\":[0.5,null]}{\"a\":[\"x\",1]}".to_owned(),
            &[
                "list<int64> -> list<float64> at 2: [0.5,null]",
                "list<float64> -> text at 3: [\"x\",1]",
            ],
        ),
        (
            &dates,
            format!("{day}{day}{{\"a\":\"soon\"}}"),
            &["date -> text at 2: \"soon\""],
        ),
        (
            &dates,
            format!("{day}{day}{{\"a\":7}}"),
            &["date -> text at 2: 7"],
        ),
        (&dates, format!("{{\"a\":\"soon\"}}{day}"), &[]),
        (
            &given,
            "{\"a\":null}{\"a\":0.5}".to_owned(),
            &["int64 -> float64 at 1: 0.5"],
        ),
        (
            &given,
            format!("{{\"a\":\"{}\"}}", "y".repeat(100)),
            &[&format!("int64 -> text at 0: \"{}…\"", "y".repeat(60))],
        ),
    ];
    for (config, input, expected) in cases {
        let input = input.replace("}{", "}\n{");
        assert_eq!(short(config, &input), expected, "{input}");
    }
}

#[test]
fn the_first_rows_of_a_csv_input_decide_and_say_so() {
    let csv = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Csv);
    let text = "code,sku,name,flag\n1,007,x,true\n2,8,y,false\nA1,9,z,5\n";
    for pace in [1, 2, 2000] {
        let csv = csv.clone().with_chunk_size(pace).expect("allowed");
        let report = csv.inspect(text, "t").expect("valid");
        let changes: Vec<String> = report
            .type_changes
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            changes,
            [
                "column code of t: int64 -> text at record 2 (line 4, byte 44) of <memory>: \"A1\"",
                "column flag of t: boolean -> text at record 2 (line 4, byte 44) of <memory>: \"5\"",
            ]
        );
        assert_eq!(report.passes, 1);
    }
    // A column that is left out says nothing.
    let excluded = csv.with_config(
        plain()
            .with_exclude("code".parse().expect("a path"))
            .expect("a path"),
    );
    let report = excluded.inspect(text, "t").expect("valid");
    assert_eq!(report.type_changes.len(), 1);
}

#[test]
fn lists_are_bounded_and_texts_come_first() {
    let object = |value: &str| {
        let fields: Vec<String> = (0..1500).map(|n| format!("\"c{n}\":{value}")).collect();
        format!("{{{}}}\n", fields.join(","))
    };
    let floats = object("1") + &object("0.5");
    let report = Processor::new()
        .inspect(floats.as_str(), "t")
        .expect("valid");
    assert_eq!(
        (report.type_changes.len(), report.type_change_count),
        (1000, 1500)
    );
    let input = object("1") + "{\"c3\":0.5}\n{\"c4\":\"x\"}\n" + &object("0.5");
    let report = Processor::new()
        .inspect(input.as_str(), "t")
        .expect("valid");
    let lines: Vec<String> = report.type_change_lines().collect();
    assert!(
        lines[0].starts_with("column c4 of t: int64 -> text at record 2 "),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("column c3 of t: int64 -> float64 at record 1 "),
        "{}",
        lines[1]
    );
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[10], "... and 1490 more type changes in the report");
}

#[test]
fn inputs_rejects_and_large_records_have_their_places() {
    // The second input's third line.
    let inputs = ["{\"a\":1}\n", "\n{\"a\":2}\n{\"a\":\"x\"}\n"].map(Input::bytes);
    let report = Processor::new().inspect_all(inputs, "t").expect("valid");
    let change = &report.type_changes[0];
    assert_eq!(
        (change.record, change.line, change.byte),
        (Some(1), Some(3), Some(9))
    );

    // A record out of rejects is where it was first.
    let rejects = concat!(
        r#"{"input":"old.jsonl","record":7,"line":9,"byte":70,"kind":"syntax","message":"","kept":false,"raw":"{\"a\":1}"}"#,
        "\n",
        r#"{"input":"old.jsonl","record":8,"line":10,"byte":80,"kind":"syntax","message":"","kept":false,"raw":"{\"a\":\"x\"}"}"#,
    );
    let again = Processor::new().with_input_format(InputFormat::Rejects);
    let report = again.inspect(rejects, "t").expect("valid");
    let change = &report.type_changes[0];
    let place = (
        change.input.as_deref(),
        change.record,
        change.line,
        change.byte,
    );
    assert_eq!(place, (Some("old.jsonl"), Some(8), Some(10), Some(80)));
}

#[test]
fn results_that_are_put_together_say_what_they_widen() {
    let result = |text: &str| Processor::new().process(text, "t").expect("valid");
    let combined = transmog::ProcessingResult::combine(
        [result(r#"{"a":1,"b":null}"#), result(r#"{"a":"x","b":1}"#)],
        "u",
    );
    let combined = combined.expect("they fit");
    let report: &Report = combined.report();
    let lines: Vec<String> = report.type_change_lines().collect();
    assert_eq!(
        lines,
        ["column a of u: int64 -> text where the tables were put together"]
    );
}

#[test]
fn reports_and_manifests_have_the_same_list() {
    let (report, made) = files(
        &Processor::new().with_config(plain()).with_manifest(true),
        "json",
        WriterOptions::new(),
        "{\"a\":1}\n{\"a\":0.5}\n",
    )
    .expect("valid");
    assert_eq!(report.type_changes.len(), 1);
    let manifest: serde_json::Value =
        serde_json::from_slice(&made["t.manifest.json"]).expect("JSON");
    let of_report = serde_json::to_value(&report.type_changes).expect("JSON");
    assert_eq!(manifest["type_changes"], of_report);
    let (memory, made) = Memory::new();
    Processor::new()
        .with_manifest(true)
        .stream_process("{\"a\":1}", "t", OutputSpec::new("json", memory))
        .expect("valid");
    let manifest = String::from_utf8(made.take()["t.manifest.json"].clone()).expect("UTF-8");
    assert!(!manifest.contains("type_changes"), "{manifest}");
}
