//! Any records: a run's own schema changes nothing, and one record that does not fit is the one
//! that is rejected.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use transmog::{
    ArrayMode, Config, DEFAULT, Ids, Layout, Processor, Report, SchemaPolicy, WriterOptions,
};

use super::{given, json_of, layout};
use crate::{
    same_bytes::{lines, records},
    support::files,
};

fn config() -> impl Strategy<Value = Config> {
    let mode = prop_oneof![
        Just(ArrayMode::Separate),
        Just(ArrayMode::Smart),
        Just(ArrayMode::Inline),
        Just(ArrayMode::Skip),
        Just(ArrayMode::Keep)
    ];
    let base = prop_oneof![
        Just(Config::default()),
        Just(Config::v1()),
        Just(Config::v2())
    ];
    let columns = prop::sample::select(vec![1, 4, 20_000, 20_000]);
    (mode, base, columns).prop_map(|(mode, config, columns)| {
        let config = config.with_array_mode(mode).with_ids(Ids::Row);
        config.with_max_columns(columns).expect("in range")
    })
}

/// Everything that a run gives, but for what depends on the clock.
fn outcome(
    processor: &Processor,
    format: &str,
    input: &str,
) -> (Report, BTreeMap<String, Vec<u8>>) {
    let processor = processor
        .clone()
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time");
    let (mut report, files) =
        files(&processor, format, WriterOptions::new(), input).expect("it fits");
    report.seconds = 0.0;
    // With a schema that has the last type, there is no change.
    report.type_changes.clear();
    report.type_change_count = 0;
    (report, files)
}

proptest! {
    #![proptest_config(crate::support::cases(60))]

    #[test]
    fn a_runs_own_schema_changes_nothing(
        records in records(), config in config(), chunk_size in 1_usize..8, threads in 1_usize..4,
        policy in prop_oneof![Just(SchemaPolicy::Evolve), Just(SchemaPolicy::Freeze), Just(SchemaPolicy::Discard)],
    ) {
        let input = lines(&records);
        let free = Processor::new().with_config(config.clone());
        for format in ["csv", "json", "parquet"] {
            let (report, files) = outcome(&free, format, &input);
            let layout = serde_json::to_string(&report.layout).expect("JSON");
            let layout: Layout = serde_json::from_str(&layout).expect("a layout");
            let given = free.clone().with_schema(layout).with_schema_policy(policy)
                .with_chunk_size(chunk_size).and_then(|it| it.with_threads(threads)).expect("allowed");
            let (again, files_again) = outcome(&given, format, &input);
            prop_assert_eq!(&files, &files_again, "{}", format);
            prop_assert_eq!(&report, &again, "{}", format);
        }
    }

    #[test]
    fn exactly_the_record_that_changed_is_rejected(
        records in prop::collection::vec((any::<i32>(), "[a-c]{1,3}", prop::collection::vec(any::<i32>(), 1..4)), 1..40),
        changed in any::<prop::sample::Index>(), how in 0..5, chunk_size in 1_usize..8, threads in 1_usize..4,
    ) {
        let records: Vec<Value> = records.into_iter()
            .map(|(id, name, items)| json!({"id": id, "name": name, "items": items, "o": {"x": 0.5}})).collect();
        let changed = changed.index(records.len());
        let mut mutated = records.clone();
        match how {
            0 => mutated[changed]["id"] = json!("one"),
            1 => mutated[changed]["new"] = json!(1),
            2 => mutated[changed]["items"][0] = json!({"n": 1}),
            3 => mutated[changed]["o"]["x"] = json!([1]),
            _ => mutated[changed]["items"][0] = json!(0.5),
        }
        let mut rest = records.clone();
        rest.remove(changed);
        let frozen = given(layout(&lines(&records)), SchemaPolicy::Freeze).with_recovery(DEFAULT)
            .with_chunk_size(chunk_size).and_then(|it| it.with_threads(threads)).expect("allowed");
        let (report, mut tables) = json_of(&frozen, &lines(&mutated)).expect("skipped");
        prop_assert_eq!(report.records_rejected, 1);
        prop_assert_eq!(report.problems[0].record, Some(changed as u64));
        let rejects = tables.remove("t.rejected").expect("rejects");
        let reject: Value = serde_json::from_str(&rejects).expect("one line");
        prop_assert_eq!(reject["raw"].as_str().map(str::to_owned), Some(mutated[changed].to_string()));
        prop_assert_eq!(tables, json_of(&frozen, &lines(&rest)).expect("fits").1);
    }
}

