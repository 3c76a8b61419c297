//! "Error Handling in Streaming".

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use transmog::{Error, OutputSpec, Processor};

use crate::{
    folder::{Folder, names},
    read_back::Table,
};

/// A value that is no number, something that is no record, an item that is none, broken text, and a
/// cut end.
const PROBLEMS: &str = r#"[
  {"id": 1, "items": [{"sku": "a"}]},
  {"id": 2, "price": NaN, "items": [{"sku": "b"}]},
  17,
  {"id": 3, "items": [{"sku": "c"}, Infinity, {"sku": "d"}]},
  {"id": 4, "name": "\ud800!"},
  {"id": 5, "items": [{"sku": "e"}], "cut": tr"#;

#[test]
fn with_partial_recovery_keeps_what_can_be_read() {
    let folder = Folder::new();
    let input = folder.write("problematic_data.json", PROBLEMS);
    let out = folder.path("output_dir/parquet");
    let report = Processor::new()
        .with_partial_recovery()
        .stream_process_file(&input, "records", OutputSpec::directory("parquet", &out))
        .expect("every problem is one that it can go on from");

    let main = Table::read(&out.join("records.parquet"));
    assert_eq!(main.column("id"), [1, 2, 3, 4, 5]);
    let errors = main.column("__error");
    let texts: Vec<&str> = errors.iter().filter_map(Value::as_str).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert_eq!(texts[0], "price: NaN is not a JSON number");
    assert_eq!(main.find("id", &json!(4))["name"], "\u{fffd}!");
    assert!(texts[1].starts_with("name: invalid text: "), "{}", texts[1]);
    assert_eq!(texts[2], "cut: invalid JSON: expected a value");

    let items = Table::read(&out.join("records_items.parquet"));
    assert_eq!(items.column("sku"), ["a", "b", "c", "d", "e"]);
    let parents: Vec<&Value> = main
        .parents_of(&items)
        .into_iter()
        .map(|parent| &parent["id"])
        .collect();
    assert_eq!(parents, [1, 2, 3, 3, 5]);
    let bad = Table::read(&out.join("records_items_errors.parquet"));
    assert_eq!(bad.column("__error"), ["Infinity is not a JSON number"]);
    assert_eq!(bad.column("__array_index"), [1]);
    assert_eq!(main.parents_of(&bad)[0]["id"], 3);

    assert_eq!(
        (
            report.records_read,
            report.records_rejected,
            report.records_partial
        ),
        (6, 1, 4)
    );
    assert!(report.ledger.adds_up());
    let kinds = [
        ("not_an_object", 1),
        ("not_finite", 2),
        ("syntax", 1),
        ("text", 1),
    ];
    let kinds: BTreeMap<String, u64> = kinds.map(|(kind, count)| (kind.to_owned(), count)).into();
    assert_eq!(report.problems_by_kind, kinds);
    let rejects = fs::read_to_string(out.join("records.rejected.jsonl")).expect("a file");
    let lines: Vec<Value> = rejects
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let numbers: Vec<&Value> = lines.iter().map(|line| &line["line"]).collect();
    assert_eq!(numbers, [3, 4, 5, 6, 7]);
    assert_eq!(lines[1]["raw"], "17");
}

#[test]
fn without_recovery_the_first_problem_ends_the_run() {
    let folder = Folder::new();
    let input = folder.write("problematic_data.json", PROBLEMS);
    let out = folder.path("output_dir/parquet");
    let error = Processor::new()
        .stream_process_file(&input, "records", OutputSpec::directory("parquet", &out))
        .expect_err("strict");
    assert!(matches!(error, Error::Data(_)), "{error}");
    let at = error.location().expect("a place");
    assert_eq!((at.record, at.line), (Some(1), Some(3)));
    assert_eq!(at.field.as_deref(), Some("price"));
    assert!(error.to_string().contains("problematic_data.json"));
    assert_eq!(names(&folder.path("")), ["problematic_data.json"]);
}
