//! Tests that the outputs of a folder become final together, or leave everything as it was.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
};

use transmog_io::{CancelToken, Destination, Directory, replace_file};

/// Every file and folder below a folder, with what files hold.
fn contents(folder: &Path) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            for (below, text) in contents(&path) {
                found.insert(format!("{name}/{below}"), text);
            }
            found.insert(name, None);
        } else {
            found.insert(name, Some(fs::read_to_string(path).unwrap()));
        }
    }
    found
}

/// Writes tables `a`, `b` and `c`, each of which holds its own name.
fn fill(folder: &Path) -> Directory {
    let mut directory = Directory::new(folder);
    for table in ["a", "b", "c"] {
        let mut output = directory.create(table, "txt").unwrap();
        output.write_all(table.as_bytes()).unwrap();
        output.flush().unwrap();
    }
    directory
}

#[test]
fn files_become_final_together() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("made/with parents");
    let directory = fill(&folder);
    let before = contents(&folder);
    assert!(
        before.keys().all(|name| name.starts_with('.')),
        "{before:?}"
    );
    Box::new(directory).commit().unwrap();
    let text = |text: &str| Some(text.to_owned());
    let expected = BTreeMap::from([
        ("a.txt".to_owned(), text("a")),
        ("b.txt".to_owned(), text("b")),
        ("c.txt".to_owned(), text("c")),
    ]);
    assert_eq!(contents(&folder), expected);

    // Again, over what is there, with a folder that a run left behind.
    fs::write(folder.join("a.txt"), "old").unwrap();
    fs::write(folder.join("other"), "other").unwrap();
    fs::create_dir(folder.join(format!(".transmog-partial-{}", std::process::id()))).unwrap();
    Box::new(fill(&folder)).commit().unwrap();
    let mut found = contents(&folder);
    assert_eq!(found.remove("other"), Some(text("other")));
    found.retain(|name, _| !name.starts_with('.'));
    assert_eq!(found, expected);
}

#[test]
fn what_was_there_survives_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "old").unwrap();
    fs::create_dir(folder.path().join("c.txt")).unwrap();
    fs::write(folder.path().join("c.txt/kept"), "kept").unwrap();
    let before = contents(folder.path());
    let error = Box::new(fill(folder.path())).commit().unwrap_err();
    assert!(error.to_string().contains("c.txt"), "{error}");
    assert_eq!(contents(folder.path()), before);
    drop(fill(folder.path()));
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn nothing_is_left_of_folders_that_were_made_in_vain() {
    let parent = tempfile::tempdir().unwrap();
    drop(fill(&parent.path().join("x/y")));
    assert_eq!(contents(parent.path()), BTreeMap::new());
}

#[test]
fn an_output_can_be_read_back_and_started_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = Directory::new(folder.path());
    let mut output = directory.create("a", "txt").unwrap();
    let long = "0123456789".repeat(20_000);
    output.write_all(long.as_bytes()).unwrap();
    output.write_all(b"the end").unwrap();
    assert_eq!(output.len(), 200_007);
    let mut part = [0; 11];
    output.read_at(199_996, &mut part).unwrap();
    assert_eq!(&part, b"6789the end");
    assert!(output.read_at(200_000, &mut part).is_err());
    let mut before = String::new();
    output
        .restart()
        .unwrap()
        .read_to_string(&mut before)
        .unwrap();
    assert!(before == long + "the end");
    assert_eq!(output.len(), 0);
    output.write_all(b"anew").unwrap();
    output.flush().unwrap();
    Box::new(directory).commit().unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("a.txt")).unwrap(),
        "anew"
    );
    assert_eq!(contents(folder.path()).len(), 1);
}

#[test]
fn a_file_that_vanishes_while_it_is_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = Directory::new(folder.path());
    let mut output = directory.create("t", "csv").unwrap();
    output.write_all(b"first").unwrap();
    output.flush().unwrap();
    for entry in fs::read_dir(hidden(folder.path())).unwrap() {
        let path = entry.unwrap().path();
        if fs::read(&path).unwrap() == b"first" {
            fs::remove_file(path).unwrap();
        }
    }
    output.write_all(b"second").unwrap();
    let error = output.flush().unwrap_err().to_string();
    assert!(error.contains("t.csv"), "{error}");
    assert!(Box::new(directory).commit().is_err());
    assert_eq!(contents(folder.path()), BTreeMap::new());
}

