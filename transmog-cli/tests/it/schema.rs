//! `inspect`, `--schema`, `--schema-policy` and `--type`: files, exit status, and what the terminal
//! says.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::{RECORDS, fails, names, read, transmog};

fn runs(folder: &Path, args: &[&str], status: i32) -> (String, String) {
    let output = transmog(folder, args, "");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{args:?}: {err}");
    (out, err)
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = names(folder).into_iter();
    names
        .map(|name| {
            let bytes = fs::read(folder.join(&name)).expect("a file");
            (name, bytes)
        })
        .collect()
}

#[test]
fn inspect_says_what_a_run_would_give() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("r.jsonl"), RECORDS).expect("written");
    let (out, err) = runs(folder, &["inspect", "r.jsonl", "--ids", "row"], 0);
    assert!(err.is_empty(), "{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "r: 2 rows");
    assert_eq!(
        lines[1].split_whitespace().collect::<Vec<_>>(),
        ["column", "type", "nulls", "path"]
    );
    assert_eq!(
        lines[2].split_whitespace().collect::<Vec<_>>(),
        ["id", "int64", "0"]
    );
    assert_eq!(
        lines[3].split_whitespace().collect::<Vec<_>>(),
        ["who_name", "text", "1", "who.name"]
    );
    assert!(lines.contains(&"r_tags: 2 rows, tags[] of r"));
    assert!(lines.contains(&"r_orders_lines: 1 row, orders[].lines[] of r_orders"));
    assert_eq!(names(folder), ["r.jsonl"]);
    let (out, _) = runs(folder, &["inspect", "r.jsonl", "--json"], 0);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["tables"][1]["columns"][0]["type"], "text");
    assert_eq!(report["records_read"], 2);
}

#[test]
fn inspect_ends_as_flatten_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("r.jsonl"), "{\"a\": 1}\n{\"a\": NaN}\n").expect("written");
    let error = fails(folder, &["inspect", "r.jsonl", "--schema-out", "s.json"]);
    assert!(error.contains("NaN"), "{error}");
    assert_eq!(names(folder), ["r.jsonl"]);
    let (_, err) = runs(
        folder,
        &[
            "inspect",
            "r.jsonl",
            "--schema-out",
            "s.json",
            "--recovery",
            "skip",
        ],
        1,
    );
    assert!(err.contains("1 record rejected"), "{err}");
    assert_eq!(names(folder), ["r.jsonl", "s.json"]);
    let error = fails(
        folder,
        &[
            "inspect",
            "r.jsonl",
            "--schema-out",
            "./r.jsonl",
            "--allow-nan",
        ],
    );
    assert!(error.contains("would replace"), "{error}");
    assert!(read(folder, "r.jsonl").contains("NaN"));
}

#[test]
fn a_schema_of_an_input_is_its_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("r.jsonl"), RECORDS).expect("written");
    runs(folder, &["inspect", "r.jsonl", "--schema-out", "s.json"], 0);
    for format in ["parquet", "csv", "json"] {
        let flatten = |out: &str, more: &[&str]| {
            let mut args = vec![
                "flatten",
                "r.jsonl",
                "-o",
                out,
                "-f",
                format,
                "--ids",
                "row",
                "--timestamp",
                "2026-01-01T00:00:00Z",
            ];
            args.extend(more);
            runs(folder, &args, 0);
            contents(&folder.join(out))
        };
        let free = flatten("free", &[]);
        let frozen = flatten(
            "frozen",
            &["--schema", "s.json", "--schema-policy", "freeze"],
        );
        assert_eq!(free, frozen, "{format}");
        for out in ["free", "frozen"] {
            fs::remove_dir_all(folder.join(out)).expect("removed");
        }
    }
}

#[test]
fn policies_decide_about_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("r.jsonl"), RECORDS).expect("written");
    runs(folder, &["inspect", "r.jsonl", "--schema-out", "s.json"], 0);
    fs::write(
        folder.join("r.jsonl"),
        format!("{RECORDS}{{\"id\":\"x\",\"new\":1}}\n"),
    )
    .expect("written");
    let flatten = [
        "flatten",
        "r.jsonl",
        "-o",
        "out",
        "-f",
        "json",
        "-O",
        "lines=true",
        "--schema",
        "s.json",
    ];
    let with = |more: &[&'static str]| [&flatten[..], more].concat();

    let error = fails(folder, &with(&["--schema-policy", "freeze"]));
    assert_eq!(
        error,
        "error: r.jsonl: record 2 (line 3, byte 104), field id: column id is int64 in the schema, found text\n"
    );
    assert_eq!(names(folder), ["r.jsonl", "s.json"]);
    runs(
        folder,
        &with(&["--schema-policy", "freeze", "--recovery", "skip"]),
        1,
    );
    let reject: Value =
        serde_json::from_str(&read(&folder.join("out"), "r.rejected.jsonl")).expect("JSON");
    assert_eq!(
        (&reject["kind"], &reject["field"]),
        (&"misfit".into(), &"id".into())
    );
    let (_, err) = runs(folder, &with(&["--schema-policy", "r=discard"]), 0);
    assert!(err.contains("1 value of column new dropped"), "{err}");
    let error = fails(folder, &with(&["--schema-policy", "x=discard"]));
    assert!(error.contains("no table \"x\""), "{error}");
    let error = fails(
        folder,
        &[
            "flatten",
            "r.jsonl",
            "-o",
            "out",
            "--schema-policy",
            "freeze",
        ],
    );
    assert!(
        error.contains("--schema FILE") && error.contains("--schema-out"),
        "{error}"
    );
    let error = fails(
        folder,
        &["flatten", "r.jsonl", "-o", "out", "--schema", "r.jsonl"],
    );
    assert!(error.contains("cannot read the schema r.jsonl"), "{error}");
}

#[test]
fn types_are_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("r.csv"), "zip,n\n007,1\n1.50,2\n").expect("written");
    let args = [
        "flatten",
        "r.csv",
        "-o",
        "out",
        "-f",
        "csv",
        "--type",
        "zip=text",
        "--type",
        "n=float64",
    ];
    runs(folder, &args, 0);
    let table = read(&folder.join("out"), "r.csv");
    assert!(
        table.contains("007,1") && table.contains("1.50,2"),
        "{table}"
    );
    let error = fails(
        folder,
        &["flatten", "r.csv", "-o", "out", "--type", "n=number"],
    );
    assert!(
        error.contains("\"number\" is none of boolean, int64"),
        "{error}"
    );
}
