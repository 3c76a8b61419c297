//! How files of a run get their final names: a plan that is on the disk before the first of them does, so that the next run
//! can finish or take back what one that was killed has begun.
//!
//! The order is one that a reader of the folder can rely on. What stands beside tables and describes them (rejects, the
//! manifest) is taken away first, the manifest before anything else; then tables of an earlier run that the new one does
//! not have; then the tables get their names, as they were made; then what stands beside them, the manifest last. Taking
//! back goes the same way in the other direction.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::fsync::sync_folder;

/// The plan of a commit that has been decided: it is carried out, whoever does it.
const PLAN: &str = "plan";
/// The plan of a commit that could not be carried out, and is taken back.
const UNDO: &str = "undo";
/// A plan that is being written.
const DRAFT: &str = "draft";
/// The form of plans.
const VERSION: u32 = 1;

/// What a commit does, in the order in which outputs were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    plan: u32,
    steps: Vec<Step>,
}

/// What a commit does with one final name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    /// The name.
    pub(super) name: String,
    /// The file that gets it, and its length; `None` if there is none and the name must be free: what has it is removed.
    pub(super) staged: Option<(String, u64)>,
    /// True if something else has the name.
    pub(super) replaces: bool,
    /// True for what stands beside tables.
    pub(super) is_aside: bool,
}

/// One change to the folder. Made twice, it is as if it was made once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Takes away what has the name.
    Clear(usize),
    /// Gives what has the name a second one, by which it can be found again.
    Keep(usize),
    /// Gives the new file the name.
    Put(usize),
    /// Takes the name from the new file, where an old one will have it again.
    Unput(usize),
    /// Gives the old file the name again, or none if there was none.
    Restore(usize),
    /// Waits until what was moved so far is on the disk, so that a loss of power does not change the order.
    Sync,
}

/// A plan, the folder that it is about, and the hidden folder that it is in.
#[derive(Debug)]
pub(super) struct Commit<'a> {
    folder: &'a Path,
    staging: &'a Path,
    plan: Plan,
    /// True if what is done must survive a loss of power.
    sync: bool,
}

/// True if a hidden folder has a commit that was begun.
pub(super) fn is_in(staging: &Path) -> bool {
    let exists = |name| fs::symlink_metadata(staging.join(name)).is_ok();
    exists(PLAN) || exists(UNDO)
}

/// An error and the path that it is about.
type Failed = (PathBuf, io::Error);

impl<'a> Commit<'a> {
    pub(super) fn new(folder: &'a Path, staging: &'a Path, steps: Vec<Step>, sync: bool) -> Self {
        let plan = Plan {
            plan: VERSION,
            steps,
        };
        Self {
            folder,
            staging,
            plan,
            sync,
        }
    }

    /// Makes the files final, or leaves everything as it was.
    pub(super) fn run(&self) -> Result<(), Failed> {
        self.begin()?;
        self.forward().inspect_err(|_| {
            // If this fails, the plan stays, and the next run does it.
            self.give_up().and_then(|()| self.back()).ok();
        })
    }

    /// Finishes or takes back what a run began that was killed.
    pub(super) fn recover(folder: &'a Path, staging: &'a Path) -> Result<(), Failed> {
        let read = |name| read(&staging.join(name));
        let of = |plan| Self {
            folder,
            staging,
            plan,
            sync: true,
        };
        if let Some(plan) = read(UNDO)? {
            return of(plan).back();
        }
        let Some(plan) = read(PLAN)? else {
            return Ok(());
        };
        let commit = of(plan);
        if commit.is_intact() && commit.forward().is_ok() {
            return Ok(());
        }
        commit.give_up()?;
        commit.back()
    }

    /// Decides the commit.
    fn begin(&self) -> Result<(), Failed> {
        let draft = self.staging.join(DRAFT);
        let written = File::create(&draft).and_then(|mut file| {
            file.write_all(&serde_json::to_vec(&self.plan)?)?;
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

    /// After this, the hidden folder has nothing that anybody needs.
    fn end(&self, name: &str) -> Result<(), Failed> {
        self.synced(self.folder)?;
        let plan = self.staging.join(name);
        fs::remove_file(&plan).map_err(|error| (plan, error))?;
        // Whatever this says, the files have their names.
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
            return replace(&asides); // There is nothing that they could describe wrongly, so there is no gap.
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

    /// Which steps are about tables, and which about what stands beside them.
    fn positions(&self) -> (Vec<usize>, Vec<usize>) {
        (0..self.plan.steps.len()).partition(|step| !self.plan.steps[*step].is_aside)
    }

    /// True if a step gives its name to a new file.
    fn is_made(&self, step: usize) -> bool {
        self.plan.steps[step].staged.is_some()
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
        let target = self.folder.join(&self.plan.steps[step].name);
        let before = self.staging.join(format!("before-{step}"));
        let staged = self.staged(step);
        // What a step was to do is done once its file has left; one without a file, once the old one has.
        let is_done = match &staged {
            Some(staged) => !exists(staged),
            None => exists(&before),
        };
        let has_new = self.has_new(step, &target);
        let step = &self.plan.steps[step];
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
        let (name, _) = self.plan.steps[step].staged.as_ref()?;
        Some(self.staging.join(name))
    }

    /// True if what has the name is the new file.
    fn has_new(&self, step: usize, target: &Path) -> bool {
        let Some((name, length)) = &self.plan.steps[step].staged else {
            return false;
        };
        !exists(&self.staging.join(name)) && has_length(target, *length)
    }

    /// True if every new file is there, whole, under its old name or its new one.
    fn is_intact(&self) -> bool {
        let mut steps = self.plan.steps.iter().enumerate();
        steps.all(|(number, step)| match &step.staged {
            None => true,
            Some((name, length)) => {
                has_length(&self.staging.join(name), *length)
                    || self.has_new(number, &self.folder.join(&step.name))
            }
        })
    }
}

/// Reads a plan; `None` if there is none.
fn read(path: &Path) -> Result<Option<Plan>, Failed> {
    let wrong = |reason: &str| (path.to_path_buf(), io::Error::other(reason));
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err((path.to_path_buf(), error)),
    };
    let plan: Plan = serde_json::from_slice(&text)
        .map_err(|_| wrong("it cannot be read; see what is in its folder, and remove that"))?;
    if plan.plan != VERSION {
        return Err(wrong(
            "it was written by another version; finish it with that",
        ));
    }
    // Nothing outside the two folders is touched, whoever wrote the plan.
    let names = plan.steps.iter().flat_map(|step| {
        let staged = step.staged.iter().map(|(name, _)| name);
        staged.chain([&step.name])
    });
    if let Some(name) = names.into_iter().find(|name| !is_plain(name)) {
        return Err(wrong(&format!(
            "it names {name:?}, which is no file of the folder"
        )));
    }
    Ok(Some(plan))
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

/// Gives what is at `target` a second name, so that readers find a whole file there until the new one has its place.
fn keep(target: &Path, before: &Path) -> Result<(), Failed> {
    if is_folder(target) {
        return Err((target.to_path_buf(), io::ErrorKind::IsADirectory.into()));
    }
    match fs::hard_link(target, before) {
        Ok(()) => Ok(()),
        Err(_) if exists(before) || !exists(target) => Ok(()),
        // There are file systems without links.
        Err(_) => rename(target, before),
    }
}

#[cfg(test)]
mod tests;
