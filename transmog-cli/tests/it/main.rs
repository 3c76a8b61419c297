//! The command from outside: arguments in, files, exit status and messages out.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "gzip")]
mod as_written;
mod compression;
mod csv;
mod docs;
mod durability;
mod kill;
#[cfg(unix)]
mod limits;
#[cfg(target_os = "linux")]
mod memory;
mod readers;
mod recovery;
mod schema;
mod unflatten;

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

const RECORDS: &str = r#"{"id":1,"tags":["a","b"],"who":{"name":"x"}}
{"id":2,"orders":[{"lines":[{"sku":"s"}]}],"who_name":"y"}
"#;

/// Runs the command in a folder; `input` goes to its standard input.
fn transmog(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_transmog"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // A command that refuses its arguments does not read.
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes())
        .ok();
    child.wait_with_output().expect("the command ends")
}

#[track_caller]
fn succeeds(folder: &Path, args: &[&str]) -> String {
    let output = transmog(folder, args, "");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(output.stdout.is_empty());
    stderr
}

#[track_caller]
fn fails(folder: &Path, args: &[&str]) -> String {
    let output = transmog(folder, args, "");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("in.jsonl"), RECORDS).expect("written");
    folder
}

fn read(folder: &Path, file: &str) -> String {
    let path = folder.join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn flatten_writes_parquet_named_after_the_input() {
    let folder = folder();
    let stderr = succeeds(folder.path(), &["flatten", "in.jsonl", "-o", "a/b"]);
    let expected = [
        "in.manifest.json",
        "in.parquet",
        "in_orders.parquet",
        "in_orders_lines.parquet",
        "in_tags.parquet",
    ];
    assert_eq!(names(&folder.path().join("a/b")), expected);
    for word in ["in_orders_lines", "2 records, 0 rejected"] {
        assert!(stderr.contains(word), "{stderr}");
    }
}

#[test]
fn inputs_and_tables_are_not_replaced() {
    let folder = folder();
    let before = fs::read(folder.path().join("in.jsonl")).expect("a file");
    let args = [
        "flatten",
        "in.jsonl",
        "-o",
        ".",
        "-f",
        "json",
        "-O",
        "lines=true",
    ];
    let error = fails(folder.path(), &args);
    assert!(error.contains("in.jsonl: this run reads it"), "{error}");
    let args = ["flatten", "in.jsonl", "-o", "out", "--report", "in.jsonl"];
    let error = fails(folder.path(), &args);
    assert!(error.contains("the report would replace"), "{error}");
    assert!(!folder.path().join("out").exists());
    assert_eq!(
        fs::read(folder.path().join("in.jsonl")).expect("a file"),
        before
    );
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);

    let args = [
        "flatten",
        "in.jsonl",
        "-o",
        "out",
        "-f",
        "csv",
        "--report",
        "out/in.csv",
    ];
    let error = fails(folder.path(), &args);
    assert!(error.contains("the report would replace"), "{error}");
    let args = [
        "flatten",
        "in.jsonl",
        "-o",
        "out",
        "-f",
        "csv",
        "--report",
        "out/report.json",
    ];
    succeeds(folder.path(), &args);
    assert!(folder.path().join("out/report.json").exists());
}

#[test]
fn the_report_says_what_was_done() {
    let folder = folder();
    let args = [
        "flatten",
        "in.jsonl",
        "-o",
        "out",
        "-f",
        "csv",
        "-n",
        "t",
        "--ids",
        "row",
        "--report",
        "report.json",
    ];
    succeeds(folder.path(), &args);
    let report: Value = serde_json::from_str(&read(folder.path(), "report.json")).expect("JSON");
    assert_eq!(report["records_read"], 2);
    assert_eq!(report["records_rejected"], 0);
    assert_eq!(report["bytes_read"], RECORDS.len());
    assert!(report["seconds"].is_f64());
    let ledger = json!({"leaves_read": 7, "cells_written": 7, "rejected": 0, "excluded": 0});
    assert_eq!(report["ledger"], ledger);
    let rename = json!([{"table": "t", "table_path": [], "column_path": ["who_name"], "is_file": false, "wanted": "who_name",
        "name": "who_name_2", "taken_by": {"table_path": [], "column_path": ["who", "name"]}}]);
    assert_eq!(report["renames"], rename);
    let tables: Vec<_> = report["tables"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|table| {
            json!([
                table["name"],
                table["parent"],
                table["path"],
                table["rows"],
                table["files"]
            ])
        })
        .collect();
    let expected = [
        json!(["t", null, [], 2, ["t.csv"]]),
        json!(["t_tags", "t", [["tags"]], 2, ["t_tags.csv"]]),
        json!(["t_orders", "t", [["orders"]], 1, ["t_orders.csv"]]),
        json!([
            "t_orders_lines",
            "t_orders",
            [["orders"], ["lines"]],
            1,
            ["t_orders_lines.csv"]
        ]),
    ];
    assert_eq!(tables, expected);
    let columns = json!([
        {"name": "id", "path": ["id"], "type": "int64", "nulls": 0},
        {"name": "who_name", "path": ["who", "name"], "type": "text", "nulls": 1},
        {"name": "who_name_2", "path": ["who_name"], "type": "text", "nulls": 1},
        {"name": "__transmog_id", "path": null, "type": "int64", "nulls": 0},
        {"name": "__transmog_datetime", "path": null, "type": "timestamp", "nulls": 0},
    ]);
    assert_eq!(report["tables"][0]["columns"], columns);
    assert_eq!(report["tables"][1]["columns"][0]["path"], json!([]));
}

