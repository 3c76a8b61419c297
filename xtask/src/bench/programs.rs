//! The programs of this repository that are measured, and where their files go.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::case::Case;
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
    /// Builds them as they are released, of the same crates: together, because the features that both ask for are the same.
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
