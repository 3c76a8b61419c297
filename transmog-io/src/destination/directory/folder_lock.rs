//! Whose turn it is to give files of a folder their final names: one run at a time, so that the tables of a folder are those
//! of one run and not of two.

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

/// The file whose holder has its turn. It is there only as long as somebody has.
const NAME: &str = ".transmog-lock";

/// How long a run waits before it asks again.
const PAUSE: Duration = Duration::from_millis(5);

/// The turn of a run. Dropping it ends it.
#[derive(Debug)]
pub(super) struct FolderLock {
    path: PathBuf,
    /// `None` where the file system has no locks: then there are no turns.
    lock: Option<File>,
}

impl FolderLock {
    /// Waits for the turn.
    pub(super) fn take(folder: &Path, cancel: &CancelToken) -> Result<Self, WriteError> {
        let path = folder.join(NAME);
        let failed = |error| WriteError::io("lock", path.clone())(error);
        loop {
            if cancel.is_cancelled() {
                return Err(failed(cancelled()));
            }
            let lock = match lock(&path).map_err(failed)? {
                Answer::Yours(lock) => Some(lock),
                Answer::NoTurns => None,
                Answer::Wait => {
                    thread::sleep(PAUSE);
                    continue;
                }
            };
            return Ok(Self { path, lock });
        }
    }

    /// True if somebody has a turn, or was killed in it.
    pub(super) fn is_taken(folder: &Path) -> bool {
        fs::symlink_metadata(folder.join(NAME)).is_ok()
    }

    /// True if no other run has its turn now, and none that was killed can be mistaken for one that is alive.
    pub(super) fn is_alone(&self) -> bool {
        self.lock.is_some()
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        if cfg!(windows) {
            // It cannot be removed before it is closed, nor while another has opened it.
            self.lock = None;
        }
        fs::remove_file(&self.path).ok();
    }
}

/// What comes of asking for the turn.
enum Answer {
    /// It is yours as long as you hold the file.
    Yours(File),
    /// The file system has no locks.
    NoTurns,
    /// Ask again.
    Wait,
}

/// Opens the file without following links, and makes it if it is not there. `None`: it vanished meanwhile.
fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0); // Nobody else may open it.
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
fn lock(path: &Path) -> io::Result<Answer> {
    use std::{fs::TryLockError, os::unix::fs::MetadataExt};

    let Some(file) = open(path)? else {
        return Ok(Answer::Wait);
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Answer::Wait),
        Err(TryLockError::Error(_)) => return Ok(Answer::NoTurns),
    }
    // The one before may have removed it meanwhile, and another made it anew.
    let is_same = match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    };
    Ok(if is_same {
        Answer::Yours(file)
    } else {
        Answer::Wait
    })
}

#[cfg(windows)]
fn lock(path: &Path) -> io::Result<Answer> {
    /// Another has opened it (`ERROR_SHARING_VIOLATION`), or is removing it (`ERROR_ACCESS_DENIED`).
    const TAKEN: [i32; 2] = [32, 5];
    match open(path) {
        Ok(Some(file)) => Ok(Answer::Yours(file)),
        Ok(None) => Ok(Answer::Wait),
        Err(error)
            if error
                .raw_os_error()
                .is_some_and(|code| TAKEN.contains(&code)) =>
        {
            Ok(Answer::Wait)
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(any(unix, windows)))]
fn lock(path: &Path) -> io::Result<Answer> {
    Ok(open(path)?.map_or(Answer::Wait, |_| Answer::NoTurns))
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
                        let turn = FolderLock::take(folder.path(), &CancelToken::new()).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        turns.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        drop(turn);
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
        let turn = FolderLock::take(folder.path(), &CancelToken::new()).unwrap();
        let cancel = CancelToken::new();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| FolderLock::take(folder.path(), &cancel));
            cancel.cancel();
            let error = waiting.join().unwrap().unwrap_err();
            assert!(error.to_string().contains(NAME), "{error}");
        });
        drop(turn);
        FolderLock::take(folder.path(), &CancelToken::new()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("elsewhere", folder.path().join(NAME)).unwrap();
        FolderLock::take(folder.path(), &CancelToken::new()).unwrap_err();
        assert!(!folder.path().join("elsewhere").exists());
    }
}
