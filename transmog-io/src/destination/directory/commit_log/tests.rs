//! Tests commits that are interrupted after every move, and how the next run finishes them.

use std::collections::BTreeMap;

use super::*;

/// What a folder holds, by name, without hidden folders.
type Files = BTreeMap<String, String>;

const MANIFEST: &str = "m.json";

fn files(pairs: &[(&str, &str)]) -> Files {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    pairs.iter().map(owned).collect()
}

fn found(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// A folder with an earlier run's files, and a run that is about to commit.
struct Scene {
    folder: tempfile::TempDir,
    staging: PathBuf,
    steps: Vec<Step>,
    old: Files,
    new: Files,
}

/// Tables and rejects may be in the old run, the new one or both; `None` for what is only removed.
fn scene(old: &[(&str, &str)], new: &[(&str, Option<&str>, bool)]) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let staging = folder.path().join(".staging");
    fs::create_dir(&staging).unwrap();
    let old = files(old);
    for (name, text) in &old {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut expected = old.clone();
    let mut steps = Vec::new();
    for (number, (name, text, is_aside)) in new.iter().enumerate() {
        expected.remove(*name);
        let staged = text.map(|text| {
            let file = format!("staged-{number}");
            fs::write(staging.join(&file), text).unwrap();
            expected.insert((*name).to_owned(), text.to_owned());
            (file, text.len() as u64)
        });
        steps.push(Step {
            name: (*name).to_owned(),
            staged,
            replaces: old.contains_key(*name),
            is_aside: *is_aside,
        });
    }
    Scene {
        folder,
        staging,
        steps,
        old,
        new: expected,
    }
}

fn usual() -> Scene {
    scene(
        &[
            ("a", "old a"),
            ("b", "old b"),
            ("r", "old r"),
            (MANIFEST, "old"),
            ("t", "old t"),
            ("x", "other"),
        ],
        &[
            ("a", Some("new a!"), false),
            ("b", Some("new b!"), false),
            ("c", Some("new c!"), false),
            ("r", None, true),
            ("s", Some("new s!"), true),
            (MANIFEST, Some("new m"), true),
            // A table that only the old run has.
            ("t", None, false),
        ],
    )
}

impl Scene {
    fn commit(&self) -> Commit<'_> {
        Commit::new(self.folder.path(), &self.staging, self.steps.clone(), false)
    }

    fn found(&self) -> Files {
        found(self.folder.path())
    }

    /// What is there is of one run or the other, whole, a manifest only beside the tables that it
    /// describes, and a table that only the old run has not beside new ones.
    #[track_caller]
    fn is_in_order(&self) {
        let found = self.found();
        for (name, text) in &found {
            let is_whole = self.old.get(name) == Some(text) || self.new.get(name) == Some(text);
            assert!(is_whole, "{name}: {text}");
        }
        let has_new = ["a", "b", "c"].iter().any(|name| {
            let new = self.new.get(*name);
            new.is_some() && found.get(*name) == new
        });
        let is_stale = self.old.contains_key("t") && found.contains_key("t") && has_new;
        assert!(!is_stale, "{found:?}");
        match found.get(MANIFEST).map(String::as_str) {
            Some("old") => assert_eq!(found, self.old),
            Some("new m") => assert_eq!(found, self.new),
            _ => {}
        }
    }

    /// Makes a move as a file system would that has links, or one that has none.
    fn make(&self, commit: &Commit<'_>, one: Move, links: bool) {
        match one {
            Move::Keep(step) if !links => {
                let target = self.folder.path().join(&self.steps[step].name);
                let before = self.staging.join(format!("before-{step}"));
                fs::rename(target, before).ok();
            }
            one => commit.make(one).unwrap(),
        }
    }
}

#[test]
fn a_commit_that_is_cut_short_is_finished() {
    let moves = usual().commit().forward_moves().len();
    assert_eq!(moves, 15);
    for (links, cut) in [true, false]
        .into_iter()
        .flat_map(|l| (0..=moves).map(move |c| (l, c)))
    {
        let scene = usual();
        let commit = scene.commit();
        commit.begin().unwrap();
        for one in &commit.forward_moves()[..cut] {
            scene.make(&commit, *one, links);
            if links {
                scene.is_in_order();
            }
        }
        Commit::recover(scene.folder.path(), &scene.staging).unwrap();
        assert_eq!(scene.found(), scene.new, "links {links}, cut after {cut}");
        assert!(!is_in(&scene.staging));
    }
}

