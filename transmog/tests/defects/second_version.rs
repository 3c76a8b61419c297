//! Cases of the second version: values, names, ids and records.

use serde_json::{Value, json};
use transmog::{ArrayMode, Config, DEFAULT, Ids, LENIENT, NaturalIds, Processor, deterministic_id};

use crate::support::{FORMATS, bytes, check, fails, numbered, of_memory, plain, run};

fn v2() -> Processor {
    plain(Config::v2())
}

#[test]
fn e01_grandchildren_point_at_root() {
    let text = r#"{"departments":[{"name":"A","teams":[{"t":1}]},{"name":"B","teams":[{"t":2}]}]}"#;
    for format in FORMATS {
        let seen = run(&numbered(Config::v2()), format, text).expect("valid");
        let tables: Vec<_> = seen.tables.keys().collect();
        assert_eq!(tables, ["e", "e_departments", "e_departments_teams"]);
        let teams = ["_id", "_parent_id", "t"].map(|name| seen.column("e_departments_teams", name));
        let numbers = |numbers: [u8; 2]| {
            let text = numbers.map(|number| json!(number.to_string()));
            if format == "csv" {
                text
            } else {
                numbers.map(Value::from)
            }
        };
        assert_eq!(
            teams,
            [numbers([0, 1]), numbers([0, 1]), numbers([1, 2])],
            "{format}"
        );
        assert_eq!(seen.column("e_departments", "_id"), numbers([0, 1]));
        assert_eq!(
            seen.report.tables[2].parent.as_deref(),
            Some("e_departments")
        );
    }
    // Random ids link just so.
    let seen = run(&Processor::new().with_config(Config::v2()), "json", text).expect("valid");
    let departments = seen.column("e_departments", "_id");
    assert_ne!(departments[0], departments[1]);
    assert_eq!(
        seen.column("e_departments_teams", "_parent_id"),
        departments
    );
}

#[test]
fn e02_tables_of_different_items_merge() {
    let text = r#"{"i":0,"a":[{"k":1,"tags":[{"x":1}]}],"b":[{"k":2,"tags":[{"y":2}]}]}"#;
    let expected = json!({
        "e": [{"i": 0}], "e_a": [{"k": 1}], "e_a_tags": [{"x": 1}],
        "e_b": [{"k": 2}], "e_b_tags": [{"y": 2}],
    });
    check(&v2(), text, &expected);
}

