//! Rejects that are mended and read again.

use serde_json::{Value, json};
use transmog::{DEFAULT, InputFormat, LENIENT, OutputSpec, Processor};

use super::{Files, lines, places, run};

fn again() -> Processor {
    lines().with_input_format(InputFormat::Rejects)
}

fn csv() -> Processor {
    lines().with_input_format(InputFormat::Csv)
}

/// The rejects of a run as a file, once `mend` was at the text of each.
fn mended(files: &Files, mend: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for reject in &files["t.rejected.jsonl"] {
        let mut reject = reject.clone();
        if let Some(raw) = reject["raw"].as_str() {
            reject["raw"] = mend(raw).into();
        }
        text.extend([reject.to_string().as_str(), "\n"]);
    }
    text
}

/// How chunks and threads may be.
fn paces(processor: &Processor) -> Vec<Processor> {
    let pace = |(size, threads)| {
        let processor = processor.clone().with_chunk_size(size);
        let processor = processor.and_then(|it| it.with_threads(threads));
        processor.expect("allowed")
    };
    [(1000, 1), (1, 1), (1, 3), (2, 3)].map(pace).into()
}

#[test]
fn mended_texts_are_records() {
    let text = "{\"a\":1}\n{\"a\":NaN}\n{\"a\":3,\n{\"a\":4}\nnonsense\n";
    let files = run(&lines().with_recovery(DEFAULT), text).expect("skips").1;
    let rejects = mended(&files, |raw| match raw {
        "{\"a\":NaN}" => "{\n  \"a\": 2.5,\n  \"l\": [1, {\"x\": 2}]\n}\n".into(),
        "nonsense" => " \n".into(),
        raw => raw.replace(',', "}"),
    });
    // A line break at the end is missing, and another file is put behind it.
    let rejects = rejects.replace('\n', "\r\n\n") + rejects.trim_end();
    for processor in paces(&again()) {
        let (report, files) = run(&processor, rejects.as_str()).expect("all is well");
        let rows = [json!({"a": 2.5}), json!({"a": 3})];
        assert_eq!(files["t.jsonl"], [rows.clone(), rows].concat());
        assert_eq!(files["t_l.jsonl"].len(), 4);
        assert_eq!(files["t_l.jsonl"][1]["x"], 2);
        assert_eq!((report.records_read, report.rejects_passed_over), (4, 0));
        assert!(report.ledger.adds_up());
    }
}

#[test]
fn what_is_still_wrong_is_where_it_was_first() {
    let text = "{\"a\":1}\n{\"a\":NaN,\"b\":[1]}\n\n{\"a\":\"\\ud800\"}\n[]\n";
    let first = run(&lines().with_recovery(DEFAULT), text).expect("skips").1;
    let rejects = mended(&first, |raw| {
        raw.replace("[1]", "[Infinity]").replace("NaN", "0")
    });
    let error = run(&again(), rejects.as_str()).expect_err("strict");
    assert_eq!(
        error.to_string(),
        "<memory>: record 1 (line 2, byte 13), field b[0], at line 1 of <memory>: Infinity is not a JSON number"
    );
    for processor in paces(&again().with_recovery(DEFAULT)) {
        let (report, second) = run(&processor, rejects.as_str()).expect("skips");
        assert_eq!(report.records_rejected, 3);
        assert_eq!(report.records_read, 3);
        let (before, after) = (places(&first), places(&second));
        assert_eq!(before, after);
        let raw = &second["t.rejected.jsonl"][0]["raw"];
        assert_eq!(raw, "{\"a\":0,\"b\":[Infinity]}");
        // And again, now all of it.
        let rejects = mended(&second, |raw| match raw {
            "[]" => "{\"a\":7}".into(),
            raw => raw.replace("Infinity", "5").replace("\\ud800", "z"),
        });
        let (report, third) = run(&again(), rejects.as_str()).expect("all is well");
        let rows = [json!({"a": 0}), json!({"a": "z"}), json!({"a": 7})];
        let rows = rows.map(|mut row| {
            // Numbers beside text are text.
            row["a"] = row["a"]
                .as_str()
                .map_or_else(|| row["a"].to_string(), str::to_owned)
                .into();
            row
        });
        assert_eq!(third["t.jsonl"], rows);
        assert!(!third.contains_key("t.rejected.jsonl"));
        assert_eq!(report.rejects_file, None);
    }
    // Kept in part, it stands in rejects as any other.
    let (report, files) = run(&again().with_recovery(LENIENT), rejects.as_str()).expect("keeps");
    assert_eq!(report.records_partial, 2);
    assert_eq!(files["t_b_errors.jsonl"].len(), 1);
    assert_eq!(files["t.rejected.jsonl"][0]["kept"], true);
}

