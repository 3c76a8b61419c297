//! The way back: `transmog unflatten`, and the manifest that `flatten` leaves for it.

use std::{fs, path::Path};

use serde_json::Value;

use super::{fails, succeeds, transmog};

const INPUT: &str = r#"{"id":1,"who":{"name":null},"tags":[],"big":12345678901234567890123}
{"id":"two","lines":[{"sku":"a","sizes":[1.5,2.5]},{},null]}
{}
"#;

fn values(text: &str) -> Vec<Value> {
    let values = text.lines().map(serde_json::from_str);
    values.collect::<Result<_, _>>().expect("JSON Lines")
}

fn stdout(folder: &Path, args: &[&str]) -> String {
    let output = transmog(folder, args, "");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn what_was_flattened_comes_back_from_every_format() {
    for format in [
        &["-f", "parquet"][..],
        &["-f", "json"],
        &["-f", "json", "-O", "lines=true"],
        &["-f", "csv", "-O", "delimiter=tab"],
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        fs::write(folder.join("in.jsonl"), INPUT).expect("written");
        let args = ["flatten", "in.jsonl", "-o", "out", "--keep-empties"];
        succeeds(folder, &[&args, format].concat());

        let lines = stdout(folder, &["unflatten", "out"]);
        assert_eq!(values(&lines), values(INPUT), "{format:?}");
        assert!(
            lines.contains(r#""big":12345678901234567890123"#),
            "{lines}"
        );

        let array = stdout(folder, &["unflatten", "out", "--output-format", "json"]);
        let array: Vec<Value> = serde_json::from_str(&array).expect("an array");
        assert_eq!(array, values(INPUT));

        let said = succeeds(
            folder,
            &["unflatten", "out", "-n", "in", "-o", "back/in.jsonl"],
        );
        assert_eq!(said, "3 records\n");
        let file = fs::read_to_string(folder.join("back/in.jsonl")).expect("a file");
        assert_eq!(file, lines);
    }
}

#[test]
fn without_a_manifest_there_is_no_way_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("in.jsonl"), INPUT).expect("written");
    succeeds(folder, &["flatten", "in.jsonl", "-o", "out"]);
    assert!(folder.join("out/in.manifest.json").exists());
    succeeds(
        folder,
        &["flatten", "in.jsonl", "-o", "bare", "--no-manifest"],
    );
    assert!(!folder.join("bare/in.manifest.json").exists());
    let said = fails(folder, &["unflatten", "bare"]);
    assert_eq!(
        said,
        "error: cannot read tables back from bare: it has no manifest: write the tables again with one\n"
    );
    let said = fails(folder, &["unflatten", "out", "--entity", "x"]);
    assert_eq!(
        said,
        "error: cannot read tables back from out: it has no manifest of \"x\", but of: in\n"
    );
    // What was there before stays if the tables cannot be read.
    fs::write(folder.join("back.jsonl"), "before").expect("written");
    fs::remove_file(folder.join("out/in_lines.parquet")).expect("removed");
    let said = fails(folder, &["unflatten", "out", "-o", "back.jsonl"]);
    assert!(said.contains("table \"in_lines\": cannot read"), "{said}");
    let kept = fs::read_to_string(folder.join("back.jsonl")).expect("a file");
    assert_eq!(kept, "before");
}

#[test]
fn a_pipe_has_no_manifest() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["flatten", "-", "-o", "-", "-f", "csv", "--keep-empties"];
    let output = transmog(folder.path(), &args, "{\"a\":null,\"b\":1}\n");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains(r#""{""/a"":null}""#), "{text}");
}

#[test]
fn a_report_does_not_replace_the_manifest() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("in.jsonl"), INPUT).expect("written");
    let args = [
        "flatten",
        "in.jsonl",
        "-o",
        "out",
        "--report",
        "out/in.manifest.json",
    ];
    assert!(fails(folder, &args).contains("would replace"));
}
