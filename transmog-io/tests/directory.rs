//! A folder of outputs: they become final together, or what was there before is as it was.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    path::Path,
};

use transmog_io::{Destination, Directory};

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
    let partial = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    fs::remove_file(partial.path().join("t.csv")).unwrap();
    output.write_all(b"second").unwrap();
    assert!(output.flush().is_err());
    assert!(Box::new(directory).commit().is_err());
    assert!(!folder.path().join("t.csv").exists());
}
