//! Cases of the second version: columns that change, files that are read and written, and what a
//! failure leaves.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use transmog::{Config, Input, InputFormat, Processor, WriterOptions, deterministic_id};

use crate::support::{
    FORMATS, bytes, check, check_with, fails, file, of_memory, plain, raw, run, run_with,
};

fn v2() -> Processor {
    plain(Config::v2())
}

#[test]
fn e20_csv_new_column() {
    let text = r#"[{"a":1},{"a":2},{"a":3,"b":9}]"#;
    check(
        &v2(),
        text,
        &json!({"e": [{"a": 1}, {"a": 2}, {"a": 3, "b": 9}]}),
    );
}

#[test]
fn e20b_csv_new_column_drop() {
    let text = r#"[{"a":1},{"a":2},{"a":3,"b":9}]"#;
    let batches = v2().with_chunk_size(2).expect("allowed");
    assert_eq!(raw(&batches, "csv", text)["e"], "a,b\n1,\n2,\n3,9\n");
}

#[test]
fn e21_parquet_new_column_dropped() {
    let text = r#"[{"a":1},{"a":2},{"a":3,"b":9},{"a":4,"b":8}]"#;
    let batches = v2().with_chunk_size(2).expect("allowed");
    let options = ("parquet", WriterOptions::new().with("row_group_size", 2));
    let seen = run_with(&batches, "parquet", options, text).expect("valid");
    assert_eq!(seen.kinds("e"), [("a", "int64"), ("b", "int64")]);
    assert_eq!(json!(seen.column("e", "b")), json!([null, null, 9, 8]));
}

/// All values of one column in a text column.
#[track_caller]
fn becomes_text(text: &str, values: &[&str]) {
    let rows: Vec<_> = values.iter().map(|a| json!({"a": a})).collect();
    let seen = check(&v2(), text, &json!({"e": rows}));
    assert_eq!(seen.kinds("e"), [("a", "text")]);
}

