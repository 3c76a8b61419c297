//! What happens to records that something is wrong with, under each strategy.

mod again;
mod cut;
mod documents;
mod faults;
mod limits;
mod pages;
mod rejects;
mod values;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use transmog::{
    Config, DEFAULT, Error, Ids, Input, InputFormat, LENIENT, Memory, NaturalIds, OutputSpec,
    Problem, Processor, Report, STRICT, Verdict, WriterOptions,
};

use crate::support::plain;

/// Tables and rejects by file name, each a list of JSON objects.
type Files = BTreeMap<String, Vec<Value>>;

fn run<'a>(processor: &Processor, input: impl Into<Input<'a>>) -> Result<(Report, Files), Error> {
    let (memory, files) = Memory::new();
    let lines = WriterOptions::new().with("lines", true);
    let report = processor.stream_process(input, "t", OutputSpec::new(("json", lines), memory))?;
    let rows = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).expect("text");
        let rows = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        rows.collect::<Vec<Value>>()
    };
    let files = files.take().into_iter();
    Ok((
        report,
        files.map(|(name, bytes)| (name, rows(bytes))).collect(),
    ))
}

fn lines() -> Processor {
    Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::JsonLines)
}

fn documents() -> Processor {
    lines().with_input_format(InputFormat::Json)
}

/// The places and kinds of all rejects.
fn places(files: &Files) -> Vec<Value> {
    let rejects = files.get("t.rejected.jsonl");
    rejects.map_or_else(Vec::new, |rejects| {
        let place = |reject: &Value| {
            json!([
                reject["record"],
                reject["line"],
                reject["byte"],
                reject["kind"],
                reject["kept"]
            ])
        };
        rejects.iter().map(place).collect()
    })
}

#[test]
fn a_malformed_line_under_each_strategy() {
    let text = "{\"a\":1}\n{\"a\":2,\"b\":\n{\"a\":3}\n";
    let error = run(&lines(), text).expect_err("the second line is cut");
    assert!(
        error
            .to_string()
            .starts_with("<memory>: record 1 (line 2, byte ")
    );

    let (report, files) = run(&lines().with_recovery(DEFAULT), text).expect("skipped");
    assert_eq!(files["t.jsonl"], [json!({"a": 1}), json!({"a": 3})]);
    let reject = &files["t.rejected.jsonl"][0];
    assert_eq!(reject["raw"], "{\"a\":2,\"b\":");
    assert_eq!(reject["input"], "<memory>");
    assert_eq!((report.records_read, report.records_rejected), (3, 1));
    assert_eq!(report.records_partial, 0);
    assert_eq!(report.problems_by_kind["syntax"], 1);
    assert_eq!(report.problems[0].line, Some(2));
    assert_eq!(report.rejects_file.as_deref(), Some("t.rejected.jsonl"));

    let (report, files) = run(&lines().with_partial_recovery(), text).expect("kept in part");
    let rows = &files["t.jsonl"];
    assert_eq!(rows[1]["a"], 2);
    assert_eq!(rows[1]["__error"], "b: invalid JSON: expected a value");
    assert_eq!(rows[0], json!({"a": 1}));
    assert_eq!(files["t.rejected.jsonl"][0]["kept"], true);
    assert_eq!((report.records_rejected, report.records_partial), (0, 1));
}

#[test]
fn names_and_objects_are_the_same_strategies() {
    let text = "{\"a\":1}\nnonsense\n{\"a\":NaN,\"b\":2}\n";
    for (word, object) in [
        ("skip", lines().with_recovery(DEFAULT)),
        ("partial", lines().with_recovery(LENIENT)),
    ] {
        let named = lines().with_recovery(word.parse::<transmog::Recovery>().expect("a name"));
        assert_eq!(
            run(&named, text).expect("runs").1,
            run(&object, text).expect("runs").1
        );
    }
    assert!(run(&lines().with_recovery(STRICT), text).is_err());
    let error = "lenient"
        .parse::<transmog::Recovery>()
        .expect_err("no name");
    assert_eq!(
        error.to_string(),
        "setting recovery: \"lenient\" is none of strict, skip, partial"
    );
}

