//! Tests how single rows look.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use transmog_core::TableBatch;
use transmog_io::{Directory, Memory, StreamingWriter, WriteError};
use transmog_writer_json::{JsonOptions, JsonStreamingWriter, JsonStyle};

use crate::{
    run::{begin, write},
    table::{Table, batch, repeated},
    value::Value,
};

fn json(options: JsonOptions, batches: &[TableBatch]) -> String {
    let (memory, files) = Memory::new();
    let writer = Box::new(JsonStreamingWriter::new(options, Box::new(memory)));
    let (name, file) = write(writer, &files, batches).pop_first().unwrap();
    assert!(name == "t.json" || name == "t.jsonl");
    String::from_utf8(file).unwrap()
}

fn lines() -> JsonOptions {
    JsonOptions::default().with_style(JsonStyle::Lines)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn layouts() {
    let first = batch(&[("a", &[text("1"), Value::Null])]);
    let second = batch(&[("a", &[text("2")]), ("b", &[text("é")])]);
    let batches = [first, second];
    for (options, expected) in [
        (
            JsonOptions::default(),
            "[{\n  \"a\": \"1\"\n},\n{},\n{\n  \"a\": \"2\",\n  \"b\": \"é\"\n}\n]",
        ),
        (
            JsonOptions::default().with_indent(Some(1)),
            "[{\n \"a\": \"1\"\n},\n{},\n{\n \"a\": \"2\",\n \"b\": \"é\"\n}\n]",
        ),
        (
            JsonOptions::default().with_indent(Some(0)),
            "[{\"a\":\"1\"},\n{},\n{\"a\":\"2\",\"b\":\"é\"}\n]",
        ),
        (
            JsonOptions::default().with_indent(None),
            "[{\"a\":\"1\"},{},{\"a\":\"2\",\"b\":\"é\"}\n]",
        ),
        (lines(), "{\"a\":\"1\"}\n{}\n{\"a\":\"2\",\"b\":\"é\"}\n"),
    ] {
        assert_eq!(json(options, &batches), expected);
    }
}

#[test]
fn empty_tables() {
    for indent in [None, Some(0), Some(2)] {
        assert_eq!(
            json(JsonOptions::default().with_indent(indent), &[]),
            "[\n]"
        );
    }
    assert_eq!(json(lines(), &[]), "");
    let no_rows = TableBatch::from(batch(&[("a", &[text("x")])]).rows.slice(0, 0));
    assert_eq!(json(JsonOptions::default(), &[no_rows]), "[\n]");
}

#[test]
fn every_type() {
    let list = Value::List(vec![Value::Bool(true), Value::Null]);
    let columns = batch(&[
        ("bool", &[Value::Bool(true), Value::Null]),
        ("int", &[Value::Int(i64::MIN), Value::Null]),
        ("float", &[Value::Int(3), Value::Float(3.0)]),
        (
            "nan",
            &[Value::Float(f64::NAN), Value::Float(f64::NEG_INFINITY)],
        ),
        ("big", &[Value::Big(1 << 100), Value::Null]),
        ("q\"", &[text("é\n\"\\"), text("")]),
        ("mixed", &[Value::Bool(true), Value::Float(2.5)]),
        ("list", &[list, Value::List(vec![])]),
        ("null", &[Value::Null, Value::Null]),
    ]);
    assert_eq!(
        json(lines(), &[columns]),
        "{\"bool\":true,\"int\":-9223372036854775808,\"float\":3,\"nan\":null,\
         \"big\":1267650600228229401496703205376,\"q\\\"\":\"é\\n\\\"\\\\\",\"mixed\":\"true\",\"list\":[true,null]}\n\
         {\"float\":3.0,\"nan\":null,\"q\\\"\":\"\",\"mixed\":\"2.5\",\"list\":[]}\n"
    );
    let ids: ArrayRef = Arc::new(FixedSizeBinaryArray::try_from_iter([[7_u8; 16]].iter()).unwrap());
    let ids = RecordBatch::try_from_iter([("id", ids)]).unwrap();
    assert_eq!(
        json(lines(), &[ids.into()]),
        "{\"id\":\"07070707-0707-0707-0707-070707070707\"}\n"
    );
}

#[test]
fn lists_stay_on_one_line_and_metadata_comes_last() {
    let list = Value::List(vec![Value::Int(1), Value::Int(2)]);
    let table = Table {
        rows: 1,
        columns: vec![("l".into(), vec![Some(list)])],
        metadata: true,
    };
    assert_eq!(
        json(JsonOptions::default(), &[table.batch(0..1, 1)]),
        "[{\n  \"l\": [1,2],\n  \"__id\": 0,\n  \"__time\": \"2023-11-14T22:13:20Z\"\n}\n]"
    );
}

#[test]
fn tables_and_summaries_in_order() {
    let (memory, files) = Memory::new();
    let mut writer = Box::new(JsonStreamingWriter::new(lines(), Box::new(memory)));
    let rows = batch(&[("a", &[Value::Int(1), Value::Int(2)])]);
    for name in ["orders", "orders_items", "a/b"] {
        begin(&mut *writer, name, rows.rows.schema_ref());
    }
    writer.write_batch("orders_items", &rows).unwrap();
    let error = writer.write_batch("nobody", &rows).unwrap_err();
    assert!(matches!(error, WriteError::UnknownTable { ref table, .. } if table == "nobody"));
    let schema: SchemaRef = Arc::new(Schema::empty());
    assert!(matches!(
        writer.set_schema("nobody", &schema),
        Err(WriteError::UnknownTable { .. })
    ));
    let summaries = writer.finish().unwrap();
    let found: Vec<_> = summaries
        .iter()
        .map(|s| (s.table.as_str(), s.file.as_str(), s.rows, s.bytes))
        .collect();
    assert_eq!(
        found,
        [
            ("orders", "orders.jsonl", 0, 0),
            ("orders_items", "orders_items.jsonl", 2, 16),
            ("a/b", "a_b.jsonl", 0, 0),
        ]
    );
    assert_eq!(files.take().len(), 3);
}

#[test]
fn dropped_without_finish_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out/json");
    let mut writer =
        JsonStreamingWriter::new(JsonOptions::default(), Box::new(Directory::new(&target)));
    let rows = batch(&[("a", &[Value::Int(1)])]);
    begin(&mut writer, "t", rows.rows.schema_ref());
    writer.write_batch("t", &rows).unwrap();
    assert!(target.exists());
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_all_rows_have() {
    let time = "2023-11-14T22:13:20Z";
    let row = |key: &str, n: u8, gap: &str, last: &str| {
        let start = format!("{{\"k1\":\"{key}\",\"time\":\"{time}\",\"n\":{n},");
        start + &format!("\"k2\":\"{key}\",{gap}\"k3\":\"{last}\"}}\n")
    };
    let expected = |key: &str, last: &str| {
        let first = row(key, 0, "\"gap\":7,", key);
        first + &row(key, 1, "", key) + &row(key, 2, "", last)
    };
    for (key, last) in [("a", "a"), ("a", "b")] {
        let written = json(lines(), &[repeated(key, last)]);
        assert_eq!(written, expected(key, last));
    }
    let escaped = json(lines(), &[repeated("\n", "\"")]);
    assert_eq!(escaped, expected("\\n", "\\\""));
    let batches = json(lines(), &[repeated("a", "a"), repeated("b", "a")]);
    assert_eq!(batches, expected("a", "a") + &expected("b", "a"));
    let mut some = repeated("a", "a");
    for (columns, expected) in [
        (vec![0, 1], serde_json::json!({"k1": "a", "time": time})),
        (vec![0], serde_json::json!({"k1": "a"})),
        (vec![3, 4], serde_json::json!({"k2": "a"})),
        (vec![4, 5], serde_json::json!({"k3": "a"})),
        (vec![4], serde_json::json!({})),
    ] {
        some.rows = repeated("a", "a").rows.project(&columns).unwrap();
        let written = json(lines(), std::slice::from_ref(&some));
        assert_eq!(written.lines().last(), Some(&*expected.to_string()));
        let array = json(JsonOptions::default(), std::slice::from_ref(&some));
        let rows: Vec<serde_json::Value> = serde_json::from_str(&array).unwrap();
        assert_eq!(rows[2], expected);
    }
}
