//! "Streaming Processing Methods": values, text, files, CSV files, and files whose format is named.

use std::{fs, path::Path};

use parquet::basic::Compression;
use serde_json::{Value, json};
use transmog::{
    CsvReadOptions, InputFormat, OutputSpec, Processor, WriterOptions,
    formats::{
        csv::CsvOptions,
        json::JsonOptions,
        parquet::{ParquetCompression, ParquetOptions},
    },
};

use crate::{
    folder::{Folder, lines, names, record},
    read_back::{Table, assert_compressed},
};

/// Checks the tables of so many records, numbered from 0, as Parquet files.
pub(crate) fn assert_parquet(folder: &Path, entity: &str, records: u32) {
    let read = |suffix: &str| Table::read(&folder.join(format!("{entity}{suffix}.parquet")));
    let (main, items, tags) = (read(""), read("_items"), read("_items_tags"));

    let row = |id| {
        let record = record(id);
        json!({ "id": id, "name": record.name, "price": record.price, "address_city": "Zürich" })
    };
    assert!(main.data() == (0..records).map(row).collect::<Vec<_>>());

    assert_eq!(items.rows.len(), 2 * records as usize);
    for (item, parent) in std::iter::zip(&items.rows, main.parents_of(&items)) {
        let index = item["__array_index"].as_u64().expect("an index");
        let letter = if index == 0 { "A" } else { "B" };
        assert_eq!(item["sku"], format!("{letter}{}", parent["id"]));
        assert_eq!(item["__array_field"], "items");
    }
    assert_eq!(tags.rows.len(), 2 * records as usize);
    for (tag, parent) in std::iter::zip(&tags.rows, items.parents_of(&tags)) {
        assert!(parent["sku"].as_str().expect("text").starts_with('A'));
        assert!(["new", "hot"].contains(&tag["value"].as_str().expect("text")));
    }
}

fn snappy() -> WriterOptions {
    WriterOptions::new().with("compression", "snappy")
}

#[test]
fn stream_process_takes_a_value_or_a_list_of_them() {
    let folder = Folder::new();
    let processor = Processor::new();
    let value = |id| serde_json::to_value(record(id)).expect("JSON");
    let list: Value = (0..50).map(value).collect();
    for (records, count) in [(value(0), 1), (list, 50)] {
        let out = folder.path(&format!("output_dir_{count}/parquet")); // Made with its parents.
        let output = OutputSpec::directory(("parquet", snappy()), &out);
        let report = processor
            .stream_process(&records, "records", output)
            .expect("valid");
        assert_parquet(&out, "records", count);
        assert_compressed(&out.join("records.parquet"), |codec| {
            codec == Compression::SNAPPY
        });
        assert_eq!(
            names(&out),
            [
                "records.parquet",
                "records_items.parquet",
                "records_items_tags.parquet"
            ]
        );
        let rows: Vec<u64> = report.tables.iter().map(|table| table.rows).collect();
        let count = u64::from(count);
        assert_eq!(rows, [count, 2 * count, 2 * count]);
        assert!(report.ledger.adds_up());
    }
}