#[test]
fn what_is_in_tables_in_part_is_passed_over() {
    let text = "{\"a\":1,\"b\":NaN}\nnonsense\n{\"a\":3,\"b\":NaN}\n";
    let files = run(&lines().with_recovery(LENIENT), text).expect("keeps").1;
    let rejects = mended(&files, |raw| {
        raw.replace("NaN", "0").replace("nonsense", "{\"a\":2}")
    });
    for processor in paces(&again()) {
        let (report, files) = run(&processor, rejects.as_str()).expect("all is well");
        assert_eq!(files["t.jsonl"], [json!({"a": 2})]);
        assert_eq!((report.records_read, report.rejects_passed_over), (1, 2));
        assert!(report.to_string().contains("2 passed over"));
        let processor = processor.with_kept_rejects(true);
        let (report, files) = run(&processor, rejects.as_str()).expect("all is well");
        assert_eq!(files["t.jsonl"].len(), 3);
        assert_eq!((report.records_read, report.rejects_passed_over), (3, 0));
    }
    // An item is no record: its record is in the tables.
    let items = "{\"m\":1,\"l\":[{\"v\":1},{\"v\":NaN},{\"v\":3}]}";
    let processor = lines()
        .with_input_format(InputFormat::Json)
        .with_record_bytes(8);
    let (report, files) = run(&processor.with_recovery(DEFAULT), items).expect("skips");
    assert_eq!(report.records_partial, 1);
    assert_eq!(files["t_l.jsonl"].len(), 2);
    let rejects = mended(&files, |raw| raw.replace("NaN", "2"));
    let (report, files) = run(&again().with_kept_rejects(true), rejects.as_str()).expect("nothing");
    assert_eq!(files["t.jsonl"], [] as [Value; 0]);
    assert_eq!((report.records_read, report.rejects_passed_over), (0, 1));
}

#[test]
fn what_was_no_text_can_be_replaced() {
    let bytes = b"{\"a\":\"x\xff\"}\n{\"a\":\"\xfe\"}\n";
    let files = run(&lines().with_recovery(DEFAULT), &bytes[..])
        .expect("skips")
        .1;
    let mut rejects = files["t.rejected.jsonl"].clone();
    rejects[0]["raw"] = "{\"a\":\"x\u{ff}\"}".into(); // Beside `raw_base64`.
    let text = rejects.iter().map(|reject| format!("{reject}\n"));
    let text: String = text.collect();
    let error = run(&again(), text.as_str()).expect_err("one is left");
    assert!(error.to_string().contains("record 1 (line 2"), "{error}");
    assert!(error.to_string().contains("invalid text"), "{error}");
    let (_, files) = run(&again().with_recovery(DEFAULT), text.as_str()).expect("skips");
    assert_eq!(files["t.jsonl"], [json!({"a": "x\u{ff}"})]);
    let again = &files["t.rejected.jsonl"][0];
    assert_eq!(again["raw_base64"], rejects[1]["raw_base64"]);
}

#[test]
fn rows_have_the_columns_that_they_had() {
    // The second column is text because of `x`, so that `1.50` stays what it is.
    let text = "id;First Name;n\n1;x;5\n2;1.50;6;7\n3;\"y;8\n4;2.50;9\n";
    let skip = csv().with_recovery(DEFAULT);
    let files = run(&skip, text).expect("skips").1;
    assert_eq!(
        files["t.jsonl"],
        [
            json!({"id": 1, "First_Name": "x", "n": 5}),
            json!({"id": 4, "First_Name": "2.50", "n": 9})
        ]
    );
    assert_eq!(files["t.rejected.jsonl"].len(), 2);
    // One row becomes two.
    let rejects = mended(&files, |raw| {
        raw.replace(";7", "").replace("\"y;8", "y;8\n4;2.50;9")
    });
    let elsewhere = "{\"input\":\"other.jsonl\",\"record\":0,\"raw\":\"{\\\"id\\\":true}\"}\n";
    for processor in paces(&again()) {
        let (report, files) = run(&processor, rejects.as_str()).expect("all is well");
        let row = |id: i32, name: &str, n: i32| json!({"id": id, "First_Name": name, "n": n});
        let rows = [row(2, "1.50", 6), row(3, "y", 8), row(4, "2.50", 9)];
        assert_eq!(files["t.jsonl"], rows);
        assert_eq!(report.records_read, 3);
        // Rows and JSON in one file.
        let mixed = format!("{rejects}{elsewhere}{rejects}");
        let (_, files) = run(&processor, mixed.as_str()).expect("all is well");
        assert_eq!(files["t.jsonl"].len(), 7);
        assert_eq!(files["t.jsonl"][3]["id"], "true");
    }
    // What is wrong still, in a row and out of one.
    let rejects = mended(&files, |raw| raw.replace('"', ""));
    for processor in paces(&again().with_recovery(DEFAULT)) {
        let (report, files) = run(&processor, rejects.as_str()).expect("skips");
        assert_eq!(report.records_rejected, 1);
        assert_eq!(
            places(&files)[0],
            json!([1, 3, 31, "too_many_cells", false])
        );
        let csv = &files["t.rejected.jsonl"][0]["csv"];
        let expected = json!({"columns": ["id", "First_Name", "n"], "header": ["id", "First Name", "n"], "text": ["First_Name"], "delimiter": ";", "quote": "\"", "lone_cr_is_text": true});
        assert_eq!(csv, &expected);
    }
}

