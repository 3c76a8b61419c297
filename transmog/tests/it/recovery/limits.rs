//! Records that are too large, too many bad ones, and too many tables.

use std::io::{self, Read};

use serde_json::{Value, json};
use transmog::{
    DEFAULT, Error, Input, InputFormat, LENIENT, MaxRejects, Problem, Processor, Verdict,
};

use super::{Files, documents, lines, places, run};

fn csv() -> Processor {
    lines().with_input_format(InputFormat::Csv)
}

/// Chunks and threads of all kinds.
fn paces(processor: &Processor) -> Vec<Processor> {
    let pace = |(size, threads)| {
        let processor = processor.clone().with_chunk_size(size);
        let processor = processor.and_then(|it| it.with_threads(threads));
        processor.expect("allowed")
    };
    [(1000, 1), (1, 3), (3, 2)].map(pace).into()
}

fn limited(processor: &Processor, bytes: usize) -> Processor {
    let processor = processor.clone().with_max_record_bytes(bytes);
    processor.expect("allowed")
}

/// A good record, one with so long a text, and another good one, in some format; and where the long
/// one is.
fn long(format: &str, length: usize) -> (Processor, String, Value) {
    let text = "\u{e9}y".repeat(length);
    let record = format!("{{\"a\":\"{text}\"}}");
    let (processor, before, after, record) = match format {
        "lines" => (lines(), "{\"a\":1}\n", "\n{\"a\":2}\n", record),
        "array" => (documents(), "[{\"a\":1},\n", ", {\"a\":2}]", record),
        "values" => (documents(), "{\"a\":1}\n", "{\"a\":2}", record),
        "path" => {
            let processor = documents().with_records_path("/d/1").expect("a path");
            let (before, after) = ("{\"d\":[0,[{\"a\":1},\n", ",{\"a\":2}],5]}");
            (processor, before, after, record)
        }
        "number" => (
            documents(),
            "[{\"a\":1},\n",
            ",{\"a\":2}]",
            "7".repeat(3 * length),
        ),
        "row" => (csv(), "a\n1\n", "\n2\n", format!("\"{text}\"")),
        other => panic!("{other}"),
    };
    let line = before.matches('\n').count() + 1;
    let place = json!([1, line, before.len(), record.len()]);
    (processor, format!("{before}{record}{after}"), place)
}

#[test]
fn records_that_are_too_large_are_bad_records() {
    // Within a block, and over several.
    for (length, limit) in [
        (1_000, 100),
        (2_000, 5_999),
        (4_000_000, 5_000_000),
        (4_000_000, 10),
    ] {
        for format in ["lines", "array", "values", "path", "number", "row"] {
            let (processor, text, place) = long(format, length);
            let processor = limited(&processor, limit);
            let error = run(&processor, text.as_str())
                .expect_err("strict")
                .to_string();
            let bytes = &place[3];
            let expected = format!(
                "<memory>: record 1 (line {}, byte {}): a record of {bytes} bytes, and `max_record_bytes` is {limit}; if \
                 nothing is wrong with it, raise `max_record_bytes`",
                place[1], place[2]
            );
            assert_eq!(error, expected, "{format}");
            let processors = if length > 10_000 {
                vec![processor]
            } else {
                paces(&processor)
            };
            for processor in processors {
                for processor in [
                    processor.clone().with_recovery(DEFAULT),
                    processor.with_recovery(LENIENT),
                ] {
                    let (report, files) = run(&processor, text.as_str()).expect("left out");
                    assert_eq!(
                        files["t.jsonl"],
                        [json!({"a": 1}), json!({"a": 2})],
                        "{format}"
                    );
                    assert_eq!((report.records_read, report.records_rejected), (3, 1));
                    assert_eq!(
                        places(&files),
                        [json!([place[0], place[1], place[2], "too_large", false])],
                        "{format} {length}"
                    );
                    let reject = &files["t.rejected.jsonl"][0];
                    assert_eq!(reject["raw_cut"], true);
                    let raw = reject["raw"].as_str().expect("text");
                    assert!(raw.len() > 90 && raw.len() <= 1024, "{}", raw.len());
                    let start =
                        usize::try_from(place[2].as_u64().expect("a number")).expect("small");
                    assert!(text[start..].starts_with(raw));
                }
            }
            // Exactly as large is not too large.
            let exact = usize::try_from(bytes.as_u64().expect("a number")).expect("small");
            if length < 10_000 && format != "number" {
                let (report, _) =
                    run(&limited(&processor_of(format), exact), text.as_str()).expect("fits");
                assert_eq!(report.records_read, 3);
            }
        }
    }
}