#[test]
fn stream_process_takes_a_string_containing_json() {
    let folder = Folder::new();
    let out = folder.path("output_dir/json");
    let output = OutputSpec::directory(("json", WriterOptions::new().with("indent", 2)), &out);
    Processor::new()
        .stream_process(
            r#"{"id": 1, "items": [{"id": 101}, {"id": 102}]}"#,
            "records",
            output,
        )
        .expect("valid");
    assert_eq!(names(&out), ["records.json", "records_items.json"]);
    let (main, items) = (
        Table::read(&out.join("records.json")),
        Table::read(&out.join("records_items.json")),
    );
    assert_eq!(main.data(), [json!({ "id": 1 })]);
    assert_eq!(items.data(), [json!({ "id": 101 }), json!({ "id": 102 })]);
    assert!(
        main.parents_of(&items)
            .iter()
            .all(|parent| parent["id"] == 1)
    );

    let (row, [first, second]) = (&main.rows[0], [&items.rows[0], &items.rows[1]]);
    let text = fs::read_to_string(out.join("records.json")).expect("text");
    let [id, time] = ["__transmog_id", "__transmog_datetime"].map(|name| &row[name]);
    assert_eq!(
        text,
        format!(
            "[{{\n  \"id\": 1,\n  \"__transmog_id\": {id},\n  \"__transmog_datetime\": {time}\n}}\n]"
        )
    );
    let text = fs::read_to_string(out.join("records_items.json")).expect("text");
    let [first, second] = [first, second].map(|row| &row["__transmog_id"]);
    assert_eq!(
        text,
        format!(
            "[{{\n  \"id\": 101,\n  \"__transmog_id\": {first},\n  \"__parent_transmog_id\": {id},\n  \
             \"__transmog_datetime\": {time},\n  \"__array_field\": \"items\",\n  \"__array_index\": 0\n}},\n\
             {{\n  \"id\": 102,\n  \"__transmog_id\": {second},\n  \"__parent_transmog_id\": {id},\n  \
             \"__transmog_datetime\": {time},\n  \"__array_field\": \"items\",\n  \"__array_index\": 1\n}}\n]"
        )
    );
}

#[test]
fn stream_process_file_reads_json_and_writes_parquet() {
    let folder = Folder::new();
    let records: Vec<_> = (0..20).map(record).collect();
    let pretty = serde_json::to_string_pretty(&records).expect("JSON");
    let input = folder.write("data.json", pretty);
    let out = folder.path("output_dir/parquet");
    let options = ParquetOptions::default().with_compression(ParquetCompression::Snappy);
    Processor::new()
        .stream_process_file(&input, "records", OutputSpec::directory(options, &out))
        .expect("valid");
    assert_parquet(&out, "records", 20);
    let columns = Table::read(&out.join("records.parquet")).columns;
    let expected = ["id", "name", "price", "address_city", "address_zip"];
    assert_eq!(columns[..5], expected);
    assert_eq!(columns[5..], ["__transmog_id", "__transmog_datetime"]);
    assert_compressed(&out.join("records_items.parquet"), |codec| {
        codec == Compression::SNAPPY
    });
}

#[test]
fn stream_process_file_reads_json_lines_and_writes_csv() {
    let folder = Folder::new();
    let input = folder.write("data.jsonl", lines((0..20).map(record)));
    let out = folder.path("output_dir/csv");
    let by_name = WriterOptions::new().with("include_header", true);
    Processor::new()
        .stream_process_file(
            &input,
            "records",
            OutputSpec::directory(("csv", by_name), &out),
        )
        .expect("valid");
    assert_eq!(
        names(&out),
        ["records.csv", "records_items.csv", "records_items_tags.csv"]
    );
    let text = fs::read_to_string(out.join("records.csv")).expect("text");
    let header = "id,name,price,address_city,address_zip,__transmog_id,__transmog_datetime\r\n";
    let rows = text.strip_prefix(header).expect("the header");
    assert!(rows.starts_with("0,Näme 0,0.5,Zürich,,"), "{rows}");
    assert_eq!(rows.matches("\r\n").count(), 20);
    assert_eq!(rows.matches('\n').count(), 20);
    let main = Table::read(&out.join("records.csv"));
    let items = Table::read(&out.join("records_items.csv"));
    assert_eq!(items.rows.len(), 40);
    for (item, parent) in std::iter::zip(&items.rows, main.parents_of(&items)) {
        let (sku, id) = (&item["sku"], &parent["id"]);
        assert_eq!(sku.as_str().map(|sku| &sku[1..]), id.as_str());
    }

    let out = folder.path("without");
    let typed = CsvOptions::default().with_include_header(false);
    Processor::new()
        .stream_process_file(&input, "records", OutputSpec::directory(typed, &out))
        .expect("valid");
    let text = fs::read_to_string(out.join("records.csv")).expect("text");
    assert!(text.starts_with("0,Näme 0,") && text.matches("\r\n").count() == 20);
}

