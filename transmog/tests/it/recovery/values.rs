//! Records out of iterators.

use std::collections::BTreeMap;

use serde_json::json;
use transmog::{DEFAULT, Input, LENIENT};

use super::{lines, places, run};

#[test]
fn values_in_memory_recover_too() {
    let records = || {
        vec![
            BTreeMap::from([("a", 1.5)]),
            BTreeMap::from([("a", f64::NAN)]),
            BTreeMap::from([("a", 2.5)]),
        ]
    };
    assert!(run(&lines(), Input::records(records())).is_err());
    let (report, files) =
        run(&lines().with_recovery(DEFAULT), Input::records(records())).expect("skipped");
    assert_eq!(files["t.jsonl"], [json!({"a": 1.5}), json!({"a": 2.5})]);
    assert_eq!(files["t.rejected.jsonl"][0]["raw"], "{\"a\":NaN}");
    assert_eq!(report.problems[0].record, Some(1));
    let (_, files) = run(&lines().with_recovery(LENIENT), Input::records(records())).expect("kept");
    assert_eq!(
        files["t.jsonl"][1],
        json!({"__error": "a: NaN is not a JSON number"})
    );

    // Nulls around show that each token finds its own place.
    let value = |x: f64| (None::<u8>, x, (), [Some(x), None]);
    let records = || {
        [
            BTreeMap::from([("v", value(f64::INFINITY))]),
            BTreeMap::from([("v", value(1.0))]),
        ]
    };
    let (_, files) =
        run(&lines().with_recovery(DEFAULT), Input::records(records())).expect("skipped");
    assert_eq!(
        files["t.rejected.jsonl"][0]["raw"],
        "{\"v\":[null,Infinity,null,[Infinity,null]]}"
    );

    let unnamed = [BTreeMap::from([(vec![1], 1)]), BTreeMap::new()];
    let (report, files) =
        run(&lines().with_recovery(DEFAULT), Input::records(unnamed)).expect("skipped");
    assert_eq!(files["t.jsonl"], [json!({})]);
    assert_eq!(
        places(&files),
        [json!([0, 1, 0, "not_serialisable", false])]
    );
    assert_eq!((report.records_read, report.records_rejected), (2, 1));
}

#[test]
fn an_iterator_that_fails_ends_the_run_under_every_strategy() {
    let records = || {
        let record = |n: &str| n.parse::<u8>().map(|n| BTreeMap::from([("n", n)]));
        ["1", "2", "x", "4"].map(record)
    };
    for recovery in ["strict", "skip", "partial"] {
        let recovery: transmog::Recovery = recovery.parse().expect("a name");
        let error = run(
            &lines().with_recovery(recovery),
            Input::try_records(records()),
        );
        let error = error.expect_err("x is no number");
        assert_eq!(error.to_string(), "<records>: cannot get record 2");
        let source = std::error::Error::source(&error).expect("why");
        assert_eq!(source.to_string(), "invalid digit found in string");
    }
    let (_, files) = run(&lines(), Input::try_records(records().into_iter().take(2))).expect("two");
    assert_eq!(files["t.jsonl"], [json!({"n": 1}), json!({"n": 2})]);
}
