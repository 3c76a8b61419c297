//! Results in memory: their rows are those of streaming, they can be put together, and every format
//! takes them.

use std::collections::BTreeMap;

use arrow_schema::DataType;
use proptest::prelude::*;
use serde_json::{Value, json};
use transmog::{
    ArrayMode, Config, Ids, Memory, OutputFormat, OutputSpec, ProcessingResult, Processor, Table,
    WriterOptions,
};

use crate::support::plain;

/// Records in which columns come late and change their types.
const RECORDS: &str = r#"{"id": 3, "n": 1, "items": [{"sku": "A", "q": 1}, {"sku": "B", "q": 2.5}]}
{"id": 2.5, "n": true, "late": {"x": null}, "big": 12345678901234567890}
{"id": "x", "items": [{"q": 9007199254740993, "parts": [1, "a"]}], "late": {"x": "é\"\n"}}
{"f": 1e300, "g": 4, "none": null}
{"g": 2.5, "big": 7, "items": []}
"#;

fn processor(config: Config) -> Processor {
    let processor = Processor::new().with_config(config);
    let processor = processor.with_timestamp("2026-01-01T00:00:00Z");
    processor.expect("a time").with_threads(2).expect("allowed")
}

fn by_row() -> Config {
    Config::default().with_ids(Ids::Row)
}

/// All rows of all tables as JSON.
fn rows(result: &ProcessingResult) -> BTreeMap<String, Vec<String>> {
    let of_table = |table: &Table| table.rows().map(|row| row.to_json()).collect();
    result
        .tables()
        .map(|table| (table.name().to_owned(), of_table(table)))
        .collect()
}

fn main_rows(result: &ProcessingResult) -> Vec<String> {
    rows(result)[result.entity_name()].clone()
}

fn lines_format() -> OutputFormat {
    ("json", WriterOptions::new().with("lines", true)).into()
}

/// The same as streaming gives.
fn streamed(processor: &Processor, text: &str) -> BTreeMap<String, Vec<String>> {
    let (memory, files) = Memory::new();
    processor
        .stream_process(text, "t", OutputSpec::new(lines_format(), memory))
        .expect("valid");
    let lines = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    };
    let files = files.take_tables().into_iter();
    files.map(|(table, bytes)| (table, lines(bytes))).collect()
}

#[test]
fn tables_are_found_by_name() {
    let result = processor(by_row()).process(RECORDS, "t").expect("valid");
    assert_eq!(result.entity_name(), "t");
    assert_eq!(result.table_names(), ["t_items", "t_items_parts"]);
    let counts = [("t", 5), ("t_items", 3), ("t_items_parts", 2)];
    let counts = counts.map(|(table, rows)| (table.to_owned(), rows));
    assert_eq!(result.count_records(), counts.into_iter().collect());
    assert!(result.child_table("t").is_none());
    assert!(result.child_table("items").is_none());
    let items = result.child_table("t_items").expect("there are items");
    assert_eq!((items.name(), items.parent()), ("t_items", Some("t")));
    let parts = result
        .child_table("t_items_parts")
        .expect("there are parts");
    assert_eq!(parts.parent(), Some("t_items"));
    assert_eq!(result.report().records_read, 5);
    assert!(result.report().tables[0].files.is_empty());
}

