//! The commit of a run: gives all files their final names, and can be finished or rolled back after
//! a crash.
//!
//! The steps are written to a log in the staging folder before the first file is renamed. The name
//! of the log file is the state of the commit:
//!
//! ```text
//! draft ----> plan ----> no log: committed
//!              |
//!              | a rename fails
//!              v
//!             undo ----> no log: as before the run
//!
//! state    what happens in it                     after a crash, the next run
//! draft    the log is written and synced          removes the staging folder
//! plan     files get their final names            carries the plan out; undo if a file is missing
//! undo     files get their old names back         rolls back
//! no log   the staging folder is removed          removes the staging folder
//! ```
//!
//! Readers of the folder can rely on the order of renames. `orders` and its child table replace
//! those of an earlier run, which also had `orders_old`:
//!
//! ```text
//! 1  remove  orders.manifest.json, orders.rejected.jsonl     nothing describes the tables
//! 2  remove  orders_old.parquet                              no old table joins with a new one
//! 3  rename  orders.parquet, orders_items.parquet            as they were created
//! 4  rename  orders.rejected.jsonl, orders.manifest.json     the manifest last
//! ```
//!
//! A rollback goes the same way backwards.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::fsync::sync_folder;

/// The log of a commit that is decided: it will be carried out, by this process or the next.
const PLAN: &str = "plan";
/// The log of a commit that failed and is being rolled back.
const UNDO: &str = "undo";
/// A log that is being written.
const DRAFT: &str = "draft";
/// Version of the log format.
const VERSION: u32 = 1;

/// The steps of a commit, in the order in which outputs were created. The content of the log file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Log {
    /// Version of the format.
    #[serde(rename = "plan")]
    version: u32,
    steps: Vec<Step>,
}

/// One final name, and what the commit does with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    /// The final name.
    pub(super) name: String,
    /// The staged file that gets the name, and its length. `None`: the file with this name is
    /// removed.
    pub(super) staged: Option<(String, u64)>,
    /// True if a file had the name before.
    pub(super) replaces: bool,
    /// True for an output beside the tables.
    pub(super) is_aside: bool,
}

/// One change to the folder. Idempotent: after a crash, it may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Moves the old file away.
    Clear(usize),
    /// Links the old file to a second name, by which it can be restored.
    Keep(usize),
    /// Renames the new file to the final name.
    Put(usize),
    /// Rollback: removes the new file, if an old one will get the name again.
    Unput(usize),
    /// Rollback: renames the old file to the final name, or removes the new one if there was none.
    Restore(usize),
    /// Syncs the folder, so that a loss of power cannot reorder the moves before and after.
    Sync,
}

/// A commit: its steps, the folder, and the staging folder with the log.
#[derive(Debug)]
pub(super) struct Commit<'a> {
    folder: &'a Path,
    staging: &'a Path,
    log: Log,
    /// True if the commit must survive a loss of power.
    sync: bool,
}

/// True if a staging folder has the log of a commit.
pub(super) fn is_in(staging: &Path) -> bool {
    let exists = |name| fs::symlink_metadata(staging.join(name)).is_ok();
    exists(PLAN) || exists(UNDO)
}

/// An error and its path.
type Failed = (PathBuf, io::Error);

impl<'a> Commit<'a> {
    pub(super) fn new(folder: &'a Path, staging: &'a Path, steps: Vec<Step>, sync: bool) -> Self {
        let log = Log {
            version: VERSION,
            steps,
        };
        Self {
            folder,
            staging,
            log,
            sync,
        }
    }

    /// Makes the files final, or leaves everything as it was.
    pub(super) fn run(&self) -> Result<(), Failed> {
        self.begin()?;
        self.forward().inspect_err(|_| {
            // If the rollback fails, the log stays, and the next run does it.
            self.give_up().and_then(|()| self.back()).ok();
        })
    }

