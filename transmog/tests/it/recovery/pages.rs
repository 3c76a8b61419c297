//! Documents one after another, in which a path leads to the records: one without records is a bad
//! record, and the others are read.

use serde_json::Value;
use transmog::{Input, InputFormat, MaxRejects, Processor, Recovery};

use crate::support::plain;

struct Outcome {
    rows: Vec<String>,
    read: u64,
    rejected: u64,
    rejects: Vec<Value>,
}

fn processor(recovery: &str) -> Processor {
    let recovery: Recovery = recovery.parse().expect("a strategy");
    let processor = Processor::new()
        .with_config(plain())
        .with_recovery(recovery);
    processor.with_records_path("/data/items").expect("a path")
}

fn run(processor: &Processor, text: &str) -> Outcome {
    let result = processor.process(Input::bytes(text), "t").expect("it runs");
    let lines = std::str::from_utf8(result.rejects())
        .expect("UTF-8")
        .lines();
    let rejects = lines.map(|line| serde_json::from_str(line).expect("an entry"));
    let report = result.report();
    let rows = result.main_table().rows();
    let outcome = Outcome {
        rows: rows.map(|row| format!("{row:?}")).collect(),
        read: report.records_read,
        rejected: report.records_rejected,
        rejects: rejects.collect(),
    };
    assert_eq!(outcome.read, outcome.rejected + outcome.rows.len() as u64);
    outcome
}

fn page(id: usize) -> String {
    format!(r#"{{"page":{id},"data":{{"n":1,"items":[{{"id":{id}}}]}}}}"#)
}

#[test]
fn a_document_without_records_is_a_bad_record() {
    for (wrong, expected) in [
        (
            r#"{"error":"too many requests","status":429}"#,
            r#"there is no key "data", but "error", "status""#,
        ),
        ("{}", r#"there is no key "data", and no other"#),
        (
            r#"{"data":{"n":0,"more":[{"id":1}]}}"#,
            r#"there is no key "items", but "n", "more""#,
        ),
        (
            r#"{"data":{"items":null}}"#,
            "null stands there, and not an array",
        ),
        (
            r#"{"data":{"items":"none"}}"#,
            "neither an array nor an object stands there",
        ),
        (
            r#"{"data":null}"#,
            r#""items" stands below a value that is no object"#,
        ),
        (r#"{"data":[{"items":[]}]}"#, r#""items" is no item number"#),
        ("null", r#""data" stands below a value that is no object"#),
        (
            "[]",
            r#""data" is no item number, but an array stands there"#,
        ),
        (r#"{"data" 1}"#, "invalid JSON: expected a colon"),
        (r#"{"a":1,"b":tru}"#, "invalid JSON"),
        ("Not Found", "invalid JSON"),
    ] {
        for between in ["\n", " ", "\r\n\n"] {
            let pages = [page(1), wrong.to_owned(), page(3)].join(between);
            for recovery in ["skip", "partial"] {
                let outcome = run(&processor(recovery), &pages);
                assert_eq!(outcome.rows.len(), 2, "{pages}");
                assert_eq!((outcome.read, outcome.rejected), (3, 1), "{pages}");
                let [reject] = &outcome.rejects[..] else {
                    panic!("{pages}: {:?}", outcome.rejects)
                };
                assert_eq!(reject["raw"], wrong, "{pages}");
                assert_eq!(reject["document"], true);
                let message = reject["message"].as_str().expect("a message");
                assert!(message.contains(expected), "{wrong}: {message}");
            }
            let strict = processor("strict").process(Input::bytes(&pages[..]), "t");
            let error = strict.expect_err("it is no page").to_string();
            assert!(error.contains(expected), "{error}");
            assert!(error.starts_with("<memory>: record 1 (line "), "{error}");
        }
    }
}

#[test]
fn no_records_are_no_fault() {
    let pages = [page(1), r#"{"data":{"items":[]}}"#.to_owned(), page(2)].join("\n");
    let outcome = run(&processor("strict"), &pages);
    assert_eq!((outcome.rows.len(), outcome.read), (2, 2));
}

#[test]
fn what_is_wrong_behind_the_records_costs_no_other_document() {
    for rest in ["],}}", "]},}", "] \"x\"}}", "]}", "]", "]}}}"] {
        let first = format!(r#"{{"data":{{"items":[{{"id":1}}{rest}"#);
        let pages = [first, page(2), page(3)].join("\n");
        let outcome = processor("skip").process(Input::bytes(&pages[..]), "t");
        let outcome = outcome.expect("it runs");
        assert_eq!(outcome.main_table().num_rows(), 3, "{pages}");
        assert!(!outcome.report().problems_by_kind.is_empty(), "{pages}");
    }
}

#[test]
fn ten_thousand_pages_count_right() {
    let mut pages = String::new();
    for id in 0..10_000 {
        if id % 10 == 3 {
            pages.push_str(r#"{"error":"x"}"#);
        } else {
            pages.push_str(&page(id));
        }
        pages.push('\n');
    }
    for chunk_size in [1, 2000] {
        let skips = processor("skip")
            .with_chunk_size(chunk_size)
            .expect("a size");
        let outcome = run(&skips, &pages);
        assert_eq!((outcome.rows.len(), outcome.rejected), (9_000, 1_000));
        assert_eq!(outcome.rejects.len(), 1_000);
        assert!(
            outcome
                .rejects
                .iter()
                .all(|reject| reject["raw"] == r#"{"error":"x"}"#)
        );
        assert_eq!(outcome.rejects[1]["line"], 14);
    }
    let few: MaxRejects = "999".parse().expect("a limit");
    let error = processor("skip")
        .with_max_rejects(few)
        .process(Input::bytes(pages), "t");
    assert!(error.is_err());
}

#[test]
fn large_documents_without_records_are_shown_in_part() {
    let padding = "x".repeat(12 << 20);
    let in_text = format!(r#"{{"a":"{padding}","b":1}}"#);
    let in_values = format!(r#"{{"a":[{}0],"b":1}}"#, "0,".repeat(6 << 20));
    let broken = format!(r#"{{"a":"{padding}","b" 1}}"#);
    for wrong in [in_text, in_values, broken] {
        let pages = [page(1), wrong.clone(), page(3)].join("\n");
        let outcome = run(&processor("skip"), &pages);
        assert_eq!((outcome.rows.len(), outcome.rejected), (2, 1));
        let raw = outcome.rejects[0]["raw"].as_str().expect("a text");
        assert!(wrong.starts_with(raw) && raw.len() == 1024);
        assert_eq!(outcome.rejects[0]["raw_cut"], true);
    }
}

#[test]
fn a_document_in_the_rejects_is_not_read_as_a_record() {
    let result = processor("skip")
        .process(Input::from("{\"error\":1}"), "t")
        .expect("it runs");
    let rejects = result.rejects().to_vec();
    let again = Processor::new().with_input_format(InputFormat::Rejects);
    let error = again
        .process(Input::bytes(rejects), "t")
        .expect_err("a document");
    assert!(
        error.to_string().contains("read it as an input of its own"),
        "{error}"
    );
}
