//! Outputs as files of one folder. With its submodules, the only code that creates, renames and
//! removes files.
//!
//! ```text
//! out/.transmog-partial-4711-x7/    staging    files of the run, and the lock of its process
//! out/.transmog-lock                folder_lock  held during a commit
//! out/orders.parquet                the final name, given by the commit_log
//! ```

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Destination, Output,
    file_name::{FileNames, OutputName},
};
use crate::{
    cancel::CancelToken,
    destination::{EarlierFiles, EarlierRun, Place},
    error::WriteError,
    input::check_local,
};

mod commit_log;
mod crash_recovery;
mod folder_lock;
mod fsync;
mod output;
mod staging;

use commit_log::{Commit, Step};
use folder_lock::FolderLock;
use output::FileOutput;
use staging::{Owned, Staging};

/// A folder that gets one file for each table, `<table>.<extension>`.
///
/// Files are written to a hidden folder inside it and renamed at [`commit`](Destination::commit).
/// So no file with a final name is ever partial, and files of earlier runs stay untouched until
/// this run has succeeded. If a process crashes, even in the middle of a commit, the next run
/// cleans up.
#[derive(Debug)]
pub struct Directory {
    folder: PathBuf,
    staging: Option<Owned>,
    names: FileNames,
    files: Vec<Staged>,
    /// Outputs beside the tables, which become final only if something was written to them.
    aside: Vec<Staged>,
    /// Files that must not be replaced.
    protected: Vec<PathBuf>,
    /// The run whose files the commit removes.
    earlier: Option<EarlierRun>,
    sync: bool,
    cancel: CancelToken,
}

/// A file in the staging folder, and its final name.
#[derive(Debug)]
struct Staged {
    path: PathBuf,
    name: OutputName,
    is_aside: bool,
}

