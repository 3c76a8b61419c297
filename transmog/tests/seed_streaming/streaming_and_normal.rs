//! "Streaming vs. Normal Processing": the same rows in both ways, and results in memory go to every
//! format.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};
use transmog::{
    DEFAULT, LENIENT, OutputSpec, ProcessingResult, Processor, WriterOptions,
    get_supported_streaming_formats,
};

use crate::{
    considerations::steady,
    folder::{Folder, lines, names, record},
    read_back::Table,
};

/// Columns that come late, and values whose types change.
fn records() -> impl Iterator<Item = Value> {
    let late = [
        json!({ "id": 2.5, "late": [{ "x": [1, 2] }], "flag": true }),
        json!({ "id": 4, "items": [{ "sku": 7, "new": "\"é\", \r\n" }], "flag": null }),
    ];
    let value = |id| serde_json::to_value(record(id)).expect("JSON");
    (0..150).map(value).chain(late)
}

fn process(processor: &Processor, input: &Path) -> ProcessingResult {
    processor.process_file(input, "records").expect("valid")
}

/// All tables of a folder.
fn tables(folder: &Path) -> BTreeMap<String, Table> {
    let read = |name: String| {
        let table = Table::read(&folder.join(&name));
        (name, table)
    };
    names(folder).into_iter().map(read).collect()
}

#[test]
fn both_give_the_same_rows_in_every_format() {
    let folder = Folder::new();
    let input = folder.write("data.jsonl", lines(records()));
    let result = process(&steady(), &input);
    for format in get_supported_streaming_formats() {
        let (streamed, written) = (
            folder.path(format),
            folder.path(&format!("{format}_result")),
        );
        steady()
            .stream_process_file(&input, "records", OutputSpec::directory(format, &streamed))
            .expect("valid");
        let summaries = result.write(format, &written).expect("written");
        let streamed = tables(&streamed);
        assert_eq!(streamed, tables(&written), "{format}");
        assert_eq!(summaries.len(), 5);
        for summary in summaries {
            assert_eq!(streamed[&summary.file].rows.len() as u64, summary.rows);
        }
    }
}

#[test]
fn normal_results_can_be_looked_at() {
    let folder = Folder::new();
    let input = folder.write("data.jsonl", lines(records()));
    let result = process(&Processor::new(), &input);
    assert_eq!(
        result.table_names(),
        [
            "records_items",
            "records_items_tags",
            "records_late",
            "records_late_x"
        ]
    );
    let counts = result.count_records();
    assert_eq!((counts["records"], counts["records_items"]), (152, 301));
    let ids: Vec<Option<String>> = result
        .main_table()
        .rows()
        .map(|row| Some(row.get("__transmog_id")?.as_str()?.to_owned()))
        .collect();
    let x = result.child_table("records_late").expect("it came");
    let row = x.rows().next().expect("one");
    let parent = row.get("__parent_transmog_id").and_then(|id| id.as_str());
    assert_eq!(ids[150].as_deref(), parent);
}

#[test]
fn normal_results_go_to_every_format_that_there_is() {
    let result = steady().process_batch(records(), "records").expect("valid");
    for format in get_supported_streaming_formats() {
        let bytes = result.to_bytes(format).expect("written");
        assert_eq!(bytes.len(), 5, "{format}");
        let items = match format {
            "csv" => Table::csv(&bytes["records_items"]),
            "json" => Table::json(&bytes["records_items"]),
            "parquet" => Table::parquet(bytes["records_items"].clone()),
            other => panic!("a format that nobody reads here: {other}"),
        };
        assert_eq!(items.rows.len(), 301);
        assert_eq!(items.rows[300]["new"], "\"é\", \r\n");
    }
    let lines = WriterOptions::new().with("lines", true);
    let bytes = result.to_bytes(("json", lines)).expect("written");
    let text = std::str::from_utf8(&bytes["records"]).expect("UTF-8");
    assert_eq!(text.lines().count(), 152);
}

#[test]
fn both_recover() {
    let folder = Folder::new();
    let text = "{\"id\": 1}\nnonsense\n{\"id\": 2, \"x\": NaN}\n";
    let input = folder.write("data.jsonl", text);
    for (name, processor) in [
        ("skip", steady().with_recovery(DEFAULT)),
        ("partial", steady().with_recovery(LENIENT)),
    ] {
        let out = folder.path(name);
        let report = processor
            .stream_process_file(&input, "records", OutputSpec::directory("json", &out))
            .expect("goes on");
        let result = process(&processor, &input);
        let rejects = std::fs::read(out.join("records.rejected.jsonl")).expect("a file");
        assert_eq!(result.rejects(), rejects);
        assert_eq!(result.report().problems, report.problems);
        let rows = Table::read(&out.join("records.json"));
        let bytes = result.to_bytes("json").expect("written");
        assert_eq!(Table::json(&bytes["records"]), rows);
        assert_eq!(rows.rows.len(), if name == "skip" { 1 } else { 2 });
    }
}