    /// Finishes or rolls back the commit of a crashed process.
    pub(super) fn recover(folder: &'a Path, staging: &'a Path) -> Result<(), Failed> {
        let read = |name| read(&staging.join(name));
        let of = |log| Self {
            folder,
            staging,
            log,
            sync: true,
        };
        if let Some(log) = read(UNDO)? {
            return of(log).back();
        }
        let Some(log) = read(PLAN)? else {
            return Ok(());
        };
        let commit = of(log);
        if commit.is_intact() && commit.forward().is_ok() {
            return Ok(());
        }
        commit.give_up()?;
        commit.back()
    }

    /// Writes the log: from here on the commit is decided.
    fn begin(&self) -> Result<(), Failed> {
        let draft = self.staging.join(DRAFT);
        let written = File::create(&draft).and_then(|mut file| {
            file.write_all(&serde_json::to_vec(&self.log)?)?;
            file.sync_all()
        });
        written.map_err(|error| (draft.clone(), error))?;
        rename(&draft, &self.staging.join(PLAN))?;
        self.synced(self.staging)
    }

    fn forward(&self) -> Result<(), Failed> {
        self.forward_moves()
            .into_iter()
            .try_for_each(|one| self.make(one))?;
        self.end(PLAN)
    }

    fn give_up(&self) -> Result<(), Failed> {
        rename(&self.staging.join(PLAN), &self.staging.join(UNDO))?;
        self.synced(self.staging)
    }

    fn back(&self) -> Result<(), Failed> {
        self.back_moves()
            .into_iter()
            .try_for_each(|one| self.make(one))?;
        self.end(UNDO)
    }

    /// Removes the log. The staging folder is no longer needed then.
    fn end(&self, name: &str) -> Result<(), Failed> {
        self.synced(self.folder)?;
        let log = self.staging.join(name);
        fs::remove_file(&log).map_err(|error| (log, error))?;
        // If this fails, the files have their names all the same.
        self.synced(self.staging).ok();
        Ok(())
    }

    fn synced(&self, folder: &Path) -> Result<(), Failed> {
        if self.sync {
            sync_folder(folder).map_err(|error| (folder.to_path_buf(), error))?;
        }
        Ok(())
    }

    fn forward_moves(&self) -> Vec<Move> {
        let (tables, asides) = self.positions();
        let replace = |steps: &[usize]| -> Vec<Move> {
            let each = |step: &usize| [Move::Keep(*step), Move::Put(*step)];
            steps.iter().flat_map(each).collect()
        };
        if tables.is_empty() {
            return replace(&asides); // No tables, so nothing can be described wrongly in between.
        }
        let (tables, removed): (Vec<usize>, Vec<usize>) =
            tables.into_iter().partition(|step| self.is_made(*step));
        let clear = asides.iter().rev().map(|step| Move::Clear(*step));
        let remove = removed.into_iter().map(Move::Clear);
        let put = asides.iter().map(|step| Move::Put(*step));
        let sync = || [Move::Sync].into_iter();
        let tables = remove.chain(replace(&tables));
        let tables = sync().chain(tables).chain(sync());
        clear.chain(tables).chain(put).collect()
    }

    fn back_moves(&self) -> Vec<Move> {
        let (tables, asides) = self.positions();
        if tables.is_empty() {
            return asides.into_iter().rev().map(Move::Restore).collect();
        }
        let unput = asides.iter().rev().map(|step| Move::Unput(*step));
        let (tables, removed): (Vec<usize>, Vec<usize>) =
            tables.into_iter().partition(|step| self.is_made(*step));
        let tables = tables.into_iter().rev().chain(removed.into_iter().rev());
        let tables = tables.map(Move::Restore);
        let restore = asides.iter().map(|step| Move::Restore(*step));
        let sync = || [Move::Sync].into_iter();
        let tables = sync().chain(tables).chain(sync());
        unput.chain(tables).chain(restore).collect()
    }

    /// Indexes of the steps of tables, and of those of outputs beside them.
    fn positions(&self) -> (Vec<usize>, Vec<usize>) {
        (0..self.log.steps.len()).partition(|step| !self.log.steps[*step].is_aside)
    }

    /// True if the step has a new file.
    fn is_made(&self, step: usize) -> bool {
        self.log.steps[step].staged.is_some()
    }

