//! Cleans up after crashed processes: finishes or rolls back their commits, and removes their
//! staging folders.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    commit_log::Commit,
    folder_lock::FolderLock,
    staging::{PREFIX, lock_abandoned, remove},
};
use crate::{cancel::CancelToken, error::WriteError};

/// Cleans up if there is anything to clean up. `own` is the staging folder of this run.
pub(super) fn clean_up(folder: &Path, own: &Path, cancel: &CancelToken) -> Result<(), WriteError> {
    if found(folder, own)?.is_empty() && !FolderLock::is_taken(folder) {
        return Ok(());
    }
    clean_up_locked(folder, own, &FolderLock::acquire(folder, cancel)?)
}

/// Cleans up, under the folder lock. Staging folders of running processes are not touched. Only the
/// holder of the folder lock may test that, because testing a lock means holding it for a moment.
pub(super) fn clean_up_locked(
    folder: &Path,
    own: &Path,
    folder_lock: &FolderLock,
) -> Result<(), WriteError> {
    if !folder_lock.is_held() {
        return Ok(());
    }
    for left in found(folder, own)? {
        let Some(lock) = lock_abandoned(&left) else {
            continue;
        };
        Commit::recover(folder, &left).map_err(|(path, error)| {
            WriteError::io("finish what an earlier run began with", path)(error)
        })?;
        // If it cannot be removed, this run can still write.
        remove(&left, lock).ok();
    }
    Ok(())
}

/// The staging folders in a folder, except `own`.
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
    // At most one of them has an interrupted commit, because every run cleans up before its own
    // commit. So the order does not matter.
    found.sort();
    Ok(found)
}

/// True if the path belongs to the current user, or to the owner of the folder. Files that anybody
/// else has put there must not move or remove others.
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
