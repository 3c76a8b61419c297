//! Keeps the figures of a run in a file of its own, and reads them again.

use std::{fs, path::Path};

use anyhow::Context;
use serde_json::{Value, json};

use super::{figures::Results, machine, memory::Peak};
use crate::tree;

/// Gives the name of the file.
pub(crate) fn save(words: &[String], results: &Results, memory: &[Peak]) -> anyhow::Result<String> {
    let (date, commit, machine) = (machine::date(), machine::commit(), machine::machine());
    let file = free_name(&format!("benches/runs/{date}-{commit}"), |name| {
        tree::root().join(name).exists()
    });
    let command = format!("cargo xtask bench {}", words.join(" "));
    let [figures, failures] = results.to_json();
    let kept = json!({
        "date": date,
        "commit": commit,
        "command": command.trim_end(),
        "machine": machine,
        "results": figures,
        "failures": failures,
        "memory": memory.iter().map(Peak::to_json).collect::<Vec<_>>(),
    });
    fs::create_dir_all(tree::root().join("benches/runs"))?;
    write(&file, &format!("{kept:#}\n"))?;
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

/// A kept run.
pub(crate) fn read(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(path).map_err(anyhow::Error::from);
    text.and_then(|text| Ok(serde_json::from_str(&text)?))
        .with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file of the repository.
pub(crate) fn write(path: &str, text: &str) -> anyhow::Result<()> {
    fs::write(tree::root().join(path), text).with_context(|| format!("cannot write {path}"))
}

#[cfg(test)]
mod tests {
    use super::{super::figures::Figures, *};

    #[test]
    fn runs_of_one_commit_and_day_are_kept_beside_each_other() {
        assert_eq!(free_name("a", |_| false), "a.json");
        assert_eq!(free_name("a", |name| name != "a-3.json"), "a-3.json");
    }

    #[test]
    fn every_kept_run_can_be_read() {
        let folder = tree::root().join("benches/runs");
        let mut runs = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let kept = read(&entry.unwrap().path()).unwrap();
            let results = Results::from_json(&kept).unwrap();
            assert!(results.figures.iter().any(Figures::is_ours));
            runs += 1;
        }
        assert!(runs > 0);
    }
}