impl Directory {
    /// A folder. It is created, with its parents, for the first output.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            staging: None,
            names: FileNames::default(),
            files: Vec::new(),
            aside: Vec::new(),
            protected: Vec::new(),
            earlier: None,
            sync: true,
            cancel: CancelToken::new(),
        }
    }

    /// Sets whether outputs are synced to disk before the run ends, so that they survive a loss of
    /// power. Default: true. Without it, runs with very many tables end sooner.
    #[must_use]
    pub fn with_sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    fn staging(&mut self) -> Result<&Arc<Staging>, WriteError> {
        let staging = if let Some(staging) = self.staging.take() {
            staging
        } else {
            let local = check_local(&self.folder);
            local.map_err(WriteError::io("write to", &self.folder))?;
            let staging = Staging::create(&self.folder, &self.cancel)?;
            crash_recovery::clean_up(&self.folder, staging.path(), &self.cancel)?;
            staging
        };
        Ok(&*self.staging.insert(staging))
    }

    /// The final path of a file, unless that is protected.
    fn target(&self, name: &str) -> Result<PathBuf, WriteError> {
        let target = self.folder.join(name);
        if self.is_protected(&target) {
            let reason = "this run reads it, or writes something else there; name another folder or another entity";
            return Err(WriteError::io("replace", target)(io::Error::other(reason)));
        }
        Ok(target)
    }

    fn is_protected(&self, file: &Path) -> bool {
        self.protected.contains(&resolved(file))
    }

    /// An output with exactly this path, which must be in this folder.
    ///
    /// # Errors
    /// If the path exists and is not an ordinary file, or is protected.
    pub(crate) fn create_exact(&mut self, path: &Path) -> Result<Box<dyn Output>, WriteError> {
        check_local(path).map_err(WriteError::io("write to", path))?;
        let failed = |reason| WriteError::io("replace", path)(io::Error::other(reason));
        if commit_log::exists(path) && !commit_log::is_file(path) {
            return Err(failed("it is no ordinary file"));
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| failed("its name is no name of a file, or not UTF-8"))?;
        self.target(name)?;
        self.stage(OutputName::exact(name.to_owned()), path.to_path_buf(), true)
    }

    fn stage(
        &mut self,
        name: OutputName,
        target: PathBuf,
        is_aside: bool,
    ) -> Result<Box<dyn Output>, WriteError> {
        let files = if is_aside { &self.aside } else { &self.files };
        let kind = if is_aside { "aside" } else { "table" };
        let file = format!("{kind}-{}", files.len());
        let staging = Arc::clone(self.staging()?);
        let path = staging.path().join(file);
        if !is_aside {
            // The file of an output beside the tables is created with its first bytes.
            let created = staging.work(|| File::create(&path));
            created.map_err(WriteError::io("create", &target))?;
        }
        let files = if is_aside {
            &mut self.aside
        } else {
            &mut self.files
        };
        files.push(Staged {
            path: path.clone(),
            name: name.clone(),
            is_aside,
        });
        Ok(Box::new(FileOutput::new(
            name, staging, path, target, is_aside,
        )))
    }

    /// The steps of the commit.
    fn steps(&mut self) -> Result<Vec<Step>, WriteError> {
        let has_tables = !self.files.is_empty();
        let mut files = std::mem::take(&mut self.files);
        files.append(&mut self.aside);
        let mut steps = Vec::with_capacity(files.len());
        for file in files {
            let name = file.name.give(&mut self.names).to_owned();
            let target = self.target(&name)?;
            let about = fs::symlink_metadata(&file.path);
            let length = match about {
                Ok(about) => Some(about.len()),
                Err(error) if file.is_aside && error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(WriteError::io("read back", target)(error)),
            };
            if length.is_none() && !has_tables {
                // Nothing was written, and there are no tables that an old manifest could describe.
                continue;
            }
            if commit_log::is_folder(&target) && length.is_some() {
                let error = io::ErrorKind::IsADirectory.into();
                return Err(WriteError::io("replace", target)(error));
            }
            let staged = file.path.file_name().unwrap_or_default();
            steps.push(Step {
                staged: length.map(|length| (staged.to_string_lossy().into_owned(), length)),
                replaces: commit_log::exists(&target),
                is_aside: file.is_aside,
                name,
            });
        }
        Ok(steps)
    }

    /// The files of the earlier run that the commit removes or leaves. Fails if the commit would
    /// replace a file of another entity. Requires the folder lock, because other runs may commit
    /// until then.
    fn earlier_files(&self, staging: &Staging, steps: &[Step]) -> Result<EarlierFiles, WriteError> {
        let Some(earlier) = &self.earlier else {
            return Ok(EarlierFiles::default());
        };
        let place = Place {
            folder: &self.folder,
            claimed: steps.iter().map(|step| step.name.as_str()).collect(),
            is_protected: &|name| self.is_protected(&self.folder.join(name)),
            is_trusted: &|path| {
                commit_log::is_file(path)
                    && crash_recovery::is_trusted(&self.folder, path, staging.path())
            },
        };
        earlier.check(&place)?;
        let found = earlier.find(&place);
        found.map_err(WriteError::io("read", &self.folder))
    }

    /// Rejects that the steps take away, because the new run has none.
    fn old_rejects(&self, steps: &[Step]) -> Vec<String> {
        let is_removed = |step: &&Step| {
            let is_old = step.staged.is_none() && EarlierRun::is_rejects(&step.name);
            is_old && commit_log::is_file(&self.folder.join(&step.name))
        };
        let removed = steps.iter().filter(is_removed);
        removed.map(|step| step.name.clone()).collect()
    }

    fn sync_data(&self, staging: &Staging, steps: &[Step]) -> Result<(), WriteError> {
        let staged = steps.iter().filter_map(|step| step.staged.as_ref());
        let paths: Vec<PathBuf> = staged.map(|(name, _)| staging.path().join(name)).collect();
        fsync::sync_files(&paths).map_err(|(path, error)| {
            let of = |step: &&Step| {
                let staged = step.staged.as_ref();
                staged.is_some_and(|(name, _)| path.ends_with(name))
            };
            let name = steps.iter().find(of).map_or("", |step| &step.name);
            WriteError::io("write", self.folder.join(name))(error)
        })
    }
}

