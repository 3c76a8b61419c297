//! Writers that a program feeds by itself, with the results of separate calls.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow_array::{
    Decimal128Array, Float64Array, Int64Array, ListArray, RecordBatch, types::Int64Type,
};
use serde_json::json;
use transmog::{
    ArrayMode, Config, Directory, IdSource, Ids, Memory, ProcessingResult, Processor, Table,
    TableWriter, WriterOptions, create_streaming_writer,
    formats::{csv::CsvOptions, csv::CsvStreamingWriter},
};

use crate::support::{columns, plain};

const FORMATS: [&str; 3] = ["csv", "json", "parquet"];

fn process(config: Config, text: &str) -> ProcessingResult {
    Processor::new()
        .with_config(config)
        .with_timestamp("2026-01-01T00:00:00Z")
        .and_then(|processor| processor.process(text, "t"))
        .expect("valid")
}

/// A writer, and the tables that it writes.
fn memory(format: &str) -> (TableWriter, transmog::MemoryFiles) {
    let (memory, files) = Memory::new();
    let writer = create_streaming_writer(format, memory, &WriterOptions::new()).expect("a format");
    (TableWriter::new(writer), files)
}

fn texts(files: &transmog::MemoryFiles) -> BTreeMap<String, String> {
    let text = |bytes| {
        String::from_utf8(bytes)
            .expect("UTF-8")
            .replace("\r\n", "\n")
    };
    let files = files.take_tables().into_iter();
    files.map(|(table, bytes)| (table, text(bytes))).collect()
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// The advanced example of the documents.
#[test]
fn batches_are_processed_and_written_one_by_one() {
    let batches = [
        vec![json!({ "id": 1, "items": [{ "sku": "A" }] })],
        vec![
            json!({ "id": 2.5, "tags": ["x"] }),
            json!({ "note": "late" }),
        ],
        vec![json!({ "id": "three", "items": [{ "sku": 5, "n": 1 }] })],
    ];
    let processor = Processor::new().with_config(plain());
    for format in FORMATS {
        let folder = tempfile::tempdir().expect("a folder");
        let options = WriterOptions::new();
        let destination = Directory::new(folder.path().join("by_hand"));
        let writer = create_streaming_writer(format, destination, &options).expect("a format");
        let mut writer = TableWriter::new(writer);
        for batch in &batches {
            let result = processor.process_batch(batch, "t").expect("valid");
            writer
                .write_main_records(result.main_table())
                .expect("written");
            for name in result.table_names() {
                writer.initialize_child_table(name).expect("a name");
                let table = result.child_table(name).expect("there is one");
                writer.write_child_records(name, table).expect("written");
            }
        }
        let written = writer.finalize().expect("written");
        let rows: Vec<(&str, u64)> = written
            .iter()
            .map(|one| (one.table.as_str(), one.rows))
            .collect();
        assert_eq!(rows, [("t", 4), ("t_items", 2), ("t_tags", 1)]);

        let records: Vec<_> = batches.iter().flatten().collect();
        let output = transmog::OutputSpec::directory(format, folder.path().join("streamed"));
        let input = transmog::Input::records(records);
        processor.stream_process(input, "t", output).expect("valid");
        for summary in written {
            let read = |part: &str| {
                let path = folder.path().join(part).join(&summary.file);
                std::fs::read(path).expect("a file")
            };
            let (by_hand, streamed) = (read("by_hand"), read("streamed"));
            if format == "parquet" {
                // It keeps chunks that a wider type has replaced, so the bytes are others.
                let (by_hand, streamed) = (columns(by_hand), columns(streamed));
                assert_eq!(by_hand, streamed, "{}", summary.file);
            } else {
                assert_eq!(by_hand, streamed, "{}", summary.file);
            }
        }
    }
}

#[test]
fn types_are_joined_and_integers_stay_integers() {
    let parts = [
        r#"{"a": 3, "b": 9007199254740993, "d": 12345678901234567890, "e": true}"#,
        r#"{"a": 2.5, "b": 1, "c": 1, "d": 1, "e": false}"#,
        r#"{"a": "x", "b": 0.5, "c": 2.5, "d": 2.5, "e": 1}"#,
        r#"{"z": 1}"#,
    ];
    let expected = "a,b,d,e,c,z\n3,9007199254740993,12345678901234567890,true,,\n2.5,1,1,false,1,\nx,0.5,2.5,1,2.5,\n,,,,,1\n";
    let (mut writer, files) = memory("csv");
    for part in parts {
        writer.write(&process(plain(), part)).expect("written");
    }
    writer.finalize().expect("written");
    assert_eq!(texts(&files)["t"], expected);

    let (mut writer, files) = memory("parquet");
    for part in parts {
        writer.write(&process(plain(), part)).expect("written");
    }
    writer.finalize().expect("written");
    let columns = crate::support::columns(files.take_tables().remove("t").expect("a table"));
    let column = |name: &str| {
        let found = columns
            .iter()
            .find(|(column, ..)| column == name)
            .expect("a column");
        (found.1.as_str(), found.2.join(" "))
    };
    assert_eq!(column("a"), ("text", "3 2.5 x -".to_owned()));
    assert_eq!(column("b"), ("text", "9007199254740993 1 0.5 -".to_owned()));
    assert_eq!(column("c"), ("float64", "- 1.0 2.5 -".to_owned()));
    assert_eq!(
        column("d"),
        ("text", "12345678901234567890 1 2.5 -".to_owned())
    );
    assert_eq!(column("e"), ("text", "true false 1 -".to_owned()));
    assert_eq!(column("z"), ("int64", "- - - 1".to_owned()));
}

#[test]
fn lists_and_decimals_are_joined() {
    let config = || plain().with_array_mode(ArrayMode::Smart);
    let parts = [
        r#"{"l": [1, null], "m": [1], "d": 5, "k": []}"#,
        r#"{"l": [2.5, 3], "m": ["x"], "d": 12345678901234567890, "k": [true]}"#,
        r#"{"l": [], "m": "y", "d": null}"#,
    ];
    let (mut writer, files) = memory("json");
    for part in parts {
        writer.write(&process(config(), part)).expect("written");
    }
    writer.finalize().expect("written");
    let rows: serde_json::Value = serde_json::from_str(&texts(&files)["t"]).expect("JSON");
    let whole = process(config(), &parts.join("\n"));
    let whole: serde_json::Value =
        serde_json::from_slice(&whole.to_bytes("json").expect("written")["t"]).expect("JSON");
    assert_eq!(rows, whole);
    assert_eq!(rows[0]["l"].to_string(), "[1,null]");
    assert_eq!(rows[0]["m"], json!("[1]"));
}

#[test]
fn tables_of_the_callers_own_are_written() {
    let one =
        RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![Some(1), None])) as _)]);
    let two = RecordBatch::try_from_iter([
        ("x", Arc::new(Float64Array::from(vec![0.5])) as _),
        ("n", Arc::new(Float64Array::from(vec![1.5])) as _),
    ]);
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None])]);
    let decimal = Decimal128Array::from(vec![10_i128.pow(30)]).with_precision_and_scale(38, 0);
    let three = RecordBatch::try_from_iter([
        ("l", Arc::new(lists) as _),
        ("d", Arc::new(decimal.expect("38 digits")) as _),
    ]);
    let batches = [one, two, three].map(|batch| batch.expect("a batch").into());
    let table = Table::from_batches("mine", None, batches).expect("they go together");
    assert_eq!(table.num_rows(), 4);
    assert!(
        table
            .batches()
            .iter()
            .all(|batch| batch.schema() == *table.schema())
    );

    let (memory, files) = Memory::new();
    let options = CsvOptions::default().with_delimiter(b';');
    let writer = CsvStreamingWriter::new(options, Box::new(memory)).expect("allowed");
    let mut writer = TableWriter::new(writer);
    writer.write_main_records(&table).expect("written");
    writer.finalize().expect("written");
    let expected = format!(
        "n;x;l;d\n1;;;\n;;;\n1.5;0.5;;\n;;[1,null];1{}\n",
        "0".repeat(30)
    );
    assert_eq!(texts(&files)["mine"], expected);

    let scale = Decimal128Array::from(vec![1]).with_precision_and_scale(10, 2);
    let bad = RecordBatch::try_from_iter([("d", Arc::new(scale.expect("10 digits")) as _)]);
    let error = Table::from_batches("mine", None, [bad.expect("a batch").into()]);
    let text = error.expect_err("no such type").to_string();
    assert!(
        text.starts_with("table \"mine\": column \"d\" has type"),
        "{text}"
    );
}

