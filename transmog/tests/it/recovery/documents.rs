//! JSON documents that are cut, or hold something between their records.

use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use transmog::{DEFAULT, LENIENT};

use super::{documents, places, run};

#[test]
fn a_cut_document_gives_its_whole_records() {
    let text = "[{\"a\":1},{\"a\":2},{\"a\":";
    assert!(run(&documents(), text).is_err());
    for strategy in [DEFAULT.into(), transmog::Recovery::from(LENIENT)] {
        let (report, files) = run(&documents().with_recovery(strategy), text).expect("runs");
        assert_eq!(files["t.jsonl"], [json!({"a": 1}), json!({"a": 2})]);
        assert_eq!(places(&files), [json!([2, 1, 22, "syntax", false])]);
        assert_eq!((report.records_read, report.records_rejected), (3, 1));
    }
    // Between records, what is missing is no record.
    let (report, files) = run(&documents().with_recovery(DEFAULT), "[{\"a\":1},").expect("runs");
    assert_eq!(files["t.jsonl"], [json!({"a": 1})]);
    assert_eq!((report.records_read, report.records_rejected), (1, 0));
    assert_eq!(report.problems_by_kind["syntax"], 1);
}

#[test]
fn a_document_goes_on_behind_what_is_no_record() {
    let cases = [
        ("[{\"a\":1} {\"a\":2}]", vec![""], 2),
        ("[{\"a\":1},{\"a\":2},]", vec![""], 2),
        ("[{\"a\":1},,{\"a\":2}]", vec![","], 2),
        ("[{\"a\":1}}, {\"a\":2}]", vec!["},"], 2),
        ("[{\"a\":1}, xyz, {\"a\":2}]", vec!["xyz"], 2),
        ("{\"a\":1}] }\n{\"a\":2}", vec!["] }"], 2),
        ("[{\"a\":1},{\"a\":01},{\"a\":2}]", vec!["{\"a\":01}"], 2),
        ("{\"a\":1},{\"a\":2}, {\"a\":3}", vec![""], 3),
        ("[{\"a\":1}],[{\"a\":2}]", vec![""], 2),
        // What is not closed in a record ends with it.
        ("[{\"a\":1},{\"k\":[1},{\"a\":2}]", vec!["{\"k\":[1}"], 2),
        (
            "[{\"a\":1},{\"k\":{\"x\":[[1}},{\"a\":2}]",
            vec!["{\"k\":{\"x\":[[1}}"],
            2,
        ),
        ("[{\"a\":1},{\"k\":{1],{\"a\":2}]", vec!["{\"k\":{1],"], 2),
        // A bracket that cannot be the last one is one too many.
        (
            r#"[{"a":1},{"a":[1]],"w":{}},{"a":2}]"#,
            vec![r#"{"a":[1]],"w":{}}"#],
            2,
        ),
        (
            r#"[{"a":1},{"a":1,2],"w":{}},{"a":2}]"#,
            vec![r#"{"a":1,2],"w":{}}"#],
            2,
        ),
        // What a bracket too many has cut off a record is none.
        (
            r#"[{"a":1},{"a":0}},"w":["{",{"x":1}]},{"a":2}]"#,
            vec![r#"},"w":["{",{"x":1}]},"#],
            3,
        ),
        (
            r#"[{"a":1},{"v":"a":2},"w":{"q":[]}, "r":[{}]},{"a":2}]"#,
            vec![r#"{"v":"a":2}"#, r#""w":{"q":[]}, "r":[{}]},"#],
            2,
        ),
        // The next record shows that brackets or quotes of this one are missing.
        (r#"[{"a":1},{"a":1,{"a":2}]"#, vec![r#"{"a":1,"#], 2),
        (r#"[{"a":1},{"a":1 {"a":2}]"#, vec![r#"{"a":1 "#], 2),
        (
            r#"[{"a":1},{"a":{"a":1, {"a":2},{}]"#,
            vec![r#"{"a":{"a":1, "#],
            3,
        ),
        (r#"[{"a":1},{"a":1,"b{"a":2}]"#, vec![r#"{"a":1,"b"#], 2),
        (r#"[{"a":1},{"a":"x},{"a":2}]"#, vec![r#"{"a":"x}"#], 2),
        (r#"[{"a":1},{"a":x"},{"a":2}]"#, vec![r#"{"a":x"}"#], 2),
        (r#"[{"a":1},{a":1},{ "a":2}]"#, vec![r#"{a":1}"#], 2),
        (r#"[{"a":1},{"a:1},{"a":2},{}]"#, vec![r#"{"a:1}"#], 3),
        (
            r#"{"a":1}{"a":"x","b":{"c":1} {"a":2}"#,
            vec![r#"{"a":"x","b":{"c":1} "#],
            2,
        ),
        (
            r#"[{"a":1},{"a":"x,"b":{"c":1}},{"a":2}]"#,
            vec![r#"{"a":"x,"b":{"c":1}}"#],
            2,
        ),
        (
            r#"[{"a":1},{"a":"say "x" now"},{"a":2}]"#,
            vec![r#"{"a":"say "x" now"}"#],
            2,
        ),
        // Where an array is open, an object may be an item.
        (
            r#"[{"a":1},{"a":[{"b":1,{"b":2}]},{"a":2}]"#,
            vec![r#"{"a":[{"b":1,{"b":2}]}"#],
            2,
        ),
    ];
    for (text, raw, rows) in cases {
        assert!(run(&documents(), text).is_err(), "{text}");
        for size in [1, 1000] {
            let processor = documents()
                .with_recovery(DEFAULT)
                .with_chunk_size(size)
                .expect("allowed");
            let (report, files) = run(&processor, text).expect("runs");
            assert_eq!(files["t.jsonl"].len(), rows, "{text}");
            let rejects = &files["t.rejected.jsonl"];
            let found: Vec<_> = rejects
                .iter()
                .map(|reject| reject["raw"].as_str().expect("text"))
                .collect();
            assert_eq!(found, raw, "{text}");
            assert_eq!(
                report.records_read,
                rows as u64 + report.records_rejected,
                "{text}"
            );
        }
    }
}

#[test]
fn a_document_of_many_faults_is_one_block() {
    let text = format!("[{}]", "{\"a\":1} ".repeat(50_000));
    let (report, files) = run(&documents().with_recovery(DEFAULT), text.as_str()).expect("runs");
    assert_eq!(files["t.jsonl"].len(), 50_000);
    assert_eq!((report.records_read, report.records_rejected), (50_000, 0));
    assert_eq!(report.problems_by_kind["syntax"], 49_999);
}

#[test]
fn what_is_wrong_behind_the_records_of_a_path_loses_none() {
    let processor = documents().with_records_path("/data").expect("a path");
    // What stands where a document belongs is a bad record with its text, as it is without a path.
    for (text, after) in [
        ("{\"data\":[{\"a\":1}],\"q\":NaN}", None),
        ("{\"data\":[{\"a\":1}]", None),
        ("{\"data\":[{\"a\":1}] x", None),
        ("{\"data\":[{\"a\":1}]} xx", Some("xx")),
        ("{\"data\":[{\"a\":1}]}}", Some("}")),
    ] {
        assert!(run(&processor, text).is_err(), "{text}");
        let (report, files) = run(&processor.clone().with_recovery(DEFAULT), text).expect("runs");
        assert_eq!(files["t.jsonl"], [json!({"a": 1})], "{text}");
        let bad = u64::from(after.is_some());
        assert_eq!(
            (report.records_read, report.records_rejected),
            (1 + bad, bad),
            "{text}"
        );
        assert_eq!(report.problems.len(), 1, "{text}");
        let raw = &files["t.rejected.jsonl"][0]["raw"];
        assert_eq!(raw, after.unwrap_or_default(), "{text}");
    }
}

#[test]
fn places_of_many_faults_are_right() {
    let text = format!("[\n{}{{\"a\":2}}]", "{\"a\":1}},\n".repeat(20_000));
    let (_, files) = run(&documents().with_recovery(DEFAULT), text.as_str()).expect("runs");
    assert_eq!(files["t.jsonl"].len(), 20_001);
    for (number, reject) in files["t.rejected.jsonl"].iter().enumerate() {
        assert_eq!(reject["line"], number + 2);
        assert_eq!(reject["byte"], 2 + 10 * number + 7);
    }
}

/// A bracket that ends a record too early ends their array, too: it goes on.
#[test]
fn records_go_on_behind_a_bracket_too_many() {
    let good = "{\"a\":1},".repeat(1_000);
    let records = format!("[{good}{{\"o\":{{\"x\":\"y\"],{good}{{\"a\":1}}]");
    let below = documents().with_records_path("/data").expect("a path");
    let at_path = format!("{{\"first\":0,\"data\":{records},\"last\":[{{\"a\":2}}]}}");
    // Below a path, what follows the bracket may belong to what is around the records.
    for (processor, text, problems) in [(documents(), &records, 1), (below, &at_path, 2)] {
        let error = run(&processor, text.as_str()).expect_err("a wrong bracket");
        assert!(error.to_string().contains("record 1000"), "{error}");
        let strategies = [(DEFAULT.into(), 0), (transmog::Recovery::from(LENIENT), 1)];
        for (strategy, kept) in strategies {
            let processor = processor.clone().with_recovery(strategy);
            let (report, _) = run(&processor, text.as_str()).expect("runs");
            assert_eq!(report.tables[0].rows, 2_001 + kept);
            assert_eq!(
                (report.records_read, report.records_rejected),
                (2_002, 1 - kept)
            );
            assert_eq!(report.problems_by_kind["syntax"], problems);
        }
    }
}

proptest! {
    #![proptest_config(crate::support::cases(200))]

    /// Whatever structural byte of a record is missing or there twice, all other records come, but
    /// perhaps for the next one.
    #[test]
    fn a_wrong_byte_costs_one_record_or_two(
        records in prop::collection::vec(record(), 3..12), damaged in any::<Index>(), at in any::<Index>(),
        twice in any::<bool>(), pretty in any::<bool>(), below in any::<bool>(),
    ) {
        let mut texts: Vec<String> = (0..).zip(&records).map(|(id, record)| {
            let record = json!({"id": id, "r": record});
            if pretty { serde_json::to_string_pretty(&record) } else { serde_json::to_string(&record) }.expect("JSON")
        }).collect();
        let damaged = damaged.index(records.len() - 1);
        let places: Vec<usize> = texts[damaged].match_indices(['{', '}', '[', ']', '"', ',', ':']).map(|(at, _)| at).collect();
        let place = places[at.index(places.len())];
        // Below a path, what follows the bracket of an array may belong to what is around the
        // records.
        let is_bracket = !b"\",:".contains(&texts[damaged].as_bytes()[place]);
        let below = below && !(is_bracket && texts[damaged].contains('['));
        let byte = texts[damaged][place..=place].repeat(if twice { 2 } else { 0 });
        texts[damaged].replace_range(place..=place, &byte);
        let mut text = format!("[{}]", texts.join(if pretty { ",\n" } else { "," }));
        let mut processor = documents().with_recovery(DEFAULT);
        if below {
            text = format!("{{\"m\":[0],\"all\":{text},\"z\":{{\"id\":1}}}}");
            processor = processor.with_records_path("/all").expect("a path");
        }
        let (report, files) = run(&processor, text.as_str()).expect("runs");
        let found: Vec<u64> = files["t.jsonl"].iter().filter_map(|row| row["id"].as_u64()).collect();
        let others = (0..records.len()).filter(|id| *id != damaged && *id != damaged + 1);
        for id in others {
            prop_assert!(found.contains(&(id as u64)), "{}: {:?}", text, found);
        }
        let ledger = report.ledger;
        prop_assert_eq!(ledger.leaves_read, ledger.cells_written + ledger.rejected + ledger.excluded);
    }
}

fn record() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i8>().prop_map(Value::from),
        "[a-c][a-c,: ]{0,4}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Each of these quotes begins a text that ends where all others do.
#[test]
fn texts_without_an_end_are_not_read_again_and_again() {
    for text in [
        format!("[{{{}\"x", r#""\"{\"{"#.repeat(300_000)),
        format!("[x{}\"x", r#""\"\""#.repeat(300_000)),
        format!("[x{}", r#""\"\""#.repeat(300_000)),
        format!("[{{\"{}\"x", r#"\"{"#.repeat(400_000)),
    ] {
        let (report, _) = run(&documents().with_recovery(DEFAULT), text.as_str()).expect("runs");
        assert_eq!(report.tables[0].rows, 0);
    }
}
