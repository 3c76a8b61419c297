//! Where rejected records go.

use serde_json::{Value, json};
use transmog::{DEFAULT, Memory, OutputSpec};

use super::{lines, run};

#[test]
fn the_rejects_file_goes_where_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, rejects) = (
        folder.path().join("out"),
        folder.path().join("bad/rejects.jsonl"),
    );
    let text = "{\"a\":1}\nx\n";
    let output = || OutputSpec::directory("json", &out).with_rejects_file(&rejects);
    lines()
        .stream_process(text, "t", output())
        .expect_err("strict");
    assert!(!folder.path().join("bad").exists());
    assert!(!out.exists());
    let report = lines()
        .with_recovery(DEFAULT)
        .stream_process(text, "t", output())
        .expect("skipped");
    assert_eq!(report.rejects_file.as_deref(), rejects.to_str());
    assert!(rejects.exists());
    assert_eq!(std::fs::read_dir(&out).expect("a folder").count(), 1);
    let beside = OutputSpec::directory("json", folder.path().join("beside"));
    lines()
        .with_recovery(DEFAULT)
        .stream_process(text, "t", beside)
        .expect("skipped");
    assert!(folder.path().join("beside/t.rejected.jsonl").exists());
}

#[test]
fn rejects_take_no_name_of_a_table() {
    let text = "{\"rejected\":[{\"x\":1}]}\n";
    let processor = lines().with_separator(".").expect("allowed");
    let (_, files) = run(&processor, text).expect("runs");
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["t.jsonl", "t.rejected.jsonl"]
    );
    let text = format!("x\n{text}");
    let (report, files) = run(&processor.with_recovery(DEFAULT), text.as_str()).expect("runs");
    assert_eq!(files["t.rejected.jsonl"], [json!({"x": 1})]);
    assert_eq!(report.rejects_file.as_deref(), Some("t_2.rejected.jsonl"));
    assert_eq!(files["t_2.rejected.jsonl"][0]["raw"], "x");
}

#[test]
fn a_rejects_file_needs_no_extension_and_is_not_made_in_vain() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, rejects) = (folder.path().join("out"), folder.path().join("bad/rejects"));
    let processor = lines().with_recovery(DEFAULT);
    let output = || OutputSpec::directory("json", &out).with_rejects_file(&rejects);
    processor
        .stream_process("{}\n", "t", output())
        .expect("runs");
    assert!(!folder.path().join("bad").exists());
    processor
        .stream_process("x\n", "t", output())
        .expect("runs");
    assert!(rejects.exists());
}

#[test]
fn rejects_replace_no_table_and_keep_their_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let skip = lines().with_recovery(DEFAULT);
    let text = "{\"a\":[1]}\nx\n";
    let run = |rejects: &str| {
        let output =
            OutputSpec::directory("csv", &out).with_rejects_file(folder.path().join(rejects));
        skip.stream_process(text, "t", output)
    };
    for table in ["out/t.csv", "out/t_a.csv"] {
        let error = run(table).expect_err("two outputs are one file");
        assert!(
            format!("{error:?}").contains("writes something else there"),
            "{error:?}"
        );
        assert!(!out.exists());
    }
    for name in ["bad:rows.txt", "rej", ".hidden.jsonl", "out/aside.jsonl"] {
        let report = run(name).expect("skipped");
        let path = folder.path().join(name);
        assert_eq!(report.rejects_file.as_deref(), path.to_str());
        assert!(path.is_file(), "{name}");
    }
    std::fs::create_dir(folder.path().join("folder")).expect("made");
    std::fs::remove_dir_all(&out).expect("removed");
    assert!(run("folder").is_err());
    assert!(!out.exists());
}

#[test]
fn rejects_of_an_earlier_run_do_not_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = || OutputSpec::directory("json", folder.path());
    let skip = lines().with_recovery(DEFAULT);
    let rejects = folder.path().join("t.rejected.jsonl");
    skip.stream_process("x\n", "t", output()).expect("skipped");
    assert!(rejects.exists());
    assert!(lines().stream_process("x\n", "t", output()).is_err());
    assert!(rejects.exists()); // A run that fails changes nothing.
    skip.stream_process("{}\n", "t", output()).expect("good");
    assert!(!rejects.exists());
    // What was named may be anything.
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, "precious").expect("written");
    skip.stream_process("{}\n", "t", output().with_rejects_file(&notes))
        .expect("good");
    assert_eq!(std::fs::read(&notes).expect("still there"), b"precious");
    // The folder of the tables does not exist before the run.
    let out = folder.path().join("out");
    let same = OutputSpec::directory("json", &out).with_rejects_file(&out);
    assert!(skip.stream_process("{}\nx\n", "t", same).is_err());
    assert!(!out.exists());
}

#[test]
fn a_callers_writer_keeps_the_rejects() {
    let (output, kept) = OutputSpec::writer("csv", Vec::new());
    let report = lines()
        .with_recovery(DEFAULT)
        .stream_process("{\"a\":1}\nx\n", "t", output)
        .expect("skipped");
    assert_eq!(report.rejects_file, None);
    let rejects: Value = serde_json::from_slice(&kept.take_rejects()).expect("a line");
    assert_eq!(
        (&rejects["raw"], &rejects["line"]),
        (&json!("x"), &json!(2))
    );
    assert!(kept.take().expect("the writer").starts_with(b"a"));
}

#[cfg(unix)]
#[test]
fn rejects_replace_ordinary_files_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    std::fs::write(&real, "mine").expect("written");
    std::os::unix::fs::symlink(&real, &link).expect("linked");
    let output = OutputSpec::directory("json", folder.path().join("out")).with_rejects_file(&link);
    let error = lines()
        .with_recovery(DEFAULT)
        .stream_process("x\n", "t", output);
    assert!(format!("{:?}", error.expect_err("a link")).contains("no ordinary file"));
    assert_eq!(std::fs::read(&real).expect("still there"), b"mine");
}

#[test]
fn rejects_are_no_table() {
    let (memory, files) = Memory::new();
    let processor = lines()
        .with_separator(".")
        .expect("allowed")
        .with_recovery(DEFAULT);
    let output = OutputSpec::new("csv", memory);
    processor
        .stream_process("{\"rejected\":[1]}\nnope\n", "t", output)
        .expect("skipped");
    let tables = files.take_tables();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["t", "t.rejected"]);
    assert_eq!(tables["t.rejected"], b"value\r\n1\r\n");
    // What is no table stays, under the name of its file.
    assert_eq!(
        files.take().keys().collect::<Vec<_>>(),
        ["t.rejected.jsonl"]
    );
}
