//! Every example runs: those of the crates, and the crates below `examples/`.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::cargo::{Cargo, metadata};

/// Runs them all; an example shows by its exit status that it did what it promises.
pub(crate) fn run() -> anyhow::Result<()> {
    let calls = calls(&metadata()?)?;
    ensure!(!calls.is_empty(), "the workspace has no examples");
    for arguments in calls {
        Cargo::new(["run", "--quiet"])
            .args(arguments.iter().map(String::as_str))
            .run()?;
    }
    Ok(())
}

/// The arguments of `cargo run` for each example.
fn calls(metadata: &Value) -> anyhow::Result<Vec<Vec<String>>> {
    let packages = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?;
    let root = metadata["workspace_root"]
        .as_str()
        .context("cargo names no root")?;
    let examples = Path::new(root).join("examples");
    let mut calls = Vec::new();
    for package in packages {
        let name = package["name"].as_str().context("a crate has no name")?;
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let is_example = manifest.starts_with(&examples);
        for target in package["targets"].as_array().into_iter().flatten() {
            let target_name = target["name"].as_str().context("a target has no name")?;
            let kinds = target["kind"].as_array();
            let is = |kind| kinds.is_some_and(|kinds| kinds.iter().any(|known| known == kind));
            let flag = match () {
                () if is("example") => "--example",
                () if is("bin") && is_example => "--bin",
                () => continue,
            };
            calls.push(["-p", name, flag, target_name].map(str::to_owned).into());
        }
    }
    Ok(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_found_in_crates_and_in_the_examples_folder() {
        let metadata = serde_json::json!({ "workspace_root": "/r", "packages": [
            { "name": "facade", "manifest_path": "/r/facade/Cargo.toml", "targets": [
                { "name": "facade", "kind": ["lib"] },
                { "name": "convert", "kind": ["example"] } ] },
            { "name": "command", "manifest_path": "/r/command/Cargo.toml", "targets": [
                { "name": "command", "kind": ["bin"] } ] },
            { "name": "custom", "manifest_path": "/r/examples/custom/Cargo.toml", "targets": [
                { "name": "custom", "kind": ["lib"] },
                { "name": "demo", "kind": ["bin"] } ] } ] });
        assert_eq!(
            calls(&metadata).unwrap(),
            [
                ["-p", "facade", "--example", "convert"],
                ["-p", "custom", "--bin", "demo"]
            ]
        );
    }
}
