//! Renews what README shows of the bench, a table and a picture, from the figures of a kept run.

use std::{
    fs,
    path::{Component, Path},
};

use anyhow::Context;
use serde_json::Value;

use super::{figures::Results, keep, markdown, picture};
use crate::tree;

/// Between these README has what a kept run found.
const MARKS: [&str; 2] = ["<!-- bench: begin -->", "<!-- bench: end -->"];

/// Writes the section of README and the picture in it.
pub(crate) fn show(file: &Path) -> anyhow::Result<()> {
    let kept = keep::read(file)?;
    let results = Results::from_json(&kept)?;
    let section = section(&kept, &link(&tree::root(), file)?, &results);
    let readme = fs::read_to_string(tree::root().join("README.md"))?;
    let readme = with_section(&readme, &section)?;
    keep::write("README.md", &readme)?;
    keep::write("benches/latest.svg", &picture::svg(&results.figures))
}

/// A kept file, as README names it.
fn link(root: &Path, file: &Path) -> anyhow::Result<String> {
    let (root, file) = (root.canonicalize()?, file.canonicalize()?);
    let path = file.strip_prefix(root);
    let path = path.with_context(|| format!("{} is not in the repository", file.display()))?;
    let names = path.components().map(Component::as_os_str);
    Ok(names
        .map(|name| name.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/"))
}

fn section(kept: &Value, file: &str, results: &Results) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let machine = &kept["machine"];
    format!(
        "![Megabytes of input in a second](benches/latest.svg)\n\n{}\nMeasured on {} at commit `{}` ({}, {} cores) by \
         `{}`; all figures are in [{file}]({file}).\n",
        markdown::table(results),
        text(&kept["date"]),
        text(&kept["commit"]),
        text(&machine["cpu"]),
        machine["cores"],
        text(&kept["command"]),
    )
}

fn with_section(readme: &str, section: &str) -> anyhow::Result<String> {
    let [begin, end] = MARKS;
    let (before, rest) = readme
        .split_once(begin)
        .with_context(|| format!("README.md has no {begin}"))?;
    let (_, after) = rest
        .split_once(end)
        .with_context(|| format!("README.md has no {end} after {begin}"))?;
    Ok(format!("{before}{begin}\n{section}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::figures::tests::example, *};

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let [begin, end] = MARKS;
        let readme = format!("a\n{begin}\nold\n{end}\nb\n");
        let new = with_section(&readme, "new\n").unwrap();
        assert_eq!(new, format!("a\n{begin}\nnew\n{end}\nb\n"));
        assert_eq!(with_section(&new, "new\n").unwrap(), new);
        assert!(with_section("a\n", "new\n").is_err());
    }

    #[test]
    fn a_kept_file_is_named_from_the_root() {
        let root = tree::root();
        let here = link(&root, &root.join("xtask/../README.md")).unwrap();
        assert_eq!(here, "README.md");
        assert!(link(&root.join("xtask"), &root.join("README.md")).is_err());
    }

    #[test]
    fn the_readme_has_the_marks() {
        let readme = fs::read_to_string(tree::root().join("README.md")).unwrap();
        assert!(with_section(&readme, "").is_ok());
    }

    #[test]
    fn the_section_says_what_was_measured_where() {
        let kept = json!({
            "date": "2026-01-02", "commit": "abc", "command": "cargo xtask bench --limit",
            "machine": { "cpu": "Some CPU", "cores": 2 },
        });
        let results = Results {
            figures: vec![example("transmog", 1.0)],
            ..Results::default()
        };
        let text = section(&kept, "benches/runs/x.json", &results);
        for part in [
            "on 2026-01-02",
            "`abc`",
            "Some CPU, 2 cores",
            "bench --limit",
            "[benches/runs/x.json](benches/runs/x.json)",
            "| events | parquet | 1.00 |",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
