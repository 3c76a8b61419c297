//! Compressed data that is cut off: what was whole before the cut is written, what was not is
//! rejected, and the cut is told.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use serde_json::{Value, json};
use transmog::{Error, Input, Memory, OutputSpec, Processor, Report, WriterOptions};

use super::{CODECS, pack, processor};

/// Records with everything in which a cut could mislead.
const RECORDS: [&str; 4] = [
    r#"{"id":1234,"name":"Zoë \" }]","yes":true,"n":-1.5e3,"o":{"k":[1,{"x":2}],"e":"é"},"tags":["a","b"]}"#,
    r#"{"id":5678,"name":"b","yes":false,"no":null}"#,
    r#"{"id":9,"name":"long enough to be cut","o":{"k":[]}}"#,
    r#"{"id":10,"name":"\ud83d\ude00"}"#,
];

/// A text, and where in it each of its records begins and where it is complete.
struct Text {
    format: &'static str,
    content: String,
    records: Vec<(usize, usize)>,
}

impl Text {
    fn new(format: &'static str, start: &str, records: &[&str], between: &str, end: &str) -> Self {
        let mut text = start.to_owned();
        let mut places = Vec::new();
        for record in records {
            if !places.is_empty() {
                text.push_str(between);
            }
            let at = text.len();
            text.push_str(record);
            // A row of cells may go on unless its line ends.
            places.push((at, text.len() + usize::from(format == "csv")));
        }
        text.push_str(end);
        Self {
            format,
            content: text,
            records: places,
        }
    }

    fn all() -> Vec<Self> {
        let rows = [
            "1234,Zoë,x y",
            "5678,\"two\nlines, \"\"so\"\"\",1.5",
            "9,,",
            "10,x,007",
        ];
        vec![
            Self::new("jsonl", "", &RECORDS, "\n", "\n"),
            Self::new("json", "[", &RECORDS, ",\n", "]\n"),
            Self::new("json", "", &RECORDS, " ", ""),
            Self::new("csv", "id,name,note\n", &rows, "\n", "\n"),
        ]
    }

    /// Records that are whole in the first `bytes` bytes, and the one that is cut.
    fn cut_at(&self, bytes: usize) -> (usize, Option<&str>) {
        let whole = self.records.iter().filter(|(_, end)| *end <= bytes).count();
        let rest = self.records.get(whole);
        let rest = rest.filter(|(start, _)| *start < bytes);
        let rest = rest.and_then(|(start, _)| self.content.get(*start..bytes));
        (whole, rest)
    }
}

struct Outcome {
    report: Report,
    rows: Vec<Value>,
    rejects: Vec<Value>,
    /// True if a row of any table says that something is missing.
    is_marked: bool,
}

fn run<'a>(processor: &Processor, input: impl Into<Input<'a>>) -> Result<Outcome, Error> {
    let (memory, files) = Memory::new();
    let lines = WriterOptions::new().with("lines", true);
    let report = processor.stream_process(input, "t", OutputSpec::new(("json", lines), memory))?;
    let mut files = files.take();
    let is_marked = files
        .iter()
        .any(|(name, file)| name != "t.rejected.jsonl" && has_mark(file));
    let mut rows = |name: &str| {
        let text = String::from_utf8(files.remove(name).unwrap_or_default()).expect("UTF-8");
        let rows = text.lines();
        rows.map(|row| serde_json::from_str(row).expect("JSON"))
            .collect::<Vec<Value>>()
    };
    Ok(Outcome {
        rows: rows("t.jsonl"),
        rejects: rows("t.rejected.jsonl"),
        is_marked,
        report,
    })
}

fn has_mark(file: &[u8]) -> bool {
    let text = std::str::from_utf8(file).expect("UTF-8");
    text.contains("\"__error\":\"")
}

fn with(processor: Processor, strategy: &str) -> Processor {
    processor.with_recovery(strategy.parse::<transmog::Recovery>().expect("a strategy"))
}

/// Gzip data that gives exactly this text, and is then cut off.
fn cut_gzip(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text).expect("memory");
    out.flush().expect("memory");
    out.get_ref().clone()
}

#[track_caller]
fn check_counts(outcome: &Outcome) {
    let report = &outcome.report;
    assert_eq!(
        report.records_read,
        outcome.rows.len() as u64 + report.records_rejected
    );
    let problems: u64 = report.problems_by_kind.values().sum();
    assert_eq!(outcome.rejects.len() as u64, problems);
}

