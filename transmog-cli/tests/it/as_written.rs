//! The command on CSV files in which columns become text late, after
//! <https://github.com/nightscape/spark-excel/issues/38>.

use std::{
    fmt::Write,
    fs::{self, File},
    path::Path,
    process::{Command, Output},
};

/// Numbers and booleans in 40,000 rows, and then others.
fn late() -> String {
    let mut text = "code,flag,pad\n".to_owned();
    let pad = "x".repeat(60);
    for row in 0..40_000 {
        let flag = if row % 2 == 0 { "no" } else { "yes" };
        writeln!(text, "{}E2,{flag},{pad}", row % 10).expect("a string takes all");
    }
    text + "A1,maybe,end\n1.10,NO,end\n"
}

fn flatten(folder: &Path, args: &[&str], input: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transmog"));
    command.args(["flatten", "--csv-booleans", "true/false,yes/no"]);
    command.args(args).current_dir(folder);
    if let Some(input) = input {
        command.stdin(File::open(folder.join(input)).expect("a file"));
    }
    command.output().expect("it runs")
}

/// The first two cells of each row.
fn codes(csv: &str) -> Vec<String> {
    let cells = |line: &str| line.split(',').take(2).collect::<Vec<_>>().join(",");
    csv.lines().map(cells).collect()
}

#[test]
fn a_file_is_read_twice_and_keeps_its_spelling_and_a_pipe_is_not_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let text = late();
    fs::write(folder.join("late.csv"), &text).expect("a file");
    let stderr = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();

    let args = ["late.csv", "-o", "out", "-f", "csv", "--report", "r.json"];
    let output = flatten(folder, &args, None);
    assert_eq!(output.status.code(), Some(0));
    let table = fs::read_to_string(folder.join("out/late.csv")).expect("a table");
    let names = "code,flag";
    assert_eq!(codes(&table)[0], names);
    assert!(codes(&table) == codes(&text), "cells are as they were");
    let place = "at record 40000 (line 40002, byte 2740014) of late.csv";
    let line = format!("column code of late: float64 -> text {place}: \"A1\"\n");
    assert!(stderr(&output).contains(&line), "{}", stderr(&output));
    assert!(stderr(&output).contains("the input was read twice"));
    assert!(stderr(&output).contains("40002 records, 0 rejected, 2740039 bytes in"));
    let report = fs::read_to_string(folder.join("r.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["passes"], 2);
    assert_eq!(report["type_changes"][1]["value"], "\"maybe\"");
    assert_eq!(
        fs::read_dir(folder.join("out")).expect("a folder").count(),
        2
    );

    // Standard output gets its bytes in the end.
    let output = flatten(folder, &["late.csv", "-o", "-", "-f", "csv"], None);
    assert!(codes(&String::from_utf8_lossy(&output.stdout)) == codes(&text));

    let args = [
        "-",
        "--input-format",
        "csv",
        "-n",
        "late",
        "-o",
        "-",
        "-f",
        "csv",
    ];
    let output = flatten(folder, &args, Some("late.csv"));
    let rows = codes(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(rows[2], "100.0,true");
    assert_eq!(rows[40_001..], ["A1,maybe", "1.10,NO"]);
    let end = "of <stdin>: \"A1\"; 40000 earlier cells are not spelled as they were written\n";
    assert!(stderr(&output).contains(end), "{}", stderr(&output));
    assert!(!stderr(&output).contains("read twice"));
}
