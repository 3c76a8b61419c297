//! Cargo as a child process, always in the root of the repository.

use std::{
    fmt,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};

use crate::{step::say, tree};

/// A call of cargo that has not been made yet.
pub(crate) struct Cargo(Command);

impl Cargo {
    /// `cargo` with these arguments.
    pub(crate) fn new<const N: usize>(arguments: [&str; N]) -> Self {
        let mut command = Command::new("cargo");
        command.current_dir(tree::root()).args(arguments);
        Self(command)
    }

    /// More arguments.
    pub(crate) fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.args(arguments);
        self
    }

    /// A variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it; what it prints goes where ours goes.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        say(&format!("$ {self}"));
        let status = self.0.status().context("cannot run cargo")?;
        ensure!(status.success(), "{self}: {status}");
        Ok(())
    }

    /// Runs it and gives what it writes to standard output.
    pub(crate) fn output(mut self) -> anyhow::Result<String> {
        let output = self
            .0
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo")?;
        ensure!(output.status.success(), "{self}: {}", output.status);
        String::from_utf8(output.stdout).context("cargo wrote what is not UTF-8")
    }
}

impl fmt::Display for Cargo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cargo")?;
        for argument in self.0.get_args() {
            write!(f, " {}", argument.to_string_lossy())?;
        }
        Ok(())
    }
}

/// What cargo knows about our crates, without their dependencies' own manifests: needs no network
/// and no lock.
pub(crate) fn metadata() -> anyhow::Result<serde_json::Value> {
    let text = Cargo::new([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ])
    .output()?;
    serde_json::from_str(&text).context("cannot read cargo's metadata")
}