/// The text ends at each of its bytes, also within characters.
#[test]
fn each_record_before_the_cut_is_there_and_no_other() {
    for text in Text::all() {
        let processor = processor(text.format);
        let all = run(&processor, &text.content).expect("valid").rows;
        assert_eq!(all.len(), 4);
        for bytes in 0..=text.content.len() {
            let before = &text.content.as_bytes()[..bytes];
            let packed = cut_gzip(before);
            let (whole, rest) = text.cut_at(bytes);
            let context = format!("{} {:?}", text.format, String::from_utf8_lossy(before));
            let is_cut = text
                .records
                .iter()
                .any(|(start, end)| (*start + 1..*end).contains(&bytes));

            let error = run(&processor, &packed).err().expect(&context);
            let message = error.to_string();
            assert!(
                message.ends_with("the gzip data is cut off; is the input complete?"),
                "{context}: {message}"
            );
            assert!(message.starts_with("<memory>: "), "{message}");
            assert!(
                message.contains(&format!("byte {bytes}")),
                "{context}: {message}"
            );

            for chunk_size in [1, 1000] {
                let processor = processor
                    .clone()
                    .with_chunk_size(chunk_size)
                    .expect("allowed");
                let skipped = run(&with(processor.clone(), "skip"), &packed).expect(&context);
                check_counts(&skipped);
                assert_eq!(skipped.rows, all[..whole], "{context}");
                assert_eq!(
                    skipped.report.records_rejected,
                    u64::from(is_cut),
                    "{context}"
                );
                let one = BTreeMap::from([("compressed".to_owned(), 1)]);
                assert_eq!(skipped.report.problems_by_kind, one, "{context}");
                let reject = &skipped.rejects[0];
                assert_eq!(reject["byte"], bytes, "{context}");
                assert_eq!(reject["record"].is_number(), is_cut, "{context}");
                if let Some(rest) = rest {
                    assert_eq!(reject["raw"], rest, "{context}");
                    assert_eq!(reject["record"], whole, "{context}");
                    let lines = before.split(|byte| *byte == b'\n').count();
                    assert_eq!(reject["line"], lines, "{context}");
                }

                let kept = run(&with(processor, "partial"), &packed).expect(&context);
                check_counts(&kept);
                assert_eq!(kept.rows[..whole], all[..whole], "{context}");
                assert_eq!(kept.report.problems_by_kind, one, "{context}");
                let part = kept.report.records_partial;
                assert_eq!(kept.report.records_rejected + part, u64::from(is_cut));
                assert_eq!(kept.rows.len(), whole + part as usize, "{context}");
                if part == 1 {
                    // What is kept of it is as it was, and it says that something is missing.
                    let row = kept.rows[whole].as_object().expect("a row");
                    for (name, value) in row.iter().filter(|(name, _)| *name != "__error") {
                        let is_right = value.is_null() || value == &all[whole][name];
                        assert!(is_right, "{context}: {name} is {value}");
                    }
                    assert!(kept.is_marked, "{context}");
                }
            }
        }
    }
}

/// The compressed data ends at each of its bytes.
#[test]
fn data_of_each_codec_that_ends_anywhere() {
    let few = &RECORDS[..2];
    for text in [
        Text::new("jsonl", "", few, "\n", "\n"),
        Text::new("json", "[", few, ",", "]"),
        Text::new("csv", "id,name\n", &["12,Zoë", "5,\"c\n,\""], "\n", "\n"),
    ] {
        let all = run(&processor(text.format), &text.content)
            .expect("valid")
            .rows;
        for (codec, _) in CODECS {
            let half = text.content.len() / 2;
            let packed = [
                pack(codec, &text.content.as_bytes()[..half]),
                pack(codec, &text.content.as_bytes()[half..]),
            ];
            let end_of_first = packed[0].len();
            let packed = packed.concat();
            let processor =
                processor(text.format).with_compression(codec.parse().expect("a codec"));
            let mut before = 0;
            for bytes in 0..packed.len() {
                let packed = &packed[..bytes];
                let context = format!("{codec}, {}, {bytes} bytes", text.format);
                // Between two members, nothing is missing that could be known of.
                let is_told = bytes != end_of_first;
                let strict = run(&processor, packed);
                match strict {
                    Err(error) if is_told => {
                        let words = format!("the {codec} data is cut off");
                        assert!(error.to_string().contains(&words), "{context}: {error}");
                    }
                    Err(error) => assert!(!error.to_string().contains("cut off"), "{error}"),
                    Ok(_) => assert!(!is_told, "{context}"),
                }
                for strategy in ["skip", "partial"] {
                    let outcome = run(&with(processor.clone(), strategy), packed).expect(&context);
                    check_counts(&outcome);
                    let whole = outcome.rows.len() - outcome.report.records_partial as usize;
                    if is_told || text.format != "csv" {
                        assert_eq!(outcome.rows[..whole], all[..whole], "{context}");
                    }
                    if is_told {
                        let told = outcome.report.problems_by_kind.get("compressed");
                        assert_eq!(told, Some(&1), "{context}");
                        assert_eq!(outcome.report.problems_by_kind.len(), 1, "{context}");
                    }
                    if strategy == "skip" && is_told {
                        assert!(whole >= before, "{context}");
                        before = whole;
                    }
                }
            }
            assert_eq!(before, all.len(), "{codec}: only the checksum is missing");
        }
    }
}

