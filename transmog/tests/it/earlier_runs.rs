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
    // Another entity's table has the name, as versions that replaced such files left it.
    let own = fs::read_to_string(folder.path().join("orders.manifest.json")).expect("a manifest");
    let other = own.replace(r#""entity": "orders""#, r#""entity": "other""#);
    let other = other.replace(r#""orders.csv""#, r#""other.csv""#);
    fs::write(folder.path().join("other.manifest.json"), other).expect("written");
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert!(report.removed_files.is_empty() && report.left_files.is_empty());
    assert!(folder.path().join("orders_items.csv").exists());
}

/// The files of a folder, with what they hold.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |name: String| (name.clone(), fs::read(folder.join(name)).expect("a file"));
    names(folder).into_iter().map(read).collect()
}

#[test]
fn files_of_another_entity_are_not_replaced() {
    let users = r#"{"users": [1]}"#;
    // First run, second run, and what its error names: the file, its manifest and its entity.
    for ((entity, text), (other, other_text), [file, manifest, owner]) in [
        (
            ("orders", WITH_ITEMS),
            ("orders_items", WITHOUT),
            ["orders_items.csv", "orders.manifest.json", "orders"],
        ),
        (
            ("orders_items", WITHOUT),
            ("orders", WITH_ITEMS),
            [
                "orders_items.csv",
                "orders_items.manifest.json",
                "orders_items",
            ],
        ),
        (
            ("a", r#"{"b_c": [1]}"#),
            ("a_b", r#"{"c": [1]}"#),
            ["a_b_c.csv", "a.manifest.json", "a"],
        ),
        (
            ("a_b", r#"{"c": [1]}"#),
            ("a", r#"{"b_c": [1]}"#),
            ["a_b_c.csv", "a_b.manifest.json", "a_b"],
        ),
        (
            ("t", users),
            ("users", WITHOUT),
            ["users.csv", "t.manifest.json", "t"],
        ),
        (
            ("users", WITHOUT),
            ("t", users),
            ["users.csv", "users.manifest.json", "users"],
        ),
        (
            ("a/b", WITHOUT),
            ("a:b", WITHOUT),
            ["a_b.csv", "a_b.manifest.json", "a/b"],
        ),
        (
            ("a_b", WITHOUT),
            ("a/b", WITHOUT),
            ["a_b.csv", "a_b.manifest.json", "a_b"],
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let pattern = "users".parse().expect("a path");
        let config = transmog::Config::default().with_rename(pattern, "users");
        let config = config.expect("a rename").with_ids(Ids::Row);
        for has_manifest in [true, false] {
            let processor = Processor::new().with_config(config.clone());
            let with = processor.clone().with_manifest(true);
            let output = || OutputSpec::directory("csv", path);
            with.stream_process(text, entity, output())
                .expect("it runs");
            let before = contents(path);
            let second = processor.with_manifest(has_manifest);
            let error = second.stream_process(other_text, other, output());
            let error = error.expect_err("it is not replaced").to_string();
            let expected = format!(
                "cannot replace {}: it belongs to the entity {owner:?}, as {manifest} says",
                path.join(file).display()
            );
            assert!(error.starts_with(&expected), "{error}");
            assert_eq!(contents(path), before, "{entity}, {other}");
        }
    }
}

#[test]
fn rejects_and_manifests_of_another_entity_are_not_replaced() {
    let json = |path: &Path, text: &str, entity: &str| {
        let output = OutputSpec::directory(("json", lines()), path);
        processor()
            .with_recovery(transmog::DEFAULT)
            .stream_process(text, entity, output)
    };
    // A table that is called like the rejects of another run, and the other way round.
    let folder = tempfile::tempdir().expect("a folder");
    json(folder.path(), "{\"id\":1}\n[2]\n", "a").expect("it runs");
    let before = contents(folder.path());
    json(folder.path(), WITHOUT, "a.rejected").expect_err("it is not replaced");
    assert_eq!(contents(folder.path()), before);
    let folder = tempfile::tempdir().expect("a folder");
    json(folder.path(), WITHOUT, "a.rejected").expect("it runs");
    let before = contents(folder.path());
    for text in ["{\"id\":1}\n[2]\n", WITHOUT] {
        json(folder.path(), text, "a").expect_err("it is not taken away");
        assert_eq!(contents(folder.path()), before);
    }
}

/// The option for JSON Lines.
fn lines() -> transmog::WriterOptions {
    transmog::WriterOptions::new().with("lines", "true")
}

#[test]
fn the_same_entity_replaces_its_files_also_beside_a_copy_of_its_manifest() {
    let folder = folder();
    let manifest = folder.path().join("orders.manifest.json");
    fs::copy(&manifest, folder.path().join("backup.manifest.json")).expect("copied");
    run(folder.path(), WITH_ITEMS, "orders").expect("it runs");
    fs::remove_file(manifest).expect("it was there");
    run(folder.path(), WITH_ITEMS, "orders").expect("it runs");
}

#[test]
fn what_belongs_to_another_entity_is_not_called_a_leftover() {
    let folder = tempfile::tempdir().expect("a folder");
    let skips = processor().with_recovery(transmog::DEFAULT);
    let output = || OutputSpec::directory("csv", folder.path());
    skips
        .stream_process("{\"a\":1}\n[2]\n", "orders_items", output())
        .expect("it runs");
    let report = run(folder.path(), WITHOUT, "orders").expect("it runs");
    assert_eq!(report.left_files, Vec::<String>::new());
}

#[test]
fn rejects_that_a_clean_run_removes_are_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let skips = processor().with_recovery(transmog::DEFAULT);
    let run = |text: &str| {
        let output = OutputSpec::directory("csv", folder.path());
        let report = skips.stream_process(text, "t", output);
        report.expect("it runs").removed_files
    };
    assert_eq!(run("{\"a\":1}\n[2]\n"), Vec::<String>::new());
    // Replaced is not removed.
    assert_eq!(run("{\"a\":1}\n[2]\n"), Vec::<String>::new());
    assert_eq!(run("{\"a\":1}\n"), ["t.rejected.jsonl"]);
    assert_eq!(run("{\"a\":1}\n"), Vec::<String>::new());
}

#[test]
fn long_entities_keep_their_manifest_and_rejects() {
    for entity in [
        "x".repeat(190),
        "x".repeat(192),
        "x".repeat(300),
        "日".repeat(64),
        "日".repeat(100),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let skips = processor().with_recovery(transmog::DEFAULT);
        let output = || OutputSpec::directory("csv", folder.path());
        let text = format!("{WITH_ITEMS}\n[2]\n");
        let report = skips
            .stream_process(text.as_str(), &entity, output())
            .expect("it runs");
        let rejects = report.rejects_file.expect("there are rejects");
        assert!(rejects.ends_with(".rejected.jsonl"), "{rejects}");
        assert!(names(folder.path()).contains(&transmog::manifest_file_name(&entity)));
        let mut records = Vec::new();
        let back = transmog::unflatten(folder.path(), Some(&entity)).expect("a manifest");
        back.write(&mut records, transmog::RecordStyle::Lines)
            .expect("they are read back");
        assert_eq!(
            String::from_utf8_lossy(&records),
            "{\"id\":1,\"items\":[{\"sku\":\"OLD\"}]}\n"
        );
        let report = skips
            .stream_process(WITHOUT, &entity, output())
            .expect("it runs");
        assert_eq!(report.removed_files.len(), 2, "{:?}", report.removed_files);
        assert_eq!(names(folder.path()).len(), 2);
        // Another entity whose name is cut to the same one.
        if entity.len() > 200 {
            let error = run(folder.path(), WITHOUT, &format!("{entity}x"));
            let error = error.expect_err("it is not replaced").to_string();
            assert!(error.contains("it belongs to the entity"), "{error}");
        }
    }
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
