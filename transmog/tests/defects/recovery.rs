//! Cases of the first version: records that cannot be read, under each strategy.

use serde_json::{Value, json};
use transmog::{DEFAULT, Input, LENIENT, Recovery, STRICT};

use crate::support::{bytes, check, check_with, fails, file, plain, typed};

const CUT_LINE: &str = "{\"a\":1}\n{\"a\":2\n{\"a\":3}\n";

#[test]
fn d50_malformed_jsonl_stream_strict() {
    let (_folder, path) = file("a.jsonl", CUT_LINE);
    let error = fails(&plain(typed()), || Input::file(&path));
    let place = format!("{}: record 1 (line 2, byte ", path.display());
    assert!(error.starts_with(&place), "{error}");
    assert!(error.contains("invalid JSON: "), "{error}");
}

#[test]
fn d50_malformed_jsonl_stream_skip() {
    let (_folder, path) = file("a.jsonl", CUT_LINE);
    let processor = plain(typed()).with_recovery(DEFAULT);
    let expected = json!({"e": [{"a": 1}, {"a": 3}]});
    let seen = check_with(&processor, || Input::file(&path), &expected);
    assert_eq!(seen.places(), json!([[1, 2, "syntax", false]]));
    assert_eq!(seen.rejects[0]["input"], path.to_str().expect("text"));
    assert_eq!(seen.rejects[0]["raw"], "{\"a\":2");
    assert_eq!(
        (seen.report.records_read, seen.report.records_rejected),
        (3, 1)
    );
}

/// What was read before the fault is a row with a mark, and the line goes to the rejects.
#[test]
fn d50_malformed_jsonl_stream_partial() {
    let (_folder, path) = file("a.jsonl", CUT_LINE);
    let processor = plain(typed()).with_partial_recovery();
    let mark = "invalid JSON: the object does not end";
    let expected = json!({"e": [{"a": 1}, {"a": 2, "__error": mark}, {"a": 3}]});
    let seen = check_with(&processor, || Input::file(&path), &expected);
    assert_eq!(seen.places(), json!([[1, 2, "syntax", true]]));
    assert_eq!(seen.rejects[0]["raw"], "{\"a\":2");
    assert_eq!(
        (seen.report.records_rejected, seen.report.records_partial),
        (0, 1)
    );
    // A line of which nothing can be read is in the rejects only.
    let expected = json!({"e": [{"a": 1}, {"a": 3}]});
    let seen = check(&processor, "{\"a\":1}\nnonsense\n{\"a\":3}\n", &expected);
    assert_eq!(seen.places(), json!([[1, 2, "syntax", false]]));
}

#[test]
fn d51_malformed_jsonl_process_file_strict() {
    let (_folder, path) = file("a.jsonl", CUT_LINE);
    let error = plain(typed())
        .process_file(&path, "e")
        .expect_err("the second line is cut");
    assert_eq!(error.location().and_then(|at| at.line), Some(2));
}

