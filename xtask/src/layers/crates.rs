//! Compares the dependencies of our crates, as cargo reports them, with the table of those that are
//! allowed.
//!
//! Dependencies run one way: cli -> transmog -> writers -> io -> core. A new edge needs a line
//! here, and a reason in the pull request.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use crate::{cargo::metadata, tree};

/// A crate, and the crates of ours that it may name in normal dependencies.
const ALLOWED: &[(&str, &[&str])] = &[
    ("transmog-core", &[]),
    ("transmog-io", &["transmog-core"]),
    ("transmog-writer-csv", &["transmog-core", "transmog-io"]),
    ("transmog-writer-json", &["transmog-core", "transmog-io"]),
    ("transmog-writer-parquet", &["transmog-core", "transmog-io"]),
    (
        "transmog",
        &[
            "transmog-core",
            "transmog-io",
            "transmog-writer-csv",
            "transmog-writer-json",
            "transmog-writer-parquet",
        ],
    ),
    ("transmog-cli", &["transmog"]),
    // A format of somebody else's: nothing above may know it.
    (
        "custom-writer",
        &["transmog", "transmog-core", "transmog-io"],
    ),
    // Inputs for the bench; knows nothing of what is measured.
    ("transmog-shapes", &[]),
    (
        "transmog-limit",
        &["transmog", "transmog-core", "transmog-io"],
    ),
    ("xtask", &["transmog-shapes"]),
];

/// Crates that only one crate of ours may name, so that what they do has one place.
const RESERVED: &[(&str, &str)] = &[("inventory", "transmog-io")];

/// What `transmog-core` must not touch: files, the environment, processes, the network, clocks.
const NOT_IN_CORE: &[&str] = &[
    "fs::",
    "env::",
    "process::",
    "net::",
    "std::fs",
    "std::env",
    "SystemTime",
    "Instant",
];

/// A dependency of one of our crates.
struct Edge {
    from: String,
    to: String,
    is_dev: bool,
    from_published: bool,
}

/// Every dependency that is not in the table, and every place where core touches the world.
pub(super) fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let metadata = metadata()?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?;
    let mut problems: Vec<String> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .filter(|name| allowed(name).is_none())
        .map(|name| format!("crate {name} is not in the table of xtask/src/layers/crates.rs"))
        .collect();
    problems.extend(edges(packages).iter().filter_map(edge_problem));
    for file in tree::text_files(&root.join("transmog-core/src"))? {
        problems.extend(core_problems(&file.path, &file.text));
    }
    Ok(problems)
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    let (_, targets) = ALLOWED.iter().find(|(from, _)| *from == name)?;
    Some(targets)
}

fn edges(packages: &[Value]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            edges.push(Edge {
                from: package["name"].as_str().unwrap_or_default().to_owned(),
                to: dependency["name"].as_str().unwrap_or_default().to_owned(),
                is_dev: dependency["kind"] == "dev",
                // `publish = false` is an empty list of registries.
                from_published: package["publish"]
                    .as_array()
                    .is_none_or(|to| !to.is_empty()),
            });
        }
    }
    edges
}

fn edge_problem(edge: &Edge) -> Option<String> {
    let Edge { from, to, .. } = edge;
    if let Some((_, owner)) = RESERVED.iter().find(|(name, _)| name == to)
        && from != owner
    {
        return Some(format!("{from} depends on {to}, which only {owner} may"));
    }
    if allowed(to).is_none() || allowed(from)?.contains(&to.as_str()) {
        return None;
    }
    if edge.is_dev {
        // Tests may look sideways, but not up: a test of the facade belongs to the facade.
        let up = to == "transmog" && edge.from_published;
        return up.then(|| format!("the tests of {from} depend on the facade"));
    }
    Some(format!("{from} may not depend on {to}"))
}

fn core_problems(path: &str, text: &str) -> Vec<String> {
    let is_test = tree::is_test(path);
    text.lines()
        .enumerate()
        .filter(|(_, line)| !is_test && !line.trim_start().starts_with("//"))
        .flat_map(|(number, line)| {
            NOT_IN_CORE
                .iter()
                .filter(move |word| has_word(line, word))
                .map(move |word| format!("transmog-core/src/{path}:{}: {word}", number + 1))
        })
        .collect()
}

/// True if the line has the text at the beginning of a word.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, is_dev: bool, from_published: bool) -> Option<String> {
        edge_problem(&Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            is_dev,
            from_published,
        })
    }

    #[test]
    fn normal_dependencies_run_down() {
        assert_eq!(edge("transmog-cli", "transmog", false, true), None);
        assert_eq!(edge("transmog-io", "serde", false, true), None);
        for (from, to) in [
            ("transmog-core", "transmog-io"),
            ("transmog-writer-csv", "transmog"),
            ("transmog-writer-csv", "transmog-writer-json"),
            ("transmog", "custom-writer"),
            ("transmog-cli", "transmog-io"),
            ("xtask", "transmog-core"),
        ] {
            assert!(edge(from, to, false, true).is_some(), "{from} -> {to}");
        }
    }

    #[test]
    fn tests_look_sideways_but_not_up() {
        assert_eq!(
            edge("transmog-writer-csv", "transmog-cli", true, true),
            None
        );
        assert_eq!(edge("xtask", "transmog", true, false), None);
        assert!(edge("transmog-writer-csv", "transmog", true, true).is_some());
    }

    #[test]
    fn inventory_has_one_user() {
        assert_eq!(edge("transmog-io", "inventory", false, true), None);
        assert!(edge("transmog-writer-csv", "inventory", true, true).is_some());
    }

    #[test]
    fn unpublished_crates_are_known_by_their_empty_list() {
        let packages = serde_json::json!([
            { "name": "a", "publish": null, "dependencies": [{ "name": "b", "kind": "dev" }] },
            { "name": "b", "publish": [], "dependencies": [{ "name": "c", "kind": null }] } ]);
        let edges = edges(packages.as_array().unwrap());
        let seen: Vec<_> = edges
            .iter()
            .map(|edge| (edge.to.as_str(), edge.is_dev, edge.from_published))
            .collect();
        assert_eq!(seen, [("b", true, true), ("c", false, false)]);
    }

    #[test]
    fn core_is_kept_from_the_world() {
        let found = core_problems(
            "ids.rs",
            "use std::{fs::File, io};\nlet now = SystemTime::now();\n",
        );
        assert_eq!(
            found,
            [
                "transmog-core/src/ids.rs:1: fs::",
                "transmog-core/src/ids.rs:2: SystemTime"
            ]
        );
        let innocent = "// never SystemTime\nlet x = offs::at(env!(\"CARGO_PKG_NAME\"));\n";
        assert_eq!(core_problems("ids.rs", innocent), Vec::<String>::new());
        assert_eq!(
            core_problems("ids/tests.rs", "fs::read(p)"),
            Vec::<String>::new()
        );
    }
}