#[test]
fn good_input_is_the_same_under_all_strategies() {
    let text = "{\"a\":[1,{\"b\":[]}],\"__error_2\":\"mine\"}\n\n{\"a\":2}{\"c\":3}\n";
    let strict = run(&lines(), text).expect("runs").1;
    for processor in [
        lines().with_recovery(DEFAULT),
        lines().with_recovery(LENIENT),
    ] {
        let (report, files) = run(&processor, text).expect("runs");
        assert_eq!(files, strict);
        assert_eq!(report.rejects_file, None);
    }
}

#[test]
fn what_is_not_finite_is_a_problem_of_its_record() {
    let text = r#"{"x":NaN,"y":[1,-Infinity,{"z":Infinity,"w":1}],"k":2}"#;
    assert!(run(&lines(), text).is_err());
    let (report, files) = run(&lines().with_recovery(DEFAULT), text).expect("skipped");
    assert_eq!(files["t.jsonl"], [] as [Value; 0]);
    assert_eq!(report.records_rejected, 1);
    let (report, files) = run(&lines().with_recovery(LENIENT), text).expect("kept");
    assert_eq!(
        files["t.jsonl"],
        [json!({"k": 2, "__error": "x: NaN is not a JSON number"})]
    );
    assert_eq!(
        files["t_y.jsonl"],
        [
            json!({"value": 1}),
            json!({"w": 1, "__error": "z: Infinity is not a JSON number"})
        ]
    );
    assert_eq!(
        files["t_y_errors.jsonl"],
        [json!({"__error": "-Infinity is not a JSON number"})]
    );
    let errors = report
        .tables
        .iter()
        .find(|table| table.errors)
        .expect("a table of errors");
    assert_eq!(
        (errors.name.as_str(), errors.parent.as_deref()),
        ("t_y_errors", Some("t"))
    );
    // All fields bad: still a record.
    let (_, files) =
        run(&lines().with_recovery(LENIENT), r#"{"x":NaN,"y":Infinity}"#).expect("kept");
    let both = "x: NaN is not a JSON number; y: Infinity is not a JSON number";
    assert_eq!(files["t.jsonl"], [json!({"__error": both})]);

    let (report, files) = run(&lines().with_nan_allowed(true), text).expect("floats");
    assert_eq!(report.records_rejected, 0);
    assert_eq!(files["t.jsonl"], [json!({"k": 2, "x": null})]); // JSON has no word for NaN.
    let csv = OutputSpec::new("csv", Memory::new().0);
    assert!(
        lines()
            .with_nan_allowed(true)
            .stream_process(text, "t", csv)
            .is_ok()
    );
}

#[test]
fn items_that_cannot_be_read_are_rows_of_an_errors_table() {
    let config = Config::default()
        .with_ids(Ids::Row)
        .with_metadata(|metadata| metadata.time = None)
        .expect("allowed");
    let processor = lines().with_config(config).with_partial_recovery();
    let text = "{\"id\":1,\"items\":[{\"a\":1},NaN,{\"a\":3}]}\n{\"id\":2,\"items\":[4,tru";
    let (_, files) = run(&processor, text).expect("kept");
    assert_eq!(
        files["t_items_errors.jsonl"],
        [
            json!({"__transmog_id": 0, "__parent_transmog_id": 0, "__array_field": "items", "__array_index": 1,
                   "__error": "NaN is not a JSON number"}),
            json!({"__transmog_id": 1, "__parent_transmog_id": 1, "__array_field": "items", "__array_index": 1,
                   "__error": "invalid JSON: expected a value"}),
        ]
    );
    let indexes: Vec<_> = files["t_items.jsonl"]
        .iter()
        .map(|row| &row["__array_index"])
        .collect();
    assert_eq!(indexes, [0, 2, 0]);
}

#[test]
fn text_that_cannot_be_read_is_repaired_and_marked() {
    let bytes =
        b"{\"a\":\"x\xffy\",\"b\":1}\n{\"a\":\"\\ud800z\",\"\\udc00k\":2}\n{\"a\":\"ok\"}\n";
    assert!(run(&lines(), &bytes[..]).is_err());
    let (_, files) = run(&lines().with_recovery(DEFAULT), &bytes[..]).expect("skipped");
    assert_eq!(files["t.jsonl"], [json!({"a": "ok"})]);
    assert_eq!(
        places(&files),
        [
            json!([0, 1, 7, "text", false]),
            json!([1, 2, 24, "text", false])
        ]
    );
    let rejects = &files["t.rejected.jsonl"];
    assert_eq!(rejects[0]["raw"], Value::Null);
    assert_eq!(rejects[0]["raw_base64"], "eyJhIjoieP95IiwiYiI6MX0=");
    assert_eq!(rejects[1]["raw"], "{\"a\":\"\\ud800z\",\"\\udc00k\":2}");
    let (_, files) = run(&lines().with_recovery(LENIENT), &bytes[..]).expect("kept");
    let rows = &files["t.jsonl"];
    assert_eq!(rows[0]["a"], "x\u{fffd}y");
    assert_eq!(rows[0]["b"], 1);
    assert!(
        rows[0]["__error"]
            .as_str()
            .expect("marked")
            .contains("not UTF-8")
    );
    assert_eq!(
        (&rows[1]["a"], &rows[1]["\u{fffd}k"]),
        (&json!("\u{fffd}z"), &json!(2))
    );
    assert_eq!(rows[2], json!({"a": "ok"}));
}

#[test]
fn what_is_no_object_is_no_record() {
    for (processor, text) in [
        (lines(), "{\"a\":1}\n5\n[1,2]\nnull\n\"x\"\n{\"a\":2}\n"),
        (documents(), "[{\"a\":1},5,[1,2],null,\"x\",{\"a\":2}]"),
    ] {
        for strategy in ["skip", "partial"] {
            let recovery: transmog::Recovery = strategy.parse().expect("a name");
            let (report, files) =
                run(&processor.clone().with_recovery(recovery), text).expect("runs");
            assert_eq!(files["t.jsonl"], [json!({"a": 1}), json!({"a": 2})]);
            assert_eq!((report.records_read, report.records_rejected), (6, 4));
            assert_eq!(report.problems_by_kind["not_an_object"], 4);
            let raw: Vec<_> = files["t.rejected.jsonl"]
                .iter()
                .map(|reject| &reject["raw"])
                .collect();
            assert_eq!(raw, ["5", "[1,2]", "null", "\"x\""]);
        }
    }
}

#[test]
fn rejects_and_rows_do_not_depend_on_chunks_and_threads() {
    let mut text = String::new();
    for i in 0..500 {
        let line = match i % 7 {
            0 => format!("{{\"a\":{i},\"l\":[1,NaN,{{\"x\":\"\\ud800\"}}]}}\n"),
            3 => format!("{{\"a\":{i},\"late{i}\":\n"),
            5 => "[]\n\n".to_owned(),
            _ => format!("{{\"a\":{i},\"l\":[{i}]}}\n"),
        };
        text.push_str(&line);
    }
    for recovery in ["skip", "partial"] {
        let run_with = |size: usize, threads: usize| {
            let config = Config::default().with_ids(Ids::Row);
            let processor = lines()
                .with_config(config)
                .with_timestamp("2026-01-01T00:00:00Z")
                .expect("a time")
                .with_recovery(recovery.parse::<transmog::Recovery>().expect("a name"))
                .with_chunk_size(size)
                .expect("allowed")
                .with_threads(threads)
                .expect("allowed");
            run(&processor, text.as_str()).expect("runs")
        };
        let (report, expected) = run_with(1000, 1);
        assert_eq!(report.records_read, 500);
        let rejected = if recovery == "skip" { 72 + 71 + 71 } else { 71 };
        assert_eq!(report.records_rejected, rejected);
        let written = report.tables[0].rows;
        assert_eq!(written + rejected, 500);
        for (size, threads) in [(1, 1), (1, 3), (7, 2), (64, 4)] {
            let (again, files) = run_with(size, threads);
            assert_eq!(files, expected, "{size} {threads}");
            assert_eq!(again.problems, report.problems);
        }
    }
}

#[test]
fn a_strategy_of_ones_own_decides_by_the_problem() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let comments = move |problem: &Problem<'_>| {
        let line = problem.error.location().line;
        seen.lock().expect("not poisoned").push(line);
        if problem.raw.starts_with(b"#") {
            Verdict::Skip
        } else {
            Verdict::Fail
        }
    };
    let processor = lines().with_recovery(comments);
    let (report, files) = run(&processor, "# head\n{\"a\":1}\n# foot\n").expect("comments only");
    assert_eq!(files["t.jsonl"], [json!({"a": 1})]);
    assert_eq!(report.records_rejected, 2);
    assert_eq!(*kept.lock().expect("not poisoned"), [Some(1), Some(3)]);
    assert!(run(&processor, "# head\nx\n").is_err());
}