#[test]
fn every_setting_reaches_the_tables() {
    let folder = folder();
    let fixed = [
        "-o",
        "out",
        "-f",
        "csv",
        "-n",
        "t",
        "--ids",
        "row",
        "--timestamp",
        "2026-01-01T01:00:00+01:00",
    ];
    let run = |args: &[&str], file: &str| {
        let args: Vec<&str> = ["flatten", "in.jsonl"]
            .iter()
            .chain(&fixed)
            .chain(args)
            .copied()
            .collect();
        succeeds(folder.path(), &args);
        let text = read(folder.path(), &format!("out/{file}"));
        fs::remove_dir_all(folder.path().join("out")).expect("it was made");
        text.replace("\r\n", "\n")
    };
    let id = "__transmog_id,__transmog_datetime";
    let (first, second) = ("0,2026-01-01T00:00:00Z", "1,2026-01-01T00:00:00Z");
    assert_eq!(
        run(&[], "t.csv"),
        format!("id,who_name,who_name_2,{id}\n1,x,,{first}\n2,,y,{second}\n")
    );
    assert_eq!(
        run(&["--separator", "."], "t.csv"),
        format!("id,who.name,who_name,{id}\n1,x,,{first}\n2,,y,{second}\n")
    );
    assert!(run(&["--separator", "."], "t.orders.lines.csv").starts_with("sku,"));
    assert!(run(&["--array-mode", "smart"], "t.csv").contains("\"[\"\"a\"\",\"\"b\"\"]\""));
    assert!(run(&["--array-mode", "inline"], "t.csv").contains("\"[{\"\"lines\"\":"));
    assert!(run(&["--array-mode", "skip"], "t.csv").starts_with("id,who_name,who_name_2,__"));
    assert!(run(&["--array-mode", "keep"], "t_tags.csv").starts_with("value,__"));
    assert!(run(&["--max-depth", "1"], "t.csv").contains("\"{\"\"name\"\":\"\"x\"\"}\""));
    assert!(
        run(
            &["--deep-nesting-threshold", "2"],
            "t_orders_nested_lines.csv"
        )
        .starts_with("sku,")
    );
    assert!(
        run(&["--chunk-size", "1", "--threads", "3"], "t.csv")
            .ends_with(&format!("2,,y,{second}\n"))
    );
    assert!(
        run(
            &["-O", "delimiter=;", "-O", "include_header=false"],
            "t.csv"
        )
        .starts_with("1;x;;0;")
    );
    let deterministic = run(&["--ids", "deterministic:id"], "t.csv");
    assert!(
        deterministic.contains(&transmog::deterministic_id("1")),
        "{deterministic}"
    );
    let json = ["-f", "json", "--cast-to-string", "-O", "lines=true"];
    assert!(run(&json, "t.jsonl").starts_with(r#"{"id":"1","who_name":"x","#));
    let random = run(&["--ids", "random"], "t.csv");
    assert_eq!(
        random
            .lines()
            .nth(1)
            .and_then(|line| line.split(',').nth(3))
            .map(str::len),
        Some(36)
    );
}

#[test]
fn several_inputs_and_standard_input() {
    let folder = folder();
    fs::write(
        folder.path().join("more.json"),
        r#"{"data":{"items":[{"id":3},{"id":4}]}}"#,
    )
    .expect("written");
    let args = ["flatten", "-", "in.jsonl", "-o", "out", "-f", "csv"];
    let output = transmog(folder.path(), &args, "{\"id\":0}\n{\"id\":9}\n");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(read(folder.path(), "out/records.csv").lines().count(), 5);
    let args = [
        "flatten",
        "more.json",
        "-o",
        "out",
        "-f",
        "csv",
        "--records-path",
        "/data/items",
    ];
    succeeds(folder.path(), &args);
    assert_eq!(read(folder.path(), "out/more.csv").lines().count(), 3);
    let args = [
        "flatten",
        "in.jsonl",
        "-o",
        "out",
        "--input-format",
        "json",
        "-f",
        "csv",
        "-n",
        "j",
    ];
    succeeds(folder.path(), &args);
    assert_eq!(read(folder.path(), "out/j.csv").lines().count(), 3);
}

#[test]
fn bad_input_is_named_and_leaves_nothing() {
    let folder = folder();
    fs::write(folder.path().join("bad.jsonl"), "{\"a\":[1]}\n{\"a\":\n").expect("written");
    for format in ["csv", "json", "parquet"] {
        let stderr = fails(
            folder.path(),
            &["flatten", "bad.jsonl", "-o", "out", "-f", format],
        );
        assert!(
            stderr
                .contains("error: bad.jsonl: record 1 (line 2, byte 15), field a: invalid JSON: "),
            "{stderr}"
        );
        assert_eq!(names(folder.path()), ["bad.jsonl", "in.jsonl"]);
    }
    let stderr = fails(folder.path(), &["flatten", "none.jsonl", "-o", "out"]);
    assert!(stderr.contains("cannot open none.jsonl: "), "{stderr}");
}

#[test]
fn bad_arguments_are_named() {
    let folder = folder();
    let cases: [(&[&str], &str); 14] = [
        (&["-f", "xlsx"], "tip: use -f csv, which Excel opens"),
        (&["-O", "compresion=zstd"], "unknown option \"compresion\""),
        (&["-O", "compression=best"], "compression=\"best\""),
        (&["-O", "compression"], "expected KEY=VALUE"),
        (&["--separator", ""], "separator"),
        (
            &["--array-mode", "all"],
            "[possible values: separate, smart, inline, skip, keep]",
        ),
        (
            &["--input-format", "xml"],
            "[possible values: auto, jsonl, json,",
        ),
        (
            &["--ids", "serial"],
            "expected random, row, deterministic:COLUMN, composite:A,B, hash, natural",
        ),
        (
            &["--ids", "composite:a,"],
            "a field of composite must have a name",
        ),
        (&["--max-depth", "0"], "--max-depth: "),
        (&["--threads", "0"], "--threads: "),
        (&["--chunk-size", "0"], "--chunk-size: "),
        (&["--timestamp", "yesterday"], "RFC 3339"),
        (&["--records-path", "items"], "it must start with a slash"),
    ];
    for (args, expected) in cases {
        let args: Vec<&str> = ["flatten", "in.jsonl", "-o", "out"]
            .iter()
            .chain(args)
            .copied()
            .collect();
        let stderr = fails(folder.path(), &args);
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
        assert_eq!(names(folder.path()), ["in.jsonl"]);
    }
    assert!(fails(folder.path(), &["flatten"]).contains("--output <DIR>"));
}

#[test]
fn formats_are_listed_with_their_options() {
    let folder = folder();
    let output = transmog(folder.path(), &["formats"], "");
    assert_eq!(output.status.code(), Some(0));
    let stdout = String::from_utf8_lossy(&output.stdout);
    for word in [
        "csv",
        "json",
        "parquet",
        "-O compression=snappy",
        "-O quotechar=\"",
        "-O indent=2",
    ] {
        assert!(stdout.contains(word), "{stdout}");
    }
}

#[test]
fn the_main_table_goes_to_standard_output() {
    let folder = folder();
    let args = [
        "flatten", "in.jsonl", "-o", "-", "-f", "csv", "--ids", "row",
    ];
    let output = transmog(folder.path(), &args, "");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("is a child table"), "{stderr}");
    assert!(output.stdout.is_empty());

    let inline = [
        "--array-mode",
        "inline",
        "--timestamp",
        "2026-01-01T00:00:00Z",
    ];
    let args: Vec<&str> = args.iter().chain(&inline).copied().collect();
    let output = transmog(folder.path(), &args, "");
    assert_eq!(output.status.code(), Some(0));
    let expected = "id,tags,who_name,orders,who_name_2,__transmog_id,__transmog_datetime\r\n\
        1,\"[\"\"a\"\",\"\"b\"\"]\",x,,,0,2026-01-01T00:00:00Z\r\n\
        2,,,\"[{\"\"lines\"\":[{\"\"sku\"\":\"\"s\"\"}]}]\",y,1,2026-01-01T00:00:00Z\r\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    assert_eq!(names(folder.path()), ["in.jsonl"]);
    let error = fails(
        folder.path(),
        &["flatten", "in.jsonl", "-o", "-", "--recovery", "skip"],
    );
    assert!(error.contains("name a file with --rejects"), "{error}");
}

#[test]
fn modes_change_no_byte_of_text() {
    let folder = folder();
    let mut files = Vec::new();
    for mode in ["standard", "low-memory", "high-performance"] {
        let fixed = ["--ids", "row", "--timestamp", "2026-01-01T00:00:00Z"];
        let args = [
            "flatten", "in.jsonl", "-o", mode, "-f", "csv", "--mode", mode,
        ];
        let args: Vec<&str> = args.iter().chain(&fixed).copied().collect();
        succeeds(folder.path(), &args);
        files.push(read(&folder.path().join(mode), "in_orders_lines.csv"));
    }
    assert!(files[0].contains("sku") && files.iter().all(|file| *file == files[0]));
}
