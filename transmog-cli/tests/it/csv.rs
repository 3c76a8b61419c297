//! CSV and JSON5 input on the command line.

use std::fs;

use crate::{fails, succeeds, transmog};

#[test]
fn csv_with_all_its_options() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    fs::write(
        path.join("in.txt"),
        b"skipped\n1st-\t'caf\xe9\t'\n-\t1.50\n?\t007\n",
    )
    .expect("written");
    let words = "flatten in.txt -o out -f json -O lines=true -n t --input-format csv --csv-delimiter tab \
        --csv-quote ' --csv-skip-rows 1 --csv-null-values -,? --csv-encoding latin1";
    let args: Vec<&str> = words.split_whitespace().collect();
    let rows = || {
        let text = fs::read_to_string(path.join("out/t.jsonl")).expect("the table");
        let row = |line: &str| line.split(",\"__transmog").next().map(str::to_owned);
        text.lines().filter_map(row).collect::<Vec<_>>()
    };
    succeeds(path, &args);
    assert_eq!(rows()[0], r#"{"café_":"1.50""#);
    assert_eq!(rows()[1], r#"{"café_":"007""#);
    let more = [&args[..], &["--csv-no-sanitize"]].concat();
    succeeds(path, &more);
    assert_eq!(rows()[0], r#"{"café\t":"1.50""#);
    let more = [&args[..], &["--csv-no-header", "--csv-no-infer"]].concat();
    succeeds(path, &more);
    assert_eq!(rows()[0], r#"{"column_1":"1st-","column_2":"café\t""#);
    assert_eq!(rows().len(), 3);
}

#[test]
fn csv_from_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = [
        "flatten",
        "-",
        "-o",
        "out",
        "-f",
        "csv",
        "-n",
        "t",
        "--input-format",
        "csv",
    ];
    let output = transmog(folder.path(), &args, "a;b\n1;TRUE\n");
    assert_eq!(output.status.code(), Some(0));
    let table = fs::read_to_string(folder.path().join("out/t.csv")).expect("the table");
    assert!(table.starts_with("a,b,__transmog_id"), "{table}");
    assert!(table.contains("\r\n1,true,"), "{table}");
}

#[test]
fn options_that_make_no_sense() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = |option: &str| fails(folder.path(), &["flatten", "a.csv", "-o", "out", option]);
    assert!(error("--csv-delimiter=;;").contains("expected one character"));
    assert!(error("--csv-delimiter=\"").contains("error: --csv-delimiter: "));
    assert!(error("--csv-encoding=klingon").contains("error: --encoding: \"klingon\" is no label"));
}

/// Nesting of any depth is an error or a value, and never the end of the process.
#[test]
fn json5_however_deep() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let deep = 100_000;
    let (open, close) = ("[".repeat(deep), "]".repeat(deep));
    let (objects, ends) = ("{a:".repeat(deep), "}".repeat(deep));
    fs::write(
        path.join("valid.json5"),
        format!("[{{a: {open}{close}, b: {objects}1{ends}}}]"),
    )
    .expect("written");
    let said = succeeds(path, &["flatten", "valid.json5", "-o", "out"]);
    assert!(said.contains("1 record"), "{said}");
    for text in [open, objects.clone(), format!("{objects}1")] {
        fs::write(path.join("open.json5"), text).expect("written");
        let error = fails(path, &["flatten", "open.json5", "-o", "out"]);
        assert!(error.contains("open.json5"), "{error}");
    }
}

#[test]
fn json5_keeps_digits_and_says_where_it_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let text = "// list\n[{n: 123456789012345678901234567890, x: .5, 'y': 0xFF},]";
    fs::write(path.join("a.json5"), text).expect("written");
    succeeds(
        path,
        &[
            "flatten",
            "a.json5",
            "-o",
            "out",
            "-f",
            "json",
            "-O",
            "lines=true",
        ],
    );
    let table = fs::read_to_string(path.join("out/a.jsonl")).expect("the table");
    let expected = r#"{"n":123456789012345678901234567890,"x":0.5,"y":255,"__transmog"#;
    assert!(table.starts_with(expected), "{table}");
    let cases = [
        (
            "{a: 1}\n/* x",
            "a.json5: line 2, byte 7: invalid JSON: the comment does not end, at \"/* x\"",
        ),
        ("[\n{a: 1},\n{a: NaN}]", "record 1 (line 3"),
        ("[\n{a: 1} 2]", "line 2"),
    ];
    for (text, message) in cases {
        fs::write(path.join("a.json5"), text).expect("written");
        let error = fails(path, &["flatten", "a.json5", "-o", "out"]);
        assert!(error.contains(message), "{error}");
    }
}

/// <https://github.com/BurntSushi/xsv/issues/316>
#[test]
fn csv_from_a_pipe_without_its_format_says_which_option_it_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["flatten", "-", "-n", "t", "-o", "out"];
    let output = transmog(folder.path(), &args, "id,name\n1,a\n2,b\n");
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.ends_with(
            "expected a value, found \"id,name\\n1,a\\n2,b\\n\"; if it is CSV, use --input-format csv\n"
        ),
        "{error}"
    );
}