#[test]
fn the_name_of_marks_is_kept_free_and_can_be_changed() {
    let text = "{\"a\":NaN}\n{\"__error\":\"mine\"}\n";
    let expected = [
        json!({"__error": "a: NaN is not a JSON number"}),
        json!({"__error_2": "mine"}),
    ];
    for size in [1, 1000] {
        let processor = lines()
            .with_recovery(LENIENT)
            .with_chunk_size(size)
            .expect("allowed");
        let (report, files) = run(&processor, text).expect("kept");
        assert_eq!(files["t.jsonl"], expected);
        assert_eq!(
            (
                report.renames[0].wanted.as_str(),
                report.renames[0].name.as_str()
            ),
            ("__error", "__error_2")
        );
        let mark = report.tables[0].columns.last().expect("a column");
        assert_eq!((mark.name.as_str(), mark.nulls), ("__error", 1));
    }
    let metadata = |name: Option<&str>| {
        let name = name.map(str::to_owned);
        let config = plain().with_metadata(|metadata| metadata.error = name);
        lines()
            .with_config(config.expect("allowed"))
            .with_recovery(LENIENT)
    };
    let (_, files) = run(&metadata(Some("bad")), text).expect("kept");
    assert_eq!(
        files["t.jsonl"][0],
        json!({"bad": "a: NaN is not a JSON number"})
    );
    assert_eq!(files["t.jsonl"][1], json!({"__error": "mine"}));
    let (_, files) = run(&metadata(None), text).expect("kept");
    assert_eq!(files["t.jsonl"], [json!({}), json!({"__error": "mine"})]);
}

