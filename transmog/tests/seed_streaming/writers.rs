//! "Advanced Streaming", "Available Implementations" and "Checking Available Streaming Formats":
//! writers that the program feeds, and which there are.

use std::{num::NonZeroUsize, sync::Arc};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::basic::Compression;
use serde_json::{Value, json};
use transmog::{
    Directory, Error, FormatError, Processor, Table as Rows, TableWriter, WriterOptions,
    create_streaming_writer,
    formats::parquet::{ParquetCompression, ParquetOptions, ParquetStreamingWriter},
    get_supported_streaming_formats, is_streaming_format_available,
};

use crate::{
    folder::{Folder, names, record},
    methods::assert_parquet,
    read_back::{Table, assert_compressed, row_groups},
};

#[test]
fn create_streaming_writer_is_fed_with_the_results_of_batches() {
    let folder = Folder::new();
    let out = folder.path("output_dir/parquet");
    let processor = Processor::new();
    let options = WriterOptions::new()
        .with("compression", "snappy")
        .with("row_group_size", 10000);
    let destination = Directory::new(&out);
    let writer = create_streaming_writer("parquet", destination, &options).expect("a format");
    let mut writer = TableWriter::new(writer);
    let records: Vec<_> = (0..12_000).map(record).collect();
    for batch in records.chunks(2500) {
        let result = processor.process_batch(batch, "records").expect("valid");
        writer
            .write_main_records(result.main_table())
            .expect("written");
        for name in result.table_names() {
            writer.initialize_child_table(name).expect("a child");
            let table = result.child_table(name).expect("it is there");
            writer.write_child_records(name, table).expect("written");
        }
    }
    assert!(!out.join("records.parquet").exists()); // Only what is whole is there.
    let written = writer.finalize().expect("written");

    let rows: Vec<(&str, u64)> = written
        .iter()
        .map(|summary| (summary.file.as_str(), summary.rows))
        .collect();
    let expected = [
        ("records.parquet", 12_000),
        ("records_items.parquet", 24_000),
        ("records_items_tags.parquet", 24_000),
    ];
    assert_eq!(rows, expected);
    assert_parquet(&out, "records", 12_000);
    assert_eq!(row_groups(&out.join("records.parquet")).0, [10_000, 2000]);
    for child in ["records_items.parquet", "records_items_tags.parquet"] {
        let (groups, _) = row_groups(&out.join(child));
        assert_eq!(groups, [10_000, 10_000, 4000], "{child}");
        assert_compressed(&out.join(child), |codec| codec == Compression::SNAPPY);
    }
}

#[test]
fn create_streaming_writer_lets_columns_come_late() {
    let folder = Folder::new();
    let out = folder.path("output_dir/parquet");
    let options = WriterOptions::new().with("row_group_size", 1);
    let destination = Directory::new(&out);
    let writer = create_streaming_writer("parquet", destination, &options).expect("a format");
    let mut writer = TableWriter::new(writer);
    let processor = Processor::new();
    for batch in [
        json!([{ "id": 1 }, { "id": 2 }]),
        json!([{ "id": 2.5, "late": true, "items": [{ "sku": 1 }] }]),
        json!([{ "items": [{ "sku": "x" }] }]),
    ] {
        let result = processor.process(batch, "records").expect("valid");
        writer.write(&result).expect("written");
    }
    writer.finalize().expect("written");
    let main = Table::read(&out.join("records.parquet"));
    let items = Table::read(&out.join("records_items.parquet"));
    assert_eq!(
        main.column("id"),
        [json!(1.0), json!(2.0), json!(2.5), Value::Null]
    );
    assert_eq!(main.find("late", &json!(true))["id"], 2.5);
    assert_eq!(items.column("sku"), ["1", "x"]);
    assert_eq!(main.parents_of(&items).len(), 2);
}

#[test]
fn parquet_streaming_writer_is_used_directly() {
    let folder = Folder::new();
    let out = folder.path("output_dir/parquet");
    let options = ParquetOptions::default()
        .with_compression(ParquetCompression::Snappy)
        .with_row_group_size(NonZeroUsize::new(10_000).expect("some"));
    let writer = ParquetStreamingWriter::new(options, Box::new(Directory::new(&out)));
    let mut writer = TableWriter::new(writer);
    // Columns of the program's own; records would go through `process_batch`.
    let count = 25_000;
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..count).map(|id| format!("v{id}")),
    ));
    let batch = RecordBatch::try_from_iter([("id", ids), ("value", texts)]).expect("columns");
    let records = Rows::from_batches("records", None, [batch.into()]).expect("a table");
    writer.write_main_records(&records).expect("written");
    writer.finalize().expect("written");

    let file = out.join("records.parquet");
    assert_eq!(row_groups(&file).0, [10_000, 10_000, 5000]);
    assert_compressed(&file, |codec| codec == Compression::SNAPPY);
    let table = Table::read(&file);
    assert_eq!(table.columns, ["id", "value"]);
    let expected: Vec<Value> = (0..count)
        .map(|id| json!({ "id": id, "value": format!("v{id}") }))
        .collect();
    assert!(table.data() == expected);
}

#[test]
fn a_writer_that_is_left_without_an_end_leaves_nothing() {
    let folder = Folder::new();
    let options = ParquetOptions::default();
    let destination = Directory::new(folder.path("output_dir/parquet"));
    let writer = ParquetStreamingWriter::new(options, Box::new(destination));
    let mut writer = TableWriter::new(writer);
    let result = Processor::new()
        .process_batch([record(1)], "records")
        .expect("valid");
    writer.write(&result).expect("written");
    drop(writer);
    assert_eq!(names(&folder.path("")), [] as [&str; 0]);
}

#[test]
fn streaming_formats_can_be_asked_for() {
    assert_eq!(
        get_supported_streaming_formats(),
        ["csv", "json", "parquet"]
    );
    assert!(is_streaming_format_available("parquet"));
    assert!(is_streaming_format_available("Parquet"));
    assert!(!is_streaming_format_available("xml"));

    let folder = Folder::new();
    let destination = Directory::new(folder.path("out"));
    let Err(error) = create_streaming_writer("xml", destination, &WriterOptions::new()) else {
        panic!("there is no such format");
    };
    assert!(matches!(
        error,
        Error::Format(FormatError::Unknown { name, available })
            if name == "xml" && available == ["csv", "json", "parquet"]
    ));
    for name in get_supported_streaming_formats() {
        let destination = Directory::new(folder.path("out"));
        let upper = name.to_uppercase();
        assert!(create_streaming_writer(&upper, destination, &WriterOptions::new()).is_ok());
    }
    assert_eq!(names(&folder.path("")), [] as [&str; 0]);
}