#[test]
fn types_of_cells_follow_the_settings() {
    let text = "a,b\n1,true,x\n2,false,x\n";
    let skip = csv().with_recovery(DEFAULT);
    let files = run(&skip, text).expect("skips").1;
    let rejects = mended(&files, |raw| raw.trim_end_matches(",x").to_owned());
    let (_, files) = run(&again(), rejects.as_str()).expect("all is well");
    assert_eq!(
        files["t.jsonl"],
        [json!({"a": 1, "b": true}), json!({"a": 2, "b": false})]
    );
    let options = transmog::CsvReadOptions::default().with_type_inference(false);
    let processor = again().with_csv_options(options.with_null_values(["2"]));
    let (_, files) = run(&processor, rejects.as_str()).expect("all is well");
    assert_eq!(
        files["t.jsonl"],
        [json!({"a": "1", "b": "true"}), json!({"b": "false"})]
    );
}

#[test]
fn what_is_no_entry_ends_the_run() {
    let good = "{\"raw\":\"{\\\"a\\\":1}\"}\n";
    for (line, reason) in [
        ("{\"a\":1}", "neither raw nor raw_base64 is there"),
        ("{\"raw\":\"x", "EOF while parsing a string"),
        (
            "{\"raw\":5}",
            "invalid type: integer `5`, expected a string",
        ),
        (
            "{\"raw_base64\":\"%\"}",
            "raw_base64: Invalid symbol 37, offset 0.",
        ),
        (
            "{\"raw\":\"1\",\"csv\":{\"columns\":[\"a\"],\"delimiter\":\";\",\"quote\":\";\"}}",
            "csv: setting csv_delimiter: ';' cannot be both the delimiter and the quote",
        ),
    ] {
        let text = format!("{good}\n{line}\n{good}");
        for processor in paces(&again().with_recovery(DEFAULT)) {
            let error = run(&processor, text.as_str()).expect_err("no entry");
            let error = error.to_string();
            let start = format!(
                "<memory>: line 3, byte {}: this is no entry",
                good.len() + 1
            );
            assert!(error.starts_with(&start), "{error}");
            assert!(error.contains(reason), "{error}");
        }
    }
    let processor = again().with_records_path("/a").expect("a path");
    let error = run(&processor, good).expect_err("no document");
    assert!(error.to_string().contains("records_path"), "{error}");
}

#[test]
fn rejects_do_not_replace_what_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let rejects = folder.path().join("t.rejected.jsonl");
    let entry = "{\"raw\":\"nonsense\"}\n";
    std::fs::write(&rejects, entry).expect("written");
    let processor = again().with_recovery(DEFAULT);
    let beside = OutputSpec::directory("json", folder.path());
    let named = || {
        let output = OutputSpec::directory("json", folder.path().join("out"));
        output.with_rejects_file(&rejects)
    };
    for output in [beside, named()] {
        let error = processor.stream_process_file(&rejects, "t", output);
        let error = format!("{:?}", error.expect_err("it is the input"));
        assert!(error.contains("this run reads it"), "{error}");
        assert_eq!(std::fs::read_to_string(&rejects).expect("there"), entry);
    }
    let good = named().with_rejects_file(folder.path().join("again.jsonl"));
    let report = processor.stream_process_file(&rejects, "t", good);
    assert_eq!(report.expect("skips").records_rejected, 1);
}