#[test]
fn batches_have_one_final_schema() {
    let result = processor(plain())
        .process_chunked(RECORDS, "t", 1)
        .expect("valid");
    let main = result.main_table();
    assert_eq!(main.batches().len(), 5);
    assert!(
        main.batches()
            .iter()
            .all(|batch| batch.schema() == *main.schema())
    );
    let fields: Vec<(&str, &DataType)> = main
        .schema()
        .fields()
        .iter()
        .map(|field| (field.name().as_str(), field.data_type()))
        .collect();
    let expected = [
        ("id", &DataType::Utf8),
        ("n", &DataType::Utf8),
        ("late_x", &DataType::Utf8),
        ("big", &DataType::Decimal128(38, 0)),
        ("f", &DataType::Float64),
        ("g", &DataType::Float64),
        ("none", &DataType::Utf8),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn rows_keep_every_digit() {
    let result = processor(plain()).process(RECORDS, "t").expect("valid");
    let expected = [
        r#"{"id":"3","n":"1"}"#,
        r#"{"id":"2.5","n":"true","big":12345678901234567890}"#,
        r#"{"id":"x","late_x":"é\"\n"}"#,
        r#"{"f":1e+300,"g":4}"#,
        r#"{"big":7,"g":2.5}"#,
    ];
    assert_eq!(main_rows(&result), expected);
    let items = [
        r#"{"sku":"A","q":"1"}"#,
        r#"{"sku":"B","q":"2.5"}"#,
        r#"{"q":"9007199254740993"}"#,
    ];
    assert_eq!(rows(&result)["t_items"], items);
}

#[test]
fn all_calls_give_the_rows_of_streaming() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("records.jsonl");
    std::fs::write(&path, RECORDS).expect("a file");
    let records: Vec<Value> = RECORDS
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let processor = processor(by_row());
    let expected = streamed(&processor, RECORDS);
    assert_eq!(expected["t_items"].len(), 3);
    let calls = [
        processor.process(RECORDS, "t"),
        processor.process_file(&path, "t"),
        processor.process_chunked(RECORDS, "t", 2),
    ];
    for result in calls {
        assert_eq!(rows(&result.expect("valid")), expected);
    }
    // Values of serde_json have sorted keys and rounded integers.
    let values = json!(records).to_string();
    let batch = processor.process_batch(&records, "t").expect("valid");
    assert_eq!(rows(&batch), streamed(&processor, &values));
    assert!(processor.process_chunked(RECORDS, "t", 0).is_err());
    assert!(
        processor
            .process_file(folder.path().join("none"), "t")
            .is_err()
    );
}

#[test]
fn written_results_are_streamed_results() {
    for mode in [ArrayMode::Separate, ArrayMode::Smart] {
        let processor = processor(by_row().with_array_mode(mode));
        let result = processor.process_chunked(RECORDS, "t", 2).expect("valid");
        for format in ["csv", "json", "parquet"] {
            let (memory, files) = Memory::new();
            let output = OutputSpec::new(format, memory);
            processor
                .stream_process(RECORDS, "t", output)
                .expect("valid");
            let bytes = result.to_bytes(format).expect("written");
            assert!(bytes == files.take_tables(), "{format}");

            let folder = tempfile::tempdir().expect("a folder");
            let written = result
                .write(format, folder.path().join("a/b"))
                .expect("written");
            assert_eq!(written.len(), bytes.len());
            for summary in written {
                let file = std::fs::read(folder.path().join("a/b").join(&summary.file));
                assert!(
                    file.expect("a file") == bytes[&summary.table],
                    "{summary:?}"
                );
            }
        }
    }
}

#[test]
fn options_of_formats_are_heard() {
    let result = processor(plain())
        .process(r#"{"a": 1, "b": 2}"#, "t")
        .expect("valid");
    let semicolons = ("csv", WriterOptions::new().with("delimiter", ";"));
    assert_eq!(
        result.to_bytes(semicolons).expect("written")["t"],
        b"a;b\r\n1;2\r\n"
    );
    let typed = transmog::formats::json::JsonOptions::default().with_indent(None);
    assert_eq!(
        result.to_bytes(typed).expect("written")["t"],
        b"[{\"a\":1,\"b\":2}\n]"
    );
    let error = result.to_bytes("xml").expect_err("no such format");
    assert!(
        error
            .to_string()
            .starts_with("unknown output format \"xml\""),
        "{error}"
    );
}

#[test]
fn results_without_records_have_a_main_table() {
    let result = processor(by_row()).process("", "t").expect("valid");
    assert_eq!(
        (result.main_table().num_rows(), result.table_names().len()),
        (0, 0)
    );
    assert!(result.main_table().batches().is_empty());
    for format in ["csv", "json", "parquet"] {
        assert_eq!(result.to_bytes(format).expect("written").len(), 1);
    }
}

#[test]
fn failed_runs_give_no_result() {
    let error = processor(by_row()).process("{\"a\": 1}\n{\"a\": ", "t");
    assert!(
        error
            .expect_err("half a record")
            .to_string()
            .contains("line 2")
    );
}

fn combined(texts: &[&str]) -> ProcessingResult {
    let results = texts
        .iter()
        .map(|text| processor(plain()).process(*text, "t").expect("valid"));
    ProcessingResult::combine(results, "t").expect("they go together")
}

#[test]
fn combining_joins_columns_and_types() {
    let texts = [
        r#"{"a": 3, "l": [{"x": 1}], "n": null}"#,
        r#"{"b": 1.5, "a": 2.5}"#,
        r#"{"a": "x", "l": [{"y": true}], "n": 4}"#,
    ];
    let result = combined(&texts);
    let expected = [
        r#"{"a":"3"}"#,
        r#"{"a":"2.5","b":1.5}"#,
        r#"{"a":"x","n":4}"#,
    ];
    assert_eq!(main_rows(&result), expected);
    assert_eq!(rows(&result)["t_l"], [r#"{"x":1}"#, r#"{"y":true}"#]);
    // As one run has it, but for the order of columns that only nulls were seen of.
    let whole = processor(plain())
        .process(texts.join("\n"), "t")
        .expect("valid");
    assert_eq!(rows(&result), rows(&whole));
    let report = result.report();
    assert_eq!((report.records_read, report.tables[0].rows), (3, 3));
    assert_eq!(report.ledger, whole.report().ledger);
    assert!(report.ledger.adds_up());
    let types: Vec<(&str, &str, u64)> = report.tables[0]
        .columns
        .iter()
        .map(|column| {
            (
                column.name.as_str(),
                column.data_type.as_str(),
                column.nulls,
            )
        })
        .collect();
    assert_eq!(types[0], ("a", "text", 0));
    assert!(types.contains(&("b", "float64", 2)), "{types:?}");
    assert!(types.contains(&("n", "int64", 2)), "{types:?}");
}

#[test]
fn combining_takes_the_main_tables_name() {
    let one = processor(plain()).process(r#"{"a": 1, "l": [{"x": 1}]}"#, "one");
    let two = processor(plain()).process(r#"{"a": 2}"#, "two");
    let both = ProcessingResult::combine([one.expect("valid"), two.expect("valid")], "both");
    let both = both.expect("they go together");
    assert_eq!(main_rows(&both), [r#"{"a":1}"#, r#"{"a":2}"#]);
    let child = both.child_table("one_l").expect("it keeps its name");
    assert_eq!(child.parent(), Some("both"));
    assert_eq!(both.report().tables[0].name, "both");
    assert_eq!(both.report().tables[0].rows, 2);

    let clash = processor(plain()).process(r#"{"a": 1, "l": [{"x": 1}]}"#, "one");
    let error = ProcessingResult::combine([clash.expect("valid")], "one_l").expect_err("a clash");
    assert!(error.to_string().contains("\"one_l\""), "{error}");
}

#[test]
fn combining_keeps_joins_or_refuses() {
    let make = |config: Config| {
        ["{\"a\": 1, \"l\": [1]}", "{\"a\": 2, \"l\": [2]}"]
            .map(|text| processor(config.clone()).process(text, "t").expect("valid"))
    };
    let error = ProcessingResult::combine(make(by_row()), "t").expect_err("ids start again");
    assert!(
        error.to_string().contains("random or deterministic ids"),
        "{error}"
    );
    // One alone, or with one that has no rows, is fine.
    let [one, _] = make(by_row());
    let none = processor(by_row()).process("", "t").expect("valid");
    let same = ProcessingResult::combine([none, one.clone()], "t").expect("no row twice");
    assert_eq!(rows(&same), rows(&one));

    let both = ProcessingResult::combine(make(Config::default()), "t").expect("random ids");
    let ids = |table: &Table, key: &str| -> Vec<String> {
        let rows = table.rows().map(|row| row.to_json());
        let rows = rows.map(|row| serde_json::from_str::<Value>(&row).expect("JSON"));
        rows.map(|row| row[key].to_string()).collect()
    };
    let child = both.child_table("t_l").expect("there are items");
    assert_eq!(
        ids(both.main_table(), "__transmog_id"),
        ids(child, "__parent_transmog_id")
    );

    let [one, _] = make(Config::default());
    let [_, two] = make(plain());
    let error = ProcessingResult::combine([one, two], "t").expect_err("other settings");
    assert!(error.to_string().contains("metadata columns"), "{error}");
}

#[test]
fn combining_nothing_is_an_empty_result() {
    let result = ProcessingResult::combine([], "t").expect("nothing to go wrong");
    assert_eq!(
        (result.entity_name(), result.main_table().num_rows()),
        ("t", 0)
    );
}

fn record() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_i64..9).prop_map(Value::from),
        Just(json!(9_007_199_254_740_993_i64)),
        Just(json!(u64::MAX)),
        Just(json!(2.5)),
        Just(json!(1e300)),
        "[-x1]{0,2}".prop_map(Value::from),
    ];
    let list = prop::collection::vec(scalar.clone(), 0..3).prop_map(Value::from);
    let value = prop_oneof![4 => scalar, 2 => list];
    prop::collection::btree_map("[abc]", value, 0..4)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

proptest! {
    #![proptest_config(crate::support::cases(150))]

    #[test]
    fn results_put_together_are_one_run(
        records in prop::collection::vec(record(), 1..12),
        cuts in 1_usize..4,
        mode in prop_oneof![Just(ArrayMode::Separate), Just(ArrayMode::Smart)],
    ) {
        let processor = processor(plain().with_array_mode(mode));
        let whole = processor.process_batch(&records, "t").expect("valid");
        let parts = records
            .chunks(cuts)
            .map(|part| processor.process_batch(part, "t").expect("valid"));
        let both = ProcessingResult::combine(parts, "t").expect("they go together");
        prop_assert_eq!(rows(&both), rows(&whole));
        for format in ["csv", "json", "parquet"] {
            prop_assert!(both.to_bytes(format).expect("written") == whole.to_bytes(format).expect("written"), "{}", format);
        }
    }
}

#[test]
fn results_with_and_without_marks_go_together() {
    let processor = Processor::new().with_partial_recovery();
    let results = || {
        [
            r#"{"id":1}"#,
            r#"{"id":2,"s":NaN}"#,
            r#"{"id":3,"late":true}"#,
        ]
        .map(|text| processor.process(text, "t").expect("kept"))
    };
    let marks = |rows: Vec<transmog::Value>| -> Vec<(i64, bool)> {
        let mark = |row: &transmog::Value| Some((row["id"].as_i64()?, !row["__error"].is_null()));
        rows.iter().filter_map(mark).collect()
    };
    let expected = [(1, false), (2, true), (3, false)];
    let both = ProcessingResult::combine(results(), "t").expect("one table");
    assert_eq!(marks(both.main_table().rows().collect()), expected);
    let columns = both.main_table().schema().fields();
    assert_eq!(
        columns.last().map(|field| field.name().as_str()),
        Some("__error")
    );
    for format in ["csv", "json", "parquet"] {
        let (memory, files) = Memory::new();
        let mut writer = OutputSpec::new(format, memory)
            .table_writer()
            .expect("a format");
        for result in &results() {
            writer.write(result).expect("written");
        }
        writer.finalize().expect("final");
        assert_eq!(files.take().len(), 1, "{format}");
    }
}

#[test]
fn natural_ids_of_several_results_are_of_one_type() {
    let natural = Processor::new().with_natural_ids(transmog::NaturalIds::new());
    let result = |text: &str| natural.process(text, "t").expect("runs");
    let results = [
        result(r#"{"id":5,"l":[1]}"#),
        result(r#"{"id":0,"l":[2]}"#),
        result(r#"{"id":"x","l":[3]}"#),
    ];
    let all = ProcessingResult::combine(results, "t").expect("one table");
    let parents: Vec<String> = all
        .child_table("t_l")
        .expect("a child")
        .rows()
        .map(|row| {
            row["__parent_transmog_id"]
                .as_str()
                .expect("text")
                .to_owned()
        })
        .collect();
    assert_eq!(parents, ["5", "0", "x"]);
    let ids: Vec<String> = all
        .main_table()
        .rows()
        .map(|row| row["id"].to_text())
        .collect();
    assert_eq!(ids, parents);
}

#[test]
fn tables_of_one_name_have_one_parent() {
    let processor = Processor::new();
    let first = processor.process(r#"{"a":{"b":[1]}}"#, "t").expect("runs");
    let second = processor
        .process(r#"{"a":[{"b":[2]}]}"#, "t")
        .expect("runs");
    let error = ProcessingResult::combine([first, second], "t").expect_err("two parents");
    let expected = r#"table "t_a_b": it is a child of "t" and cannot be one of "t_a" too"#;
    assert!(error.to_string().ends_with(expected), "{error}");
}

#[test]
fn columns_of_later_results_keep_their_paths() {
    let processor = Processor::new();
    let result = |text: &str| processor.process(text, "t").expect("runs");
    let both = ProcessingResult::combine([result(r#"{"x":1}"#), result(r#"{"a":{"b":2}}"#)], "t");
    let both = both.expect("one table");
    let columns = &both.report().tables[0].columns;
    let path = |name: &str| {
        columns
            .iter()
            .find(|it| it.name == name)
            .expect("a column")
            .path
            .clone()
    };
    assert_eq!(path("a_b"), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(path("__transmog_id"), None);
}