#[test]
fn marks_and_natural_ids_go_together() {
    let config = |id: &str| {
        Config::default().with_metadata(|it| {
            it.id = Some(id.to_owned());
            it.time = None;
            it.array_field = None;
            it.array_index = None;
        })
    };
    let text = "{\"id\":1,\"a\":NaN,\"k\":[{\"id\":1,\"x\":NaN}]}\n{\"id\":2}\n{\"k\":[{\"id\":\"b\"}]}\n{\"id\":3}\n";
    for id in ["id", "__id"] {
        let run_with = |size: usize| {
            let natural = NaturalIds::new()
                .with_mapping([("*", "id")])
                .expect("allowed");
            let processor = lines()
                .with_config(config(id).expect("allowed"))
                .with_natural_ids(natural)
                .with_recovery(LENIENT)
                .with_chunk_size(size)
                .expect("allowed");
            let (_, files) = run(&processor, text).expect("kept");
            // The third record has a random id.
            let ids: Vec<Value> = files["t.jsonl"]
                .iter()
                .map(|row| row["id"].clone())
                .collect();
            let first = &files["t_k.jsonl"][0];
            (
                ids[0].clone(),
                ids[3].clone(),
                first["__error"].clone(),
                first["__parent_transmog_id"].clone(),
                files["t.jsonl"][0]["__error"].clone(),
            )
        };
        assert_eq!(run_with(1), run_with(1000));
    }
}

