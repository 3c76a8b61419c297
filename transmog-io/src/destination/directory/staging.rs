//! The hidden folder of a run's unfinished files. Whoever holds the lock of the file `lock` in it is the run, so a folder
//! whose lock is free is what a run left that was killed.

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

/// What the names of these folders begin with.
pub(super) const PREFIX: &str = ".transmog-partial-";

/// The file in them that their run has locked.
const LOCK: &str = "lock";

/// How often a folder is made anew if others remove it at once.
const ATTEMPTS: usize = 100;

/// The owner of a hidden folder. Dropping it removes the folder, and those that were made for it, even if outputs are there
/// that have files in it.
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

/// A run's hidden folder.
#[derive(Debug)]
pub(super) struct Staging {
    folder: PathBuf,
    path: PathBuf,
    /// `None` once the folder is gone.
    lock: Mutex<Option<File>>,
    /// Knows the folders that its run made.
    cancel: CancelToken,
}

impl Staging {
    /// Makes a hidden folder in a folder, which is made with its parents if it is not there.
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

    /// The folders that its run made for it.
    pub(super) fn made(&self) -> Vec<PathBuf> {
        let made = self.cancel.made();
        let is_above = |path: &&PathBuf| self.folder.starts_with(path);
        made.iter().filter(is_above).cloned().collect()
    }

    /// Does something with its files. Fails if it is gone.
    pub(super) fn work<R>(&self, work: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        let lock = self.lock();
        if lock.is_none() {
            return Err(cancelled());
        }
        work()
    }

    /// Makes its files final, and removes it. Whoever cancels waits until that is done.
    pub(super) fn finish(
        &self,
        commit: impl FnOnce() -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let mut lock = self.lock();
        if lock.is_none() {
            return Err(WriteError::io("write to", &self.path)(cancelled()));
        }
        commit()?;
        // The folder holds results now, so it stays.
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
        // Nothing can be done about a failure here, and an error is already on its way.
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

/// Removes folders that a run made, if they are empty now.
fn remove_made(cancel: &CancelToken) {
    let mut made = cancel.made();
    made.sort(); // What is in a folder stands behind it.
    for folder in made.iter().rev() {
        fs::remove_dir(folder).ok();
    }
    made.retain(|folder| folder.exists());
}

/// The folders of a path that are not there.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let missing = folder.ancestors();
    let missing = missing.take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    missing.map(Path::to_path_buf).collect()
}

fn create_locked(folder: &Path) -> Result<(PathBuf, File), WriteError> {
    let mut last = io::Error::other("other runs remove it at once");
    for _ in 0..ATTEMPTS {
        fs::create_dir_all(folder).map_err(WriteError::io("create folder", folder))?;
        // A name that nobody had before: who finds it gone knows that nobody else has made it again.
        let made = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(folder);
        let path = match made {
            Ok(made) => made.keep(),
            // A run that made the folder, too, has removed it.
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

/// Locks a folder that was just made. `None` if another run took it for one that was left.
fn lock_new(path: &Path) -> io::Result<Option<File>> {
    let lock_path = path.join(LOCK);
    let lock = match File::create_new(&lock_path) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        // Without locks, nobody will take the folder for one that was left.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    Ok(lock_path.try_exists()?.then_some(lock))
}

/// Locks a folder that a run has left. `None` if the run is alive, or nobody can say.
pub(super) fn lock_left(path: &Path) -> Option<File> {
    let lock_path = path.join(LOCK);
    match fs::symlink_metadata(&lock_path) {
        Ok(about) if about.is_file() => {}
        Ok(_) => return None,
        Err(_) => {
            // Its run was killed before it had a lock; it fails if there is anything else in it.
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

/// Removes a hidden folder, its lock last, unless there is a commit in it that has neither been finished nor taken back.
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
            // What is being read anew is removed by its reader, too.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::remove_file(path.join(LOCK))?;
    drop(lock); // Before the folder, because some systems keep the names of open files.
    fs::remove_dir(path)
}