#[test]
fn stream_process_csv_takes_all_its_options() {
    let folder = Folder::new();
    let text = "Order No,unit-price,Note,paid,when\r\n\
                1,1.50,\"a, \"\"quoted\"\"\r\ncell\",true,2024-01-31\r\n\
                2,,NULL,false,\r\n\
                3,2,null,,007\r\n\
                4,-3e2,NA,yes,\"\"\r\n";
    let input = folder.write("data.csv", text);
    let out = folder.path("output_dir/parquet");
    let csv = CsvReadOptions::default()
        .with_delimiter(',')
        .and_then(|csv| csv.with_quote_char('"'))
        .and_then(|csv| csv.with_encoding("utf-8"))
        .and_then(|csv| csv.with_booleans([("true", "false"), ("yes", "no")]))
        .expect("allowed")
        .with_header(true)
        .with_null_values(["", "NULL", "null"])
        .with_sanitized_column_names(true)
        .with_type_inference(true)
        .with_skip_rows(0);
    let output = OutputSpec::directory(("parquet", snappy()), &out);
    let report = Processor::new()
        .stream_process_csv(&input, "records", csv, output)
        .expect("valid");
    let table = Table::read(&out.join("records.parquet"));
    assert_eq!(
        table.data_columns(),
        ["Order_No", "unit_price", "Note", "paid", "when"]
    );
    let expected = [
        json!({ "Order_No": 1, "unit_price": 1.5, "Note": "a, \"quoted\"\r\ncell", "paid": true,
                "when": "2024-01-31" }),
        json!({ "Order_No": 2, "paid": false }),
        json!({ "Order_No": 3, "unit_price": 2.0, "when": "007" }),
        json!({ "Order_No": 4, "unit_price": -300.0, "Note": "NA", "paid": true }),
    ];
    assert_eq!(table.data(), expected);
    assert_compressed(&out.join("records.parquet"), |codec| {
        codec == Compression::SNAPPY
    });
    let types: Vec<&str> = report.tables[0]
        .columns
        .iter()
        .map(|column| column.data_type.as_str())
        .collect();
    assert_eq!(types[..5], ["int64", "float64", "text", "boolean", "text"]);
}

#[test]
fn stream_process_file_with_format_reads_json_lines_of_any_name() {
    let folder = Folder::new();
    let input = folder.write("data.txt", "{\"id\": 1}\n\n{\"id\": \"é\", \"b\": null}\n");
    let out = folder.path("output_dir/json");
    let output = OutputSpec::directory(JsonOptions::default().with_indent(Some(2)), &out);
    let processor = Processor::new()
        .with_metadata(|metadata| (metadata.id, metadata.time) = (None, None))
        .expect("allowed");
    let format: InputFormat = "jsonl".parse().expect("a format");
    processor
        .stream_process_file_with_format(&input, "records", format, output)
        .expect("valid");
    let text = fs::read_to_string(out.join("records.json")).expect("text");
    assert_eq!(text, "[{\n  \"id\": \"1\"\n},\n{\n  \"id\": \"é\"\n}\n]");

    // Its content says the same, and as a document it is two records too. It is not CSV.
    for format in [InputFormat::Auto, InputFormat::Json] {
        let output = OutputSpec::directory("json", &out);
        processor
            .stream_process_file_with_format(&input, "records", format, output)
            .expect("records one after another");
        let found = fs::read_to_string(out.join("records.json")).expect("text");
        assert_eq!(found, text);
    }
    let second = folder.path("csv");
    let output = OutputSpec::directory("json", &second);
    let error = processor
        .stream_process_file_with_format(&input, "records", InputFormat::Csv, output)
        .expect_err("JSON Lines are not CSV");
    assert!(error.to_string().contains("looks like JSON"), "{error}");
    assert!(!second.exists());
}
