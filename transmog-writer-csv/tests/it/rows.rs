//! Tests how single rows look.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use transmog_core::TableBatch;
use transmog_io::{Directory, Memory, StreamingWriter, WriteError};
use transmog_writer_csv::{CsvOptions, CsvStreamingWriter};

use crate::{
    run::{begin, write},
    table::{batch, repeated},
    value::Value,
};

fn csv(options: CsvOptions, batches: &[TableBatch]) -> String {
    let (memory, files) = Memory::new();
    let writer = Box::new(CsvStreamingWriter::new(options, Box::new(memory)).unwrap());
    let mut files = write(writer, &files, batches);
    String::from_utf8(files.remove("t.csv").unwrap()).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn every_type() {
    let list = Value::List(vec![Value::Bool(true), Value::Null]);
    let mut columns = batch(&[
        (
            "bool",
            &[Value::Bool(true), Value::Bool(false), Value::Null],
        ),
        ("int", &[Value::Int(-7), Value::Int(i64::MAX), Value::Null]),
        ("float", &[Value::Float(3.0), Value::Int(3), Value::Null]),
        ("big", &[Value::Big(1 << 100), Value::Int(1), Value::Null]),
        ("text", &[text("é"), text(""), Value::Null]),
        (
            "mixed",
            &[Value::Bool(true), Value::Float(2.5), Value::Null],
        ),
        ("list", &[list, Value::List(vec![]), Value::Null]),
        ("null", &[Value::Null, Value::Null, Value::Null]),
    ]);
    let ids = FixedSizeBinaryArray::try_from_iter([[0_u8; 16], [255; 16], [7; 16]].iter()).unwrap();
    let mut all: Vec<(String, ArrayRef)> = columns
        .rows
        .schema()
        .fields()
        .iter()
        .zip(columns.rows.columns())
        .map(|(field, array)| (field.name().clone(), Arc::clone(array)))
        .collect();
    all.push(("id".into(), Arc::new(ids)));
    columns.rows = RecordBatch::try_from_iter(all).unwrap();
    columns.integers.push(None);
    assert_eq!(
        csv(CsvOptions::default(), &[columns]),
        "bool,int,float,big,text,mixed,list,null,id\r\n\
         true,-7,3.0,1267650600228229401496703205376,é,true,\"[true,null]\",,\
         00000000-0000-0000-0000-000000000000\r\n\
         false,9223372036854775807,3,1,,2.5,[],,ffffffff-ffff-ffff-ffff-ffffffffffff\r\n\
         ,,,,,,,,07070707-0707-0707-0707-070707070707\r\n"
    );
}

#[test]
fn quotes_only_where_needed() {
    let rows = batch(&[
        (
            "a",
            &[
                text("x,y"),
                text("say \"hi\""),
                text("cr\r"),
                text("lf\n"),
                text(" plain; '\t"),
            ],
        ),
        (
            "b,\"",
            &[text("1"), text("2"), text("3"), text("4"), text("5")],
        ),
    ]);
    assert_eq!(
        csv(CsvOptions::default(), std::slice::from_ref(&rows)),
        "a,\"b,\"\"\"\r\n\"x,y\",1\r\n\"say \"\"hi\"\"\",2\r\n\"cr\r\",3\r\n\"lf\n\",4\r\n plain; '\t,5\r\n"
    );
    let options = CsvOptions::default()
        .with_delimiter(b'\t')
        .with_quotechar(b'\'')
        .with_include_header(false);
    assert_eq!(
        csv(options, &[rows]),
        "x,y\t1\r\nsay \"hi\"\t2\r\n'cr\r'\t3\r\n'lf\n'\t4\r\n' plain; ''\t'\t5\r\n"
    );
}

#[test]
fn a_sole_empty_cell_has_quotes() {
    let rows = batch(&[("", &[Value::Null, text(""), text("x")])]);
    assert_eq!(
        csv(CsvOptions::default(), std::slice::from_ref(&rows)),
        "\"\"\r\n\"\"\r\n\"\"\r\nx\r\n"
    );
    let two = batch(&[("", &[Value::Null]), ("b", &[Value::Null])]);
    assert_eq!(
        csv(CsvOptions::default(), &[rows, two]),
        ",b\r\n,\r\n,\r\nx,\r\n,\r\n"
    );
}

#[test]
fn empty_tables() {
    assert_eq!(csv(CsvOptions::default(), &[]), "");
    let no_rows = TableBatch::from(
        batch(&[("a", &[text("x")]), ("b", &[text("x")])])
            .rows
            .slice(0, 0),
    );
    assert_eq!(
        csv(CsvOptions::default(), std::slice::from_ref(&no_rows)),
        "a,b\r\n"
    );
    assert_eq!(
        csv(CsvOptions::default().with_include_header(false), &[no_rows]),
        ""
    );
}

#[test]
fn tables_and_summaries_in_order() {
    let (memory, files) = Memory::new();
    let mut writer =
        Box::new(CsvStreamingWriter::new(CsvOptions::default(), Box::new(memory)).unwrap());
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
            ("orders", "orders.csv", 0, 3),
            ("orders_items", "orders_items.csv", 2, 9),
            ("a/b", "a_b.csv", 0, 3),
        ]
    );
    assert_eq!(files.take().len(), 3);
}

#[test]
fn dropped_without_finish_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out/csv");
    let mut writer =
        CsvStreamingWriter::new(CsvOptions::default(), Box::new(Directory::new(&target))).unwrap();
    let rows = batch(&[("a", &[Value::Int(1)])]);
    begin(&mut writer, "t", rows.rows.schema_ref());
    writer.write_batch("t", &rows).unwrap();
    assert!(target.exists());
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_all_rows_have() {
    let options = || CsvOptions::default().with_include_header(false);
    let time = "2023-11-14T22:13:20Z";
    let expected = |key: &str, last: &str, d: &str| {
        [("0", "7", key), ("1", "", key), ("2", "", last)]
            .map(|(n, gap, last)| [key, time, n, key, gap, last].join(d) + "\r\n")
            .concat()
    };
    let same = csv(options(), &[repeated("a", "a")]);
    assert_eq!(same, expected("a", "a", ","));
    let other = csv(options(), &[repeated("a", "b")]);
    assert_eq!(other, expected("a", "b", ","));
    let key = "a,\"\n";
    let quoted = "\"a,\"\"\n\"";
    let written = csv(options(), &[repeated(key, key)]);
    assert_eq!(written, expected(quoted, quoted, ","));
    let batches = csv(options(), &[repeated("a", "a"), repeated("b", "a")]);
    assert_eq!(batches, expected("a", "a", ",") + &expected("b", "a", ","));
    let odd = csv(options().with_delimiter(b'T'), &[repeated("T", "b")]);
    let times = expected("\"T\"", "b", "T").replace(time, &format!("\"{time}\""));
    assert_eq!(odd, times);
    let mut some = repeated("a", "a");
    for (columns, expected) in [
        (vec![0, 1], format!("a,{time}")),
        (vec![1], time.to_owned()),
        (vec![3, 4], "a,".to_owned()),
        (vec![4, 5], ",a".to_owned()),
        (vec![4], "\"\"".to_owned()),
    ] {
        some.rows = repeated("a", "a").rows.project(&columns).unwrap();
        let written = csv(options(), std::slice::from_ref(&some));
        assert_eq!(written.lines().last(), Some(expected.as_str()));
    }
}
