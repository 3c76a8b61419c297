//! Which files are checked: the samples of this repository, inputs made here, and the corpus if
//! there is one.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::check::{Summary, check_all};

/// Files that take longer are named.
const SLOW: Duration = Duration::from_secs(5);

pub(crate) const EXTENSIONS: [&str; 5] = ["json", "jsonl", "ndjson", "geojson", "ldjson"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the corpus, or of a set in it; says so if there is none.
pub(crate) fn corpus(what: &str) -> Option<PathBuf> {
    let given = env::var_os("TRANSMOG_CORPUS").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| workspace().join("../shared/corpus"));
    if folder.is_dir() {
        return Some(folder);
    }
    // Not `eprintln!`: the test harness hides what a test that passes prints with it.
    writeln!(
        io::stderr(),
        "{what}: skipped, because there is no ../shared/corpus and TRANSMOG_CORPUS names no folder"
    )
    .unwrap();
    None
}

/// All JSON and JSON Lines below a folder, large ones first.
fn find(folder: &Path) -> Vec<PathBuf> {
    find_with(folder, &EXTENSIONS)
}

/// All files with one of these extensions below a folder, large ones first.
pub(crate) fn find_with(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if extensions.iter().any(|known| extension == *known) {
                found.push((fs::metadata(&path).unwrap().len(), path));
            }
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

fn assert_no_faults(summary: &Summary) {
    let Summary {
        valid,
        refused,
        faults,
        ..
    } = summary;
    assert!(
        faults.is_empty(),
        "{} of {} files are wrong:\n{}",
        faults.len(),
        valid + refused.len() + faults.len(),
        faults.join("\n")
    );
}

#[test]
fn samples_come_back_whole() {
    let files = find(&workspace().join("testdata/samples"));
    let summary = check_all(&files);
    assert_no_faults(&summary);
    assert!(
        summary.leaves > 0 && !summary.refused.is_empty(),
        "{summary:?}"
    );
}

#[test]
fn nesting_of_any_depth_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    for levels in [98, 99, 100, 101, 130, 500, 1500, 2001, 2002, 2003, 20_000] {
        for (name, open, close) in [
            ("objects", r#"{"a":"#, "}"),
            ("arrays", r#"{"a":["#, "]}"),
            ("inner", "[", "]"),
        ] {
            let value = format!(
                "{}{}{}",
                open.repeat(levels),
                r#""ä\n""#,
                close.repeat(levels)
            );
            let text = format!(r#"{{"b":{value},"c":[{value},1]}}"#);
            fs::write(folder.path().join(format!("{name}_{levels}.json")), text).unwrap();
        }
    }
    let summary = check_all(&find(folder.path()));
    assert_no_faults(&summary);
    assert_eq!((summary.valid, summary.refused.len()), (33, 0));
}

#[test]
fn what_is_not_json_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let documents: [&[u8]; 8] = [
        b"[{}, \x0c]",
        b"\x0b",
        b"{\"a\": \"\xc3\"}",
        b"{\"a\": \"\\udc00\"}",
        b"{\"a\": [NaN]}",
        b"[{},]",
        b"[{}, null]",
        b"{\"a\": [{\"b\": 01}]}",
    ];
    let lines: [&[u8]; 5] = [
        b"{}\n\x0c\n{}",
        b"{}\n\xc2\xa0\n",
        b"{\"a\":\n1}",
        b"{}\n[{}]",
        b"{\"a\": \"\x00\"}",
    ];
    for (extension, contents) in [("json", &documents[..]), ("ndjson", &lines[..])] {
        for (number, content) in contents.iter().enumerate() {
            let name = format!("{number}.{extension}");
            fs::write(folder.path().join(name), content).unwrap();
        }
    }
    let summary = check_all(&find(folder.path()));
    assert_no_faults(&summary);
    assert_eq!((summary.valid, summary.refused.len()), (0, 13));
}

#[test]
fn the_corpus_comes_back_whole() {
    let Some(folder) = corpus("corpus") else {
        return;
    };
    let summary = check_and_tell("corpus", &find(&folder));
    assert!(summary.leaves > 0, "{} holds nothing", folder.display());
    // Most of the third-party cases are no objects; as values of a field they have to show what
    // they hold.
    let wrapped = tempfile::tempdir().unwrap();
    for (number, file) in summary.refused.iter().enumerate() {
        let content = fs::read(file).unwrap();
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
        let name = file.file_name().unwrap().to_string_lossy();
        let path = wrapped.path().join(format!("{number} {name}.json"));
        fs::write(path, [b"{\"wrapped\": ", content, b"}"].concat()).unwrap();
    }
    check_and_tell("refused files as fields", &find(wrapped.path()));
}

fn check_and_tell(what: &str, files: &[PathBuf]) -> Summary {
    let start = Instant::now();
    let summary = check_all(files);
    let Summary {
        valid,
        refused,
        records,
        leaves,
        rows,
        faults,
        times,
    } = &summary;
    eprintln!(
        "{what}: {valid} files hold {records} records, {rows} rows and {leaves} leaves; {} are refused; {} are wrong; \
         {:.1} s",
        refused.len(),
        faults.len(),
        start.elapsed().as_secs_f64()
    );
    for (time, file) in times.iter().filter(|(time, _)| *time > SLOW) {
        eprintln!("{:.1} s: {}", time.as_secs_f64(), file.display());
    }
    assert_no_faults(&summary);
    summary
}
