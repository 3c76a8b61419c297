//! Keeps the figures of a run: a file of its own, the table in README and the picture that it shows.

use std::{fs, path::Path};

use anyhow::Context;
use serde_json::{Value, json};

use super::{figures::Figures, machine, memory::Peak, picture, table};
use crate::tree;

/// Between these README has what the last kept run found.
const MARKS: [&str; 2] = ["<!-- bench: begin -->", "<!-- bench: end -->"];

/// Writes everything; gives the name of the file of figures.
pub(crate) fn save(
    words: &[String],
    figures: &[Figures],
    memory: &[Peak],
) -> anyhow::Result<String> {
    let (date, commit, machine) = (machine::date(), machine::commit(), machine::machine());
    let file = free_name(&format!("benches/runs/{date}-{commit}"), |name| {
        tree::root().join(name).exists()
    });
    let command = format!("cargo xtask bench {}", words.join(" "));
    let kept = json!({
        "date": date,
        "commit": commit,
        "command": command.trim_end(),
        "machine": machine,
        "results": figures.iter().map(Figures::to_json).collect::<Vec<_>>(),
        "memory": memory.iter().map(Peak::to_json).collect::<Vec<_>>(),
    });
    let write = |path: &str, text: &str| {
        fs::write(tree::root().join(path), text).with_context(|| format!("cannot write {path}"))
    };
    fs::create_dir_all(tree::root().join("benches/runs"))?;
    write(&file, &format!("{kept:#}\n"))?;
    write("benches/latest.svg", &picture::svg(figures))?;
    let readme = fs::read_to_string(tree::root().join("README.md"))?;
    let section = section(&kept, &file, figures);
    write("README.md", &with_section(&readme, &section)?)?;
    Ok(file)
}

/// A name of a file that is not there yet: a run never replaces the figures of another one.
fn free_name(start: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = format!("{start}.json");
    for number in 2.. {
        if !is_taken(&name) {
            break;
        }
        name = format!("{start}-{number}.json");
    }
    name
}

/// The figures of a kept run.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Figures>> {
    let read = || -> anyhow::Result<Vec<Figures>> {
        let kept: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let results = kept["results"].as_array().context("no results")?;
        results.iter().map(Figures::from_json).collect()
    };
    read().with_context(|| format!("cannot read {}", path.display()))
}

fn section(kept: &Value, file: &str, figures: &[Figures]) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let machine = &kept["machine"];
    format!(
        "![Megabytes of input in a second](benches/latest.svg)\n\n{}\nMeasured on {} at commit `{}` ({}, {} cores) by \
         `{}`; all figures are in [{file}]({file}).\n",
        table::markdown(figures),
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
    fn runs_of_one_commit_and_day_are_kept_beside_each_other() {
        assert_eq!(free_name("a", |_| false), "a.json");
        assert_eq!(free_name("a", |name| name != "a-3.json"), "a-3.json");
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
        let text = section(&kept, "benches/runs/x.json", &[example("transmog", 1.0)]);
        for part in [
            "on 2026-01-02",
            "`abc`",
            "Some CPU, 2 cores",
            "bench --limit",
            "| transmog |",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
