//! The house rules that a compiler does not check.

use std::path::Path;

use crate::tree::{self, TextFile};

mod words;

/// Above this a file has more than one subject.
const MAX_LINES: usize = 600;

/// Names that say nothing about what is in a file.
const EMPTY_NAMES: &[&str] = &[
    "common", "helper", "helpers", "manager", "misc", "util", "utils",
];

/// What must not stand in a source file, in two pieces so that this file does not hold it, and why.
const UNWANTED: &[(&str, &str, &str)] = &[
    ("todo", "!", "finish it, or say in an error what is missing"),
    (
        "FIX",
        "ME",
        "an issue, or a test that asserts what is wrong today",
    ),
    ("#[igno", "re", "a test that nobody runs proves nothing"),
];

/// The list of faults that were tried, each with its tests.
const FAULTS: &str = "docs/faults.md";

/// Top folders that exist on one machine and not on the next.
const MACHINE_FOLDERS: &[&str] = &["home", "Users", "root", "tmp", "mnt"];

/// Everything in the repository that breaks a rule.
pub(crate) fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let files = tree::text_files(root)?;
    let mut problems: Vec<String> = files.iter().flat_map(file_problems).collect();
    for file in files.iter().filter(|file| file.path == FAULTS) {
        problems.extend(missing_tests(&file.text, &files));
    }
    Ok(problems)
}

/// Tests that the list of faults names and that are not there. A name without a file is of the file
/// named last.
fn missing_tests(list: &str, files: &[TextFile]) -> Vec<String> {
    let mut problems = Vec::new();
    for line in list.lines().filter(|line| line.starts_with("| ")) {
        let mut path = "";
        // What stands between backticks.
        for code in line.split('`').skip(1).step_by(2) {
            let name = match code.split_once(".rs: ") {
                Some((stem, name)) => {
                    path = &code[..stem.len() + 3];
                    name
                }
                None if path.is_empty() => continue,
                None => code,
            };
            let file = files.iter().find(|file| file.path == path);
            if !file.is_some_and(|file| file.text.contains(&format!("fn {name}("))) {
                problems.push(format!("{FAULTS}: no test {name} in {path}"));
            }
        }
    }
    problems
}

fn file_problems(file: &TextFile) -> Vec<String> {
    let mut problems = Vec::new();
    if Path::new(&file.path).extension().is_some_and(|e| e == "rs") {
        problems.extend(source_problems(file));
    }
    // Test data is other people's text.
    if !file.path.starts_with("testdata/") {
        problems.extend(machine_paths(&file.text));
        problems.extend(words::problems(file));
    }
    problems
        .into_iter()
        .map(|problem| format!("{}: {problem}", file.path))
        .collect()
}

fn source_problems(TextFile { path, text }: &TextFile) -> Vec<String> {
    let mut problems = Vec::new();
    if !text.starts_with("//!") && !text.starts_with("#![doc") {
        problems.push("begins without //! saying what the file is for".to_owned());
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        problems.push(format!("has {lines} lines, more than {MAX_LINES}"));
    }
    let stem = Path::new(path).file_stem().unwrap_or_default();
    if EMPTY_NAMES.iter().any(|name| stem == *name) {
        problems.push("its name does not say what is in it".to_owned());
    }
    if path.ends_with("src/lib.rs") && !text.contains("#![forbid(unsafe_code)]") {
        problems.push("a library without #![forbid(unsafe_code)]".to_owned());
    }
    for (begin, end, reason) in UNWANTED {
        let word = [*begin, *end].concat();
        if text.contains(&word) {
            problems.push(format!("{word}: {reason}"));
        }
    }
    problems
}

/// Absolute paths that are true on one machine only. A slash after a name or a dot is part of a
/// longer path or a URL.
fn machine_paths(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for folder in MACHINE_FOLDERS {
        let path = format!("/{folder}/");
        let is_root = |at: usize| {
            let before = text[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || "_-./~".contains(c))
        };
        if text.match_indices(&path).any(|(at, _)| is_root(at)) {
            problems.push(format!("a path of one machine: {path}"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        assert_eq!(problems(&tree::root()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn faults_name_tests_that_there_are() {
        let file = TextFile {
            path: "a/b.rs".to_owned(),
            text: "fn known() {}".to_owned(),
        };
        let list = "`c`\n| `--x` | no | `a/b.rs: known`, `unknown` |\n| y | no | `a/c.rs: known` |";
        assert_eq!(
            missing_tests(list, &[file]),
            [
                "docs/faults.md: no test unknown in a/b.rs",
                "docs/faults.md: no test known in a/c.rs"
            ]
        );
    }

    fn check(path: &str, text: &str, expected: &[&str]) {
        let file = TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let found = file_problems(&file);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in std::iter::zip(&found, expected) {
            assert!(found.starts_with(path), "{found}");
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn sources() {
        check("a/src/ids.rs", "//! Ids.\n", &[]);
        check(
            "a/src/lib.rs",
            "#![doc = include_str!(\"x\")]\n#![forbid(unsafe_code)]\n",
            &[],
        );
        check("a/src/ids.rs", "use std::io;\n", &["begins without"]);
        check("a/src/utils.rs", "//! Ids.\n", &["its name"]);
        check("a/src/lib.rs", "//! Ids.\n", &["forbid(unsafe_code)"]);
        check(
            "a/src/ids.rs",
            &format!("//! Ids.\n{}!()\n", "todo"),
            &["finish it"],
        );
        check("a/src/ids.rs", &"//! Ids.\n".repeat(600), &[]);
        check("a/src/ids.rs", &"//! Ids.\n".repeat(601), &["601 lines"]);
    }

    #[test]
    fn paths_of_one_machine() {
        let path = |folder: &str| format!("see `/{folder}/x`\n");
        check("README.md", &path("home"), &["one machine"]);
        check("README.md", &path("data"), &[]);
        check(
            "README.md",
            "https://example.org/home/x and ../tmp/x\n",
            &[],
        );
        check("testdata/a.json", &path("home"), &[]);
    }
}
