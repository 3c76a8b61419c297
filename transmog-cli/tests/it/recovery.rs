//! `--recovery` and `--rejects`: files, exit status, and what the terminal says.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{fails, names, read, transmog};

const BAD: &str = "{\"a\":1}\n{\"a\":NaN,\"b\":2}\n{\"a\":\n{\"a\":4}\n";

/// Runs `flatten bad.jsonl -o out -f json -O lines=true` with more arguments; some records are expected to be bad.
fn flatten(folder: &Path, more: &[&str]) -> String {
    fs::write(folder.join("bad.jsonl"), BAD).expect("written");
    let mut args = vec![
        "flatten",
        "bad.jsonl",
        "-o",
        "out",
        "-f",
        "json",
        "-O",
        "lines=true",
    ];
    args.extend(more);
    let output = transmog(folder, &args, "");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    stderr
}

fn rows(folder: &Path, file: &str) -> Vec<Value> {
    let text = read(folder, file);
    let row = |line: &str| serde_json::from_str(line).expect("JSON");
    text.lines().map(row).collect()
}

#[test]
fn strict_fails_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("bad.jsonl"), BAD).expect("written");
    let error = fails(folder.path(), &["flatten", "bad.jsonl", "-o", "out"]);
    assert_eq!(
        error,
        "error: bad.jsonl: record 1 (line 2, byte 13), field a: NaN is not a JSON number\n"
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn skip_leaves_records_out_and_says_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let stderr = flatten(
        folder.path(),
        &["--recovery", "skip", "--report", "report.json"],
    );
    let out = folder.path().join("out");
    assert_eq!(
        names(&out),
        ["bad.jsonl", "bad.manifest.json", "bad.rejected.jsonl"]
    );
    let values: Vec<Value> = rows(&out, "bad.jsonl")
        .iter()
        .map(|row| row["a"].clone())
        .collect();
    assert_eq!(values, [1, 4]);
    let rejects = rows(&out, "bad.rejected.jsonl");
    assert_eq!(rejects[0]["raw"], "{\"a\":NaN,\"b\":2}");
    assert_eq!(rejects[1]["line"], 3);
    for words in [
        "bad.jsonl: record 1 (line 2, byte 13), field a: NaN is not a JSON number",
        "what was wrong is in bad.rejected.jsonl",
        "4 records, 2 rejected, ",
    ] {
        assert!(stderr.contains(words), "{stderr}");
    }
    let report: Value = serde_json::from_str(&read(folder.path(), "report.json")).expect("JSON");
    assert_eq!(report["records_read"], 4);
    assert_eq!(
        report["problems_by_kind"],
        json!({"not_finite": 1, "syntax": 1})
    );
    assert_eq!(report["problems"][1]["line"], 3);
}

#[test]
fn partial_keeps_what_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let stderr = flatten(
        folder.path(),
        &["--recovery", "partial", "--rejects", "bad/r.jsonl"],
    );
    assert!(stderr.contains("1 rejected, 1 kept in part"), "{stderr}");
    let out = folder.path().join("out");
    assert_eq!(names(&out), ["bad.jsonl", "bad.manifest.json"]);
    let kept = &rows(&out, "bad.jsonl")[1];
    assert_eq!(
        (&kept["b"], &kept["__error"]),
        (&json!(2), &json!("a: NaN is not a JSON number"))
    );
    assert_eq!(rows(folder.path(), "bad/r.jsonl").len(), 2);
}

#[test]
fn nan_can_be_allowed_and_words_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    flatten(folder.path(), &["--allow-nan", "--recovery", "skip"]);
    assert_eq!(rows(&folder.path().join("out"), "bad.jsonl").len(), 3);
    let error = fails(
        folder.path(),
        &["flatten", "bad.jsonl", "-o", "o", "--recovery", "lax"],
    );
    assert!(error.contains("none of strict, skip, partial"), "{error}");
    // What is read is not replaced, by rejects neither.
    let args = [
        "flatten",
        "bad.jsonl",
        "-o",
        "o",
        "--recovery",
        "skip",
        "--rejects",
        "bad.jsonl",
    ];
    let error = fails(folder.path(), &args);
    assert!(error.contains("this run reads it"), "{error}");
    assert_eq!(read(folder.path(), "bad.jsonl"), BAD);
}
