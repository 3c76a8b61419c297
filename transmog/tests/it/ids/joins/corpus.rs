//! Joins on nested files as people publish them: the samples of this repository, and those of the
//! corpus if there is one.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{check, kinds, records_of};

/// Larger files take too long in a test.
const MOST_BYTES: u64 = 700_000;

/// Sets of nested files.
const SETS: [&str; 12] = [
    "d_fhir_small",
    "d_ocds",
    "d_spacex",
    "d_pokeapi",
    "d_otel_aws_events",
    "d_package_locks",
    "d_openapi",
    "d_sarif",
    "d_webhooks",
    "d_openweather",
    "f_dlt_cases",
    "f_relationalize",
];

fn folders() -> Vec<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![workspace.join("testdata/samples")];
    let given = env::var_os("TRANSMOG_CORPUS").map(PathBuf::from);
    let corpus = given.unwrap_or_else(|| workspace.join("../shared/corpus"));
    if corpus.is_dir() {
        folders.extend(SETS.iter().map(|set| corpus.join(set)));
    } else {
        // Not `eprintln!`: the test harness hides what a test that passes prints with it.
        let what = "joins: the corpus is skipped, because there is no ../shared/corpus and TRANSMOG_CORPUS names no folder";
        writeln!(io::stderr(), "{what}").expect("standard error");
    }
    folders
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let extension = path.extension().unwrap_or_default();
        if path.is_dir() {
            files(&path, found);
        } else if ["json", "jsonl", "ndjson"]
            .iter()
            .any(|known| extension == *known)
        {
            found.push(path);
        }
    }
}

/// Two fields of a record that hold scalars, or names that it does not have.
fn scalar_fields(record: &Value) -> Vec<&str> {
    let fields = record.as_object().into_iter().flatten();
    let scalars = fields.filter(|(_, value)| !value.is_array() && !value.is_object());
    let keys = scalars.map(|(key, _)| key.as_str());
    keys.filter(|key| !key.is_empty())
        .chain(["id", "name"])
        .take(2)
        .collect()
}

#[test]
fn child_rows_of_nested_files_meet_their_parents() {
    let mut paths = Vec::new();
    for folder in folders() {
        files(&folder, &mut paths);
    }
    paths.sort();
    let (mut read, mut children) = (0, 0);
    for path in paths {
        let bytes = fs::metadata(&path).expect("a file").len();
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let Some(records) = records_of(&text).filter(|_| bytes <= MOST_BYTES) else {
            continue;
        };
        read += 1;
        let fields = scalar_fields(&records[0]);
        for kind in kinds(&fields) {
            children += check(&kind, &text, &records, (100, 2), &[]).0;
        }
    }
    assert!(read > 0 && children > 0, "{read} files, {children} rows");
    writeln!(io::stderr(), "joins: {read} files, {children} child rows").expect("standard error");
}