#[test]
fn e03_key_collision() {
    let expected = json!({"e": [{"a_b": 1, "a_b_2": 2}]});
    let seen = check(&v2(), r#"{"a":{"b":1},"a_b":2}"#, &expected);
    assert_eq!(seen.report.renames.len(), 1);
}

#[test]
fn e04_user_id_overwritten() {
    let text = r#"{"_id":"mine","_timestamp":"t","x":1}"#;
    let result = numbered(Config::v2()).process(text, "e").expect("valid");
    let row = json!({
        "_id_2": "mine", "_timestamp_2": "t", "x": 1,
        "_id": 0, "_timestamp": "2026-01-01T00:00:00Z",
    });
    assert_eq!(of_memory(&result), json!({"e": [row]}));
    for format in FORMATS {
        let seen = run(&numbered(Config::v2()), format, text).expect("valid");
        assert_eq!(seen.column("e", "_id_2"), ["mine"], "{format}");
        assert_eq!(seen.column("e", "_timestamp_2"), ["t"], "{format}");
        assert_eq!(seen.report.renames.len(), 2);
    }
}

/// The id is a column of the flattened row.
#[test]
fn e05_natural_id_nested() {
    let text = r#"{"product":{"product_id":"PROD123","name":"G"},"k":[{"x":1}]}"#;
    let ids = NaturalIds::new().with_mapping([("e", "product_product_id")]);
    let ids = Ids::Natural(ids.expect("allowed"));
    let processor = Processor::new().with_config(Config::v2().with_ids(ids));
    for format in FORMATS {
        let seen = run(&processor, format, text).expect("valid");
        assert_eq!(seen.column("e", "product_product_id"), ["PROD123"]);
        assert_eq!(seen.column("e_k", "_parent_id"), ["PROD123"], "{format}");
        assert_eq!(seen.report.tables[0].fallback_ids, 0);
    }
}

/// Hashes have the second version's values, which ignore case, as their documentation says; ids
/// that a program makes are the option that does not.
#[test]
fn e06_hash_ignores_case() {
    let text = r#"[{"code":"a"},{"code":"A"}]"#;
    let hash = |ids: Ids| Processor::new().with_config(Config::v2().with_ids(ids));
    let exact = Ids::custom(|row| Some(row.get("code")?.to_text()));
    for format in FORMATS {
        let seen = run(&hash(Ids::Hash), format, text).expect("valid");
        let id = deterministic_id(r#"{"code": "a"}"#);
        assert_eq!(seen.column("e", "_id"), [id.as_str(); 2], "{format}");
        assert_eq!(seen.column("e", "code"), ["a", "A"]);
        let seen = run(&hash(exact.clone()), format, text).expect("valid");
        assert_eq!(seen.column("e", "_id"), ["a", "A"], "{format}");
    }
}

/// The profile leaves such items out, as its documentation says; a setting, and our own rules, give
/// each a row.
#[test]
fn e07_items_of_empty_objects_vanish() {
    let text = r#"{"x":1,"items":[{},{}]}"#;
    check(&v2(), text, &json!({"e": [{"x": 1}]}));
    let kept = Config::v2().with_empty_items_skipped(false);
    for (config, parent, index) in [
        (kept, "_parent_id", None),
        (
            Config::default(),
            "__parent_transmog_id",
            Some("__array_index"),
        ),
    ] {
        let result = numbered(config).process(text, "e").expect("valid");
        let tables = of_memory(&result);
        let items = tables["e_items"].as_array().expect("a table");
        assert_eq!(items.len(), 2);
        assert!(items.iter().all(|item| item[parent] == 0));
        let indexes = index.map(|index| [&items[0][index], &items[1][index]]);
        assert!(indexes.is_none_or(|found| found == [&json!(0), &json!(1)]));
    }
}

#[test]
fn e08_empty_record_dropped() {
    let text = r#"[{"a":1},{},{"a":2}]"#;
    let seen = check(&v2(), text, &json!({"e": [{"a": 1}, {}, {"a": 2}]}));
    assert_eq!(
        (seen.report.records_read, seen.report.tables[0].rows),
        (3, 3)
    );
    for format in FORMATS {
        let seen = run(&Processor::new().with_config(Config::v2()), format, text).expect("valid");
        let ids = seen.column("e", "_id");
        assert!(
            ids.iter()
                .all(|id| id.as_str().is_some_and(|id| id.len() == 36)),
            "{ids:?}"
        );
    }
}

/// What is not finite is a null in fields and in items, and so are nulls and empty text that are
/// kept.
#[test]
fn e09_nulls_in_kept_arrays() {
    let text = r#"{"t":[NaN,1.5,Infinity],"f":NaN,"k":2}"#;
    check(
        &v2(),
        text,
        &json!({"e": [{"t": [null, 1.5, null], "k": 2}]}),
    );
    let own = plain(Config::default().with_array_mode(ArrayMode::Smart));
    let text = r#"{"t":[null,"","x"],"n":null,"m":""}"#;
    let seen = check(&own, text, &json!({"e": [{"t": [null, "", "x"], "m": ""}]}));
    assert_eq!(seen.names("e"), ["t", "n", "m"]);
    let error = fails(&own, || bytes(r#"{"t":[NaN,1.5]}"#));
    assert!(error.contains("NaN is not a JSON number"), "{error}");
}

#[test]
fn e10_null_record_aborts() {
    let text = r#"[{"a":1},null,{"a":2}]"#;
    let error = fails(&v2(), || bytes(text));
    assert!(
        error.contains("record 1 ") && error.contains("found null"),
        "{error}"
    );
    for processor in [v2().with_recovery(DEFAULT), v2().with_recovery(LENIENT)] {
        let seen = check(&processor, text, &json!({"e": [{"a": 1}, {"a": 2}]}));
        assert_eq!(seen.places(), json!([[1, 1, "not_an_object", false]]));
    }
}

#[test]
fn e11_table_path_not_sanitised() {
    let text = r#"{"i":0,"a b":{"c-d":[{"v":1}]}}"#;
    check(
        &v2(),
        text,
        &json!({"e": [{"i": 0}], "e_a_b_c_d": [{"v": 1}]}),
    );
}

/// The report says that items were left out.
#[test]
fn e07_empty_items_that_are_skipped_are_counted() {
    let input = bytes(r#"{"x":1,"items":[{},{}]}"#);
    let seen = run(&plain(Config::v2()), "json", input).expect("valid");
    assert_eq!(seen.report.ledger.excluded, 2);
}
