//! Cases of the first version: what scalars, items and records become.

use serde_json::json;
use transmog::{ArrayMode, Config, DEFAULT, EmptyText, LENIENT, Processor};

use crate::support::{bare, bytes, check, check_with, fails, plain, typed};

#[test]
fn d01_value_cache_confuses_types() {
    let first = r#"{"t":true,"n":1,"f":1.0,"z":0,"b":false,"m":-0.0,"y":0.0}"#;
    let second = r#"{"y":0.0,"m":-0.0,"b":false,"z":0,"f":1.0,"n":1,"t":true}"#;
    let row = json!({
        "t": "true", "n": "1", "f": "1.0", "z": "0", "b": "false", "m": "-0.0", "y": "0.0",
    });
    for text in [format!("{first}\n{second}"), format!("{second}\n{first}")] {
        check(&plain(Config::v1()), &text, &json!({"e": [row, row]}));
    }
}

#[test]
fn d01b_value_cache_confuses_types_no_cast() {
    let seen = check(
        &plain(typed()),
        r#"{"t":true,"n":1,"f":1.0}"#,
        &json!({"e": [{"t": true, "n": 1, "f": 1.0}]}),
    );
    let kinds = [("t", "boolean"), ("n", "int64"), ("f", "float64")];
    assert_eq!(seen.kinds("e"), kinds);
}

#[test]
fn d09_array_in_object_in_item() {
    let text = r#"{"id":"1","items":[{"k":"2","o":{"tags":["a","b"],"subs":[{"z":"3"}]}}]}"#;
    let expected = json!({
        "e": [{"id": "1"}],
        "e_items": [{"k": "2"}],
        "e_items_o_tags": [{"value": "a"}, {"value": "b"}],
        "e_items_o_subs": [{"z": "3"}],
    });
    let seen = check(&plain(Config::v1()), text, &expected);
    assert_eq!(seen.names("e_items"), ["k"]);
}

