//! Bad input: the error says where, and nothing is written.

use std::collections::BTreeMap;
use std::fs;

use serde::Serialize;
use transmog::{Error, Input, InputFormat, Memory, OutputSpec, Processor};

/// The error that an input gives, which must be the same however it is cut and on any number of
/// threads.
fn error<'a>(processor: &Processor, input: impl Fn() -> Input<'a>) -> String {
    let mut errors = Vec::new();
    for (chunk_size, threads) in [(1000, 1), (1, 1), (1, 3), (2, 2)] {
        let processor = processor
            .clone()
            .with_chunk_size(chunk_size)
            .expect("allowed");
        let processor = processor.with_threads(threads).expect("allowed");
        let (memory, files) = Memory::new();
        let result = processor.stream_process(input(), "t", OutputSpec::new("csv", memory));
        errors.push(result.expect_err("the input is wrong").to_string());
        assert!(files.take().is_empty());
    }
    errors.dedup();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn bad_lines_are_named() {
    let good = r#"{"a":1}"#;
    let cases = [
        (
            r#"{"a":1,}"#,
            "record 2 (line 4, byte 24): invalid JSON: expected a key, found \"}\"; a comma before the end is JSON5: use `input_format=json5`",
        ),
        (
            r#"{"a":[{"b":tru}]}"#,
            "record 2 (line 4, byte 28), field a[0].b: invalid JSON: expected a value, found \"tru}]}\"",
        ),
        (
            r#"{"a":1"#,
            "record 2 (line 4, byte 23): invalid JSON: the object does not end on its line; if it goes on, use `input_format=json`",
        ),
        (
            "5",
            "record 2 (line 4, byte 17): expected an object, found a number \"5\"",
        ),
        (
            "[1,2]",
            "record 2 (line 4, byte 17): expected an object, found an array \"[1,2]\"",
        ),
        (
            "null",
            "record 2 (line 4, byte 17): expected an object, found null",
        ),
        (
            r#"{"a":NaN}"#,
            "record 2 (line 4, byte 22), field a: NaN is not a JSON number",
        ),
        (
            r#"{"a":-Infinity}"#,
            "record 2 (line 4, byte 22), field a: -Infinity is not a JSON number",
        ),
        (
            r#"{"a":"\ud800"}"#,
            "record 2 (line 4, byte 23), field a: invalid text: the escape \\ud800 is half of a character",
        ),
        (
            r#"{"a":1} x"#,
            "record 2 (line 4, byte 25): invalid JSON: expected a value, found \"x\"",
        ),
        (
            r#"{"a":01}"#,
            "record 2 (line 4, byte 23): invalid JSON: expected a comma or the end of the object, found \"1}\"",
        ),
        (
            r#"{"a":"x}"#,
            "record 2 (line 4, byte 25), field a: invalid JSON: the text does not end on its line; if it goes on, use `input_format=json`",
        ),
    ];
    let processor = Processor::new().with_input_format(InputFormat::JsonLines);
    for (line, expected) in cases {
        let text = format!("{good}\n\n{good}\n{line}\n{good}\n{{");
        assert_eq!(
            error(&processor, || Input::from(text.as_str())),
            format!("<memory>: {expected}"),
            "{line}"
        );
    }
    let bytes = b"{\"a\":1}\n{\"a\":\"\xff\"}\n";
    let found = error(&processor, || Input::from(&bytes[..]));
    assert!(
        found.starts_with("<memory>: record 1 (line 2, byte 14): invalid text: "),
        "{found}"
    );
}

#[test]
fn bad_documents_are_named() {
    let cases = [
        (
            "[{\"a\":1},\n{\"a\":}]",
            "record 1 (line 2, byte 15), field a: invalid JSON: expected a value, found \"}\"",
        ),
        (
            "[{\"a\":1},\n]",
            "record 1 (line 2, byte 10): invalid JSON: expected a value after the comma, found \"]\"; a comma before the end is JSON5: use `input_format=json5`",
        ),
        (
            "[{\"a\":1} {}]",
            "record 1 (line 1, byte 9): invalid JSON: expected a comma or the end of the array, found \"{}]\"",
        ),
        (
            "[{\"a\":1}",
            "record 1 (line 1, byte 8): invalid JSON: the array does not end",
        ),
        (
            "[{\"a\":1}, {\"a\"",
            "record 1 (line 1, byte 14), field a: invalid JSON: expected a colon, found the end",
        ),
        (
            "[{\"a\":1}, 7]",
            "record 1 (line 1, byte 10): expected an object, found a number \"7\"",
        ),
        (
            "{\"a\":1}\n}",
            "record 1 (line 2, byte 8): invalid JSON: expected a value, found \"}\"",
        ),
        (
            "7",
            "record 0 (line 1, byte 0): expected an object, found a number \"7\"",
        ),
        (
            "nonsense",
            "record 0 (line 1, byte 0): invalid JSON: expected a value, found \"nonsense\"",
        ),
    ];
    for (text, expected) in cases {
        let processor = Processor::new().with_input_format(InputFormat::Json);
        assert_eq!(
            error(&processor, || Input::from(text)),
            format!("<memory>: {expected}"),
            "{text}"
        );
    }
}

#[test]
fn a_pointer_that_leads_nowhere_is_named() {
    let text = r#"{"a":{"b":[1]},"c":7}"#;
    let cases = [
        ("/x", "there is no key \"x\", but \"a\", \"c\""),
        ("/a/x", "there is no key \"x\", but \"b\""),
        ("/a/b/1", "there is no item 1"),
        (
            "/a/b/x",
            "\"x\" is no item number, but an array stands there",
        ),
        ("/c", "neither an array nor an object stands there"),
        ("/c/d", "\"d\" stands below a value that is no object"),
    ];
    for (pointer, expected) in cases {
        let processor = Processor::new()
            .with_records_path(pointer)
            .expect("a pointer");
        let found = error(&processor, || Input::from(text));
        assert!(
            found.ends_with(&format!("no records at {pointer:?}: {expected}")),
            "{found}"
        );
        assert!(
            found.starts_with("<memory>: record 0 (line 1, byte "),
            "{found}"
        );
    }
    assert!(Processor::new().with_records_path("a").is_err());
    assert!(Processor::new().with_records_path("/a~2").is_err());
}

/// Checks that an error says what is expected, and then what stands there.
fn check_found(text: &str, error: &str, expected: &str) {
    let (_, rest) = error.split_once(expected).expect(error);
    let byte = error
        .split_once(", byte ")
        .and_then(|(_, rest)| rest.split_once(')'));
    let at: usize = byte.expect("a place").0.parse().expect("a number");
    let found = text[at..].chars().take(24).collect::<String>();
    match rest.split_once('"') {
        Some((_, shown)) => assert!(shown.starts_with(&found), "{text}: {error}"),
        None => assert!(rest.is_empty(), "{text}: {error}"),
    }
}

#[test]
fn documents_are_checked_around_the_records_too() {
    let cases = [
        (
            r#"{"data":[{"a":1}]]"#,
            "(line 1, byte 17): invalid JSON: expected a comma or the end of the object",
        ),
        (
            r#"{"data":[{"a":1}], 5}"#,
            "(line 1, byte 19): invalid JSON: expected a key",
        ),
        (
            r#"{"data":[{"a":1}],}"#,
            "(line 1, byte 18): invalid JSON: expected a key",
        ),
        (
            r#"{"data":[{"a":1}]"#,
            "(line 1, byte 17): invalid JSON: the document does not end",
        ),
        (
            r#"{"data":[{"a":1}],"x":"#,
            "(line 1, byte 22): invalid JSON: the document does not end",
        ),
        (
            r#"{"data":[{"a":1}],"x":[1,{"y":}]}"#,
            "(line 1, byte 30): invalid JSON: expected value",
        ),
        (
            r#"{"x":nonsense,"data":[{"a":1}]}"#,
            "(line 1, byte 6): invalid JSON: expected ident",
        ),
        (
            r#"{"x":[1,2}],"data":[{"a":1}]}"#,
            "(line 1, byte 9): invalid JSON: expected `,` or `]`",
        ),
        (
            r#"{"x":01,"data":[{"a":1}]}"#,
            "(line 1, byte 6): invalid JSON: invalid number",
        ),
        (
            r#"{"x":1 2,"data":[{"a":1}]}"#,
            "(line 1, byte 7): invalid JSON: expected a comma or the end of the object",
        ),
        (
            r#"{"data":[{"a":1}]} {"data":[{"a":1}]] "#,
            "(line 1, byte 36): invalid JSON: expected a comma or the end of the object",
        ),
        (
            r#"{"data":[{"a":1}],"data":[]}"#,
            "(line 1, byte 25): no records at \"/data\": the key before this comes twice",
        ),
    ];
    let processor = Processor::new()
        .with_records_path("/data")
        .expect("a pointer");
    for (text, expected) in cases {
        let found = error(&processor, || Input::from(text));
        check_found(text, &found, expected);
    }
    let items = Processor::new().with_records_path("/1").expect("a pointer");
    for (text, expected) in [
        (
            r#"[0,[{"a":1}]}"#,
            "(line 1, byte 12): invalid JSON: expected a comma or the end of the array",
        ),
        (
            r#"[0,[{"a":1}],]"#,
            "(line 1, byte 13): invalid JSON: expected value",
        ),
        (
            r#"[0 [{"a":1}]]"#,
            "(line 1, byte 3): invalid JSON: expected a comma or the end of the array",
        ),
    ] {
        let found = error(&items, || Input::from(text));
        check_found(text, &found, expected);
    }
    let fine =
        r#" {"w":-1.5e3,"x":{"y":["\u00e9}",{}]},"data":[{"a":1},{"a":2}],"z":null,"v":12 } "#;
    let output = OutputSpec::new("csv", Memory::new().0);
    let report = processor.stream_process(fine, "t", output).expect("valid");
    assert_eq!(report.records_read, 2);
}

#[test]
fn a_record_beyond_what_an_array_holds_is_named() {
    // The id of the record, once for each row of its array, takes more than 2 GiB.
    let record = format!(
        r#"{{"id":"{}","l":[{}1]}}"#,
        "k".repeat(22_000),
        "1,".repeat(100_000)
    );
    let input = format!("{{}}\n{record}\n");
    let output = OutputSpec::new("csv", Memory::new().0);
    let processor = Processor::new()
        .with_natural_ids(transmog::NaturalIds::default())
        .with_chunk_size(1)
        .expect("allowed");
    let error = processor
        .stream_process(input.as_str(), "t", output)
        .expect_err("too large");
    assert_eq!(
        error.to_string(),
        "<memory>: record 1 (line 2, byte 3): a record of 2200022000 bytes is too large (limit 2147483647)"
    );
}

#[test]
fn the_second_input_counts_its_own_records() {
    let inputs = || {
        [
            Input::from("{}\n{}\n"),
            Input::reader("second", &b"{}\n{}\nx"[..]),
        ]
    };
    for threads in [1, 3] {
        let processor = Processor::new().with_threads(threads).expect("allowed");
        let output = OutputSpec::new("csv", Memory::new().0);
        let error = processor
            .stream_process_all(inputs(), "t", output)
            .expect_err("x is no record");
        assert_eq!(
            error.to_string(),
            "second: record 2 (line 3, byte 6): invalid JSON: expected a value, found \"x\""
        );
        assert_eq!(error.location().and_then(|at| at.line), Some(3));
    }
}

#[test]
fn values_that_json_cannot_say_are_named() {
    #[derive(Serialize)]
    struct Float {
        a: Vec<f64>,
    }
    let values = || [vec![1.0], vec![1.0, f64::NAN]].map(|a| Float { a });
    let found = error(&Processor::new(), || Input::records(values()));
    assert_eq!(
        found,
        "<records>: record 1 (line 2, byte 22), field a[1]: NaN is not a JSON number"
    );
    let unnamed = || [BTreeMap::from([(1, 1)]), BTreeMap::from([(2, 2)])].map(|map| [(map, 1)]);
    let maps = || unnamed().map(BTreeMap::from);
    let found = error(&Processor::new(), || Input::records(maps()));
    assert_eq!(
        found,
        "<records>: record 0 (line 1, byte 0): cannot serialise the value: key must be a string"
    );
    let found = error(&Processor::new(), || Input::records([1, 2]));
    assert_eq!(
        found,
        "<records>: record 0 (line 1, byte 0): expected an object, found a number \"1\""
    );
}

#[test]
fn a_failed_run_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("a/b");
    let processor = Processor::new();
    for format in ["csv", "json", "parquet"] {
        let result =
            processor.stream_process("{\"a\":[1]}\nx", "t", OutputSpec::directory(format, &out));
        assert!(result.is_err());
        assert!(!folder.path().join("a").exists(), "{format}");
    }
    processor
        .stream_process("{\"a\":1}", "t", OutputSpec::directory("csv", &out))
        .expect("valid");
    let before = fs::read(out.join("t.csv")).expect("the table");
    assert!(
        processor
            .stream_process("{\"b\":2}\nx", "t", OutputSpec::directory("csv", &out))
            .is_err()
    );
    assert_eq!(fs::read(out.join("t.csv")).expect("still there"), before);
    assert_eq!(fs::read_dir(&out).expect("a folder").count(), 1);
}

#[test]
fn inputs_that_cannot_be_opened_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.json");
    let output = OutputSpec::directory("csv", folder.path().join("out"));
    let error = Processor::new()
        .stream_process_file(&missing, "t", output)
        .expect_err("missing");
    assert!(matches!(error, Error::Read(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("cannot open {}", missing.display())
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn formats_and_options_that_do_not_exist_are_named() {
    let run = |format: transmog::OutputFormat| {
        let output = OutputSpec::new(format, Memory::new().0);
        Processor::new()
            .stream_process("{}", "t", output)
            .expect_err("no such format")
            .to_string()
    };
    assert!(run("xlsx".into()).starts_with("unknown output format \"xlsx\" (available: csv, json"));
    let options = transmog::WriterOptions::new().with("delimeter", ";");
    assert!(
        run(("csv", options).into()).contains("unknown option \"delimeter\" for format \"csv\"")
    );
}
