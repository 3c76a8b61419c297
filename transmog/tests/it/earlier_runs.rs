//! Runs into a folder in which an earlier run of the same entity has left tables.

use std::{
    fs,
    path::{Path, PathBuf},
};

use transmog::{Error, Ids, OutputSpec, Processor, Report};

const WITH_ITEMS: &str = r#"{"id": 1, "items": [{"sku": "OLD"}]}"#;
const WITHOUT: &str = r#"{"id": 2}"#;

fn processor() -> Processor {
    Processor::new().with_ids(Ids::Row).with_manifest(true)
}

fn run(folder: &Path, text: &str, entity: &str) -> Result<Report, Error> {
    processor().stream_process(text, entity, OutputSpec::directory("csv", folder))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry.expect("an entry")))
        .collect();
    names.sort();
    names
}

/// A folder in which a run with items has been.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let report = run(folder.path(), WITH_ITEMS, "orders").expect("it runs");
    assert!(report.removed_files.is_empty() && report.left_files.is_empty());
    folder
}

/// Makes the manifest in the folder name one more file.
fn name_in_manifest(folder: &Path, file: &str) -> PathBuf {
    let path = folder.join("orders.manifest.json");
    let text = fs::read_to_string(&path).expect("a manifest");
    let file = serde_json::to_string(file).expect("a text");
    let more = text.replace(
        r#""orders_items.csv""#,
        &format!(r#""orders_items.csv",{file}"#),
    );
    fs::write(&path, more).expect("written");
    path
}

#[test]
fn a_table_that_the_new_run_does_not_have_is_removed() {
    let folder = folder();
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert_eq!(report.removed_files, ["orders_items.csv"]);
    assert!(report.left_files.is_empty());
    assert_eq!(names(folder.path()), ["orders.csv", "orders.manifest.json"]);
    let screen = report.to_string();
    assert!(
        screen.contains("removed orders_items.csv: of the earlier run of orders"),
        "{screen}"
    );
    // Once more, there is nothing to say.
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert!(report.removed_files.is_empty() && report.left_files.is_empty());
}

#[test]
fn tables_of_another_format_are_removed() {
    let folder = folder();
    let output = OutputSpec::directory("parquet", folder.path());
    let report = processor().stream_process(WITH_ITEMS, "orders", output);
    let report = report.expect("it runs");
    assert_eq!(report.removed_files, ["orders.csv", "orders_items.csv"]);
    assert_eq!(
        names(folder.path()),
        [
            "orders.manifest.json",
            "orders.parquet",
            "orders_items.parquet"
        ]
    );
}

#[test]
fn a_run_without_a_manifest_removes_what_the_earlier_manifest_names() {
    let folder = folder();
    let output = OutputSpec::directory("csv", folder.path());
    let processor = processor().with_manifest(false);
    let report = processor.stream_process(WITHOUT, "orders", output);
    assert_eq!(report.expect("it runs").removed_files, ["orders_items.csv"]);
    assert_eq!(names(folder.path()), ["orders.csv"]);
}

#[test]
fn rejects_of_the_earlier_run_are_removed_wherever_new_ones_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let (tables, rejects) = (
        folder.path().join("out"),
        folder.path().join("rejects.jsonl"),
    );
    let skips = processor().with_recovery(transmog::DEFAULT);
    let output = OutputSpec::directory("csv", &tables);
    skips
        .stream_process("{\"a\":1}\n{\"a\"\n", "orders", output)
        .expect("it runs");
    assert!(names(&tables).contains(&"orders.rejected.jsonl".to_owned()));
    let output = OutputSpec::directory("csv", &tables).with_rejects_file(&rejects);
    let report = skips.stream_process("{\"a\":1}\n[2]\n", "orders", output);
    assert_eq!(
        report.expect("it runs").removed_files,
        ["orders.rejected.jsonl"]
    );
    assert_eq!(names(&tables), ["orders.csv", "orders.manifest.json"]);
    assert!(rejects.exists());
}

#[test]
fn a_run_that_fails_removes_nothing() {
    let folder = folder();
    let before = names(folder.path());
    run(folder.path(), "{\"id\": 2}\n{\"id\":", "orders").expect_err("it is cut");
    assert_eq!(names(folder.path()), before);
    // It fails while it commits: a folder has the name of a new table.
    fs::create_dir(folder.path().join("orders_lines.csv")).expect("made");
    let text = r#"{"id": 2, "lines": [1]}"#;
    run(folder.path(), text, "orders").expect_err("a folder is in the way");
    assert!(folder.path().join("orders_items.csv").exists());
    assert!(folder.path().join("orders.manifest.json").exists());
}

