//! Columns with a value in few of very many rows: they are those of the records, and of chunks that
//! are too small for any column to be sparse.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use transmog::{
    ArrayMode, Config, Detection, IdSource, Ids, NaturalIds, Nulls, Processor, WriterOptions,
};

use crate::{
    ids::outcome,
    support::{columns, files, plain},
};

/// Records in a chunk, of which a column with values in fewer than a thirty-second is sparse.
const RECORDS: usize = 400;

/// Records in which each of eighteen fields has a value once in 37 to 211 of them, and all values
/// are of one kind.
fn records() -> Vec<Value> {
    let uuid = |n: usize| format!("00000000-0000-4000-8000-{n:012}");
    let value = |kind: usize, n: usize| match kind {
        0 => json!(n),
        1 => json!(n as f64 + 0.5),
        2 => json!(format!("text \"{n}\" é")),
        3 => json!(18_446_744_073_709_551_615_u64 - n as u64),
        4 => json!(n.is_multiple_of(2)),
        5 => json!(format!("20{:02}-01-31", n % 100)),
        6 => json!(format!("2026-01-31T12:00:{:02}Z", n % 60)),
        7 => json!(uuid(n)),
        _ => json!(""),
    };
    let record = |n: usize| {
        let mut record = Map::new();
        record.insert("n".into(), json!(n));
        for field in 0..18 {
            let (kind, every) = (field % 9, [37, 50, 101, 211][field % 4]);
            if (n + field).is_multiple_of(every) {
                record.insert(format!("f{field}"), value(kind, n));
            }
        }
        // The first rows, or the last one, and no other.
        if n < 5 {
            record.insert("first".into(), json!(n));
        }
        if n == RECORDS - 1 {
            record.insert("last".into(), json!(n));
        }
        Value::Object(record)
    };
    (0..RECORDS).map(record).collect()
}

/// Fields whose values change their kind, lists, nulls, and what tells rows apart.
fn mixed() -> Vec<Value> {
    let mixed = |n: usize| match n % 7 {
        0 => json!(n),
        1 => json!(0.5),
        2 => json!("1"),
        3 => json!(null),
        4 => json!([n, null, "x"]),
        5 => json!({}),
        _ => json!(true),
    };
    let record = |(n, mut record): (usize, Value)| {
        let few = n.is_multiple_of(41);
        if few {
            record["number"] = if n.is_multiple_of(2) {
                json!(n)
            } else {
                json!(0.25)
            };
            record["longer"] = if n < 200 {
                json!(n)
            } else {
                json!(18_446_744_073_709_551_615_u64)
            };
            record["mixed"] = mixed(n / 41);
            record["nested"] = json!({"a": {"b": n}, "c": [{"d": n}]});
            record["id"] = json!(format!("few-{n}"));
        } else {
            record["key"] = json!(n);
        }
        record["items"] = json!([n]);
        record["list"] = json!([null, null, few.then_some(n)]);
        record
    };
    records().into_iter().enumerate().map(record).collect()
}

fn lines(records: &[Value]) -> String {
    let texts: Vec<String> = records.iter().map(Value::to_string).collect();
    texts.join("\n")
}

#[test]
fn sparse_columns_hold_what_the_records_have() {
    let records = records();
    for detection in [Detection::NONE, Detection::ALL] {
        let config = plain().with_detection(detection);
        let processor = Processor::new().with_config(config);
        let text = lines(&records);
        let options = WriterOptions::new().with("lines", true);
        let (report, made) = files(&processor, "json", options, text.as_str()).expect("it runs");
        assert!(report.ledger.adds_up());
        let found = String::from_utf8(made["t.jsonl"].clone()).expect("UTF-8");
        let found: Vec<Value> = found
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        for (n, (found, expected)) in std::iter::zip(&found, &records).enumerate() {
            assert_eq!(found, expected, "record {n}");
        }
        assert_eq!(found.len(), records.len());
    }
}

#[test]
fn sparse_columns_have_the_types_of_their_values() {
    let processor = Processor::new().with_config(plain().with_detection(Detection::ALL));
    let text = lines(&records());
    let (_, made) =
        files(&processor, "parquet", WriterOptions::new(), text.as_str()).expect("it runs");
    let found: BTreeMap<String, String> = columns(made["t.parquet"].clone())
        .into_iter()
        .map(|(name, kind, _)| (name, kind))
        .collect();
    let kinds = ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "last"].map(|name| found[name].as_str());
    assert_eq!(
        kinds,
        [
            "int64",
            "float64",
            "text",
            "decimal",
            "boolean",
            "Date32",
            "Timestamp(ms, \"UTC\")",
            "int64"
        ]
    );
}

#[test]
fn sparse_columns_are_those_of_small_chunks() {
    let natural = NaturalIds::new()
        .with_patterns(["id", "key"])
        .expect("allowed");
    let settings = [
        Config::default(),
        Config::default().with_detection(Detection::ALL),
        Config::default().with_nulls(Nulls::Drop),
        Config::default().with_array_mode(ArrayMode::Smart),
        Config::default().with_kept_empties(true),
        Config::default().with_max_columns(7).expect("allowed"),
        Config::default().with_ids(Ids::Natural(natural.clone())),
        Config::default()
            .with_ids(Ids::Natural(natural))
            .with_kept_empties(true)
            .with_detection(Detection::ALL),
        Config::default().with_ids(Ids::Deterministic(IdSource::Column("id".into()))),
        Config::default().with_ids(Ids::Hash),
    ];
    let text = lines(&mixed());
    for config in settings {
        let small = outcome(&config, &text, 50, 2);
        assert_eq!(outcome(&config, &text, RECORDS, 1), small, "{config:?}");
    }
}