#[test]
fn d52_truncated_json_partial() {
    let (_folder, path) = file("a.json", r#"[{"a":1},{"a":2},{"a":"#);
    let error = fails(&plain(typed()), || Input::file(&path));
    assert!(error.contains("record 2 (line 1, byte 22)"), "{error}");
    let expected = json!({"e": [{"a": 1}, {"a": 2}]});
    for recovery in [Recovery::from(DEFAULT), LENIENT.into()] {
        let processor = plain(typed()).with_recovery(recovery);
        let seen = check_with(&processor, || Input::file(&path), &expected);
        assert_eq!(seen.places(), json!([[2, 1, "syntax", false]]));
        assert_eq!(seen.rejects[0]["byte"], 22);
        assert_eq!(seen.rejects[0]["raw"], r#"{"a":"#);
    }
    // What was read of the cut record is kept too.
    let (_folder, path) = file("a.json", r#"[{"a":1},{"a":2,"b":"#);
    let partial = plain(typed()).with_partial_recovery();
    let mark = "b: invalid JSON: expected a value";
    let expected = json!({"e": [{"a": 1}, {"a": 2, "__error": mark}]});
    check_with(&partial, || Input::file(&path), &expected);
}

#[test]
fn d53_nan_in_json_file() {
    let mark = "a: NaN is not a JSON number";
    for (name, text, line) in [
        ("a.json", "[{\"a\":NaN,\"b\":1},{\"a\":2}]", 1),
        ("a.jsonl", "\n{\"a\":NaN,\"b\":1}\n{\"a\":2}\n", 2),
    ] {
        let (_folder, path) = file(name, text);
        let input = || Input::file(&path);
        let error = fails(&plain(typed()), input);
        let place = format!("record 0 (line {line}, byte 6)");
        assert!(error.contains(&place) && error.contains("NaN"), "{error}");
        let skip = plain(typed()).with_recovery(DEFAULT);
        let seen = check_with(&skip, input, &json!({"e": [{"a": 2}]}));
        assert_eq!(seen.places(), json!([[0, line, "not_finite", false]]));
        let expected = json!({"e": [{"b": 1, "__error": mark}, {"a": 2}]});
        let partial = plain(typed()).with_partial_recovery();
        let seen = check_with(&partial, input, &expected);
        assert_eq!(seen.places(), json!([[0, line, "not_finite", true]]));
    }
}

#[test]
fn d54_non_object_line() {
    let text = "[1,2]\n{\"a\":2}\n";
    let (_folder, path) = file("a.jsonl", text);
    let expected = json!({"e": [{"a": 2}]});
    let skip = plain(typed()).with_recovery(DEFAULT);
    let seen = check_with(&skip, || Input::file(&path), &expected);
    assert_eq!(seen.places(), json!([[0, 1, "not_an_object", false]]));
    assert_eq!(seen.rejects[0]["raw"], "[1,2]");
    let error = fails(&plain(typed()), || Input::file(&path));
    assert!(
        error.contains("expected an object, found an array"),
        "{error}"
    );
}

fn with_mark(name: &str, text: &str) {
    let (_folder, path) = file(name, format!("\u{feff}{text}"));
    let expected = json!({"e": [{"a": 1}]});
    check_with(&plain(typed()), || Input::file(&path), &expected);
}

#[test]
fn d55_bom_jsonl() {
    with_mark("a.jsonl", "{\"a\":1}\n");
}

#[test]
fn d56_bom_json() {
    with_mark("a.json", "[{\"a\":1}]\n");
    with_mark("b.json", "{\"a\":1}\n");
}

/// Objects and names are the same. To skip is to leave out the whole record, and parts are kept by
/// the other strategy.
#[test]
fn d121_recovery_object_drops_whole_record() {
    let text = r#"[{"id":1,"items":[{"a":1},{"a":Infinity,"b":2},NaN,{"a":3}]},{"id":2}]"#;
    let skipped = json!({"e": [{"id": 2}]});
    let kept = json!({
        "e": [{"id": 1}, {"id": 2}],
        "e_items": [
            {"a": 1}, {"b": 2, "__error": "a: Infinity is not a JSON number"}, {"a": 3},
        ],
        "e_items_errors": [{"__error": "NaN is not a JSON number"}],
    });
    let places = |kept: bool| json!([[0, 1, "not_finite", kept]]);
    let all: [(&str, Recovery, &Value, Value); 2] = [
        ("skip", DEFAULT.into(), &skipped, places(false)),
        ("partial", LENIENT.into(), &kept, places(true)),
    ];
    for (word, object, expected, places) in all {
        for recovery in [word.parse().expect("a name"), object] {
            let processor = plain(typed()).with_recovery(recovery);
            let seen = check(&processor, text, expected);
            assert_eq!(seen.places(), places, "{word}");
        }
    }
    let strict: Recovery = "strict".parse().expect("a name");
    let by_name = fails(&plain(typed()).with_recovery(strict), || bytes(text));
    assert_eq!(
        by_name,
        fails(&plain(typed()).with_recovery(STRICT), || bytes(text))
    );
}
