//! The programs of this repository that are measured, and where their files go.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};

use super::case::{Case, Input};
use crate::cargo::{Cargo, metadata};

/// What was built.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The command.
    pub(crate) transmog: PathBuf,
    /// What it is compared with: parsing and encoding alone.
    pub(crate) limit: PathBuf,
    /// Inputs, outputs and other people's programs.
    pub(crate) folder: PathBuf,
}

impl Programs {
    /// Builds them as they are released, of the same crates: together, because the features that
    /// both ask for are the same.
    pub(crate) fn build() -> anyhow::Result<Self> {
        Cargo::new(["build", "--release"])
            .args(["-p", "transmog-cli", "-p", "transmog-limit"])
            .run()?;
        let metadata = metadata()?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo names no target folder")?;
        let target = Path::new(target);
        let program = |name: &str| {
            let name = [name, std::env::consts::EXE_SUFFIX].concat();
            target.join("release").join(name)
        };
        Ok(Self {
            transmog: program("transmog"),
            limit: program("transmog-limit"),
            folder: target.join("bench"),
        })
    }
}

/// What a tool says that looks into a run of the command with one thread. `tool` has the tool's own
/// words.
pub(crate) fn watched(
    tool: &mut Command,
    programs: &Programs,
    (case, input): (&Case, &Input),
    folder: &Path,
) -> anyhow::Result<String> {
    tool.arg(&programs.transmog)
        .arg("flatten")
        .arg(&input.path)
        .arg("-o")
        .arg(folder)
        .args(words(case, false))
        .args(["--threads", "1"]);
    said(tool)
}

/// What a tool says.
pub(crate) fn said(tool: &mut Command) -> anyhow::Result<String> {
    let name = tool.get_program().to_string_lossy().into_owned();
    let ended = tool.stdin(Stdio::null()).output();
    let ended = ended.with_context(|| format!("cannot start {name}"))?;
    let errors = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{name}: {}\n{errors}", ended.status);
    Ok(String::from_utf8_lossy(&ended.stdout).into_owned())
}

/// The words of a call of the command.
pub(crate) fn words(case: &Case, sync: bool) -> Vec<&str> {
    let mut words = vec!["-n", "events", "--ids", &case.ids];
    match case.format.as_str() {
        "jsonl" => words.extend(["-f", "json", "-O", "lines=true"]),
        format => words.extend(["-f", format]),
    }
    if !sync {
        words.push("--no-sync");
    }
    words
}
