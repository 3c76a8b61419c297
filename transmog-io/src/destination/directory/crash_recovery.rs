//! What runs left in a folder that were killed: their commits are finished or taken back, and their hidden folders removed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    commit_log::Commit,
    folder_lock::FolderLock,
    staging::{PREFIX, lock_left, remove},
};
use crate::{cancel::CancelToken, error::WriteError};

/// Clears up if there is anything to clear up. `own` is a hidden folder that is this run's.
pub(super) fn clear_up(folder: &Path, own: &Path, cancel: &CancelToken) -> Result<(), WriteError> {
    if found(folder, own)?.is_empty() && !FolderLock::is_taken(folder) {
        return Ok(());
    }
    clear_up_in_turn(folder, own, &FolderLock::take(folder, cancel)?)
}

/// Clears up. Folders of runs that are alive are not touched; whether they are is only asked by who has the turn, because
/// to ask is to hold a lock for a moment.
pub(super) fn clear_up_in_turn(
    folder: &Path,
    own: &Path,
    turn: &FolderLock,
) -> Result<(), WriteError> {
    if !turn.is_alone() {
        return Ok(());
    }
    for left in found(folder, own)? {
        let Some(lock) = lock_left(&left) else {
            continue;
        };
        Commit::recover(folder, &left).map_err(|(path, error)| {
            WriteError::io("finish what an earlier run began with", path)(error)
        })?;
        // Who cannot remove it can still write.
        remove(&left, lock).ok();
    }
    Ok(())
}

/// The hidden folders in a folder, but `own`.
fn found(folder: &Path, own: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let mut found = Vec::new();
    let failed = || WriteError::io("read", folder);
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let path = entry.path();
        let is_own = path.file_name() == own.file_name();
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|about| about.is_dir());
        if is_hidden && !is_own && is_folder && is_trusted(folder, &path, own) {
            found.push(path);
        }
    }
    // Of several commits that were cut short, the order does not show in the names. There is one at most: a run that has
    // its turn clears up before it begins its own.
    found.sort();
    Ok(found)
}

/// True for what belongs to who runs this, or to the owner of the folder that it is in. What anybody else has put there
/// moves no file.
#[cfg(unix)]
pub(super) fn is_trusted(folder: &Path, path: &Path, own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let owner = |path: &Path| Some(fs::metadata(path).ok()?.uid());
    fs::symlink_metadata(path).is_ok_and(|about| {
        let by = Some(about.uid());
        by == owner(own) || by == owner(folder)
    })
}

#[cfg(not(unix))]
pub(super) fn is_trusted(_folder: &Path, _path: &Path, _own: &Path) -> bool {
    true
}
