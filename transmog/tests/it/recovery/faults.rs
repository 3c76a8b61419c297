//! Every fault, in every kind of source, under every strategy, with several threads and sizes of
//! chunks. What is expected is written down by hand.

mod table;

use std::{collections::BTreeMap, io};

use serde::Serialize;
use serde_json::{Value, json};
use transmog::{Error, Input, InputFormat, Processor, Recovery, Report};

use super::{Files, lines, run};
use table::{Fault, fault, of_json, of_lines, of_rows};

/// How the records around a fault are put into a text.
#[derive(Clone, Copy)]
struct Frame {
    format: InputFormat,
    path: &'static str,
    head: &'static str,
    good: [&'static str; 3],
    between: &'static str,
    foot: &'static str,
}

const LINES: Frame = Frame {
    format: InputFormat::JsonLines,
    path: "",
    head: "",
    good: ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"],
    between: "\n",
    foot: "\n",
};

fn frames(faults: &str) -> Vec<Frame> {
    let array = Frame {
        format: InputFormat::Json,
        head: "[",
        between: ",\n",
        foot: "]",
        ..LINES
    };
    let rows = Frame {
        format: InputFormat::Csv,
        head: "a\n",
        good: ["1", "2", "3"],
        ..LINES
    };
    match faults {
        "json" => vec![
            LINES,
            array,
            Frame {
                path: "/d/x",
                head: "{\"d\":{\"b\":0,\"x\":[",
                foot: "],\"y\":[]}}",
                ..array
            },
        ],
        "lines" => vec![LINES],
        _ => vec![rows],
    }
}

/// The text of good records with the faults among them, each between two good ones, and the place
/// of each fault.
fn text_of(frame: &Frame, faults: &[&Fault]) -> (Vec<u8>, Vec<(u64, u64, u64)>) {
    let mut text = frame.head.as_bytes().to_vec();
    let mut places = Vec::new();
    let mut record = 0;
    let mut push = |bytes: &[u8], text: &mut Vec<u8>| {
        if record > 0 {
            text.extend_from_slice(frame.between.as_bytes());
        }
        let line = text.split(|byte| *byte == b'\n').count();
        let place = (record, line as u64, text.len() as u64);
        text.extend_from_slice(bytes);
        record += 1;
        place
    };
    push(frame.good[0].as_bytes(), &mut text);
    for fault in faults {
        places.push(push(fault.bytes, &mut text));
        push(frame.good[1].as_bytes(), &mut text);
    }
    push(frame.good[2].as_bytes(), &mut text);
    text.extend_from_slice(frame.foot.as_bytes());
    (text, places)
}

/// Ways to give a text to a run.
const SOURCES: [&str; 3] = ["bytes", "reader", "file"];

/// A reader that gives few bytes at a time.
struct Drops<'a>(&'a [u8]);

impl io::Read for Drops<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(3);
        self.0.read(&mut out[..most])
    }
}

fn paces(processor: &Processor) -> Vec<Processor> {
    let pace = |(threads, size)| {
        let processor = processor.clone().with_chunk_size(size);
        let processor = processor.and_then(|it| it.with_threads(threads));
        processor.expect("allowed")
    };
    [(1, 1), (1, 1000), (3, 1), (3, 2), (3, 1000)]
        .map(pace)
        .into()
}

fn recovery(word: &str) -> Recovery {
    word.parse().expect("a name")
}