#[test]
fn tables_without_rows_are_there() {
    for format in FORMATS {
        let (mut writer, files) = memory(format);
        writer.initialize_child_table("t_l").expect("a name");
        writer.write(&process(plain(), "")).expect("written");
        writer.initialize_child_table("t_l").expect("a name");
        let written = writer.finalize().expect("written");
        assert_eq!(written.len(), 2);
        assert_eq!(files.take_tables().len(), 2, "{format}");
    }
    let (mut writer, _) = memory("csv");
    writer.initialize_child_table("t_l").expect("a name");
    let error = writer.finalize().expect_err("a child without a parent");
    assert_eq!(error.to_string(), "table \"t_l\": there is no main table");
}

#[test]
fn row_numbers_that_start_again_are_refused() {
    let text = r#"{"a": 1, "l": [1, 2]}"#;
    let rows = || process(Config::default().with_ids(Ids::Row), text);
    let (mut writer, files) = memory("csv");
    writer.write(&rows()).expect("written");
    let error = writer.write(&rows()).expect_err("ids start again");
    let text_of = error.to_string();
    assert!(text_of.starts_with("table \"t\":"), "{text_of}");
    assert!(text_of.contains("random or deterministic ids"), "{text_of}");
    // What is half written does not become final.
    writer.finalize().expect_err("rows were refused");
    assert!(files.take().is_empty());

    for ids in [
        Ids::Random,
        Ids::Deterministic(IdSource::Column("a".into())),
    ] {
        let (mut writer, files) = memory("csv");
        for _ in 0..2 {
            writer
                .write(&process(Config::default().with_ids(ids.clone()), text))
                .expect("written");
        }
        writer.finalize().expect("written");
        assert_eq!(texts(&files)["t_l"].lines().count(), 5);
    }
}

