//! `--recovery` and `--rejects`: files, exit status, and what the terminal says.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{fails, names, read, transmog};

const BAD: &str = "{\"a\":1}\n{\"a\":NaN,\"b\":2}\n{\"a\":\n{\"a\":4}\n";

/// Runs `flatten bad.jsonl -o out -f json -O lines=true` with more arguments; some records are
/// expected to be bad.
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
        "error: bad.jsonl: record 1 (line 2, byte 13), field a: NaN is not a JSON number; --allow-nan reads it as a float\n"
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
    assert!(
        error.contains("[possible values: strict, skip, partial]"),
        "{error}"
    );
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

#[test]
fn mended_rejects_are_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("p.csv"), "id;size\n1;1.5\n2;2.5;x\n3;\"7\n").expect("written");
    let skip = [
        "flatten",
        "p.csv",
        "-o",
        "out",
        "-f",
        "csv",
        "--recovery",
        "skip",
    ];
    let output = transmog(folder.path(), &skip, "");
    assert_eq!(output.status.code(), Some(1));
    let rejects = read(folder.path(), "out/p.rejected.jsonl");
    let again = [
        "flatten",
        "out/p.rejected.jsonl",
        "--from-rejects",
        "-f",
        "csv",
        "-o",
    ];
    let error = fails(folder.path(), &[&again[..], &["more"]].concat());
    assert_eq!(
        error,
        "error: p.csv: record 1 (line 3, byte 20), at line 1 of out/p.rejected.jsonl: 3 cells, but only 2 columns\n"
    );
    // An editor comes by, in place.
    let mended = rejects.replace(";x", "").replace("\\\"7\\n", "7");
    assert_ne!(mended, rejects);
    fs::write(at("out/p.rejected.jsonl"), &mended).expect("written");
    // It is no place for the tables or for other rejects.
    let error = fails(folder.path(), &[&again[..], &["out"]].concat());
    assert!(error.contains("this run reads it"), "{error}");
    assert_eq!(read(folder.path(), "out/p.rejected.jsonl"), mended);
    let output = transmog(folder.path(), &[&again[..], &["more"]].concat(), "");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(names(&at("more")), ["p.csv", "p.manifest.json"]);
    let columns = |text: &str| {
        let lines = text
            .lines()
            .map(|line| line.split(',').take(2).collect::<Vec<_>>().join(","));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        columns(&read(folder.path(), "more/p.csv")),
        ["id,size", "2,2.5", "3,7"]
    );
    assert_eq!(
        columns(&read(folder.path(), "out/p.csv")),
        ["id,size", "1,1.5"]
    );
    let inspect = [
        "inspect",
        "out/p.rejected.jsonl",
        "--input-format",
        "rejects",
    ];
    let output = transmog(folder.path(), &inspect, "");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with("p: 2 rows\n"), "{said}");
}

#[test]
fn rejects_of_records_in_tables_are_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    flatten(folder.path(), &["--recovery", "partial"]);
    let again = [
        "flatten",
        "out/bad.rejected.jsonl",
        "--from-rejects",
        "-o",
        "more",
        "-f",
        "json",
    ];
    let partial = ["--recovery", "partial", "--report", "report.json"];
    let output = transmog(folder.path(), &[&again[..], &partial[..]].concat(), "");
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("1 record, 1 rejected, 1 passed over"),
        "{stderr}"
    );
    let report: Value = serde_json::from_str(&read(folder.path(), "report.json")).expect("JSON");
    assert_eq!(report["rejects_passed_over"], 1);
    let output = transmog(
        folder.path(),
        &[&again[..], &partial[..], &["--kept-rejects"]].concat(),
        "",
    );
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("2 records, 1 rejected, 1 kept in part"),
        "{stderr}"
    );
}

#[test]
fn limits_are_errors_that_name_themselves() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("bad.jsonl"), BAD).expect("written");
    let base = [
        "flatten",
        "bad.jsonl",
        "-o",
        "out",
        "-f",
        "csv",
        "--recovery",
        "skip",
    ];
    let error = |more: &[&str]| fails(folder.path(), &[&base[..], more].concat());
    let text = error(&["--max-rejects", "1"]);
    assert_eq!(
        text,
        "error: 2 of 3 records are bad, and --max-rejects is 1; nothing is written. The first of them:\n  \
         bad.jsonl: record 1 (line 2, byte 13), field a: NaN is not a JSON number\n  \
         bad.jsonl: record 2 (line 3, byte 29), field a: invalid JSON: expected a value, found the end of the line\n"
    );
    assert!(error(&["--max-rejects", "49%"]).contains("2 of 4 records"));
    assert!(error(&["--max-rejects", "many"]).contains("neither a number"));
    assert!(
        error(&["--recovery", "strict", "--max-record-bytes", "7"])
            .contains("--max-record-bytes is 7")
    );
    assert!(!folder.path().join("out").exists());
    let allowed = [&base[..], &["--max-rejects", "50%"]].concat();
    assert_eq!(transmog(folder.path(), &allowed, "").status.code(), Some(1));
    fs::write(folder.path().join("many.jsonl"), "{}\n{\"a\":[1]}\n").expect("written");
    let error = fails(
        folder.path(),
        &["flatten", "many.jsonl", "-o", "o", "--max-tables", "1"],
    );
    assert!(
        error.starts_with("error: many.jsonl: record 1: table a[] would"),
        "{error}"
    );
}