#[test]
fn files_that_another_manifest_names_stay() {
    let folder = folder();
    // An entity of its own that is called like the child table was.
    run(folder.path(), WITHOUT, "orders_items").expect("it runs");
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert!(report.removed_files.is_empty() && report.left_files.is_empty());
    assert!(folder.path().join("orders_items.csv").exists());
}

#[test]
fn nothing_is_removed_beside_a_manifest_that_cannot_be_read() {
    let folder = folder();
    fs::write(folder.path().join("x.manifest.json"), "{").expect("written");
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert!(report.removed_files.is_empty());
    assert_eq!(report.left_files, ["orders_items.csv"]);
    assert!(folder.path().join("orders_items.csv").exists());
}

#[test]
fn a_manifest_reaches_no_other_files() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("out");
    let outside = parent.path().join("outside.csv");
    fs::write(&outside, "mine").expect("written");
    for name in [
        "../outside.csv",
        outside.to_str().expect("UTF-8"),
        "sub/inside.csv",
        "./orders_x.csv",
        ".hidden",
        "..",
        "",
        "other.manifest.json",
    ] {
        run(&folder, WITH_ITEMS, "orders").expect("it runs");
        fs::create_dir_all(folder.join("sub")).expect("made");
        for file in ["sub/inside.csv", "orders_x.csv", ".hidden"] {
            fs::write(folder.join(file), "mine").expect("written");
        }
        let other = r#"{"manifest":1,"transmog":"","entity":"other","time":"","options":{},"empties":false,"tables":[]}"#;
        fs::write(folder.join("other.manifest.json"), other).expect("written");
        name_in_manifest(&folder, name);
        let report = run(&folder, WITHOUT, "orders").expect("it runs");
        assert_eq!(report.removed_files, ["orders_items.csv"], "{name}");
        for file in [
            "sub/inside.csv",
            "orders_x.csv",
            ".hidden",
            "other.manifest.json",
        ] {
            assert!(folder.join(file).exists(), "{name}: {file}");
        }
        assert!(outside.exists(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn links_and_folders_that_a_manifest_names_stay() {
    let folder = folder();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let target = elsewhere.path().join("target.csv");
    fs::rename(folder.path().join("orders_items.csv"), &target).expect("moved");
    std::os::unix::fs::symlink(&target, folder.path().join("orders_items.csv")).expect("linked");
    fs::create_dir(folder.path().join("orders_folder.csv")).expect("made");
    name_in_manifest(folder.path(), "orders_folder.csv");
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert!(report.removed_files.is_empty());
    assert_eq!(report.left_files, ["orders_items.csv"]);
    assert!(target.exists() && folder.path().join("orders_folder.csv").exists());
}

#[test]
fn an_input_is_not_removed() {
    let folder = folder();
    let input = folder.path().join("orders_items.csv");
    let report = processor().stream_process_file(
        &input,
        "orders",
        OutputSpec::directory("json", folder.path()),
    );
    let report = report.expect("it runs");
    assert_eq!(report.removed_files, ["orders.csv"]);
    assert_eq!(report.left_files, ["orders_items.csv"]);
    assert!(input.exists());
}

#[test]
fn without_a_manifest_it_is_told_what_lies_there() {
    let folder = folder();
    fs::remove_file(folder.path().join("orders.manifest.json")).expect("it was there");
    for other in [
        "orders_old.parquet",
        "orders_notes.txt",
        "orders2.csv",
        "x.csv",
    ] {
        fs::write(folder.path().join(other), "mine").expect("written");
    }
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert!(report.removed_files.is_empty());
    assert_eq!(
        report.left_files,
        ["orders_items.csv", "orders_old.parquet"]
    );
    let screen = report.to_string();
    assert!(screen.contains("left orders_items.csv, "), "{screen}");
    assert!(
        screen.contains("orders_items.csv, orders_old.parquet"),
        "{screen}"
    );
    assert_eq!(names(folder.path()).len(), 7);
}

#[test]
fn a_manifest_of_another_entity_under_this_name_removes_nothing() {
    let folder = folder();
    let path = folder.path().join("orders.manifest.json");
    let text = fs::read_to_string(&path).expect("a manifest");
    let text = text.replacen(r#""entity": "orders""#, r#""entity": "Orders""#, 1);
    fs::write(&path, text).expect("written");
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert!(report.removed_files.is_empty());
    assert_eq!(report.left_files, ["orders_items.csv"]);
}