/// Checks what a run made of good records and of faults between them, under `skip` or `partial`.
fn check(
    what: &str,
    word: &str,
    report: &Report,
    files: &Files,
    faults: &[&Fault],
    places: &[(u64, u64, u64)],
) {
    let partial = word == "partial";
    let mut rows = Vec::new();
    let mut children: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut kept, mut left_out) = (0, 0);
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    rows.push(json!({"a": 1}));
    for fault in faults {
        *kinds.entry(fault.kind.to_owned()).or_default() += 1;
        match &fault.row {
            Some(row) if partial => {
                kept += 1;
                rows.push(row.clone());
                for (table, number) in fault.children {
                    *children.entry(table).or_default() += number;
                }
            }
            _ => left_out += 1,
        }
        rows.push(json!({"a": 2}));
    }
    rows.push(json!({"a": 3}));
    // Cells of columns of several types are text; here it matters what they say.
    let plain = |row: &Value| {
        let cells = row.as_object().expect("a row").iter();
        let cells = cells.filter(|(name, value)| *name != "__error" && !value.is_null());
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        cells
            .map(|(name, value)| (name.clone(), text(value)))
            .collect::<BTreeMap<_, _>>()
    };
    let found: Vec<_> = files["t.jsonl"].iter().map(plain).collect();
    let expected: Vec<_> = rows.iter().map(plain).collect();
    assert_eq!(found, expected, "{what}");
    let found: BTreeMap<&str, usize> = files
        .iter()
        .filter_map(|(name, rows)| Some((name.strip_suffix(".jsonl")?, rows.len())))
        .filter(|(name, _)| !["t", "t.rejected"].contains(name))
        .collect();
    assert_eq!(found, children, "{what}");

    let records = rows.len() as u64 + left_out;
    assert_eq!(report.records_read, records, "{what}");
    assert_eq!(report.records_rejected, left_out, "{what}");
    assert_eq!(report.records_partial, kept, "{what}");
    assert_eq!(report.tables[0].rows, rows.len() as u64, "{what}");
    assert_eq!(report.problems_by_kind, kinds, "{what}");
    assert!(report.ledger.adds_up(), "{what}");

    let none = Vec::new();
    let rejects = files.get("t.rejected.jsonl").unwrap_or(&none);
    assert_eq!(rejects.len(), faults.len(), "{what}");
    for (reject, (fault, (record, line, byte))) in rejects.iter().zip(faults.iter().zip(places)) {
        let what = format!("{what}, {}", fault.name);
        assert_eq!(reject["record"], *record, "{what}");
        assert_eq!(reject["line"], *line, "{what}");
        let at = reject["byte"].as_u64().expect("a byte");
        assert!(
            (*byte..=byte + fault.bytes.len() as u64).contains(&at),
            "{what}: {at}"
        );
        assert_eq!(reject["kind"], fault.kind, "{what}");
        assert_eq!(reject["kept"], partial && fault.row.is_some(), "{what}");
        match std::str::from_utf8(fault.bytes) {
            Ok(text) => assert_eq!(reject["raw"], text, "{what}"),
            Err(_) => assert_eq!(reject["raw_base64"], base64(fault.bytes), "{what}"),
        }
    }
    let marks: Vec<&str> = files
        .iter()
        .filter(|(name, _)| *name != "t.rejected.jsonl")
        .flat_map(|(_, rows)| rows)
        .filter_map(|row| row["__error"].as_str())
        .collect();
    let marked = faults.iter().filter(|fault| partial && fault.row.is_some());
    for fault in marked.clone() {
        let is_marked = marks
            .iter()
            .any(|mark| fault.mark.iter().all(|part| mark.contains(part)));
        assert!(is_marked, "{what}, {}: {marks:?}", fault.name);
    }
    assert_eq!(marks.len(), marked.count(), "{what}: {marks:?}");
}

/// Base64, the slow way.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0, |sum, i| {
            sum << 8 | usize::from(three.get(i).copied().unwrap_or(0))
        });
        for i in 0..4 {
            let sign = SIGNS[number >> (18 - 6 * i) & 63];
            text.push(if i > three.len() { '=' } else { sign.into() });
        }
    }
    text
}

fn run_from(source: &str, processor: &Processor, text: &[u8]) -> Result<(Report, Files), Error> {
    match source {
        "bytes" => run(processor, text),
        "reader" => run(processor, Input::reader("pipe", Drops(text))),
        _ => {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("input");
            std::fs::write(&path, text).expect("written");
            run(processor, Input::file(path))
        }
    }
}