#[test]
fn the_second_profile_takes_what_is_not_finite_for_null() {
    let config = Config::v2().with_metadata(|metadata| {
        metadata.id = None;
        metadata.parent = None;
        metadata.time = None;
    });
    let processor = lines().with_config(config.expect("allowed"));
    let text = r#"{"x":NaN,"l":[1.5,Infinity],"m":[NaN,{"y":1}],"k":2}"#;
    let (report, files) = run(&processor, text).expect("no problem");
    assert_eq!(files["t.jsonl"], [json!({"l": [1.5, null], "k": 2})]);
    assert_eq!(files["t_m.jsonl"], [json!({"y": 1})]);
    assert!(report.problems_by_kind.is_empty());
}

#[test]
fn what_follows_a_record_on_its_line_is_a_fault_of_it() {
    let text = "{\"a\":1}}\n{\"a\":2}{\"a\":3} x\n{\"a\":4}\n}\n";
    let (report, files) = run(&lines().with_recovery(LENIENT), text).expect("kept");
    let error = "invalid JSON: expected a value";
    assert_eq!(
        files["t.jsonl"],
        [
            json!({"a": 1, "__error": error}),
            json!({"a": 2}),
            json!({"a": 3, "__error": error}),
            json!({"a": 4}),
        ]
    );
    assert_eq!(report.records_read, 5);
    assert_eq!((report.records_partial, report.records_rejected), (2, 1));
    let (report, files) = run(&lines().with_recovery(DEFAULT), text).expect("skipped");
    assert_eq!(files["t.jsonl"], [json!({"a": 4})]);
    assert_eq!((report.records_read, report.records_rejected), (4, 3));
}

#[test]
fn half_characters_by_the_thousand_are_repaired_in_one_pass() {
    let text = format!("{{\"a\":\"{}\"}}", "\\ud800".repeat(100_000));
    let (_, files) = run(&lines().with_recovery(LENIENT), text.as_str()).expect("kept");
    assert_eq!(files["t.jsonl"][0]["a"], "\u{fffd}".repeat(100_000));
}

#[test]
fn what_was_cut_is_not_taken_for_whole() {
    let text = "{\"k\":1\"b\":2}\n{\"k\":true\"b\":2}\n{\"k\":3]\n";
    let (_, files) = run(&lines().with_recovery(LENIENT), text).expect("kept");
    let keys: Vec<_> = files["t.jsonl"]
        .iter()
        .map(|row| row["k"].clone())
        .collect();
    assert_eq!(keys, ["1", "true", "3"]);
    // A line break ends a number, the end of the input may have cut it.
    let text = "{\"k\":5\n{\"k\":6";
    let (_, files) = run(&lines().with_recovery(LENIENT), text).expect("kept");
    assert_eq!(files["t.jsonl"].len(), 1);
    assert_eq!(files["t.jsonl"][0]["k"], 5);
    let text =
        "{\"a\":01,\"k\":1}\n{\"k\":2,\"b\":12abc}\n{\"k\":3,\"c\":truex}\n{\"k\":4,\"d\":[1,2";
    let (_, files) = run(&lines().with_recovery(LENIENT), text).expect("kept");
    let keys: Vec<_> = files["t.jsonl"]
        .iter()
        .map(|row| row["k"].clone())
        .collect();
    assert_eq!(keys, [2, 3, 4]);
    assert!(
        files["t.jsonl"]
            .iter()
            .all(|row| row["a"].is_null() && row["b"].is_null() && row["c"].is_null())
    );
    assert_eq!(files["t_d.jsonl"], [json!({"value": 1})]);
    assert_eq!(files["t_d_errors.jsonl"].len(), 1);
    assert_eq!(files["t.rejected.jsonl"].len(), 4);
}

#[test]
fn wrong_escapes_leave_the_others_read() {
    let text = r#"{"a":"v\u00e9\q\n","b":"\ud83d\ude00\ud800 \u00e9 \x","c":"\u12","d":"\\q"}"#;
    let (_, files) = run(&lines().with_recovery(LENIENT), text).expect("kept");
    let row = &files["t.jsonl"][0];
    assert_eq!(row["a"], "vé\\q\n");
    assert_eq!(row["b"], "😀\u{fffd} é \\x");
    assert_eq!(row["c"], "\\u12");
    assert_eq!(row["d"], "\\q");
}
