//! The command when something goes wrong with the world: signals, other runs, files and folders
//! that cannot be written.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use crate::{fails, folder, names, read, succeeds, transmog};

const FORMATS: [&str; 3] = ["csv", "json", "parquet"];

/// Every file of a folder with what it holds.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |name: String| {
        let bytes = fs::read(folder.join(&name)).expect("a file");
        (name, bytes)
    };
    names(folder).into_iter().map(read).collect()
}

/// Runs a line of the shell in a folder; `$0` is the command.
fn shell(folder: &Path, line: &str) -> Output {
    Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_transmog")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// True if the parent process has switched the signal off, as shells do for what runs in the
/// background.
fn is_ignored(signal: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let bits = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    bits.unwrap_or(0) & (1 << (signal - 1)) != 0
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_ends_the_command_and_leaves_nothing() {
    for (name, signal) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        if is_ignored(signal) {
            eprintln!("skipped: SIG{name} is ignored here");
            continue;
        }
        for output in ["out", "made/out", "-"] {
            let folder = folder();
            succeeds(
                folder.path(),
                &["flatten", "in.jsonl", "-n", "records", "-o", "out"],
            );
            let before = contents(&folder.path().join("out"));
            let mut child = Command::new(env!("CARGO_BIN_EXE_transmog"))
                .args([
                    "flatten",
                    "-",
                    "-o",
                    output,
                    "--rejects",
                    "rejects/r.jsonl",
                    "--recovery",
                    "skip",
                ])
                .current_dir(folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the command starts");
            let mut input = child.stdin.take().expect("a pipe");
            input.write_all(b"{\"id\":1}\nnothing\n").expect("it reads");
            // It has begun, and waits for more.
            let begun = folder.path().join("rejects");
            while !begun.exists() {
                assert!(child.try_wait().expect("a child").is_none());
                thread::yield_now();
            }
            let args = [format!("-{name}"), child.id().to_string()];
            let sent = Command::new("kill").args(args).status();
            assert!(sent.expect("kill").success());
            let ended = child.wait_with_output().expect("the command ends");
            drop(input);
            assert_eq!(
                ended.status.code(),
                Some(128 + signal as i32),
                "{}",
                said(&ended)
            );
            assert!(
                said(&ended).contains(&format!("ended by SIG{name}")),
                "{}",
                said(&ended)
            );
            assert!(ended.stdout.is_empty());
            assert_eq!(names(folder.path()), ["in.jsonl", "out"]);
            assert!(contents(&folder.path().join("out")) == before);
        }
    }
}

#[test]
fn runs_into_one_folder_do_not_mix() {
    let folder = tempfile::tempdir().expect("a folder");
    let fixed = [
        "--ids",
        "row",
        "--timestamp",
        "2026-01-01T00:00:00Z",
        "-n",
        "t",
    ];
    let runs = ["0", "1", "2", "3", "4", "5"];
    let start = |run: &str, output: &str| {
        Command::new(env!("CARGO_BIN_EXE_transmog"))
            .args([
                "flatten",
                &format!("{run}.jsonl"),
                "-f",
                "csv",
                "-o",
                output,
            ])
            .args(fixed)
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts")
    };
    for run in runs {
        let text = format!("{{\"id\":{run},\"a\":[{run}],\"b\":[{{\"c\":[{run}]}}]}}\n").repeat(20);
        fs::write(folder.path().join(format!("{run}.jsonl")), text).expect("written");
        assert!(start(run, run).wait().expect("it ends").success());
    }
    for _ in 0..3 {
        let children = runs.map(|run| start(run, "all"));
        for mut child in children {
            assert!(child.wait().expect("it ends").success());
        }
        let found = contents(&folder.path().join("all"));
        let is_of = |run: &&str| contents(&folder.path().join(run)) == found;
        assert!(runs.iter().any(is_of), "{:?}", found.keys());
    }
}

/// What a reader may rely on: if the manifest is the same before and after reading tables, they are
/// its tables.
#[test]
fn tables_belong_to_the_manifest_that_stands_before_and_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let run = |number: usize| {
        let text = format!("{{\"id\":{number},\"a\":[{number}],\"b\":[{number}]}}\n");
        fs::write(path.join("in.jsonl"), text).expect("written");
        let time = format!("2026-01-01T00:00:{number:02}Z");
        let args = [
            "flatten",
            "in.jsonl",
            "-o",
            "out",
            "-n",
            "t",
            "-f",
            "csv",
            "--timestamp",
            &time,
        ];
        succeeds(path, &args);
    };
    run(0);
    let out = path.join("out");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let read = |name: &str| fs::read_to_string(out.join(name)).ok();
    let matches = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut matches = 0;
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                let before = read("t.manifest.json");
                let tables = ["t.csv", "t_a.csv", "t_b.csv"].map(&read);
                if before.is_none() || before != read("t.manifest.json") {
                    continue;
                }
                matches += 1;
                let manifest = before.expect("a manifest");
                let time = manifest
                    .split("2026-01-01T00:00:")
                    .nth(1)
                    .expect("its time");
                for table in tables {
                    let table = table.expect("a table");
                    assert!(
                        table.contains(&format!("2026-01-01T00:00:{}", &time[..2])),
                        "{table}\n{manifest}"
                    );
                }
            }
            matches
        });
        (1..20).for_each(run);
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        reader.join().expect("no mix")
    });
    assert!(matches > 0);
}