fn processor_of(format: &str) -> Processor {
    long(format, 1).0
}

#[test]
fn the_beginning_of_a_record_is_no_record() {
    let (processor, text, _) = long("lines", 1_000);
    let processor = limited(&processor.with_recovery(DEFAULT), 100);
    let files = run(&processor, text.as_str()).expect("left out").1;
    let mut reject = files["t.rejected.jsonl"][0].clone();
    let again = processor.with_input_format(InputFormat::Rejects);
    let (report, files) = run(&again, reject.to_string()).expect("left out");
    assert_eq!(report.records_rejected, 1);
    assert_eq!(places(&files), [json!([1, 2, 8, "raw_unread", false])]);
    reject["raw"] = "{\"a\":5}".into();
    reject.as_object_mut().expect("an object").remove("raw_cut");
    let (_, files) = run(&again, reject.to_string()).expect("all is well");
    assert_eq!(files["t.jsonl"], [json!({"a": 5})]);
    reject["raw"] = text.lines().nth(1).into();
    let (_, files) = run(&again, reject.to_string()).expect("left out");
    assert_eq!(places(&files), [json!([1, 2, 8, "too_large", false])]);
}

#[test]
fn texts_that_do_not_end_are_passed_over() {
    let rest = "x,\"]}\n".repeat(1_000_000);
    for (processor, start, bytes) in [
        (documents(), "[{\"a\":1},", "{\"a\":\""),
        (csv(), "a\n1\n", "\""),
    ] {
        // The quotes in it come in pairs for JSON and close nothing for CSV.
        let rest = if start.starts_with('[') {
            rest.replace('"', "")
        } else {
            rest.replace('"', "\"\"")
        };
        let text = format!("{start}{bytes}{rest}");
        let processor = limited(&processor.with_recovery(DEFAULT), 1_000_000);
        let (report, files) = run(&processor, text.as_str()).expect("left out");
        assert_eq!(files["t.jsonl"], [json!({"a": 1})]);
        assert_eq!((report.records_read, report.records_rejected), (2, 1));
        let message = files["t.rejected.jsonl"][0]["message"]
            .as_str()
            .expect("text");
        let size = format!("a record of {} bytes", bytes.len() + rest.len());
        assert!(message.starts_with(&size), "{message}");
    }
}

#[test]
fn records_that_are_cut_count_by_what_is_held() {
    let item = format!("{{\"x\":\"{}\"}}", "y".repeat(1_000));
    let items = [item.as_str(); 40].join(",");
    let text = format!("[{{\"m\":1,\"l\":[{items}]}},{{\"m\":2,\"l\":[]}}]");
    let processor = documents().with_recovery(DEFAULT).with_record_bytes(8_000);
    let (report, files) = run(&limited(&processor, 12_000), text.as_str()).expect("cut");
    assert_eq!(files["t_l.jsonl"].len(), 40);
    assert_eq!((report.records_read, report.records_rejected), (2, 0));
    // Below the size from which on records are cut, none is.
    let (report, files) = run(&limited(&processor, 7_000), text.as_str()).expect("left out");
    assert_eq!(files["t.jsonl"], [json!({"m": 2})]);
    assert_eq!((report.records_read, report.records_rejected), (2, 1));
}

#[test]
fn what_is_held_of_a_cut_record_may_be_too_much() {
    let mega = "y".repeat(1 << 20);
    let item = format!("{{\"x\":\"{mega}\"}}");
    let items = [item.as_str(); 8].join(",");
    // An item that goes on and on behind others that were cut out.
    let giant = mega.repeat(24);
    let inner = format!("{{\"m\":1,\"l\":[{items},{{\"x\":\"{giant}\"}}]}}");
    let text = format!("[{{\"m\":0}},{inner},{{\"m\":2}}]");
    let processor = documents()
        .with_recovery(DEFAULT)
        .with_record_bytes(1 << 20);
    let error = run(&limited(&processor, 2 << 20), text.as_str()).expect_err("partly written");
    let error = error.to_string();
    assert!(
        error.starts_with("<memory>: record 1 (line 1, byte 9): a record of "),
        "{error}"
    );
    assert!(error.contains("`max_record_bytes` is 2097152"), "{error}");
    assert!(
        error.contains("rows of this record have been written already"),
        "{error}"
    );
    // The same before anything was cut out.
    let text = format!("[{{\"m\":0}},{{\"x\":\"{giant}\"}},{{\"m\":2}}]");
    let (report, files) = run(&limited(&processor, 2 << 20), text.as_str()).expect("left out");
    assert_eq!(files["t.jsonl"], [json!({"m": 0}), json!({"m": 2})]);
    assert_eq!((report.records_read, report.records_rejected), (3, 1));
    assert_eq!(places(&files), [json!([1, 1, 9, "too_large", false])]);
}