#[test]
fn each_fault_in_each_source_under_each_strategy() {
    for (group, faults) in [
        ("json", of_json()),
        ("lines", of_lines()),
        ("csv", of_rows()),
    ] {
        let alone = faults.iter().map(|fault| vec![fault]);
        // And all of them in one input.
        let cases: Vec<Vec<&Fault>> = alone.chain([faults.iter().collect()]).collect();
        for (frame, faults) in frames(group)
            .iter()
            .flat_map(|it| cases.iter().map(move |case| (it, case)))
        {
            let (text, places) = text_of(frame, faults);
            let mut processor = lines().with_input_format(frame.format);
            if !frame.path.is_empty() {
                processor = processor.with_records_path(frame.path).expect("a path");
            }
            for (number, processor) in paces(&processor).iter().enumerate() {
                // All sources at one pace, one of them at all.
                for source in SOURCES
                    .iter()
                    .filter(|source| number == 3 || **source == "bytes")
                {
                    let what = |word: &str| {
                        let name = faults[0].name;
                        format!(
                            "{group} {:?} {}, {source}, {word}, {number}, {name}",
                            frame.format, frame.path
                        )
                    };
                    let error = run_from(source, processor, &text).expect_err(&what("strict"));
                    let place = error.location().expect("a place");
                    let (record, line, _) = places[0];
                    assert_eq!(
                        (place.record, place.line),
                        (Some(record), Some(line)),
                        "{}",
                        what("strict")
                    );
                    let Error::Data(error) = &error else {
                        panic!("{error}")
                    };
                    assert_eq!(error.kind().word(), faults[0].kind, "{}", what("strict"));
                    for word in ["skip", "partial"] {
                        let processor = processor.clone().with_recovery(recovery(word));
                        let (report, files) = run_from(source, &processor, &text)
                            .unwrap_or_else(|error| panic!("{}: {error}", what(word)));
                        check(&what(word), word, &report, &files, faults, &places);
                    }
                }
            }
        }
    }
}

/// A value of the caller's.
#[derive(Serialize, Clone)]
#[serde(untagged)]
enum Given {
    Good { a: i32 },
    Float { k: i32, n: f64 },
    Items { l: Vec<f64> },
    Scalar(i32),
    Unnamed(BTreeMap<Vec<i32>, i32>),
}

#[test]
fn each_fault_of_values_under_each_strategy() {
    let unnamed = Given::Unnamed(BTreeMap::from([(vec![1], 1)]));
    let good = |a| Given::Good { a };
    let faults = [
        (
            fault("NaN", b"{\"k\":1,\"n\":NaN}", "not_finite").kept(json!({"k": 1}), &["n: NaN"]),
            Given::Float { k: 1, n: f64::NAN },
        ),
        (
            fault("infinity", b"{\"k\":1,\"n\":-Infinity}", "not_finite")
                .kept(json!({"k": 1}), &["n: -Infinity"]),
            Given::Float {
                k: 1,
                n: f64::NEG_INFINITY,
            },
        ),
        (
            fault("a bad item", b"{\"l\":[1.5,Infinity]}", "not_finite")
                .kept(json!({}), &["Infinity is not"])
                .with_rows(&[("t_l", 1), ("t_l_errors", 1)]),
            Given::Items {
                l: vec![1.5, f64::INFINITY],
            },
        ),
        (fault("no object", b"7", "not_an_object"), Given::Scalar(7)),
        (fault("no JSON", b"", "not_serialisable"), unnamed),
    ];
    let all: Vec<usize> = (0..faults.len()).collect();
    let cases = (0..faults.len()).map(|fault| vec![fault]).chain([all]);
    for case in cases {
        let mut values = vec![good(1)];
        let mut places = Vec::new();
        let mut bytes = "{\"a\":1}\n".len() as u64;
        for &number in &case {
            // Lines are records; what cannot be serialised has no line break.
            let text = faults[number].0.bytes;
            places.push((values.len() as u64, values.len() as u64 + 1, bytes));
            bytes += text.len() as u64 + u64::from(!text.is_empty()) + "{\"a\":2}\n".len() as u64;
            values.extend([faults[number].1.clone(), good(2)]);
        }
        values.push(good(3));
        let expected: Vec<&Fault> = case.iter().map(|number| &faults[*number].0).collect();
        for processor in paces(&lines()) {
            let what = format!("values, {}", expected[0].name);
            let error = run(&processor, Input::records(values.clone())).expect_err(&what);
            assert_eq!(
                error.location().and_then(|place| place.record),
                Some(1),
                "{what}"
            );
            for word in ["skip", "partial"] {
                let processor = processor.clone().with_recovery(recovery(word));
                let (report, files) = run(&processor, Input::records(values.clone())).expect(&what);
                check(
                    &format!("{what}, {word}"),
                    word,
                    &report,
                    &files,
                    &expected,
                    &places,
                );
            }
        }
    }
}

