//! More columns than a table may have: nothing is lost, and nothing depends on chunks.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use transmog::{Config, Ids, Processor, Report, WriterOptions};

use super::run;
use crate::support::{columns, files, plain};

fn by(
    config: &Config,
    format: &str,
    text: &str,
    chunk: usize,
    threads: usize,
) -> (Report, BTreeMap<String, Vec<u8>>) {
    let processor = Processor::new()
        .with_config(config.clone())
        .with_chunk_size(chunk)
        .and_then(|processor| processor.with_threads(threads))
        .expect("allowed");
    let options = match format {
        "json" => WriterOptions::new().with("lines", true),
        _ => WriterOptions::new(),
    };
    files(&processor, format, options, text).expect("it runs")
}

/// Keys that never come again, with values of all kinds.
fn records(count: usize) -> Vec<Value> {
    let record = |n: usize| {
        let mut record = Map::new();
        record.insert("n".into(), n.into());
        for k in 0..10 {
            let value = match (n + k) % 5 {
                0 => json!(n),
                1 => json!(format!("t{n}")),
                2 => json!(n.is_multiple_of(2)),
                3 => json!(0.5 + n as f64),
                _ => json!({"in": {"ner": k}}),
            };
            record.insert(format!("k{n}_{k}"), value);
        }
        // One key that all have, but too late, with kinds that change.
        record.insert(
            "z".into(),
            if n.is_multiple_of(3) {
                json!("1")
            } else {
                json!(1)
            },
        );
        Value::Object(record)
    };
    (0..count).map(record).collect()
}

fn leaves(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                leaves(&format!("{path}/{key}"), value, into);
            }
        }
        scalar => {
            into.insert(path.to_owned(), scalar.to_string());
        }
    }
}

#[test]
fn every_value_of_endless_keys_is_found_again() {
    let records = records(300);
    let text: String = records
        .iter()
        .map(|record| record.to_string() + "\n")
        .collect();
    let config = plain().with_max_columns(25).expect("allowed");
    let (report, files) = by(&config, "json", &text, 1000, 1);
    for format in ["json", "csv", "parquet"] {
        let first = by(&config, format, &text, 1000, 1).1;
        for (chunk, threads) in [(1, 1), (7, 2), (1000, 2)] {
            let again = by(&config, format, &text, chunk, threads).1;
            if format == "parquet" {
                assert!(columns(first["t.parquet"].clone()) == columns(again["t.parquet"].clone()));
            } else {
                assert!(first == again, "{format} {chunk} {threads}");
            }
        }
    }
    let table = &report.tables[0];
    assert_eq!(table.columns.len(), 26);
    let file = files.values().next().expect("a file");
    let rows = std::str::from_utf8(file).expect("UTF-8").lines();
    let mut overflow = 0;
    for (row, record) in rows.zip(&records) {
        let row: Map<String, Value> = serde_json::from_str(row).expect("JSON");
        let (mut found, mut expected) = (BTreeMap::new(), BTreeMap::new());
        leaves("", record, &mut expected);
        for column in &table.columns {
            let Some(value) = row.get(&column.name) else {
                continue;
            };
            if let Some(path) = &column.path {
                leaves(&format!("/{}", path.join("/")), value, &mut found);
            } else {
                let before = found.len() as u64;
                let rest: Value =
                    serde_json::from_str(value.as_str().expect("text")).expect("JSON");
                leaves("", &rest, &mut found);
                overflow += found.len() as u64 - before;
            }
        }
        // `z` has a column, which is text; `k0_...` hold one value each.
        expected.insert("/z".into(), "\"1\"".into());
        found.insert("/z".into(), "\"1\"".into());
        assert_eq!(found, expected);
    }
    assert_eq!(table.overflow, overflow);
    assert!(report.to_string().contains("because no column was left"));
}

