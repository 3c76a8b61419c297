//! The same input gives the same bytes, however it is cut and on any number of threads, and no
//! value is lost on the way.

mod schemas;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use transmog::{
    ArrayMode, Config, Ids, Memory, OutputFormat, OutputSpec, Processor, WriterOptions,
};

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-20_i64..20).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e6..1e6_f64).prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON", |x| x.is_finite())
            .prop_map(Value::from),
        "[a-c\u{e9}\"\\\\,\n]{0,4}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            fields(inner).prop_map(Value::Object),
        ]
    })
}

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let key = prop_oneof![
        "[ab]",
        "[ab]_[ab]",
        Just("__transmog_id".to_owned()),
        Just(String::new())
    ];
    prop::collection::btree_map(key, value, 0..4)
        .prop_map(|fields: BTreeMap<_, _>| fields.into_iter().collect())
}

pub(crate) fn records() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(fields(value()).prop_map(Value::Object), 0..30)
}

fn run(
    config: &Config,
    format: impl Into<OutputFormat>,
    records: &str,
    chunk_size: usize,
    threads: usize,
) -> (String, BTreeMap<String, Vec<u8>>) {
    let processor = Processor::new()
        .with_config(config.clone())
        .with_chunk_size(chunk_size)
        .and_then(|processor| processor.with_threads(threads))
        .and_then(|processor| processor.with_timestamp("2026-01-01T00:00:00Z"))
        .expect("allowed");
    let (memory, files) = Memory::new();
    let mut report = processor
        .stream_process(records, "t", OutputSpec::new(format, memory))
        .expect("records are valid");
    report.seconds = 0.0;
    (format!("{report:?}"), files.take())
}

/// JSON Lines of records.
pub(crate) fn lines(records: &[Value]) -> String {
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Scalars that are not null.
fn leaves(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(fields) => fields.values().map(leaves).sum(),
        _ => 1,
    }
}

proptest! {
    #![proptest_config(crate::support::cases(60))]

    #[test]
    fn chunks_and_threads_do_not_show(
        records in records(),
        chunk_size in 1_usize..8,
        threads in 1_usize..4,
        mode in prop_oneof![
            Just(ArrayMode::Separate), Just(ArrayMode::Smart), Just(ArrayMode::Inline), Just(ArrayMode::Skip), Just(ArrayMode::Keep)
        ],
    ) {
        let config = Config::default().with_ids(Ids::Row).with_array_mode(mode);
        let lines = lines(&records);
        let document = json!(records).to_string();
        for format in ["csv", "json", "parquet"] {
            let whole = run(&config, format, &lines, 1000, 1);
            prop_assert_eq!(&whole, &run(&config, format, &lines, chunk_size, threads));
            let document = run(&config, format, &document, chunk_size, threads);
            prop_assert_eq!(&whole.1, &document.1);
        }
    }

    #[test]
    fn every_value_is_in_one_cell(records in records()) {
        // Arrays in arrays stay text, so only others are opened to count.
        let lines = lines(&records);
        let processor = Processor::new().with_config(Config::default().with_ids(Ids::Row));
        let report = processor
            .stream_process(lines.as_str(), "t", OutputSpec::new("csv", Memory::new().0))
            .expect("records are valid");
        let texts: u64 = records.iter().map(inner_arrays).sum();
        let scalars: u64 = records.iter().map(leaves).sum();
        let inside: u64 = records.iter().map(leaves_in_inner_arrays).sum();
        prop_assert_eq!(report.ledger.leaves_read, scalars - inside + texts);
        prop_assert_eq!(report.ledger.cells_written, report.ledger.leaves_read);
    }
}