/// Lines of which each `nth` is bad.
fn flood(lines: usize, nth: usize) -> String {
    let line = |i: usize| {
        if i % nth == nth - 1 {
            "{\"a\":NaN,\"b\":1}\n"
        } else {
            "{\"a\":1}\n"
        }
    };
    (0..lines).map(line).collect()
}

#[test]
fn more_bad_records_than_allowed_end_the_run() {
    let text = flood(100, 10);
    for recovery in ["skip", "partial"] {
        let recovery: transmog::Recovery = recovery.parse().expect("a name");
        for processor in paces(&lines().with_recovery(recovery)) {
            let (report, _) = run(&processor.clone().with_max_rejects(10), text.as_str())
                .expect("ten are allowed");
            assert_eq!(report.records_rejected + report.records_partial, 10);
            let limit: MaxRejects = "10%".parse().expect("a share");
            run(&processor.clone().with_max_rejects(limit), text.as_str())
                .expect("a tenth is allowed");
            let error =
                run(&processor.clone().with_max_rejects(3), text.as_str()).expect_err("too many");
            let first = |i: usize| {
                let byte = text
                    .lines()
                    .take(i)
                    .map(|line| line.len() + 1)
                    .sum::<usize>()
                    + 5;
                format!(
                    "\n  <memory>: record {i} (line {}, byte {byte}), field a: NaN is not a JSON number",
                    i + 1
                )
            };
            let head = "4 of 40 records are bad, and `max_rejects` is 3; nothing is written. The first of them:";
            assert_eq!(
                error.to_string(),
                format!("{head}{}{}{}", first(9), first(19), first(29))
            );
            let limit: MaxRejects = "9.9%".parse().expect("a share");
            let error =
                run(&processor.with_max_rejects(limit), text.as_str()).expect_err("too many");
            assert!(
                error
                    .to_string()
                    .starts_with("10 of 100 records are bad, and `max_rejects` is 9.9%;")
            );
        }
    }
    // None: as strict, but said otherwise.
    let error = run(&lines().with_recovery(DEFAULT).with_max_rejects(0), "x\n").expect_err("one");
    assert!(error.to_string().starts_with("1 of 1 record is bad"));
    run(&lines().with_max_rejects(0), "{}\n").expect("none is bad");
}

#[test]
fn a_share_is_looked_at_while_the_run_goes_on() {
    // Bad at the beginning; over the whole input it would be few.
    let text = flood(300, 1) + &flood(59_700, usize::MAX);
    let limit: MaxRejects = "2%".parse().expect("a share");
    let skip = lines().with_recovery(DEFAULT);
    for (size, threads) in [(1000, 1), (7, 3), (100_000, 2)] {
        let processor = skip.clone().with_chunk_size(size).expect("allowed");
        let processor = processor.with_threads(threads).expect("allowed");
        let error = run(&processor.clone().with_max_rejects(limit), text.as_str());
        let error = error.expect_err("too many of the first").to_string();
        assert!(error.starts_with("300 of 10000 records"), "{error}");
        let three: MaxRejects = "3%".parse().expect("a share");
        let (report, _) = run(&processor.with_max_rejects(three), text.as_str()).expect("few");
        assert_eq!(report.records_read, 60_000);
    }
}

#[test]
fn the_limit_comes_before_what_ends_the_run_later() {
    let skip_nan = |problem: &Problem<'_>| match problem.error.kind().word() {
        "not_finite" => Verdict::Skip,
        _ => Verdict::Fail,
    };
    let text = "{\"a\":NaN}\n{\"a\":NaN}\nnonsense\n";
    for processor in paces(&lines().with_recovery(skip_nan)) {
        let error = run(&processor.clone().with_max_rejects(1), text).expect_err("two");
        assert!(error.to_string().starts_with("2 of 2 records"), "{error}");
        let error = run(&processor.with_max_rejects(2), text).expect_err("nonsense");
        assert!(error.to_string().contains("record 2 (line 3, "), "{error}");
    }
}

#[test]
fn items_left_out_of_one_record_are_one_bad_record() {
    // Long enough to be cut.
    let item = |v: &str| format!("{{\"v\":{v},\"text\":\"{}\"}}", "x".repeat(100));
    let items = ["NaN", "1", "NaN", "NaN"].map(item).join(",");
    let text = format!("{{\"m\":1,\"l\":[{items}]}}\n{{\"m\":NaN}}");
    for processor in paces(&documents().with_recovery(DEFAULT).with_record_bytes(8)) {
        let (report, _) = run(&processor.clone().with_max_rejects(2), text.as_str()).expect("two");
        assert_eq!((report.records_partial, report.records_rejected), (1, 1));
        let error = run(&processor.with_max_rejects(1), text.as_str()).expect_err("two");
        assert!(error.to_string().starts_with("2 of 2 records"), "{error}");
    }
}