#[test]
fn the_rest_is_as_it_stood() {
    let config = plain().with_max_columns(1).expect("allowed");
    let text = r#"{"a":0,"x":1,"y":{"b":[1,2],"a":"q"}}
{"x":"1","y":{"a":null}}
{"x":18446744073709551616}
{"x":true,"a":1}
{"x":2.5,"l":[{"i":1,"j":"k"},"s",[7]]}
"#;
    let expected = r#"t
{"a":0,"__rest":"{\"x\":1,\"y\":{\"a\":\"q\"}}"}
{"__rest":"{\"x\":\"1\"}"}
{"__rest":"{\"x\":18446744073709551616}"}
{"a":1,"__rest":"{\"x\":true}"}
{"__rest":"{\"x\":2.5}"}
t_l
{"i":1,"__rest":"{\"j\":\"k\"}"}
{"__rest":"\"s\""}
{"__rest":"[7]"}
t_y_b
{"value":1}
{"value":2}
"#;
    let (report, tables) = run(config.clone(), text);
    assert_eq!(tables, expected);
    let overflow: Vec<_> = report
        .tables
        .iter()
        .map(|table| (table.name.as_str(), table.overflow))
        .collect();
    assert_eq!(overflow, [("t", 6), ("t_y_b", 0), ("t_l", 3)]);
    let one = by(&config, "json", text, 1, 1);
    assert_eq!(one.1, by(&config, "json", text, 1000, 1).1);
    // Without a column for it, there is no limit.
    let none = config
        .with_metadata(|names| names.rest = None)
        .expect("allowed");
    assert!(!run(none, text).1.contains("__rest"));
}

#[test]
fn the_columns_of_rest_and_errors_come_as_rows_need_them() {
    let names = |text: &str, chunk: usize| {
        let config = plain().with_max_columns(1).expect("allowed");
        let processor = Processor::new()
            .with_config(config)
            .with_partial_recovery()
            .with_chunk_size(chunk)
            .expect("allowed");
        let (report, _) = files(&processor, "csv", WriterOptions::new(), text).expect("it runs");
        let columns = report.tables[0].columns.iter();
        columns
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    let (fault, rest) = ("{\"a\":NaN}\n", "{\"a\":1,\"b\":2}\n");
    for chunk in [1, 2, 1000] {
        assert_eq!(
            names(&format!("{fault}{rest}"), chunk),
            ["a", "__error", "__rest"]
        );
        assert_eq!(
            names(&format!("{rest}{rest}{fault}"), chunk),
            ["a", "__rest", "__error"]
        );
    }
}

#[test]
fn large_chunks_are_finished_in_parts() {
    // More than four million cells, if they were arrays.
    let records = 700;
    let text: String = (0..records)
        .map(|n| {
            let fields = (0..10).map(|k| format!("\"k{n}_{k}\":{n}"));
            ["{", &fields.collect::<Vec<_>>().join(","), "}\n"].concat()
        })
        .collect();
    let config = plain()
        .with_ids(Ids::Row)
        .with_metadata(|names| names.id = Some("id".into()))
        .and_then(|config| config.with_max_columns(300))
        .expect("allowed");
    let (report, files) = by(&config, "json", &text, 1000, 1);
    assert_eq!(report.records_read, records);
    assert_eq!(report.tables[0].overflow, records * 10 - 300);
    assert_eq!(files, by(&config, "json", &text, 50, 2).1);
    // Records are still counted from the input's first.
    let bad = format!("{text}{{\"a\":}}\n");
    let processor = Processor::new().with_config(config);
    let error = crate::support::files(&processor, "json", WriterOptions::new(), bad.as_str());
    let error = error.map(|_| ()).expect_err("no JSON").to_string();
    assert!(
        error.contains("record 700") && error.contains("line 701"),
        "{error}"
    );
}

#[test]
fn a_thousand_tables() {
    let record = |n: usize| {
        let fields = (0..1000).map(|k| format!("\"k{k}\":[{n},{{\"a\":{k}}}]"));
        format!("{{{}}}\n", fields.collect::<Vec<_>>().join(","))
    };
    let text = record(0) + &record(1);
    for format in ["json", "csv", "parquet"] {
        let (report, files) = by(&plain(), format, &text, 1, 2);
        assert_eq!((report.tables.len(), files.len()), (1001, 1001));
        assert!(report.tables[1..].iter().all(|table| table.rows == 4));
    }
}