#[test]
fn no_manifest_of_an_earlier_run_stays_beside_new_tables() {
    let folder = folder();
    succeeds(folder.path(), &["flatten", "in.jsonl", "-o", "out"]);
    fs::write(folder.path().join("in.jsonl"), "{\"id\":1}\n").expect("written");
    succeeds(
        folder.path(),
        &["flatten", "in.jsonl", "-o", "out", "--no-manifest"],
    );
    assert!(!names(&folder.path().join("out")).contains(&"in.manifest.json".to_owned()));
}

#[test]
fn a_reader_that_goes_away_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = "{\"id\":1,\"word\":\"some text\"}\n".repeat(20_000);
    text.push_str("nothing\n");
    fs::write(folder.path().join("in.jsonl"), text).expect("written");
    let args = [
        "flatten",
        "in.jsonl",
        "-o",
        "-",
        "-f",
        "json",
        "--recovery",
        "skip",
    ];
    let mut child = Command::new(env!("CARGO_BIN_EXE_transmog"))
        .args(args)
        .args(["--rejects", "r.jsonl", "--report", "report.json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut [0; 10]).expect("a beginning");
    drop(out);
    let ended = child.wait_with_output().expect("the command ends");
    assert_eq!(ended.status.code(), Some(2), "{}", said(&ended));
    let message = "standard output was closed before everything was written";
    assert!(said(&ended).contains(message), "{}", said(&ended));
    assert_eq!(names(folder.path()), ["in.jsonl"]);
}

#[test]
fn what_cannot_be_read_or_written_is_named_and_leaves_nothing() {
    let folder = folder();
    fs::create_dir(folder.path().join("inputs")).expect("made");
    let report = [
        "flatten",
        "in.jsonl",
        "-o",
        "out",
        "--report",
        "in.jsonl/r.json",
    ];
    let cases: [(&[&str], &str); 6] = [
        (
            &["flatten", "in.jsonl", "-o", "in.jsonl"],
            "in.jsonl is a file; -o takes a folder",
        ),
        (
            &["flatten", "in.jsonl", "-o", "in.jsonl/out"],
            "in.jsonl/out: ",
        ),
        (
            &["flatten", "inputs", "-o", "out"],
            "cannot open inputs: it is a folder; name the files in it",
        ),
        (
            &["flatten", "in.jsonl", "gone.jsonl", "-o", "out"],
            "cannot open gone.jsonl: ",
        ),
        (
            &[
                "flatten",
                "in.jsonl",
                "-o",
                "out",
                "--recovery",
                "skip",
                "--rejects",
                "inputs",
            ],
            "cannot replace inputs: it is no ordinary file",
        ),
        (
            &[
                "flatten",
                "in.jsonl",
                "-o",
                "out",
                "--recovery",
                "skip",
                "--rejects",
                "in.jsonl/r",
            ],
            "in.jsonl: ",
        ),
    ];
    for (args, expected) in cases {
        let error = fails(folder.path(), args);
        assert!(error.contains(expected), "{args:?}: {error}");
        assert_eq!(names(folder.path()), ["in.jsonl", "inputs"]);
    }
    let error = fails(folder.path(), &report);
    assert!(
        error.contains("the tables are complete") && error.contains("in.jsonl"),
        "{error}"
    );
    assert_eq!(names(&folder.path().join("out")).len(), 5);
    succeeds(
        folder.path(),
        &["flatten", "in.jsonl", "-o", "out", "--no-sync"],
    );
    let error = fails(
        folder.path(),
        &["unflatten", "out", "-o", "in.jsonl/records"],
    );
    assert!(error.contains("in.jsonl"), "{error}");
    assert_eq!(names(folder.path()), ["in.jsonl", "inputs", "out"]);
}

/// A limit for files stands for a disk that is full.
#[test]
#[cfg(unix)]
fn a_full_disk_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let items: Vec<String> = (0..20_000).map(|item| format!("\"item {item}\"")).collect();
    let text = format!("{{\"id\":1,\"items\":[{}]}}\n", items.join(","));
    fs::write(folder.path().join("big.jsonl"), text).expect("written");
    fs::write(folder.path().join("big.json"), "{\"id\":1}\n").expect("written");
    for format in FORMATS {
        succeeds(
            folder.path(),
            &[
                "flatten", "big.json", "-n", "big", "-o", "out", "-f", format,
            ],
        );
    }
    let before = contents(&folder.path().join("out"));
    for format in FORMATS {
        let line =
            format!("trap '' XFSZ; ulimit -f 40; exec \"$0\" flatten big.jsonl -o out -f {format}");
        let ended = shell(folder.path(), &line);
        assert_eq!(ended.status.code(), Some(2), "{}", said(&ended));
        for word in ["table \"big_items\"", &format!("out/big_items.{format}: ")] {
            assert!(said(&ended).contains(word), "{}", said(&ended));
        }
        assert!(contents(&folder.path().join("out")) == before, "{format}");
    }
    succeeds(folder.path(), &["flatten", "big.jsonl", "-o", "kept"]);
    let line = "trap '' XFSZ; ulimit -f 40; exec \"$0\" unflatten kept -o records.jsonl";
    let ended = shell(folder.path(), line);
    assert_eq!(ended.status.code(), Some(2));
    assert!(said(&ended).contains("records.jsonl"), "{}", said(&ended));
    assert_eq!(
        names(folder.path()),
        ["big.json", "big.jsonl", "kept", "out"]
    );
}