#[test]
fn tables_are_limited() {
    let text =
        "{\"a\":[1]}\n{\"b\":{\"c\":[1]}}\nnonsense\n\n[]\n{\"a\":[{\"x\":[5]}]}\n{\"d\":[1]}\n";
    for processor in paces(&lines().with_recovery(DEFAULT)) {
        let limited = |tables: usize| {
            let processor = processor.clone().with_max_tables(tables);
            run(&processor.expect("allowed"), text)
        };
        assert_eq!(limited(5).expect("five").0.tables.len(), 5);
        let error = limited(3).expect_err("a fourth").to_string();
        let start = "<memory>: record 4: table a[].x[] would be one more than `max_tables` allows, which is 3;";
        assert!(error.starts_with(start), "{error}");
        let error = limited(1).expect_err("a second").to_string();
        assert!(
            error.starts_with("<memory>: record 0: table a[] would"),
            "{error}"
        );
    }
    assert!(lines().with_max_tables(0).is_err());
    // Tables of errors are tables.
    let partial = lines()
        .with_recovery(LENIENT)
        .with_max_tables(2)
        .expect("allowed");
    let error = run(&partial, "{\"a\":[1,NaN]}\n").expect_err("a third");
    assert!(error.to_string().contains("max_tables"), "{error}");
}

#[test]
fn of_two_limits_and_a_fault_the_first_one_ends_the_run() {
    let (table, fault, bad) = ("{\"a\":[1]}\n", "{\"b\":\n", "{\"c\":NaN}\n");
    for (text, record, words) in [
        (["{}\n", table, fault, bad], 1, "max_tables"),
        ([bad, table, fault, bad], 1, "max_tables"),
        ([fault, table, "", ""], 0, "invalid JSON"),
        (["{}\n", fault, table, bad], 1, "invalid JSON"),
        ([bad, bad, table, fault], 1, "max_rejects"),
        ([bad, table, bad, fault], 1, "max_tables"),
    ] {
        let text = text.concat();
        let skip_nan = |problem: &Problem<'_>| match problem.error.kind() {
            transmog::ErrorKind::NotFinite { .. } => Verdict::Skip,
            _ => Verdict::Fail,
        };
        let processor = lines().with_recovery(skip_nan).with_max_rejects(1);
        for processor in paces(&processor.with_max_tables(1).expect("allowed")) {
            let error = run(&processor, text.as_str())
                .expect_err("it ends")
                .to_string();
            assert!(error.contains(words), "{text}: {error}");
            let place = format!("<memory>: record {record}");
            assert!(
                words == "max_rejects" || error.starts_with(&place),
                "{text}: {error}"
            );
        }
    }
}

#[test]
fn a_column_limit_loses_nothing() {
    let processor = lines().with_max_columns(2).expect("allowed");
    let (_, files) = run(&processor, "{\"a\":1,\"b\":2,\"c\":{\"d\":3}}\n").expect("runs");
    assert_eq!(files["t.jsonl"][0]["a"], 1);
    assert_eq!(files["t.jsonl"][0]["__rest"], "{\"c\":{\"d\":3}}");
}

/// Gives a line that never ends, and fails once so much was asked for that it must have been kept.
struct Endless(usize);

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.0.checked_sub(out.len()) else {
            return Ok(0);
        };
        self.0 = left;
        out.fill(b'x');
        Ok(out.len())
    }
}

#[test]
fn what_cannot_be_read_on_ends_the_run_while_a_record_is_passed_over() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    for format in [InputFormat::JsonLines, InputFormat::Json, InputFormat::Csv] {
        let processor = limited(
            &lines().with_input_format(format).with_recovery(DEFAULT),
            1_000,
        );
        let reader = || io::Cursor::new("a\n\"").chain(Endless(20 << 20));
        let input = Input::reader("pipe", reader().chain(Broken));
        let error = run(&processor, input).expect_err("gone");
        assert!(matches!(error, Error::Read(_)), "{error}");
        let files: Files = run(&processor, Input::reader("pipe", reader()))
            .expect("left out")
            .1;
        let last = files["t.rejected.jsonl"].last().expect("a reject");
        assert_eq!(last["kind"], "too_large", "{format:?}");
    }
}
