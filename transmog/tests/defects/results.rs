//! Cases of the first version: results in memory, and writing them.

use std::fs;

use serde_json::{Value, json};
use transmog::{
    Config, Memory, OutputSpec, ProcessingResult, Processor, TableWriter, WriterOptions,
    create_streaming_writer,
};

use crate::support::{FORMATS, entries, of_memory, plain, read, read_file, typed};

fn ragged() -> ProcessingResult {
    let text = r#"[{"a":"1"},{"a":"2","b":"3","l":[{"x":"4"},{"y":"5"}]}]"#;
    plain(Config::v1()).process(text, "e").expect("valid")
}

#[test]
fn d110_result_writers_first_row_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in FORMATS {
        ragged().write(format, folder.path()).expect("written");
        let files = ragged().to_bytes(format).expect("written");
        for (table, columns) in [("e", ["a", "b"]), ("e_l", ["x", "y"])] {
            let path = folder.path().join(format!("{table}.{format}"));
            assert_eq!(fs::read(&path).expect("a file"), files[table]);
            let found = read(format, files[table].clone());
            if format != "json" {
                assert_eq!(found.names(), columns, "{format}");
            }
            let second = json!(found.column(columns[1]));
            let (value, none) = if table == "e" { ("3", 0) } else { ("5", 0) };
            let empty = if format == "csv" {
                json!("")
            } else {
                Value::Null
            };
            assert_eq!(
                (&second[none], &second[1]),
                (&empty, &json!(value)),
                "{format}"
            );
        }
    }
}

#[test]
fn d111_result_write_csv_fails() {
    let result = plain(Config::v1())
        .process(r#"[{"a":"1"},{"b":"3"}]"#, "e")
        .expect("valid");
    let folder = tempfile::tempdir().expect("a folder");
    result.write("csv", folder.path()).expect("written");
    assert_eq!(entries(folder.path()), ["e.csv"]);
    let rows = read_file(&folder.path().join("e.csv")).rows;
    assert_eq!(
        rows,
        [json!({"a": "1", "b": ""}), json!({"a": "", "b": "3"})]
    );
}

#[test]
fn d112_to_json_fails() {
    let time = "2026-01-01T00:00:00Z";
    let processor = Processor::new().with_timestamp(time).expect("a time");
    let result = processor.process(r#"{"a":1,"l":[2]}"#, "e").expect("valid");
    let files = result.to_bytes("json").expect("JSON");
    for (table, name, value) in [("e", "a", 1), ("e_l", "value", 2)] {
        let rows: Value = serde_json::from_slice(&files[table]).expect("JSON");
        assert_eq!(rows[0][name], value);
        assert_eq!(rows[0]["__transmog_datetime"], time);
        assert_eq!(rows, of_memory(&result)[table]);
    }
}

/// Results do not change; rows are added by putting results together, or by writing one after
/// another.
#[test]
fn d113_stale_conversion_cache() {
    let one = plain(typed()).process(r#"{"a":1}"#, "e").expect("valid");
    let two = plain(typed()).process(r#"{"a":2}"#, "e").expect("valid");
    for format in FORMATS {
        let count = |result: &ProcessingResult| {
            let mut files = result.to_bytes(format).expect("written");
            read(format, files.remove("e").expect("a main table"))
                .rows
                .len()
        };
        assert_eq!(count(&one), 1);
        let both = ProcessingResult::combine([one.clone(), two.clone()], "e").expect("they fit");
        assert_eq!(
            (count(&both), both.main_table().num_rows()),
            (2, 2),
            "{format}"
        );
        let (memory, files) = Memory::new();
        let writer = create_streaming_writer(format, memory, &WriterOptions::new());
        let mut writer = TableWriter::new(writer.expect("a format"));
        writer.write(&one).expect("written");
        writer.write(&two).expect("written");
        writer.finalize().expect("written");
        let file = files.take_tables().remove("e").expect("a main table");
        assert_eq!(read(format, file).rows.len(), 2, "{format}");
    }
}

#[test]
fn d114_to_csv_bytes_options_ignored() {
    let result = plain(typed())
        .process(r#"{"a":"1","b":"2;3"}"#, "e")
        .expect("valid");
    let semicolons = ("csv", WriterOptions::new().with("delimiter", ";"));
    let files = result.to_bytes(semicolons).expect("written");
    assert_eq!(files["e"], b"a;b\r\n1;\"2;3\"\r\n");
}

#[test]
fn d115_stream_to_output_parquet_nothing() {
    let result = plain(Config::v1())
        .process(r#"[{"a":"1"}]"#, "r")
        .expect("valid");
    for format in FORMATS {
        let folder = tempfile::tempdir().expect("a folder");
        let output = OutputSpec::directory(format, folder.path());
        let written = result.write_to(output).expect("written");
        assert_eq!((written.len(), written[0].rows), (1, 1));
        assert_eq!(entries(folder.path()), [format!("r.{format}")]);
        let rows = read_file(&folder.path().join(format!("r.{format}"))).rows;
        assert_eq!(rows, [json!({"a": "1"})]);
    }
}