#[test]
fn wrong_orders_are_errors() {
    let result = process(plain(), r#"{"a": 1, "l": [{"m": [1]}]}"#);
    let child = result.child_table("t_l").expect("items");
    let grandchild = result.child_table("t_l_m").expect("items");
    let (mut writer, _) = memory("csv");
    let error = writer
        .write_child_records("t_l", child)
        .expect_err("no main table");
    assert_eq!(
        error.to_string(),
        "table \"t_l\": its parent \"t\" must be written before it"
    );
    writer
        .write_main_records(result.main_table())
        .expect("written");
    let error = writer
        .write_child_records("t_l_m", grandchild)
        .expect_err("no parent");
    assert_eq!(
        error.to_string(),
        "table \"t_l_m\": its parent \"t_l\" must be written before it"
    );
    let error = writer
        .write_child_records("t", child)
        .expect_err("the main table");
    assert_eq!(error.to_string(), "table \"t\": it is the main table");
    assert!(writer.initialize_child_table("t").is_err());
    let other = Processor::new()
        .with_config(plain())
        .process("{}", "other")
        .expect("valid");
    let error = writer.write(&other).expect_err("another main table");
    assert!(
        error.to_string().contains("the main table is \"t\""),
        "{error}"
    );
}

#[test]
fn without_finalize_nothing_is_left() {
    for format in FORMATS {
        let folder = tempfile::tempdir().expect("a folder");
        let options = WriterOptions::new();
        let destination = Directory::new(folder.path().join("out"));
        let writer = create_streaming_writer(format, destination, &options).expect("a format");
        let mut writer = TableWriter::new(writer);
        writer
            .write(&process(plain(), r#"{"a": 1}"#))
            .expect("written");
        assert_eq!(entries(folder.path()), 1);
        drop(writer);
        assert_eq!(entries(folder.path()), 0, "{format}");
    }
}

#[test]
fn memory_stays_bounded() {
    let lines: Vec<String> = (0..2000)
        .map(|id| format!("{{\"id\": {id}, \"x\": {id}.5}}"))
        .collect();
    let result = process(plain(), &lines.join("\n"));
    let (memory, _files) = Memory::new();
    let options = WriterOptions::new().with("row_group_size", 1000);
    let writer = create_streaming_writer("parquet", memory, &options).expect("a format");
    let mut writer = TableWriter::new(writer);
    let mut most = 0;
    for _ in 0..300 {
        writer.write(&result).expect("written");
        most = most.max(writer.buffered_bytes());
    }
    // Rows of 600,000 records are about ten mebibytes.
    assert!(most < 8 << 20, "{most}");
    writer.finalize().expect("written");
}
