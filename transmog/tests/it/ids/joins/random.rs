//! Random nested records, in all modes and at any pace; and records larger than what is held of
//! one.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use transmog::{ArrayMode, Config, Ids, InputFormat, Processor};

use super::{Kind, check, check_result, kinds};
use crate::same_bytes::lines;

/// Values without arrays in arrays: these give no rows. Keys are few, so that one path is an array
/// here and an object there.
fn value() -> impl Strategy<Value = Value> + Clone {
    let scalar = prop_oneof![
        Just(Value::Null),
        (0..4).prop_map(Value::from),
        Just(json!(1.5)),
        "[aA]{0,2}".prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            2 => fields(inner.clone()).prop_map(Value::Object),
            3 => prop::collection::vec(fields(inner.clone()).prop_map(Value::Object), 0..4).prop_map(Value::from),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
        ]
    })
}

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let key = prop::sample::select(vec!["a", "b", "o", "m", "k", "id"]);
    let fields = prop::collection::btree_map(key.prop_map(str::to_owned), value, 0..5);
    fields.prop_map(|fields| fields.into_iter().collect())
}

/// Records, of which some come twice.
fn records() -> impl Strategy<Value = Vec<Value>> {
    let record = fields(value()).prop_map(Value::Object);
    let with_copies = (
        prop::collection::vec(record, 1..12),
        any::<prop::sample::Index>(),
        any::<bool>(),
    );
    with_copies.prop_map(|(mut records, which, is_twice)| {
        if is_twice {
            let copy = which.get(&records).clone();
            records.push(copy);
        }
        records
    })
}

/// Gives each object an `id` of its own, and a `k`.
fn numbered(value: &mut Value, next: &mut u64) {
    match value {
        Value::Object(fields) => {
            for value in fields.values_mut() {
                numbered(value, next);
            }
            fields.insert("id".to_owned(), json!(*next));
            fields.insert("k".to_owned(), json!(*next % 3));
            *next += 1;
        }
        Value::Array(items) => {
            for value in items {
                numbered(value, next);
            }
        }
        _ => {}
    }
}

impl Kind {
    fn with_mode(self, mode: ArrayMode) -> Self {
        Self {
            config: self.config.with_array_mode(mode),
            smart: mode == ArrayMode::Smart,
            ..self
        }
    }

    fn with_maps(self, paths: &[&str]) -> Self {
        let with_map =
            |config: Config, path: &&str| config.with_map_path(path.parse().expect("a path"));
        Self {
            config: paths
                .iter()
                .try_fold(self.config, with_map)
                .expect("allowed"),
            ..self
        }
    }
}

proptest! {
    #![proptest_config(crate::support::cases(60))]

    #[test]
    fn child_rows_meet_their_parents(
        records in records(),
        mode in prop::sample::select(vec![ArrayMode::Separate, ArrayMode::Smart]),
        pace in (prop::sample::select(vec![1_usize, 2, 7, 2000]), 1_usize..4),
        has_own_ids in any::<bool>(),
    ) {
        let mut records = records;
        if has_own_ids {
            let mut next = 0;
            for record in &mut records {
                numbered(record, &mut next);
            }
        }
        let text = lines(&records);
        for kind in kinds(&["id", "k"]) {
            let kind = kind.with_mode(mode);
            let (_, repeated) = check(&kind, &text, &records, pace, &[]);
            prop_assert!(!has_own_ids || repeated == 0 || kind.name.contains("Python"), "{}", kind.name);
        }
    }
}

/// Entries of maps, whose keys are hashed where arrays have numbers.
#[test]
fn entries_of_maps_meet_their_parents() {
    let records = [
        json!({"id": 1, "k": 1, "m": {"x": {"v": 1, "m": {"x": {"v": 1}}}, "y": {"v": 1}}, "a": [{"m": {"x": {"v": 1}}}]}),
        json!({"id": 2, "m": {"x": {"v": 1}, "y": {"v": 1}, "z": 3}, "a": [{"m": {"x": {"v": 1}}}, {}]}),
        json!({"id": 3, "m": [{"v": 1}, {"v": 1}]}),
    ];
    let text = lines(&records);
    for kind in kinds(&["id", "k"]) {
        for mode in [ArrayMode::Separate, ArrayMode::Smart] {
            let kind = kind
                .clone()
                .with_mode(mode)
                .with_maps(&["m", "m.*.m", "a.m"]);
            for pace in [(1, 1), (2000, 2)] {
                let (children, _) = check(&kind, &text, &records, pace, &["m"]);
                assert!(children > 8, "{}", kind.name);
            }
        }
    }
}

/// Records that are cut at the items of their arrays: their children come before them.
#[test]
fn rows_of_records_that_are_cut_meet_their_parents() {
    let item =
        |n: u64| json!({"n": n % 3, "tags": [{"t": n % 2}, {"t": 0}], "text": "x".repeat(30)});
    let record = |n: u64| json!({"no": n, "items": (0..40 + n).map(item).collect::<Value>(), "o": {"list": [{"p": 1}, {"p": 1}]}});
    let records: Vec<Value> = (0..5).map(record).collect();
    let text = json!(records).to_string();
    for ids in [Ids::Random, Ids::Row, Ids::Hash] {
        let mut kind = kinds(&["no"]).remove(0);
        kind.config = kind.config.with_ids(ids);
        for (chunk_size, threads) in [(1, 1), (7, 2), (2000, 2)] {
            let processor = Processor::new()
                .with_config(kind.config.clone())
                .with_input_format(InputFormat::Json)
                .with_record_bytes(500)
                .with_chunk_size(chunk_size)
                .and_then(|processor| processor.with_threads(threads))
                .expect("allowed");
            let result = processor.process(text.as_str(), "t").expect("valid");
            let (children, repeated) = check_result(&kind, &result, &records, &[]);
            assert_eq!((children, repeated), (3 * (40 * 5 + 10) + 10, 0));
        }
    }
}