/// Files that are called compressed and are empty, or end within the first bytes, are what is left
/// of a broken copy.
#[test]
fn files_that_are_too_short_to_tell() {
    let folder = tempfile::tempdir().expect("a folder");
    for (codec, extension) in CODECS {
        let packed = pack(codec, b"{\"a\":1}\n");
        for bytes in 0..=6 {
            let path = folder.path().join(format!("t.jsonl.{extension}"));
            std::fs::write(&path, &packed[..bytes]).expect("written");
            let auto = Processor::new();
            let error = run(&auto, path.clone()).err().expect("cut off");
            let message = error.to_string();
            let end =
                format!(": record 0, byte 0: the {codec} data is cut off; is the input complete?");
            assert!(message.ends_with(&end), "{message}");
            let skipped = run(&with(auto, "skip"), path).expect("nothing was whole");
            assert_eq!(skipped.report.records_read, 0);
            assert_eq!(skipped.report.problems_by_kind["compressed"], 1);
        }
    }
    // Without a name, nothing is an empty input.
    assert!(run(&Processor::new(), "").expect("empty").rows.is_empty());
}

#[test]
fn what_the_rejects_file_says() {
    let packed = cut_gzip(b"{\"a\":1}\n{\"a\":2,\"b\":[tr");
    let outcome = run(&with(processor("jsonl"), "skip"), &packed).expect("skipped");
    assert_eq!(
        outcome.rejects,
        [json!({
            "input": "<memory>", "record": 1, "line": 2, "byte": 22, "field": "b[0]", "kind": "compressed",
            "message": "the gzip data is cut off; is the input complete?", "kept": false, "raw": "{\"a\":2,\"b\":[tr",
        })]
    );
    // An earlier fault comes first, and does not hide the cut.
    let packed = cut_gzip(b"{\"a\":01}\n{\"a\":NaN,\"b\":");
    let error = run(&processor("jsonl"), &packed).err().expect("two faults");
    assert!(error.to_string().contains("line 1, byte 6"), "{error}");
    let outcome = run(&with(processor("jsonl"), "skip"), &packed).expect("skipped");
    let kinds: Vec<_> = outcome
        .rejects
        .iter()
        .map(|reject| &reject["kind"])
        .collect();
    assert_eq!(kinds, ["syntax", "not_finite", "compressed"]);
    assert_eq!(outcome.rejects[2]["record"], Value::Null);
    assert_eq!(outcome.rejects[2]["line"], 2);
    assert_eq!(outcome.report.records_rejected, 2);
}

#[test]
fn cuts_before_behind_and_on_the_way_to_the_records() {
    let text = "{\"m\":{\"x\":[1]},\"d\":[{\"a\":1},{\"a\":2}],\"n\":{\"y\":\"z\"},\"t\":true}";
    let processor = processor("json")
        .with_records_path("/d")
        .expect("a pointer");
    let first = text.find("{\"a\":1}").expect("a record");
    for bytes in 0..text.len() {
        let packed = cut_gzip(&text.as_bytes()[..bytes]);
        let error = run(&processor, &packed).err().expect("cut off");
        assert!(
            error.to_string().contains("the gzip data is cut off"),
            "{bytes}: {error}"
        );
        match run(&with(processor.clone(), "skip"), &packed) {
            Ok(outcome) => {
                check_counts(&outcome);
                assert_eq!(outcome.report.problems_by_kind["compressed"], 1, "{bytes}");
                assert_eq!(outcome.report.problems_by_kind.len(), 1, "{bytes}");
                let ends = [first + 7, first + 15]
                    .into_iter()
                    .filter(|end| *end <= bytes);
                assert_eq!(outcome.rows.len(), ends.count(), "{bytes}");
            }
            // As with a document that is cut off before its records.
            Err(error) => {
                assert!(bytes < first, "{bytes}: {error}");
                assert!(
                    error.to_string().contains("the gzip data is cut off"),
                    "{error}"
                );
            }
        }
    }
    // A wrong path is told as such, although the end is missing.
    let wrong = processor.with_records_path("/m/y").expect("a pointer");
    let error = run(&wrong, cut_gzip(&text.as_bytes()[..30]))
        .err()
        .expect("no such key");
    assert!(error.to_string().contains("there is no key"), "{error}");
}