/// The only hidden folder in a folder.
fn hidden(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut hidden = entries.filter(|path| path.is_dir());
    let one = hidden.next().unwrap();
    assert_eq!(hidden.next(), None);
    one
}

#[test]
fn what_a_run_left_that_was_killed_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    // What remains of a run that ends before its time: files, and a lock that nobody holds.
    let left = folder.path().join(".transmog-partial-1-abcdef");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("lock"), "").unwrap();
    fs::write(left.join("table-0"), "half").unwrap();
    // One that was killed before it had a lock.
    fs::create_dir(folder.path().join(".transmog-partial-2-abcdef")).unwrap();
    // What is not ours stays.
    fs::create_dir(folder.path().join(".transmog-partial-mine")).unwrap();
    fs::write(folder.path().join(".transmog-partial-mine/kept"), "kept").unwrap();
    let running = fill(folder.path());
    let names: Vec<String> = contents(folder.path()).into_keys().collect();
    assert!(!left.exists(), "{names:?}");

    // One that is alive is not touched, and both succeed.
    Box::new(fill(folder.path())).commit().unwrap();
    Box::new(running).commit().unwrap();
    let names: Vec<String> = contents(folder.path()).into_keys().collect();
    let expected = [
        ".transmog-partial-mine",
        ".transmog-partial-mine/kept",
        "a.txt",
        "b.txt",
        "c.txt",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_cancelled_run_leaves_nothing_when_cancel_returns() {
    let parent = tempfile::tempdir().unwrap();
    let token = CancelToken::new();
    let mut directory = Directory::new(parent.path().join("made"));
    directory.cancel_with(&token);
    let mut output = directory.create("a", "txt").unwrap();
    output.write_all(b"text").unwrap();
    output.flush().unwrap();
    token.cancel();
    assert_eq!(contents(parent.path()), BTreeMap::new());
    output.write_all(b"more").unwrap();
    let error = output.flush().unwrap_err().to_string();
    assert!(error.contains("the run was cancelled"), "{error}");
    assert!(directory.create("b", "txt").is_err());
    assert!(Box::new(directory).commit().is_err());

    let mut late = Directory::new(parent.path().join("made"));
    late.cancel_with(&token);
    assert!(late.create("a", "txt").is_err());
    assert_eq!(contents(parent.path()), BTreeMap::new());
}

#[test]
fn what_is_final_stays_when_it_is_cancelled_late() {
    let folder = tempfile::tempdir().unwrap();
    let token = CancelToken::new();
    let mut directory = Directory::new(folder.path()).with_sync(false);
    directory.cancel_with(&token);
    let mut output = directory.create("a", "txt").unwrap();
    output.write_all(b"text").unwrap();
    output.flush().unwrap();
    Box::new(directory).commit().unwrap();
    token.cancel();
    assert_eq!(contents(folder.path()).len(), 1);
}

#[test]
fn runs_at_the_same_time_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for run in 0..8 {
            let folder = folder.path();
            scope.spawn(move || {
                for round in 0..5 {
                    let text = format!("{run} {round}");
                    let mut directory = Directory::new(folder);
                    let mut rejects = directory
                        .create_aside("t.manifest", "json")
                        .unwrap()
                        .unwrap();
                    for table in ["a", "b", "c", "d"] {
                        let mut output = directory.create(table, "txt").unwrap();
                        output.write_all(text.as_bytes()).unwrap();
                        output.flush().unwrap();
                    }
                    rejects.write_all(text.as_bytes()).unwrap();
                    rejects.flush().unwrap();
                    Box::new(directory).commit().unwrap();
                }
            });
        }
    });
    let found = contents(folder.path());
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let expected = ["a.txt", "b.txt", "c.txt", "d.txt", "t.manifest.json"];
    assert_eq!(names, expected);
    let first = &found["a.txt"];
    assert!(found.values().all(|text| text == first), "{found:?}");
}

#[test]
fn a_file_is_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let token = CancelToken::new();
    replace_file(&path, b"one", &token).unwrap();
    replace_file(&path, b"two", &token).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(contents(folder.path()).len(), 1);
    let below = path.join("below");
    let error = replace_file(&below, b"three", &token).unwrap_err();
    assert!(error.to_string().contains("report.json"), "{error}");
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace_file(&link, b"three", &token).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        replace_file(Path::new("/dev/null"), b"four", &token).unwrap();
    }
    token.cancel();
    assert!(replace_file(&path, b"five", &token).is_err());
    assert_eq!(fs::read(&path).unwrap().len(), "three".len());
}
