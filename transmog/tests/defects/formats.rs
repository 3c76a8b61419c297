//! Cases of the first version: columns that come late, change their types or hold large integers,
//! in every format.

use serde_json::json;
use transmog::{Config, Input, Nulls, Processor, WriterOptions};

use crate::support::{Seen, check, check_with, file, plain, raw, run_with, typed};

/// What Parquet has with row groups of two rows, each made of two records.
fn small_groups(processor: &Processor, text: &str) -> Seen {
    let processor = processor.clone().with_chunk_size(2).expect("allowed");
    let options = ("parquet", WriterOptions::new().with("row_group_size", 2));
    run_with(&processor, "parquet", options, text).expect("a good run")
}

#[test]
fn d60_csv_new_column_next_batch() {
    let text = r#"[{"a":1},{"a":2},{"a":3,"b":9}]"#;
    let rows = json!([{"a": "1"}, {"a": "2"}, {"a": "3", "b": "9"}]);
    check(&plain(Config::v1()), text, &json!({"e": rows}));
    let batches = plain(Config::v1()).with_chunk_size(2).expect("allowed");
    assert_eq!(raw(&batches, "csv", text)["e"], "a,b\n1,\n2,\n3,9\n");
}

#[test]
fn d60b_csv_new_column_same_batch() {
    let text = r#"[{"a":1},{"a":2,"b":3}]"#;
    check(
        &plain(Config::v1()),
        text,
        &json!({"e": [{"a": "1"}, {"a": "2", "b": "3"}]}),
    );
    assert_eq!(
        raw(&plain(Config::v1()), "csv", text)["e"],
        "a,b\n1,\n2,3\n"
    );
}

#[test]
fn d60c_csv_ragged_child_rows() {
    let text = r#"{"id":1,"m":[{"x":1},{"y":2}]}"#;
    let expected = json!({"e": [{"id": "1"}], "e_m": [{"x": "1"}, {"y": "2"}]});
    check(&plain(Config::v1()), text, &expected);
    assert_eq!(
        raw(&plain(Config::v1()), "csv", text)["e_m"],
        "x,y\n1,\n,2\n"
    );
}

#[test]
fn d61_parquet_new_column_dropped() {
    let text = r#"[{"a":1},{"a":2},{"a":3,"b":9},{"a":4,"b":8}]"#;
    let seen = small_groups(&plain(typed()), text);
    assert_eq!(seen.kinds("e"), [("a", "int64"), ("b", "int64")]);
    assert_eq!(json!(seen.column("e", "a")), json!([1, 2, 3, 4]));
    assert_eq!(json!(seen.column("e", "b")), json!([null, null, 9, 8]));
    let seen = small_groups(&plain(Config::v1()), text);
    assert_eq!(json!(seen.column("e", "b")), json!([null, null, "9", "8"]));
}

#[test]
fn d62_parquet_float_truncated() {
    let text = r#"[{"a":1},{"a":2.5}]"#;
    let seen = check(&plain(typed()), text, &json!({"e": [{"a": 1}, {"a": 2.5}]}));
    assert_eq!(seen.kinds("e"), [("a", "float64")]);
    assert_eq!(json!(seen.column("e", "a")), json!([1.0, 2.5]));
}

#[test]
fn d63_parquet_type_change() {
    let text = r#"[{"a":1},{"a":2},{"a":"x"},{"a":"y"}]"#;
    let values = ["1", "2", "x", "y"];
    let seen = check(
        &plain(typed()),
        text,
        &json!({"e": values.map(|a| json!({"a": a}))}),
    );
    assert_eq!(seen.kinds("e"), [("a", "text")]);
    let seen = small_groups(&plain(typed()), text);
    assert_eq!(seen.kinds("e"), [("a", "text")]);
    assert_eq!(seen.column("e", "a"), values);
}

/// With nulls that are kept; the profile's other rule makes empty text of them.
#[test]
fn d64_parquet_null_first() {
    let processor = plain(typed().with_nulls(Nulls::Keep));
    let text = r#"[{"b":null},{"b":5}]"#;
    let seen = check(&processor, text, &json!({"e": [{}, {"b": 5}]}));
    assert_eq!(seen.kinds("e"), [("b", "int64")]);
    let seen = small_groups(&processor, r#"[{"b":null},{"b":null},{"b":5}]"#);
    assert_eq!(seen.kinds("e"), [("b", "int64")]);
    assert_eq!(json!(seen.column("e", "b")), json!([null, null, 5]));
}

#[test]
fn d65_bigint_parquet() {
    let seen = check(
        &plain(typed()),
        r#"[{"a":9223372036854775808},{"a":1}]"#,
        &json!({"e": [{"a": 9_223_372_036_854_775_808_u64}, {"a": 1}]}),
    );
    assert_eq!(seen.kinds("e"), [("a", "decimal")]);
}

#[test]
fn d66_bigint_json() {
    let text = r#"[{"a":18446744073709551617},{"a":-18446744073709551617}]"#;
    let compact = || ("json", WriterOptions::new().with("lines", true));
    let expected = "{\"a\":18446744073709551617}\n{\"a\":-18446744073709551617}\n";
    assert_eq!(raw(&plain(typed()), compact(), text)["e"], expected);
    let expected = "a\n18446744073709551617\n-18446744073709551617\n";
    assert_eq!(raw(&plain(typed()), "csv", text)["e"], expected);
    let seen = small_groups(&plain(typed()), text);
    assert_eq!(seen.kinds("e"), [("a", "decimal")]);
    let values = ["18446744073709551617", "-18446744073709551617"];
    assert_eq!(seen.column("e", "a"), values);
}

#[test]
fn d67_bigint_file_precision() {
    let (_folder, path) = file("a.json", r#"{"a":12345678901234567890123}"#);
    let expected = json!({"e": [{"a": "12345678901234567890123"}]});
    check_with(&plain(Config::v1()), || Input::file(&path), &expected);
}

#[test]
fn d68_mixed_array_parquet() {
    let text = r#"{"id":1,"t":["x",3,true]}"#;
    let items = ["x", "3", "true"].map(|value| json!({"value": value}));
    let seen = check(
        &plain(Config::v1()),
        text,
        &json!({"e": [{"id": "1"}], "e_t": items}),
    );
    assert_eq!(seen.kinds("e_t"), [("value", "text")]);
    let seen = check(
        &plain(typed()),
        text,
        &json!({"e": [{"id": 1}], "e_t": items}),
    );
    assert_eq!(seen.kinds("e_t"), [("value", "text")]);
}

#[test]
fn d69_inner_array_csv() {
    let text = r#"{"id":1,"g":[[1, 2],["x"]]}"#;
    for config in [Config::v1(), typed(), Config::default()] {
        let expected = "value\n\"[1,2]\"\n\"[\"\"x\"\"]\"\n";
        assert_eq!(raw(&plain(config), "csv", text)["e_g"], expected);
    }
}