#[test]
fn e22_parquet_bad_values_nulled() {
    becomes_text(r#"[{"a":1},{"a":2},{"a":"x"}]"#, &["1", "2", "x"]);
}

#[test]
fn e23_parquet_float_truncated() {
    becomes_text(r#"[{"a":1},{"a":2.5},{"a":true}]"#, &["1", "2.5", "true"]);
    let seen = check(
        &v2(),
        r#"[{"a":1},{"a":2.5}]"#,
        &json!({"e": [{"a": 1}, {"a": 2.5}]}),
    );
    assert_eq!(seen.kinds("e"), [("a", "float64")]);
}

#[test]
fn e24_parquet_false_text_true() {
    becomes_text(r#"[{"a":true},{"a":"false"}]"#, &["true", "false"]);
}

#[test]
fn e27_arrays_as_python_repr() {
    let text = r#"{"a":[1,"x",null,true]}"#;
    let expected = "a\n\"[1,\"\"x\"\",null,true]\"\n";
    assert_eq!(raw(&v2(), "csv", text)["e"], expected);
    let seen = check(&v2(), text, &json!({"e": [{"a": r#"[1,"x",null,true]"#}]}));
    assert_eq!(seen.kinds("e"), [("a", "text")]);
    // Of one kind, they are lists.
    let seen = check(&v2(), r#"{"a":[1,2]}"#, &json!({"e": [{"a": [1, 2]}]}));
    assert_eq!(seen.kinds("e"), [("a", "list<int64>")]);
}

#[test]
fn e28_stream_json_decimals_become_text() {
    let (_folder, path) = file("a.json", r#"[{"a":1.5,"b":2}]"#);
    let expected = json!({"e": [{"a": 1.5, "b": 2}]});
    let seen = check_with(&v2(), || Input::file(&path), &expected);
    assert_eq!(seen.kinds("e"), [("a", "float64"), ("b", "int64")]);
}

#[test]
fn e29_stream_json_hash_crashes() {
    let (_folder, path) = file("a.json", r#"[{"a":1.5}]"#);
    let processor = Processor::new().with_config(Config::v2()).with_hash_ids();
    let id = deterministic_id(r#"{"a": 1.5}"#);
    for format in FORMATS {
        let seen = run(&processor, format, Input::file(&path)).expect("valid");
        assert_eq!(seen.column("e", "_id"), [id.as_str()], "{format}");
    }
    let record = BTreeMap::from([("a", 1.5)]);
    for result in [
        processor.process_file(&path, "e"),
        processor.process_batch([record], "e"),
    ] {
        assert_eq!(of_memory(&result.expect("valid"))["e"][0]["_id"], id);
    }
}

#[test]
fn e30_bigint() {
    let digits = "10000000000000000000001";
    let (_folder, path) = file("a.json", format!("[{{\"a\":{digits}}}]"));
    assert_eq!(
        raw(&v2(), "csv", Input::file(&path))["e"],
        format!("a\n{digits}\n")
    );
    let lines = ("json", WriterOptions::new().with("lines", true));
    let expected = format!("{{\"a\":{digits}}}\n");
    assert_eq!(raw(&v2(), lines, Input::file(&path))["e"], expected);
    let seen = run(&v2(), "parquet", Input::file(&path)).expect("valid");
    assert_eq!(seen.kinds("e"), [("a", "decimal")]);
    assert_eq!(seen.column("e", "a"), [digits]);
    let result = v2().process_file(&path, "e").expect("valid");
    let rows: Vec<_> = result
        .main_table()
        .rows()
        .map(|row| row.to_json())
        .collect();
    assert_eq!(rows, [expected.trim_end()]);
}

#[test]
fn e31_malformed_line_leaves_partial() {
    let (_folder, path) = file("a.jsonl", "{\"a\":1}\n{\"a\":2\n{\"a\":3}\n");
    let error = fails(&v2(), || Input::file(&path));
    assert!(error.contains("record 1 (line 2, byte "), "{error}");
}

#[test]
fn e32_parquet_failure_leaves_valid_file() {
    // The third value of the generator is no record.
    let values = || Input::records([json!({"a": 1}), json!({"a": 2}), json!("source died")]);
    let error = fails(&v2().with_chunk_size(2).expect("allowed"), values);
    assert!(error.contains("record 2 "), "{error}");
    let broken = || Input::reader("source", Broken);
    assert_eq!(fails(&v2(), broken), "cannot read source at byte 0");
}

struct Broken;

impl std::io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("source died"))
    }
}

#[test]
fn e33_missing_file_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("nofile.json");
    let error = fails(&v2(), || Input::file(&path));
    assert_eq!(error, format!("cannot open {}", path.display()));
    let error = v2().process_file(&path, "e").expect_err("no such file");
    let source = std::error::Error::source(&error).expect("a reason");
    let source = source
        .downcast_ref::<std::io::Error>()
        .map(std::io::Error::kind);
    assert_eq!(source, Some(std::io::ErrorKind::NotFound));
}

#[test]
fn e34_csv_guard_changes_data() {
    let text = r#"{"a":"-5","b":"+47 123","c":"=1+1","d":-5,"=h":"x"}"#;
    let expected = "a,b,c,d,=h\n-5,+47 123,=1+1,-5,x\n";
    assert_eq!(raw(&v2(), "csv", text)["e"], expected);
    let guarded = || ("csv", WriterOptions::new().with("formula_guard", true));
    let expected = "a,b,c,d,'=h\n'-5,'+47 123,'=1+1,-5,x\n";
    assert_eq!(raw(&v2(), guarded(), text)["e"], expected);
    // One mark taken away gives what was there, also where there was one before.
    let seen = run_with(&v2(), "csv", guarded(), r#"{"a":"'-5","b":"'x"}"#).expect("valid");
    assert_eq!(seen.tables["e"].rows, [json!({"a": "''-5", "b": "'x"})]);
}

#[test]
fn e35_parquet_same_file() {
    let text = r#"{"i":0,"a.b":{"k":[{"q":1}]},"a_b":{"k":[{"z":1}]}}"#;
    let expected = json!({"e": [{"i": 0}], "e_a_b_k": [{"q": 1}], "e_a_b_k_2": [{"z": 1}]});
    let seen = check(&v2(), text, &expected);
    let files: Vec<_> = seen
        .report
        .tables
        .iter()
        .flat_map(|table| &table.files)
        .collect();
    assert_eq!(files, ["e.parquet", "e_a_b_k.parquet", "e_a_b_k_2.parquet"]);
}

#[test]
fn e36_no_csv_input() {
    let (_folder, path) = file("a.csv", "a\n1\n");
    check_with(&v2(), || Input::file(&path), &json!({"e": [{"a": 1}]}));
    let named = v2().with_input_format(InputFormat::Csv);
    let rows = raw(&named, "json", bytes("a\n1\n"))["e"].clone();
    assert_eq!(
        serde_json::from_str::<Value>(&rows).expect("JSON"),
        json!([{"a": 1}])
    );
}