    fn make(&self, one: Move) -> Result<(), Failed> {
        let (Move::Clear(step)
        | Move::Keep(step)
        | Move::Put(step)
        | Move::Unput(step)
        | Move::Restore(step)) = one
        else {
            return self.synced(self.folder);
        };
        let target = self.folder.join(&self.log.steps[step].name);
        let before = self.staging.join(format!("before-{step}"));
        let staged = self.staged(step);
        // A step is done when its staged file has left the staging folder; one without a file, when
        // the old file has been moved away.
        let is_done = match &staged {
            Some(staged) => !exists(staged),
            None => exists(&before),
        };
        let has_new = self.has_new(step, &target);
        let step = &self.log.steps[step];
        match one {
            Move::Clear(_) if is_done || is_folder(&target) => Ok(()),
            Move::Clear(_) if is_file(&target) || staged.is_some() && exists(&target) => {
                rename(&target, &before)
            }
            Move::Keep(_) if !is_done => keep(&target, &before),
            Move::Put(_) if !is_done => match &staged {
                Some(staged) => rename(staged, &target),
                None => Ok(()),
            },
            Move::Unput(_) if has_new && (exists(&before) || !step.replaces) => remove(&target),
            Move::Restore(_) if exists(&before) => rename(&before, &target),
            Move::Restore(_) if has_new && !step.replaces => remove(&target),
            _ => Ok(()),
        }
    }

    fn staged(&self, step: usize) -> Option<PathBuf> {
        let (name, _) = self.log.steps[step].staged.as_ref()?;
        Some(self.staging.join(name))
    }

    /// True if the file with the final name is the new one.
    fn has_new(&self, step: usize, target: &Path) -> bool {
        let Some((name, length)) = &self.log.steps[step].staged else {
            return false;
        };
        !exists(&self.staging.join(name)) && has_length(target, *length)
    }

    /// True if every new file exists with its full length, staged or under its final name.
    fn is_intact(&self) -> bool {
        let mut steps = self.log.steps.iter().enumerate();
        steps.all(|(number, step)| match &step.staged {
            None => true,
            Some((name, length)) => {
                has_length(&self.staging.join(name), *length)
                    || self.has_new(number, &self.folder.join(&step.name))
            }
        })
    }
}

/// Reads a log; `None` if there is none.
fn read(path: &Path) -> Result<Option<Log>, Failed> {
    let wrong = |reason: &str| (path.to_path_buf(), io::Error::other(reason));
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err((path.to_path_buf(), error)),
    };
    let log: Log = serde_json::from_slice(&text)
        .map_err(|_| wrong("it cannot be read; see what is in its folder, and remove that"))?;
    if log.version != VERSION {
        return Err(wrong(
            "it was written by another version; finish it with that",
        ));
    }
    // Anybody may have written the log: names that leave the two folders are refused.
    let names = log.steps.iter().flat_map(|step| {
        let staged = step.staged.iter().map(|(name, _)| name);
        staged.chain([&step.name])
    });
    if let Some(name) = names.into_iter().find(|name| !is_plain(name)) {
        return Err(wrong(&format!(
            "it names {name:?}, which is no file of the folder"
        )));
    }
    Ok(Some(log))
}

/// True for the name of a file in a folder.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(part)), None) if part == name
    )
}

pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

pub(super) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_dir())
}

pub(super) fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_file())
}

fn has_length(path: &Path, length: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_file() && about.len() == length)
}

fn rename(from: &Path, to: &Path) -> Result<(), Failed> {
    fs::rename(from, to).map_err(|error| (to.to_path_buf(), error))
}

fn remove(path: &Path) -> Result<(), Failed> {
    fs::remove_file(path).map_err(|error| (path.to_path_buf(), error))
}

/// Links `target` to a second name, so that readers find a whole file there until the new one
/// replaces it.
fn keep(target: &Path, before: &Path) -> Result<(), Failed> {
    if is_folder(target) {
        return Err((target.to_path_buf(), io::ErrorKind::IsADirectory.into()));
    }
    match fs::hard_link(target, before) {
        Ok(()) => Ok(()),
        Err(_) if exists(before) || !exists(target) => Ok(()),
        // Some file systems have no hard links.
        Err(_) => rename(target, before),
    }
}

#[cfg(test)]
mod tests;
