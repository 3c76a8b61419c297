//! Locks a folder for a commit, so that only one run at a time gives files their final names.
//!
//! Otherwise the tables of a folder could come from two runs.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::{
    cancel::{CancelToken, cancelled},
    error::WriteError,
};

/// The lock file. It exists only while a run holds it.
const NAME: &str = ".transmog-lock";

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(5);

/// The lock of a folder, released when it is dropped.
#[derive(Debug)]
pub(super) struct FolderLock {
    path: PathBuf,
    /// `None` on file systems without locks: then nothing is locked.
    lock: Option<File>,
}

impl FolderLock {
    /// Waits for the lock.
    pub(super) fn acquire(folder: &Path, cancel: &CancelToken) -> Result<Self, WriteError> {
        let path = folder.join(NAME);
        let failed = |error| WriteError::io("lock", path.clone())(error);
        loop {
            if cancel.is_cancelled() {
                return Err(failed(cancelled()));
            }
            let lock = match lock(&path).map_err(failed)? {
                Attempt::Locked(lock) => Some(lock),
                Attempt::Unsupported => None,
                Attempt::Wait => {
                    thread::sleep(PAUSE);
                    continue;
                }
            };
            return Ok(Self { path, lock });
        }
    }

    /// True if a run holds the lock, or has crashed while it did.
    pub(super) fn is_taken(folder: &Path) -> bool {
        fs::symlink_metadata(folder.join(NAME)).is_ok()
    }

    /// True if the lock is really held, so that locks tell running processes from crashed ones.
    pub(super) fn is_held(&self) -> bool {
        self.lock.is_some()
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        if cfg!(windows) {
            // Windows cannot remove an open file.
            self.lock = None;
        }
        fs::remove_file(&self.path).ok();
    }
}

/// The result of one attempt.
enum Attempt {
    /// The lock is held as long as the file is open.
    Locked(File),
    /// The file system has no locks.
    Unsupported,
    /// Another run holds it: try again.
    Wait,
}

/// Opens the file without following links, and creates it if needed. `None`: it vanished meanwhile.
fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    // No other process may open it.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other.map(Some),
    }
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_file() => {}
        Ok(_) => return Err(io::Error::other("it is no ordinary file; remove it")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Attempt> {
    use std::{fs::TryLockError, os::unix::fs::MetadataExt};

    let Some(file) = open(path)? else {
        return Ok(Attempt::Wait);
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Attempt::Wait),
        Err(TryLockError::Error(_)) => return Ok(Attempt::Unsupported),
    }
    // The previous holder may have removed the file, and another run created a new one.
    let is_same = match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    };
    Ok(if is_same {
        Attempt::Locked(file)
    } else {
        Attempt::Wait
    })
}

#[cfg(windows)]
fn lock(path: &Path) -> io::Result<Attempt> {
    /// Another has opened it (`ERROR_SHARING_VIOLATION`), or is removing it
    /// (`ERROR_ACCESS_DENIED`).
    const TAKEN: [i32; 2] = [32, 5];
    match open(path) {
        Ok(Some(file)) => Ok(Attempt::Locked(file)),
        Ok(None) => Ok(Attempt::Wait),
        Err(error)
            if error
                .raw_os_error()
                .is_some_and(|code| TAKEN.contains(&code)) =>
        {
            Ok(Attempt::Wait)
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(any(unix, windows)))]
fn lock(path: &Path) -> io::Result<Attempt> {
    Ok(open(path)?.map_or(Attempt::Wait, |_| Attempt::Unsupported))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn one_has_its_turn_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let lock = FolderLock::acquire(folder.path(), &CancelToken::new()).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        turns.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!(turns.into_inner(), 400);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn who_waits_can_be_cancelled() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::acquire(folder.path(), &CancelToken::new()).unwrap();
        let cancel = CancelToken::new();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| FolderLock::acquire(folder.path(), &cancel));
            cancel.cancel();
            let error = waiting.join().unwrap().unwrap_err();
            assert!(error.to_string().contains(NAME), "{error}");
        });
        drop(lock);
        FolderLock::acquire(folder.path(), &CancelToken::new()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("elsewhere", folder.path().join(NAME)).unwrap();
        FolderLock::acquire(folder.path(), &CancelToken::new()).unwrap_err();
        assert!(!folder.path().join("elsewhere").exists());
    }
}