#[test]
fn d10_keep_mode_nested() {
    let config = Config::v1().with_array_mode(ArrayMode::Keep);
    let text = r#"{"o":{"p":1,"l":[{"a":"1"}],"t":["x","ÿ"]},"l":[{"q":["1"]}]}"#;
    let expected = json!({
        "e": [{
            "o_p": "1", "o_l": r#"[{"a":"1"}]"#, "o_t": r#"["x","ÿ"]"#, "l": r#"[{"q":["1"]}]"#,
        }],
        "e_o_l": [{"a": "1"}],
        "e_o_t": [{"value": "x"}, {"value": "ÿ"}],
        "e_l": [{"q": r#"["1"]"#}],
        "e_l_q": [{"value": "1"}],
    });
    check(&plain(config), text, &expected);
}

#[test]
fn d11_skip_mode_loses_arrays() {
    let text = r#"{"id":"1","tags":["x"],"o":{"k":["y",{"z":2}]}}"#;
    let inline = Config::v1().with_array_mode(ArrayMode::Inline);
    let row = json!({"id": "1", "tags": r#"["x"]"#, "o_k": r#"["y",{"z":2}]"#});
    let seen = check(&plain(inline), text, &json!({"e": [row]}));
    assert_eq!(seen.report.ledger.excluded, 0);
    let skip = Config::v1().with_array_mode(ArrayMode::Skip);
    let seen = check(&plain(skip), text, &json!({"e": [{"id": "1"}]}));
    assert_eq!(seen.report.ledger.excluded, 3);
}

#[test]
fn d12_array_scalars_not_cast() {
    let items = ["x", "3", "true", "1.5"].map(|value| json!({"value": value}));
    let text = r#"{"id":"1","t":["x",3,true,1.5]}"#;
    let expected = json!({"e": [{"id": "1"}], "e_t": items});
    check(&plain(Config::v1()), text, &expected);
}

#[test]
fn d13_inner_arrays_not_cast() {
    let text = r#"{"id":"1","g":[[1, 2],["x"]]}"#;
    let items = ["[1,2]", r#"["x"]"#].map(|value| json!({"value": value}));
    let expected = json!({"e": [{"id": "1"}], "e_g": items});
    check(&plain(Config::v1()), text, &expected);
}

#[test]
fn d14_empty_items_inconsistent() {
    let text = r#"{"id":"1","l":[{},[],"",{"a":"2"}]}"#;
    let index = |config: Config| {
        let config = bare(config).with_metadata(|names| names.array_index = Some("i".into()));
        Processor::new().with_config(config.expect("allowed"))
    };
    let e = json!([{"id": "1"}]);
    let expected = json!({"e": e, "e_l": [{"a": "2", "i": 3}]});
    check(&index(Config::v1()), text, &expected);
    let kept = Config::v1().with_empty_text(EmptyText::Keep);
    let expected = json!({"e": e, "e_l": [{"value": "", "i": 2}, {"a": "2", "i": 3}]});
    check(&index(kept), text, &expected);
    // Our own rules give every item a row.
    let items =
        json!([{"i": 0}, {"value": "[]", "i": 1}, {"value": "", "i": 2}, {"a": "2", "i": 3}]);
    check(
        &index(Config::default()),
        text,
        &json!({"e": e, "e_l": items}),
    );
}

#[test]
fn d17_null_record() {
    let text = r#"[{"a":"1"},null,null]"#;
    let processor = plain(Config::v1());
    let error = fails(&processor, || bytes(text));
    assert!(error.contains("record 1 "), "{error}");
    assert!(error.contains("expected an object, found null"), "{error}");
    let skip = processor.with_recovery(DEFAULT);
    let seen = check(&skip, text, &json!({"e": [{"a": "1"}]}));
    assert_eq!(
        (seen.report.records_read, seen.report.records_rejected),
        (3, 2)
    );
    assert_eq!(seen.report.problems_by_kind["not_an_object"], 2);
}

#[test]
fn d18_non_object_record() {
    let text = r#"[{"a":"1"},5,{"a":"2"}]"#;
    let processor = plain(Config::v1());
    let error = fails(&processor, || bytes(text));
    assert!(error.contains("record 1 "), "{error}");
    let expected = json!({"e": [{"a": "1"}, {"a": "2"}]});
    // The rejects have the place of the row for errors.
    for processor in [
        processor.clone().with_recovery(DEFAULT),
        processor.with_recovery(LENIENT),
    ] {
        let seen = check(&processor, text, &expected);
        assert_eq!(seen.places(), json!([[1, 1, "not_an_object", false]]));
        assert_eq!(seen.rejects[0]["raw"], "5");
        assert_eq!(seen.report.records_rejected, 1);
    }
}

#[test]
fn d19_nan_sentinel_text() {
    let text = "{\"x\":NaN,\"y\":Infinity,\"k\":\"1\"}\n{\"k\":\"2\"}\n";
    let processor = plain(Config::v1());
    let error = fails(&processor, || bytes(text));
    assert!(error.contains("NaN is not a JSON number"), "{error}");
    let skip = processor.clone().with_recovery(DEFAULT);
    let seen = check(&skip, text, &json!({"e": [{"k": "2"}]}));
    assert_eq!(seen.places(), json!([[0, 1, "not_finite", false]]));
    let mark = "x: NaN is not a JSON number; y: Infinity is not a JSON number";
    let expected = json!({"e": [{"k": "1", "__error": mark}, {"k": "2"}]});
    let partial = processor.clone().with_partial_recovery();
    check(&partial, text, &expected);
    // The same for values in memory.
    let records =
        [("x", f64::NAN), ("x", 1.5)].map(|field| std::collections::BTreeMap::from([field]));
    let input = || transmog::Input::records(records.clone());
    let error = fails(&processor, input);
    assert!(error.contains("NaN is not a JSON number"), "{error}");
    let expected = json!({"e": [{"__error": "x: NaN is not a JSON number"}, {"x": "1.5"}]});
    check_with(&partial, input, &expected);
}

#[test]
fn d19b_nan_in_array() {
    let text = "{\"id\":\"1\",\"t\":[NaN,1.5]}\n{\"id\":\"2\",\"t\":[2]}\n";
    let processor = plain(Config::v1());
    let error = fails(&processor, || bytes(text));
    assert!(error.contains("NaN is not a JSON number"), "{error}");
    let expected = json!({"e": [{"id": "2"}], "e_t": [{"value": "2"}]});
    check(&processor.clone().with_recovery(DEFAULT), text, &expected);
    let expected = json!({
        "e": [{"id": "1"}, {"id": "2"}],
        "e_t": [{"value": "1.5"}, {"value": "2"}],
        "e_t_errors": [{"__error": "NaN is not a JSON number"}],
    });
    check(&processor.with_partial_recovery(), text, &expected);
}
