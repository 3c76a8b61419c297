//! What other people's readers see: tables of a run whose schema keeps changing, read with PyArrow,
//! DuckDB and Polars from `PyPI`. Skipped, with a message, where Python or one of them is missing.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::Path,
    process::Command,
};

use crate::succeeds;

const RECORDS: usize = 12_000;

/// Exit status of the script if a package is missing.
const MISSING: i32 = 77;

/// A record of a run in which a new field comes every 60 records and half of the old ones change
/// their type in the middle.
fn record(n: usize) -> String {
    let late = n >= RECORDS / 2;
    let text = |n: usize| format!("\"t\u{e9}xt {n}\\n\\\"quoted\\\", and {}\"", n % 7);
    let mut line = format!("{{\"id\":{n},\"text\":{}", text(n));
    let mut field =
        |key: &str, value: String| write!(line, ",\"{key}\":{value}").expect("it grows");
    field(
        "whole_then_float",
        if late {
            format!("{n}.25")
        } else {
            n.to_string()
        },
    );
    field(
        "whole_then_text",
        if late { text(n) } else { n.to_string() },
    );
    field(
        "whole_then_large",
        if late {
            format!("{}", (1_u64 << 53) + n as u64)
        } else {
            n.to_string()
        },
    );
    field(
        "whole_then_huge",
        if late {
            format!("18446744073709551616{n}")
        } else {
            n.to_string()
        },
    );
    field(
        "flag_then_number",
        if late {
            n.to_string()
        } else {
            n.is_multiple_of(2).to_string()
        },
    );
    field(
        "null_then_object",
        if late {
            format!("{{\"a\":{n}}}")
        } else {
            "null".into()
        },
    );
    field(
        "object_then_array",
        if late {
            format!("[{{\"a\":{n}}},{n}]")
        } else {
            format!("{{\"a\":{n}}}")
        },
    );
    field(
        "array",
        format!("[{n},{{\"deep\":[{{\"x\":{n}}},null,\"{n}\"]}},[1,[2]]]"),
    );
    let newest = n / 60;
    for number in [newest, n % (newest + 1), (n * 31) % (newest + 1)] {
        let value = match number % 4 {
            0 => n.to_string(),
            1 => format!("{n}.5"),
            2 => n.is_multiple_of(3).to_string(),
            _ => text(n),
        };
        // The same key may be drawn twice: the last value wins, as in Python.
        field(&format!("field {number}"), value);
    }
    line.push('}');
    line
}

#[test]
fn every_leaf_is_where_other_readers_find_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let records: Vec<String> = (0..RECORDS).map(record).collect();
    fs::write(path("drift.ndjson"), records.join("\n")).expect("written");
    for (format, option) in [
        ("parquet", "row_group_size=2500"),
        ("csv", "include_header=true"),
        ("json", "lines=true"),
    ] {
        let run = [
            "flatten",
            "drift.ndjson",
            "-f",
            format,
            "-o",
            format,
            "-O",
            option,
            "--report",
            "report.json",
        ];
        succeeds(folder.path(), &run);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/leaves.py");
    #[expect(clippy::disallowed_methods, reason = "tests are told where Python is")]
    let python = env::var("TRANSMOG_PYTHON").unwrap_or_else(|_| "python3".into());
    let outputs = ["parquet=parquet", "csv=csv", "json=json"];
    let checked = Command::new(&python)
        .arg(script)
        .args(["drift.ndjson", "report.json"])
        .args(outputs)
        .current_dir(folder.path())
        .output();
    let checked = match checked {
        Ok(checked) if checked.status.code() != Some(MISSING) => checked,
        Ok(checked) => {
            let missing = String::from_utf8_lossy(&checked.stdout).into_owned();
            return skip(&format!("{python}: {}", missing.trim()));
        }
        Err(error) => return skip(&format!("{python}: {error}")),
    };
    let said = String::from_utf8_lossy(&checked.stdout);
    let failed = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}{failed}");
    assert_eq!(
        said.lines().count(),
        9,
        "three readers of three formats: {said}"
    );
}

fn skip(why: &str) {
    // Past the test harness, which keeps what tests that pass print to itself.
    let what = "skipped: reading with PyArrow, DuckDB and Polars";
    writeln!(
        io::stderr(),
        "{what} ({why}; TRANSMOG_PYTHON names another Python)"
    )
    .expect("the terminal takes text");
}
