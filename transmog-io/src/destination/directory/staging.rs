//! The staging folder: a hidden folder with the unfinished files of a run.
//!
//! A running process holds an exclusive lock on the file `lock` in it. If the lock is free, the
//! process has crashed, and the folder can be removed.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::commit_log;
use crate::{
    cancel::{CancelToken, Unfinished, cancelled},
    error::WriteError,
};

/// The beginning of the names of staging folders.
pub(super) const PREFIX: &str = ".transmog-partial-";

/// The file in it that the process has locked.
const LOCK: &str = "lock";

/// Attempts to create a folder while other runs remove it.
const ATTEMPTS: usize = 100;

/// Owns a staging folder. Dropping it removes the folder, and parent folders that were created for
/// it, even if outputs still have files in it.
#[derive(Debug)]
pub(super) struct Owned(Arc<Staging>);

impl Deref for Owned {
    type Target = Arc<Staging>;

    fn deref(&self) -> &Arc<Staging> {
        &self.0
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.remove();
    }
}

/// The staging folder of a run.
#[derive(Debug)]
pub(super) struct Staging {
    folder: PathBuf,
    path: PathBuf,
    /// `None` after the folder was removed.
    lock: Mutex<Option<File>>,
    /// Holds the list of folders that the run has created.
    cancel: CancelToken,
}

impl Staging {
    /// Creates a staging folder in `folder`, which is created with its parents if it does not
    /// exist.
    pub(super) fn create(folder: &Path, cancel: &CancelToken) -> Result<Owned, WriteError> {
        let admitted = cancel.admit(
            || {
                let missing = missing(folder);
                let created = create_locked(folder);
                cancel.made().extend(missing);
                let (path, lock) = created.inspect_err(|_| remove_made(cancel))?;
                Ok(Arc::new(Self {
                    folder: folder.to_path_buf(),
                    path,
                    lock: Mutex::new(Some(lock)),
                    cancel: cancel.clone(),
                }))
            },
            WriteError::io("create folder", folder),
        );
        admitted.map(Owned)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folders that were created for it.
    pub(super) fn made(&self) -> Vec<PathBuf> {
        let made = self.cancel.made();
        let is_above = |path: &&PathBuf| self.folder.starts_with(path);
        made.iter().filter(is_above).cloned().collect()
    }

    /// Runs `work` on its files. Fails if the folder was removed.
    pub(super) fn work<R>(&self, work: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        let lock = self.lock();
        if lock.is_none() {
            return Err(cancelled());
        }
        work()
    }

    /// Commits its files, and removes it. A concurrent `cancel` waits for that.
    pub(super) fn finish(
        &self,
        commit: impl FnOnce() -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let mut lock = self.lock();
        if lock.is_none() {
            return Err(WriteError::io("write to", &self.path)(cancelled()));
        }
        commit()?;
        // The folder has results now, so it must stay.
        let mut made = self.cancel.made();
        made.retain(|path| !self.folder.starts_with(path));
        drop(made);
        self.remove_with(&mut lock);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<File>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remove_with(&self, lock: &mut Option<File>) {
        // A failure here cannot be handled, and mostly another error is being reported.
        if let Some(lock) = lock.take() {
            remove(&self.path, lock).ok();
            remove_made(&self.cancel);
        }
    }
}

impl Unfinished for Staging {
    fn remove(&self) {
        self.remove_with(&mut self.lock());
    }
}

/// Removes folders that the run has created, if they are empty.
fn remove_made(cancel: &CancelToken) {
    let mut made = cancel.made();
    made.sort(); // Parents come before their folders.
    for folder in made.iter().rev() {
        fs::remove_dir(folder).ok();
    }
    made.retain(|folder| folder.exists());
}

/// The folders of a path that do not exist.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let missing = folder.ancestors();
    let missing = missing.take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    missing.map(Path::to_path_buf).collect()
}

fn create_locked(folder: &Path) -> Result<(PathBuf, File), WriteError> {
    let mut last = io::Error::other("other runs remove it at once");
    for _ in 0..ATTEMPTS {
        fs::create_dir_all(folder).map_err(WriteError::io("create folder", folder))?;
        // A unique name: if it is gone later, no other run has created it again.
        let made = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(folder);
        let path = match made {
            Ok(made) => made.keep(),
            // Another run has removed the parent folder meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                last = error;
                continue;
            }
            Err(error) => return Err(WriteError::io("create a folder in", folder)(error)),
        };
        match lock_new(&path) {
            Ok(Some(lock)) => return Ok((path, lock)),
            Ok(None) => {}
            Err(error) => {
                fs::remove_file(path.join(LOCK)).ok();
                fs::remove_dir(&path).ok();
                return Err(WriteError::io("write to", folder)(error));
            }
        }
    }
    Err(WriteError::io("create a folder in", folder)(last))
}

/// Locks a new staging folder. `None` if another run has taken it for one of a crashed process.
fn lock_new(path: &Path) -> io::Result<Option<File>> {
    let lock_path = path.join(LOCK);
    let lock = match File::create_new(&lock_path) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        // On file systems without locks, no run takes it for one of a crashed process.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    Ok(lock_path.try_exists()?.then_some(lock))
}

/// Locks the staging folder of a crashed process. `None` if the process is alive, or if that is
/// unknown.
pub(super) fn lock_abandoned(path: &Path) -> Option<File> {
    let lock_path = path.join(LOCK);
    match fs::symlink_metadata(&lock_path) {
        Ok(about) if about.is_file() => {}
        Ok(_) => return None,
        Err(_) => {
            // The process crashed before it had a lock. Removal fails if the folder is not empty.
            fs::remove_dir(path).ok();
            return None;
        }
    }
    let lock = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&lock_path)
        .ok()?;
    lock.try_lock().ok()?;
    lock_path.exists().then_some(lock)
}

/// Removes a staging folder, its lock last; unless it has a commit that is neither finished nor
/// rolled back.
pub(super) fn remove(path: &Path, lock: File) -> io::Result<()> {
    if commit_log::is_in(path) {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        let removed = if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        match removed {
            // A file that is being copied is also removed by its reader.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::remove_file(path.join(LOCK))?;
    drop(lock); // First, because some systems keep the names of open files.
    fs::remove_dir(path)
}
