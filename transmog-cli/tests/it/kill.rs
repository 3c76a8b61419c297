//! The command killed at any moment: what is under final names then is whole, and the next run puts
//! everything in order.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::names;

const FORMATS: [&str; 3] = ["csv", "json", "parquet"];
const MANIFEST: &str = "t.manifest.json";
const TABLES: usize = 30;
/// Tables of the earlier run, some of which the later one does not have.
const EARLIER_TABLES: usize = 33;

/// The files of a folder, without what is hidden.
type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Files {
    let names = names(folder).into_iter();
    let names = names.filter(|name| !name.starts_with('.'));
    names
        .map(|name| {
            let bytes = fs::read(folder.join(&name)).expect("a file");
            (name, bytes)
        })
        .collect()
}

/// Records with many arrays, a late column, and one that changes its type, so that files are also
/// read back.
fn records(word: &str, records: usize, tables: usize) -> String {
    let mut text = String::new();
    for record in 0..records {
        let arrays: Vec<String> = (0..tables)
            .map(|table| format!(r#""t{table}":[{{"v":"{word} {record}","n":{record}}}]"#))
            .collect();
        let late = if record > records / 2 {
            r#""late":"x","#
        } else {
            ""
        };
        let mixed = if record % 7 == 6 { "true" } else { "1" };
        let line = format!("{{{late}\"mixed\":{mixed},{}}}\n", arrays.join(","));
        text.push_str(&line);
    }
    text
}

fn start(folder: &Path, input: &str, format: &str, output: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_transmog"))
        .args(["flatten", input, "-n", "t", "-f", format, "--ids", "row"])
        .args(["--timestamp", "2026-01-01T00:00:00Z", "-o"])
        .arg(output)
        .current_dir(folder)
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts")
}

fn run(folder: &Path, input: &str, format: &str, output: &Path) -> Option<i32> {
    let mut child = start(folder, input, format, output);
    child.wait().expect("the command ends").code()
}

/// Cases times `TRANSMOG_CASES`, for those who want to wait longer.
fn cases(cases: u64) -> u64 {
    let factor = std::env::var_os("TRANSMOG_CASES");
    let factor = factor.map_or(Some(1), |factor| factor.to_str()?.parse::<u64>().ok());
    cases * factor.expect("TRANSMOG_CASES is a number")
}

/// A number that looks random, of a number (splitmix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[test]
fn a_run_that_is_killed_leaves_whole_files_and_the_next_one_clears_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    fs::write(path.join("old.jsonl"), records("old", 40, EARLIER_TABLES)).expect("written");
    fs::write(path.join("new.jsonl"), records("new one", 60, TABLES)).expect("written");
    fs::write(path.join("bad.jsonl"), "{\"t0\":[1]}\n{\"t0\":\n").expect("written");
    let mut complete = BTreeMap::new();
    for format in FORMATS {
        let begun = Instant::now();
        for input in ["old", "new"] {
            let output = path.join(format!("{input}-{format}"));
            assert_eq!(
                run(path, &format!("{input}.jsonl"), format, &output),
                Some(0)
            );
        }
        let took = begun.elapsed() / 2;
        let of = |input: &str| files(&path.join(format!("{input}-{format}")));
        assert_eq!(of("new").len(), TABLES + 2);
        assert_eq!(of("old").len(), EARLIER_TABLES + 2);
        complete.insert(format, (of("old"), of("new"), took));
    }
    // What was seen: runs that were killed early, in their commits, and late.
    let mut seen = [0; 3];
    for case in 0..cases(20) {
        let format = FORMATS[case as usize % FORMATS.len()];
        let (old, new, took) = &complete[format];
        let output = path.join(format!("out-{case}"));
        fs::create_dir(&output).expect("made");
        for (name, bytes) in old {
            fs::write(output.join(name), bytes).expect("written");
        }
        let mut child = start(path, "new.jsonl", format, &output);
        let chance = mixed(case);
        if case % 2 == 0 {
            let micros = took.as_micros() as u64;
            thread::sleep(Duration::from_micros(chance % (micros + micros / 4)));
        } else {
            // The manifest is away while files get their names.
            while output.join(MANIFEST).exists() && child.try_wait().expect("a child").is_none() {
                std::hint::spin_loop();
            }
            // That takes a millisecond; to sleep takes longer than a part of it.
            let seen = Instant::now();
            while seen.elapsed() < Duration::from_micros(chance % 500) {
                std::hint::spin_loop();
            }
        }
        child.kill().expect("it is ours");
        child.wait().expect("the command ends");

        let found = files(&output);
        for (name, bytes) in &found {
            let is_whole = old.get(name) == Some(bytes) || new.get(name) == Some(bytes);
            assert!(is_whole, "case {case}: {name} is of neither run");
        }
        if let Some(manifest) = found.get(MANIFEST) {
            let run = if old.get(MANIFEST) == Some(manifest) {
                old
            } else {
                new
            };
            assert!(
                found == *run,
                "case {case}: the manifest describes other tables"
            );
        }
        let moment = usize::from(found != *old) + usize::from(found == *new);
        seen[moment] += 1;

        if chance.is_multiple_of(3) {
            // A run that fails puts in order what was there, too.
            assert_eq!(run(path, "bad.jsonl", format, &output), Some(2));
            let found = files(&output);
            assert!(found == *old || found == *new, "case {case}");
            assert!(
                names(&output).iter().eq(found.keys()),
                "case {case}: {:?}",
                names(&output)
            );
        }
        assert_eq!(
            run(path, "new.jsonl", format, &output),
            Some(0),
            "case {case}"
        );
        assert!(files(&output) == *new, "case {case}");
        assert!(
            names(&output).iter().eq(new.keys()),
            "case {case}: {:?}",
            names(&output)
        );
        fs::remove_dir_all(&output).expect("it was made");
    }
    eprintln!("killed before a commit, in one, after one: {seen:?}");
}