/// Row groups, budgets and the ends of blocks, which small inputs never reach: here are about three
/// blocks of input, whose schema changes on the way.
#[test]
fn chunks_and_threads_do_not_show_in_long_inputs() {
    let mut lines = String::new();
    for id in 0..75_000_u64 {
        let mut record = json!({
            "id": id,
            "name": format!("record {}", id * 7919 % 1000),
            "size": if id % 3 == 0 { json!(id as f64 / 4.0) } else { json!(id) },
            "place": { "x": id % 360, "note": if id % 11 == 0 { json!(null) } else { json!("somewhere") } },
            "lines": [{ "sku": format!("s{}", id % 500), "n": id % 9 }, { "sku": "t", "tags": ["a", "b"] }],
        });
        if id % 1000 == 999 {
            record[format!("late{}", id / 10_000)] = json!(id);
        }
        if id > 40_000 {
            record["size"] = json!("a text now");
        }
        lines.push_str(&record.to_string());
        lines.push('\n');
    }
    assert!(lines.len() > 9 << 20, "several blocks of 2 MiB");
    let config = Config::default().with_ids(Ids::Row);
    let small = WriterOptions::new()
        .with("memory_bytes", 2_000_000)
        .with("row_group_size", 7000);
    for name in ["csv", "json", "parquet"] {
        let format = || match name {
            "parquet" => OutputFormat::from((name, small.clone())),
            _ => OutputFormat::from(name),
        };
        let whole = run(&config, format(), &lines, 1000, 1);
        for (chunk_size, threads) in [(100_000, 2), (77, 3)] {
            let again = run(&config, format(), &lines, chunk_size, threads);
            assert!(
                again == whole,
                "{name}: {chunk_size} records, {threads} threads"
            );
        }
    }
}

/// Fields whose keys often come twice, with values of all kinds.
fn repetitive() -> impl Strategy<Value = Vec<(String, Value)>> {
    let scalar = prop_oneof![
        3 => Just(Value::Null),
        3 => any::<bool>().prop_map(Value::from),
        9 => (-9_i64..9).prop_map(Value::from),
        3 => Just(json!(2.5)),
        2 => Just(json!(9_007_199_254_740_993_i64)),
        2 => Just(json!(u64::MAX)),
        1 => Just(json!(-1.5e-7)),
        3 => "[x1\"\\\\\n]?".prop_map(Value::from),
    ];
    let list = prop::collection::vec(scalar.clone(), 0..4).prop_map(Value::from);
    let object = scalar.clone().prop_map(|value| json!({ "a": value }));
    let inner = prop_oneof![3 => list.clone(), 1 => object.clone()];
    let lists = prop::collection::vec(prop::collection::vec(inner, 0..3), 0..3);
    let lists = prop_oneof![
        prop::collection::vec(list.clone(), 0..3).prop_map(Value::from),
        lists.prop_map(Value::from),
    ];
    let value = prop_oneof![3 => scalar, 4 => list, 1 => lists, 1 => object];
    prop::collection::vec(("[ab]", value), 1..5)
}

proptest! {
    #![proptest_config(crate::support::cases(400))]

    /// A record in which a key comes twice is taken back and read again: what it left must not
    /// show.
    #[test]
    fn records_taken_back_do_not_show(
        records in prop::collection::vec(repetitive(), 2..10),
        chunk_size in 1_usize..12,
        mode in prop_oneof![Just(ArrayMode::Separate), Just(ArrayMode::Smart), Just(ArrayMode::Inline), Just(ArrayMode::Keep)],
        format in prop_oneof![Just("csv"), Just("json"), Just("parquet")],
    ) {
        let config = Config::default().with_ids(Ids::Row).with_array_mode(mode);
        let text = |fields: Vec<(&String, &Value)>| {
            let fields: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}", fields.join(","))
        };
        let as_given: Vec<String> = records
            .iter()
            .map(|fields| text(fields.iter().map(|(key, value)| (key, value)).collect()))
            .collect();
        // The last value, at the first place.
        let without_repetition: Vec<String> = records
            .iter()
            .map(|fields| {
                let mut last: Vec<(&String, &Value)> = Vec::new();
                for (key, value) in fields {
                    match last.iter_mut().find(|(known, _)| *known == key) {
                        Some(known) => known.1 = value,
                        None => last.push((key, value)),
                    }
                }
                text(last)
            })
            .collect();
        let (_, files) = run(&config, format, &as_given.join("\n"), chunk_size, 2);
        let (_, expected) = run(&config, format, &without_repetition.join("\n"), 1000, 1);
        prop_assert_eq!(files, expected, "{}", as_given.join("\n"));
    }
}

/// Arrays that are items of arrays, outermost ones only: one cell each.
fn inner_arrays(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| {
                if item.is_array() {
                    1
                } else {
                    inner_arrays(item)
                }
            })
            .sum(),
        Value::Object(fields) => fields.values().map(inner_arrays).sum(),
        _ => 0,
    }
}

fn leaves_in_inner_arrays(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items
            .iter()
            .map(|item| {
                if item.is_array() {
                    leaves(item)
                } else {
                    leaves_in_inner_arrays(item)
                }
            })
            .sum(),
        Value::Object(fields) => fields.values().map(leaves_in_inner_arrays).sum(),
        _ => 0,
    }
}
