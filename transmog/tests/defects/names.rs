//! Cases of the first version: what columns and tables are called, and that no name is given twice.

use serde_json::json;
use transmog::{Config, RenameReport};

use crate::support::{check, numbered, plain};

/// Who was called what instead of what, and who has that name.
fn renamed(rename: &RenameReport) -> (String, &str, &str, String) {
    let table = |path: &[Vec<String>]| path.concat().join(".");
    let taken_by = rename.taken_by.as_ref().expect("another one");
    let (path, by) = match &rename.column_path {
        Some(path) => {
            let by = taken_by.column_path.clone().unwrap_or_default();
            (path.join("."), by.join("."))
        }
        None => (table(&rename.table_path), table(&taken_by.table_path)),
    };
    (path, &rename.name, &rename.wanted, by)
}

#[test]
fn d02_key_collision_nested_vs_flat() {
    let processor = plain(Config::v1());
    let text = r#"{"a":{"b":"nested"},"a_b":"flat"}"#;
    let expected = json!({"e": [{"a_b": "nested", "a_b_2": "flat"}]});
    let seen = check(&processor, text, &expected);
    let rename = ("a_b".into(), "a_b_2", "a_b", "a.b".into());
    assert_eq!(renamed(&seen.report.renames[0]), rename);
    assert_eq!(seen.report.renames.len(), 1);
    // Names stay with their paths.
    let text = format!(
        "{}\n{text}\n{}",
        r#"{"a_b":"first"}"#, r#"{"a":{"b":"last"}}"#
    );
    let rows = [
        json!({"a_b": "first"}),
        json!({"a_b_2": "nested", "a_b": "flat"}),
        json!({"a_b_2": "last"}),
    ];
    check(&processor, &text, &json!({"e": rows}));
}

#[test]
fn d03_deep_path_collision() {
    let text = r#"{"a":{"b":{"c":{"d":{"x":"one"}}},"b2":{"c":{"d":{"x":"two"}}}}}"#;
    let expected = json!({"e": [{"a_nested_x": "one", "a_nested_x_2": "two"}]});
    let seen = check(&plain(Config::v1()), text, &expected);
    let rename = (
        "a.b2.c.d.x".into(),
        "a_nested_x_2",
        "a_nested_x",
        "a.b.c.d.x".into(),
    );
    assert_eq!(renamed(&seen.report.renames[0]), rename);
    let expected = json!({"e": [{"a_b_c_d_x": "one", "a_b2_c_d_x": "two"}]});
    check(&plain(Config::default()), text, &expected);
}

#[test]
fn d04_snake_case_key_counted_as_depth() {
    let text = r#"{"first_name_of_the_customer":"x","o":{"second_name_of_the_customer":"y"}}"#;
    let row = json!({"first_name_of_the_customer": "x", "o_second_name_of_the_customer": "y"});
    check(&plain(Config::v1()), text, &json!({"e": [row]}));
}

#[test]
fn d04b_snake_case_keys_collide() {
    let row = json!({"ship_to_street_line_1": "A", "ship_from_city_line_1": "B"});
    let seen = check(&plain(Config::v1()), &row.to_string(), &json!({"e": [row]}));
    assert!(seen.report.renames.is_empty());
}

#[test]
fn d05_table_simplification_merges_tables() {
    let text = r#"{"id":"1","a":{"b":{"c":{"x":["one"]},"d":{"x":["two"]}}}}"#;
    let (one, two) = (json!([{"value": "one"}]), json!([{"value": "two"}]));
    let expected = json!({"e": [{"id": "1"}], "e_a_nested_x": one, "e_a_nested_x_2": two});
    let seen = check(&plain(Config::v1()), text, &expected);
    let rename = (
        "a.b.d.x".into(),
        "e_a_nested_x_2",
        "e_a_nested_x",
        "a.b.c.x".into(),
    );
    assert_eq!(renamed(&seen.report.renames[0]), rename);
    let expected = json!({"e": [{"id": "1"}], "e_a_b_c_x": one, "e_a_b_d_x": two});
    check(&plain(Config::default()), text, &expected);
}

#[test]
fn d05b_table_name_from_snake_case_parent() {
    let text = r#"{"id":"1","order_line_items":{"sub_items":[{"q":"2"}]}}"#;
    let expected = json!({"e": [{"id": "1"}], "e_order_line_items_sub_items": [{"q": "2"}]});
    check(&plain(Config::v1()), text, &expected);
}

#[test]
fn d06_table_name_collision() {
    let text = r#"{"id":"1","a":{"b":[{"x":"1"}]},"a_b":[{"y":"2"}]}"#;
    let expected = json!({"e": [{"id": "1"}], "e_a_b": [{"x": "1"}], "e_a_b_2": [{"y": "2"}]});
    let seen = check(&plain(Config::v1()), text, &expected);
    let rename = ("a_b".into(), "e_a_b_2", "e_a_b", "a.b".into());
    assert_eq!(renamed(&seen.report.renames[0]), rename);
}

#[test]
fn d07_sanitised_table_names_collide() {
    let text = r#"{"id":"1","a b":["1"],"a-b":["2"],"a_b":["3"]}"#;
    let item = |value: &str| json!([{"value": value}]);
    let expected = json!({
        "e": [{"id": "1"}], "e_a_b": item("1"), "e_a_b_2": item("2"), "e_a_b_3": item("3"),
    });
    let seen = check(&plain(Config::v1()), text, &expected);
    assert_eq!(seen.report.renames.len(), 2);
}

#[test]
fn d08_parent_path_not_sanitised() {
    let text = r#"{"id":"1","ship to/from":{"line items":[{"a":"1"}]}}"#;
    let expected = json!({"e": [{"id": "1"}], "e_ship_to_from_line_items": [{"a": "1"}]});
    check(&plain(Config::v1()), text, &expected);
}

#[test]
fn d15_double_underscore_keys() {
    let text = r#"{"a":{"__v":1},"b":{"__v":2},"__l":[1,2],"__o":{"k":true}}"#;
    let expected = json!({
        "e": [{"a___v": "1", "b___v": "2", "__o_k": "true"}],
        "e___l": [{"value": "1"}, {"value": "2"}],
    });
    check(&plain(Config::v1()), text, &expected);
}

#[test]
fn d16_user_columns_overwritten() {
    let text = r#"{"__transmog_id":"mine","x":"1","k":[{"__array_index":"9"}]}"#;
    let time = "2026-01-01T00:00:00Z";
    let seen = numbered(Config::v1()).process(text, "e").expect("valid");
    let expected = json!({
        "e": [{"__transmog_id_2": "mine", "x": "1", "__transmog_id": 0, "__transmog_datetime": time}],
        "e_k": [{
            "__array_index_2": "9", "__transmog_id": 0, "__parent_transmog_id": 0,
            "__transmog_datetime": time, "__array_field": "k", "__array_index": 0,
        }],
    });
    assert_eq!(crate::support::of_memory(&seen), expected);
    for format in crate::support::FORMATS {
        let seen = crate::support::run(&numbered(Config::v1()), format, text).expect("valid");
        assert_eq!(seen.column("e", "__transmog_id_2"), ["mine"], "{format}");
        assert_eq!(seen.column("e_k", "__array_index_2"), ["9"], "{format}");
        let renames: Vec<_> = seen.report.renames.iter().map(renamed).collect();
        let index = (
            "__array_index".into(),
            "__array_index_2",
            "__array_index",
            String::new(),
        );
        assert_eq!(renames[1], index);
    }
}
