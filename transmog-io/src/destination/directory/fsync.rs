//! Forces files and folders to disk (`fsync`), so that a commit survives a loss of power.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    thread,
};

/// Files that are synced at the same time. Each waits for the disk, which can write several at
/// once.
const AT_ONCE: usize = 16;

/// Writes the content of a file to disk.
pub(super) fn sync_file(path: &Path) -> io::Result<()> {
    // Windows requires write access.
    OpenOptions::new().write(true).open(path)?.sync_all()
}

/// Writes the content of several files to disk. The error is the first in order.
pub(super) fn sync_files(paths: &[PathBuf]) -> Result<(), (PathBuf, io::Error)> {
    let sync = |paths: &[PathBuf]| {
        let mut synced = paths
            .iter()
            .map(|path| sync_file(path).map_err(|error| (path.clone(), error)));
        synced.find(Result::is_err).unwrap_or(Ok(()))
    };
    let each = paths.len().div_ceil(AT_ONCE).max(1);
    let (first, others) = paths.split_at(each.min(paths.len()));
    thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks(each)
            .map(|part| {
                let spawned = thread::Builder::new().spawn_scoped(scope, move || sync(part));
                spawned.map_err(|_| sync(part)) // No thread: do it here.
            })
            .collect();
        let mut result = sync(first);
        for other in others {
            let synced = match other {
                Ok(thread) => thread.join().unwrap_or(Ok(())),
                Err(synced) => synced,
            };
            result = result.and(synced);
        }
        result
    })
}

/// Writes the names in a folder to disk. Only Unix offers that, and not every file system does it.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    match std::fs::File::open(path)?.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}