#[test]
#[cfg(unix)]
fn thousands_of_tables_need_few_open_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let arrays: Vec<String> = (0..2000).map(|table| format!("\"t{table}\":[1]")).collect();
    let text = format!("{{{}}}\n", arrays.join(",")).repeat(2);
    fs::write(folder.path().join("wide.jsonl"), text).expect("written");
    let line = "ulimit -n 64; exec \"$0\" flatten wide.jsonl -o out -f csv";
    for _ in 0..2 {
        let ended = shell(folder.path(), line);
        assert_eq!(ended.status.code(), Some(0), "{}", said(&ended));
        assert_eq!(names(&folder.path().join("out")).len(), 2002);
    }
    let rows = read(&folder.path().join("out"), "wide_t1999.csv");
    assert_eq!(rows.lines().count(), 3);
}

#[test]
fn unflatten_replaces_a_file_whole() {
    let folder = folder();
    succeeds(
        folder.path(),
        &["flatten", "in.jsonl", "-o", "out", "-f", "csv"],
    );
    fs::write(folder.path().join("back.jsonl"), "old").expect("written");
    fs::write(folder.path().join("out/in_tags.csv"), "\"").expect("written");
    let ended = transmog(folder.path(), &["unflatten", "out", "-o", "back.jsonl"], "");
    assert_eq!(ended.status.code(), Some(2));
    assert_eq!(read(folder.path(), "back.jsonl"), "old");
    assert_eq!(names(folder.path()), ["back.jsonl", "in.jsonl", "out"]);
}
