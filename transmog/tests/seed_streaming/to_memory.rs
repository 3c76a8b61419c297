//! "Streaming to Memory": a buffer of the caller's takes the main table, and says what to do with
//! child tables.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::json;
use transmog::{
    Error, Memory, OutputSpec, Processor, Single, WriteError, WriterOptions,
    formats::csv::CsvOptions,
};

use crate::{
    folder::{Folder, json_text, record},
    read_back::Table,
};

const FLAT: &str = r#"[{"id": 1, "name": "a"}, {"id": 2, "name": null, "late": "x, y"}]"#;

#[test]
fn a_bytes_buffer_takes_parquet() {
    let folder = Folder::new();
    let input = folder.write("data.json", FLAT);
    let (output, buffer) = OutputSpec::writer("parquet", Vec::new());
    let report = Processor::new()
        .stream_process_file(&input, "records", output)
        .expect("valid");
    let parquet_bytes = buffer.take().expect("it comes back");
    assert_eq!(report.tables[0].rows, 2);
    let table = Table::parquet(parquet_bytes);
    assert_eq!(table.data_columns(), ["id", "name", "late"]);
    assert_eq!(
        table.data(),
        [
            json!({ "id": 1, "name": "a" }),
            json!({ "id": 2, "late": "x, y" })
        ]
    );
}

#[test]
fn a_text_buffer_takes_csv() {
    let folder = Folder::new();
    let input = folder.write("data.json", FLAT);
    let processor = Processor::new()
        .with_metadata(|metadata| (metadata.id, metadata.time) = (None, None))
        .expect("allowed");
    let (output, buffer) = OutputSpec::writer("csv", Vec::new());
    processor
        .stream_process_file(&input, "records", output)
        .expect("valid");
    let csv_string = String::from_utf8(buffer.take().expect("it comes back")).expect("UTF-8");
    assert_eq!(csv_string, "id,name,late\r\n1,a,\r\n2,,\"x, y\"\r\n");
}

#[test]
fn a_buffer_refuses_child_tables_before_any_byte() {
    let folder = Folder::new();
    let input = folder.write("data.json", json_text(&record(1)));
    for format in ["csv", "json", "parquet"] {
        let (output, buffer) = OutputSpec::writer(format, b"mine".to_vec());
        let error = Processor::new()
            .stream_process_file(&input, "records", output)
            .expect_err("a child table");
        let child = matches!(
            &error,
            Error::Write(WriteError::ChildTable { table }) if table == "records_items"
        );
        assert!(child, "{error}");
        assert_eq!(buffer.take(), Some(b"mine".to_vec()));
    }
}

#[test]
fn a_buffer_takes_the_main_table_if_child_tables_are_dropped() {
    let folder = Folder::new();
    let input = folder.write("data.json", json_text(&record(1)));
    let (single, buffer) = Single::new(Vec::new());
    let output = OutputSpec::new("parquet", single.dropping_child_tables());
    let report = Processor::new()
        .stream_process_file(&input, "records", output)
        .expect("valid");
    let table = Table::parquet(buffer.take().expect("it comes back"));
    assert_eq!(table.column("name"), ["Näme 1"]);
    // What was lost is told.
    let rows: Vec<(&str, u64)> = report
        .tables
        .iter()
        .map(|table| (table.name.as_str(), table.rows))
        .collect();
    assert_eq!(
        rows,
        [
            ("records", 1),
            ("records_items", 2),
            ("records_items_tags", 2)
        ]
    );
}

/// A buffer that is read after the run.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn each_child_table_may_have_a_buffer() {
    let folder = Folder::new();
    let input = folder.write("data.json", json_text(&record(1)));
    let children = Arc::new(Mutex::new(BTreeMap::<String, Shared>::new()));
    let opened = Arc::clone(&children);
    let (single, buffer) = Single::new(Vec::new());
    let single = single.with_child_tables(move |table| {
        let mut opened = opened.lock().expect("no panic");
        Ok(Box::new(
            opened.entry(table.to_owned()).or_default().clone(),
        ))
    });
    let output = OutputSpec::new(CsvOptions::default(), single);
    Processor::new()
        .stream_process_file(&input, "records", output)
        .expect("valid");
    let main = Table::csv(&buffer.take().expect("it comes back"));
    let children = children.lock().expect("no panic");
    let child = |name: &str| Table::csv(&children[name].0.lock().expect("no panic"));
    let (items, tags) = (child("records_items"), child("records_items_tags"));
    assert_eq!(children.len(), 2);
    assert_eq!(items.column("sku"), ["A1", "B1"]);
    assert_eq!(tags.column("value"), ["new", "hot"]);
    assert_eq!(main.parents_of(&items).len(), 2);
    assert_eq!(items.parents_of(&tags)[1]["sku"], "A1");
}

#[test]
fn memory_takes_all_tables() {
    let folder = Folder::new();
    let input = folder.write("data.json", json_text(&record(1)));
    let (memory, files) = Memory::new();
    let output = OutputSpec::new(("parquet", WriterOptions::new()), memory);
    Processor::new()
        .stream_process_file(&input, "records", output)
        .expect("valid");
    let mut files = files.take();
    let mut table = |name: &str| Table::parquet(files.remove(name).expect("a file"));
    let (main, items, tags) = (
        table("records.parquet"),
        table("records_items.parquet"),
        table("records_items_tags.parquet"),
    );
    assert_eq!(main.parents_of(&items).len(), 2);
    assert_eq!(items.parents_of(&tags).len(), 2);
}
