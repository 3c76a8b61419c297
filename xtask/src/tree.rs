//! The files of the repository.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The root of the repository: above this crate, which cargo names to what it runs. What was true
/// when this was compiled is second best, because several checkouts may share a target folder.
pub(crate) fn root() -> PathBuf {
    let mut folder = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    folder.pop();
    folder
}

/// A text file: its path from the root, with `/`, and what is in it.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every text file below a folder, sorted by path.
///
/// Hidden folders (but for `.ci` and `.cargo`) and build folders are left out; what is not UTF-8 is
/// no text. Does not ask git, so that it works in an unpacked archive.
pub(crate) fn text_files(root: &Path) -> anyhow::Result<Vec<TextFile>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                if !is_left_out(&path) {
                    folders.push(path);
                }
            } else if path.file_name().is_some_and(|name| name == ".git") {
                // A worktree has a file there, with the place of the main one.
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(root)?;
                let path = path.to_string_lossy().replace('\\', "/");
                files.push(TextFile { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// True for a source file that holds tests only.
pub(crate) fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("tests/")
}

fn is_left_out(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let hidden = name.starts_with('.') && name != ".ci" && name != ".cargo";
    // Cargo marks every target folder so, whatever its name.
    hidden || name == "target" || folder.join("CACHEDIR.TAG").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_sources_and_scripts_but_nothing_that_was_built() {
        let files = text_files(&root()).unwrap();
        let has = |path: &str| files.iter().any(|file| file.path == path);
        assert!(has("Cargo.toml") && has("xtask/src/tree.rs") && has(".ci/run"));
        assert!(!files.iter().any(|file| file.path.starts_with(".git/")));
        assert!(!files.iter().any(|file| file.path.starts_with("target/")));
    }
}