#[test]
fn text_that_stands_for_other_values_still_does_with_the_schema() {
    for input in [
        // An integer beyond 2^53 and a float only meet in text, and both are numbers.
        "{\"a\": 9007199254740993}\n{\"a\": 0.5}",
        "{\"a\": 1e400}",
        "{\"a\": [1]}\n{\"a\": [\"x\", 1]}",
        "{\"a\": true}\n{\"a\": 1}",
    ] {
        let config = Config::default().with_array_mode(ArrayMode::Smart);
        let free = Processor::new().with_config(config.with_ids(Ids::Row));
        let found = outcome(&free, "json", input);
        for policy in [SchemaPolicy::Evolve, SchemaPolicy::Freeze] {
            let given = free.clone().with_schema(found.0.layout.clone());
            let given = given.with_schema_policy(policy);
            assert_eq!(outcome(&given, "json", input), found, "{input}");
        }
    }
}

#[test]
fn what_has_no_column_by_the_schema_goes_to_the_rest_if_it_has_one() {
    let few = Config::default().with_ids(Ids::Row).with_max_columns(1);
    let few = Processor::new().with_config(few.expect("in range"));
    let report = few.inspect("{\"a\":1,\"b\":2}", "t").expect("valid");
    for policy in [SchemaPolicy::Freeze, SchemaPolicy::Discard] {
        let given = given(report.layout.clone(), policy);
        let (again, tables) =
            json_of(&given, "{\"a\":1,\"b\":2,\"c\":{\"d\":null,\"e\":\"x\"}}").expect("it fits");
        assert_eq!(
            tables["t"],
            "{\"a\":1,\"__rest\":\"{\\\"b\\\":2,\\\"c\\\":{\\\"e\\\":\\\"x\\\"}}\"}\n"
        );
        assert_eq!((again.values_dropped, again.tables[0].overflow), (0, 2));
    }
}

#[test]
fn rows_without_values_are_counted_if_they_are_dropped() {
    let input = "{\"a\": 1, \"b\": [[], []], \"c\": [{}], \"d\": [null, {}]}";
    let discarding = given(layout("{\"a\": 1}"), SchemaPolicy::Discard);
    let report = discarding.inspect(input, "t").expect("valid");
    let dropped: Vec<_> = report
        .dropped
        .iter()
        .map(|dropped| (dropped.path.join("."), dropped.rows, dropped.values))
        .collect();
    let expected = [("b", 2, 0), ("c", 1, 0), ("d", 2, 0)];
    assert_eq!(
        dropped,
        expected.map(|(path, rows, values)| (path.to_owned(), rows, values))
    );
}

#[test]
fn items_that_are_null_need_no_column() {
    let frozen = given(layout("{\"c\": [{\"x\": 1}]}"), SchemaPolicy::Freeze);
    let (report, tables) = json_of(&frozen, "{\"c\": [{\"x\": 1}, null]}").expect("it fits");
    assert_eq!(report.tables[1].rows, 2);
    assert_eq!(tables["t_c"], "{\"x\":1}\n{}\n");
}

#[test]
fn a_null_needs_no_column_where_the_table_has_all_that_it_may_have() {
    let config = Config::default()
        .with_ids(Ids::Row)
        .with_max_columns(1)
        .expect("in range");
    let input = "{\"a\": [null, {\"b\": null}], \"c\": null}";
    let free = Processor::new().with_config(config);
    let found = outcome(&free, "json", input);
    let frozen = free.clone().with_schema(found.0.layout.clone());
    let frozen = frozen.with_schema_policy(SchemaPolicy::Freeze);
    assert_eq!(outcome(&frozen, "json", input), found);
}