impl Destination for Directory {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        let name = OutputName::new(table, extension);
        let file = name.give(&mut self.names);
        let target = self.target(file)?;
        self.stage(name, target, false)
    }

    fn create_aside(
        &mut self,
        name: &str,
        extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        let target = self.target(&format!("{name}.{extension}"))?;
        let output = self.stage(OutputName::new(name, extension), target, true);
        output.map(Some)
    }

    fn protect(&mut self, file: &Path) {
        self.protected.push(resolved(file));
    }

    fn replace(&mut self, run: &EarlierRun) {
        self.earlier = Some(run.clone());
    }

    fn cancel_with(&mut self, token: &CancelToken) {
        self.cancel = token.clone();
    }

    fn again(&self) -> Option<Box<dyn Destination>> {
        let mut again = Self::new(&self.folder).with_sync(self.sync);
        again.protected.clone_from(&self.protected);
        again.cancel = self.cancel.clone();
        Some(Box::new(again))
    }

    fn commit(mut self: Box<Self>) -> Result<(), WriteError> {
        let Some(staging) = self.staging.take() else {
            return Ok(());
        };
        let mut steps = self.steps()?;
        if steps.is_empty() {
            return Ok(());
        }
        if self.sync {
            self.sync_data(&staging, &steps)?;
        }
        let made = staging.made();
        let lock = FolderLock::acquire(&self.folder, &self.cancel)?;
        crash_recovery::clean_up_locked(&self.folder, staging.path(), &lock)?;
        let mut earlier = self.earlier_files(&staging, &steps)?;
        let old_rejects = self.old_rejects(&steps);
        steps.extend(earlier.removed.iter().map(|name| Step {
            name: name.clone(),
            staged: None,
            replaces: true,
            is_aside: false,
        }));
        earlier.removed.extend(old_rejects);
        earlier.removed.sort();
        for step in &mut steps {
            // Other runs may have committed since.
            step.replaces = commit_log::exists(&self.folder.join(&step.name));
        }
        staging.finish(|| {
            let commit = Commit::new(&self.folder, staging.path(), steps, self.sync).run();
            // Before an empty folder is removed after a failure, and before `cancel`, which waits
            // for this, lets the program end.
            drop(lock);
            commit.map_err(|(path, error)| WriteError::io("replace", path)(error))
        })?;
        if let Some(run) = &self.earlier {
            run.set_files(earlier);
        }
        if self.sync {
            for folder in &made {
                let parent = folder.parent().unwrap_or(Path::new(""));
                let synced = fsync::sync_folder(parent);
                synced.map_err(WriteError::io("write to the disk", parent))?;
            }
        }
        Ok(())
    }
}

/// Replaces a file as a whole, or leaves it as it was: writes under another name first, as runs do.
/// A symbolic link stays a link. A terminal or pipe is written to directly.
///
/// # Errors
/// If it cannot be written.
pub fn replace_file(path: &Path, bytes: &[u8], cancel: &CancelToken) -> Result<(), WriteError> {
    let failed = || WriteError::io("write", path);
    let target = match (fs::symlink_metadata(path), fs::metadata(path)) {
        (_, Ok(about)) if !about.is_file() && !about.is_dir() => {
            return fs::write(path, bytes).map_err(failed());
        }
        (Ok(about), Ok(_)) if about.is_symlink() => path.canonicalize().map_err(failed())?,
        _ => path.to_path_buf(),
    };
    let mut folder = Directory::of(&target);
    folder.cancel_with(cancel);
    let mut output = folder.create_exact(&target)?;
    let written = output.write_all(bytes).and_then(|()| output.flush());
    written.map_err(failed())?;
    drop(output);
    Box::new(folder).commit()
}

impl Directory {
    /// The folder of a file.
    pub(crate) fn of(file: &Path) -> Self {
        let folder = file.parent().filter(|path| !path.as_os_str().is_empty());
        Self::new(folder.unwrap_or(Path::new(".")))
    }
}

/// The path with links resolved, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for known in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (known.canonicalize(), path.strip_prefix(known)) {
            return if rest.as_os_str().is_empty() {
                real
            } else {
                real.join(rest)
            };
        }
    }
    path
}