#[test]
fn a_commit_that_is_taken_back_and_cut_short_is_taken_back() {
    for links in [true, false] {
        let forward = usual().commit().forward_moves().len();
        let back = usual().commit().back_moves().len();
        for (done, undone) in (0..=forward).flat_map(|d| (0..=back).map(move |u| (d, u))) {
            let scene = usual();
            let commit = scene.commit();
            commit.begin().unwrap();
            for one in &commit.forward_moves()[..done] {
                scene.make(&commit, *one, links);
            }
            commit.give_up().unwrap();
            for one in &commit.back_moves()[..undone] {
                commit.make(*one).unwrap();
                scene.is_in_order();
            }
            Commit::recover(scene.folder.path(), &scene.staging).unwrap();
            assert_eq!(
                scene.found(),
                scene.old,
                "links {links}, {done} done, {undone} undone"
            );
            assert!(!is_in(&scene.staging));
        }
    }
}

#[test]
fn a_commit_whose_files_are_gone_or_cut_is_taken_back() {
    let moves = usual().commit().forward_moves();
    for cut in 0..moves.len() {
        for is_gone in [true, false] {
            let scene = usual();
            let commit = scene.commit();
            commit.begin().unwrap();
            for one in &moves[..cut] {
                commit.make(*one).unwrap();
            }
            // The manifest is the last.
            let staged = commit.staged(5).unwrap();
            if is_gone {
                fs::remove_file(staged).unwrap();
            } else {
                fs::write(staged, "n").unwrap();
            }
            Commit::recover(scene.folder.path(), &scene.staging).unwrap();
            assert_eq!(scene.found(), scene.old, "after {cut}");
        }
    }
}

#[test]
fn a_commit_that_fails_is_taken_back() {
    for name in ["a", "c", "s"] {
        let scene = usual();
        // It was no folder when the plan was made.
        let target = scene.folder.path().join(name);
        fs::remove_file(&target).ok();
        fs::create_dir(&target).unwrap();
        fs::write(target.join("kept"), "kept").unwrap();
        let before = scene.found();
        let (path, _) = scene.commit().run().unwrap_err();
        assert_eq!(path, target);
        assert_eq!(scene.found(), before);
        assert!(target.join("kept").exists() && !is_in(&scene.staging));
    }
}

#[test]
fn a_file_that_comes_after_a_removal_is_not_removed() {
    let scene = usual();
    let commit = scene.commit();
    commit.begin().unwrap();
    for one in commit.forward_moves() {
        commit.make(one).unwrap();
    }
    // Cut short before the plan was gone; meanwhile somebody used the name that was free.
    fs::write(scene.folder.path().join("t"), "another's").unwrap();
    Commit::recover(scene.folder.path(), &scene.staging).unwrap();
    let mut expected = scene.new.clone();
    expected.insert("t".to_owned(), "another's".to_owned());
    assert_eq!(scene.found(), expected);
}

#[test]
fn a_single_file_is_replaced_without_a_gap() {
    let scene = scene(&[("f", "old")], &[("f", Some("new one"), true)]);
    let commit = scene.commit();
    for one in commit.forward_moves() {
        commit.make(one).unwrap();
        assert!(scene.folder.path().join("f").exists());
    }
    assert_eq!(scene.found(), scene.new);
    for one in commit.back_moves() {
        commit.make(one).unwrap();
        assert!(scene.folder.path().join("f").exists());
    }
    assert_eq!(scene.found(), scene.old);
}

#[test]
fn plans_reach_no_other_folder() {
    for name in ["../a", "b/c", "/a", "..", ".", "", "a/"] {
        let mut scene = usual();
        scene.steps[0].name = name.to_owned();
        scene.commit().begin().unwrap();
        let error = Commit::recover(scene.folder.path(), &scene.staging).unwrap_err();
        assert!(
            error.1.to_string().contains("no file of the folder"),
            "{name}"
        );
        let mut scene = usual();
        scene.steps[1].staged = Some((name.to_owned(), 6));
        scene.commit().begin().unwrap();
        Commit::recover(scene.folder.path(), &scene.staging).unwrap_err();
        assert_eq!(scene.found(), scene.old);
    }
    for text in ["", "{", r#"{"plan":2,"steps":[]}"#] {
        let scene = usual();
        fs::write(scene.staging.join(PLAN), text).unwrap();
        Commit::recover(scene.folder.path(), &scene.staging).unwrap_err();
        assert_eq!(scene.found(), scene.old);
    }
}