#[test]
fn what_takes_the_rest_of_the_input() {
    // A quote that never closes, and a document that is cut: with rows of their own under
    // `partial`.
    let quote = fault("open quote", b"\"x;\n2,3\n4,5\n", "open_quote")
        .kept(json!({"a": "x;\n2,3\n4,5\n"}), &["never closed"]);
    let cut = fault("cut document", b"{\"k\":1,\"s\":\"x,{", "syntax")
        .kept(json!({"k": 1}), &["s: invalid JSON"]);
    for (format, head, fault) in [
        (InputFormat::Csv, "a\n1\n", quote),
        (InputFormat::Json, "[{\"a\":1},\n", cut),
    ] {
        let text = [head.as_bytes(), fault.bytes].concat();
        for (source, processor) in SOURCES
            .iter()
            .zip(paces(&lines().with_input_format(format)))
        {
            let error = run_from(source, &processor, &text).expect_err("strict");
            assert_eq!(error.location().and_then(|place| place.record), Some(1));
            for word in ["skip", "partial"] {
                let processor = processor.clone().with_recovery(recovery(word));
                let (report, files) = run_from(source, &processor, &text).expect("runs");
                let reject = &files["t.rejected.jsonl"][0];
                assert_eq!(
                    reject["raw"],
                    std::str::from_utf8(fault.bytes).expect("text")
                );
                assert_eq!(reject["kind"], fault.kind);
                let rows = &files["t.jsonl"];
                assert_eq!(rows[0]["a"].to_string().trim_matches('"'), "1");
                if word == "partial" {
                    let (row, mark) = (&rows[1], rows[1]["__error"].as_str().expect("marked"));
                    assert!(mark.contains(fault.mark[0]), "{mark}");
                    let row = row.as_object().expect("a row").iter();
                    let row = row.filter(|(name, value)| *name != "__error" && !value.is_null());
                    let row: serde_json::Map<_, _> = row
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect();
                    assert_eq!(Some(&Value::from(row)), fault.row.as_ref());
                }
                let counts = (
                    report.records_read,
                    report.records_rejected,
                    report.records_partial,
                );
                assert_eq!(
                    counts,
                    if word == "partial" {
                        (2, 0, 1)
                    } else {
                        (2, 1, 0)
                    }
                );
                assert!(report.ledger.adds_up());
            }
        }
    }
}

#[test]
fn a_source_that_fails_ends_the_run_under_every_strategy() {
    struct Gone;
    impl io::Read for Gone {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    for format in [
        InputFormat::JsonLines,
        InputFormat::Json,
        InputFormat::Csv,
        InputFormat::Json5,
    ] {
        for word in ["strict", "skip", "partial"] {
            let processor = lines()
                .with_input_format(format)
                .with_recovery(recovery(word));
            for processor in paces(&processor) {
                let text = io::Read::chain(&b"{\"a\":1}\n{\"a\":2}\n"[..], Gone);
                let error = run(&processor, Input::reader("pipe", text)).expect_err("gone");
                assert_eq!(
                    error.to_string(),
                    "cannot read pipe at byte 16",
                    "{format:?}"
                );
            }
        }
    }
}