#[test]
fn what_must_be_whole_ends_the_run() {
    // JSON5 is read whole, and an open quote in the header leaves no columns.
    let cases = [
        ("json5", "[{a:1},{a:2,b:'te", false),
        ("json5", "[{a:1},{a:2,b:", true),
        ("csv", "id,\"na", false),
        ("csv", "id,na", true),
    ];
    for (format, text, runs) in cases {
        let processor = with(processor(format), "skip");
        match run(&processor, cut_gzip(text.as_bytes())) {
            Ok(outcome) => {
                assert!(runs, "{text}");
                assert_eq!(outcome.report.problems_by_kind["compressed"], 1, "{text}");
            }
            Err(error) => {
                assert!(!runs, "{text}");
                assert!(
                    error.to_string().contains("the gzip data is cut off"),
                    "{error}"
                );
            }
        }
    }
}

/// Rows of records that are larger than what is held are written before their end is read.
#[test]
fn records_that_are_cut_into_parts() {
    let record = "{\"id\":1,\"items\":[{\"n\":1},{\"n\":22},{\"n\":3,\"s\":\"text\"}],\"z\":5}";
    let text = format!("[{record},{record},{record}]");
    let ends = |bytes: usize| (1..=3).filter(|n| n * (record.len() + 1) <= bytes).count();
    let processor = processor("json").with_record_bytes(24);
    for bytes in 1..text.len() {
        let packed = cut_gzip(&text.as_bytes()[..bytes]);
        let error = run(&processor, &packed).err().expect("cut off");
        assert!(
            error.to_string().contains("the gzip data is cut off"),
            "{bytes}: {error}"
        );
        match run(&with(processor.clone(), "partial"), &packed) {
            Ok(outcome) => {
                check_counts(&outcome);
                assert_eq!(outcome.report.problems_by_kind["compressed"], 1, "{bytes}");
                let whole = outcome.rows.len() - outcome.report.records_partial as usize;
                assert_eq!(whole, ends(bytes), "{bytes}");
            }
            Err(error) => {
                let words = "the gzip data is cut off; is the input complete?; rows of this record have been written";
                assert!(error.to_string().contains(words), "{bytes}: {error}");
            }
        }
    }
}

/// Several blocks: what was read before the cut does not depend on chunks and threads.
#[test]
fn long_inputs_that_are_cut() {
    let mut text = String::from("[");
    for id in 0..20_000_usize {
        let comma = if id == 0 { "" } else { ",\n" };
        let name = format!("number {} ", id * 7919 % 10_007).repeat(20 + id % 7);
        write!(text, "{comma}{{\"id\":{id},\"name\":\"{name}\"}}").expect("memory");
    }
    text.push(']');
    for (codec, _) in CODECS {
        // Members, so that most codecs have whole blocks before the cut.
        let packed: Vec<u8> = text
            .as_bytes()
            .chunks(300_000)
            .flat_map(|part| pack(codec, part))
            .collect();
        let packed = &packed[..packed.len() * 9 / 10];
        let outcome = |chunk_size, threads| {
            let processor = with(processor("json"), "skip")
                .with_chunk_size(chunk_size)
                .expect("allowed");
            run(&processor.with_threads(threads).expect("allowed"), packed).expect("skipped")
        };
        let first = outcome(1000, 1);
        check_counts(&first);
        assert!(first.rows.len() > 15_000, "{codec}: {}", first.rows.len());
        for (number, row) in first.rows.iter().enumerate() {
            assert_eq!(row["id"], number);
        }
        let second = outcome(313, 3);
        assert!(
            first.rows == second.rows && first.rejects == second.rejects,
            "{codec}"
        );
    }
}
