//! Outputs as files of one folder. The only place that creates, renames and removes files.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{
    Destination, Output,
    file_name::{FileNames, OutputName},
};
use crate::error::WriteError;

/// Bytes that an output gathers before it opens its file.
const BUFFER_BYTES: usize = 64 * 1024;

/// A folder that gets one file for each table, `<table>.<extension>`.
///
/// Files are written to a hidden folder inside it and renamed at [`commit`](Destination::commit), so no file with a
/// final name is ever partial, and files of earlier runs stay untouched until this one has succeeded.
#[derive(Debug)]
pub struct Directory {
    folder: PathBuf,
    staging: Option<Staging>,
    names: FileNames,
    files: Vec<Staged>,
    /// What becomes final only if something was written to it.
    aside: Vec<Staged>,
    /// Files that must not be replaced.
    protected: Vec<PathBuf>,
}

/// A file that is being written, and the name that it will have.
#[derive(Debug)]
struct Staged {
    path: PathBuf,
    name: OutputName,
}

impl Directory {
    /// A folder, which is made with its parents when the first output is.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            staging: None,
            names: FileNames::default(),
            files: Vec::new(),
            aside: Vec::new(),
            protected: Vec::new(),
        }
    }

    fn staging(&mut self) -> Result<&Path, WriteError> {
        if self.staging.is_none() {
            self.staging = Some(Staging::create(&self.folder)?);
        }
        Ok(self
            .staging
            .as_ref()
            .map_or(Path::new(""), |staging| &staging.path))
    }

    /// Where a file of this name will be, which must not be one of the protected ones.
    fn target(&self, name: &str) -> Result<PathBuf, WriteError> {
        let target = self.folder.join(name);
        if self.protected.contains(&resolved(&target)) {
            let reason = "this run reads it, or writes something else there; name another folder or another entity";
            return Err(WriteError::io("replace", target)(io::Error::other(reason)));
        }
        Ok(target)
    }

    /// An output aside that has exactly the name of a path, of which this is the folder.
    ///
    /// # Errors
    /// If the path is there and is no ordinary file, or one that must not be replaced.
    pub(crate) fn create_exact(&mut self, path: &Path) -> Result<Box<dyn Output>, WriteError> {
        if let Ok(about) = fs::symlink_metadata(path)
            && !about.is_file()
        {
            let error = io::Error::other("it is no ordinary file");
            return Err(WriteError::io("replace", path)(error));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.target(&name)?;
        self.stage_aside(OutputName::exact(name.into_owned()))
    }

    fn stage_aside(&mut self, name: OutputName) -> Result<Box<dyn Output>, WriteError> {
        // Its file is made with the first bytes. Table files have extensions, so no name here is one of theirs.
        let number = self.aside.len();
        let path = self.staging()?.join(format!("aside-{number}"));
        let output = FileOutput {
            is_aside: true,
            ..FileOutput::new(name.clone(), path.clone())
        };
        self.aside.push(Staged { path, name });
        Ok(Box::new(output))
    }
}

impl Destination for Directory {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        let name = OutputName::new(table, extension);
        let file = name.give(&mut self.names);
        self.target(file)?;
        let path = self.staging()?.join(file);
        File::create(&path).map_err(WriteError::io("create", &path))?;
        let output = FileOutput::new(name.clone(), path.clone());
        self.files.push(Staged { path, name });
        Ok(Box::new(output))
    }

    fn create_aside(
        &mut self,
        name: &str,
        extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        self.target(&format!("{name}.{extension}"))?;
        self.stage_aside(OutputName::new(name, extension)).map(Some)
    }

    fn protect(&mut self, file: &Path) {
        self.protected.push(resolved(file));
    }

    fn commit(mut self: Box<Self>) -> Result<(), WriteError> {
        let Some(mut staging) = self.staging.take() else {
            return Ok(());
        };
        let tables = self.files.len();
        let files = std::mem::take(&mut self.files);
        let aside = std::mem::take(&mut self.aside);
        let mut has_results = tables > 0;
        let mut replaced = Vec::with_capacity(files.len());
        for (number, staged) in files.into_iter().chain(aside).enumerate() {
            let name = staged.name.give(&mut self.names);
            let target = self.target(name);
            let before = staging.path.join(format!("before-{number}"));
            let nothing = number >= tables && !staged.path.exists();
            has_results |= !nothing;
            let done = target.and_then(|target| {
                if !nothing {
                    replace(&staged.path, &target, &before)?;
                } else if tables > 0 {
                    clear(&target, &before)?;
                }
                Ok(target)
            });
            match done {
                Ok(target) => replaced.push((target, before)),
                Err(error) => {
                    undo(&replaced);
                    return Err(error);
                }
            }
        }
        if has_results {
            staging.made.clear(); // The folder holds results now, so it stays.
        }
        Ok(())
    }
}

/// Gives a finished file its final name. What had that name before gets the name `before`. Changes nothing if it fails.
fn replace(file: &Path, target: &Path, before: &Path) -> Result<(), WriteError> {
    let failed = || WriteError::io("replace", target);
    if target.is_dir() {
        return Err(failed()(io::ErrorKind::IsADirectory.into()));
    }
    match fs::hard_link(target, before) {
        // There are file systems without links.
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            fs::rename(target, before).map_err(failed())?;
        }
        _ => {}
    }
    fs::rename(file, target).map_err(|error| {
        fs::rename(before, target).ok();
        failed()(error)
    })
}

/// Takes away what an earlier run left under a name that this one has nothing for: it would pass for this one's.
fn clear(target: &Path, before: &Path) -> Result<(), WriteError> {
    if !fs::symlink_metadata(target).is_ok_and(|about| about.is_file()) {
        return Ok(());
    }
    match fs::rename(target, before) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(WriteError::io("remove", target)(error))
        }
        _ => Ok(()),
    }
}

/// A path as the file system knows it, as far as it exists.
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

/// Takes files back, the last first. Nothing can be done about a failure here, and an error is already on its way.
fn undo(replaced: &[(PathBuf, PathBuf)]) {
    for (target, before) in replaced.iter().rev() {
        if before.exists() {
            fs::rename(before, target).ok();
        } else {
            fs::remove_file(target).ok();
        }
    }
}

/// The hidden folder of unfinished files. Dropping it removes it, and the folders that were made for it.
#[derive(Debug)]
struct Staging {
    path: PathBuf,
    /// Folders that this run made, outermost first.
    made: Vec<PathBuf>,
}

impl Staging {
    fn create(folder: &Path) -> Result<Self, WriteError> {
        let made: Vec<PathBuf> = folder
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .map(Path::to_path_buf)
            .collect();
        let path = folder.join(format!(".transmog-partial-{}", std::process::id()));
        // Made first, so that a failure half way removes what was made.
        let mut staging = Self { path, made };
        staging.made.reverse();
        fs::create_dir_all(folder).map_err(WriteError::io("create folder", folder))?;
        let plain = staging.path.clone();
        for number in 2.. {
            match fs::create_dir(&staging.path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                    staging.path = plain.with_extension(number.to_string());
                }
                other => {
                    other.map_err(WriteError::io("create folder", &staging.path))?;
                    break;
                }
            }
        }
        Ok(staging)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and an error is already on its way.
        fs::remove_dir_all(&self.path).ok();
        for folder in self.made.iter().rev() {
            fs::remove_dir(folder).ok();
        }
    }
}

struct FileOutput {
    name: OutputName,
    path: PathBuf,
    /// True if its file need not be there before anything is written to it.
    is_aside: bool,
    buffer: Vec<u8>,
    written: u64,
}

impl FileOutput {
    fn new(name: OutputName, path: PathBuf) -> Self {
        Self {
            name,
            path,
            is_aside: false,
            buffer: Vec::new(),
            written: 0,
        }
    }

    fn append(&self) -> io::Result<File> {
        OpenOptions::new()
            .create(self.is_aside)
            .append(true)
            .open(&self.path)
    }

    fn flush_buffer(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.append()?.write_all(&self.buffer)?;
            self.written += self.buffer.len() as u64;
            self.buffer = Vec::new(); // There may be thousands of outputs, most of them idle.
        }
        Ok(())
    }
}

impl fmt::Debug for FileOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileOutput")
            .field("path", &self.path)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Write for FileOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + data.len() > BUFFER_BYTES {
            self.flush_buffer()?;
        }
        if data.len() > BUFFER_BYTES {
            self.append()?.write_all(data)?;
            self.written += data.len() as u64;
        } else {
            self.buffer.extend_from_slice(data);
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_buffer()
    }
}

impl Output for FileOutput {
    fn name(&self) -> &str {
        self.name.get()
    }

    fn len(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.flush_buffer()?;
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }

    fn restart(&mut self) -> io::Result<Box<dyn Read + Send>> {
        self.flush_buffer()?;
        let old = self.path.with_extension("old");
        fs::rename(&self.path, &old)?;
        let file = File::open(&old)?;
        File::create(&self.path)?;
        self.written = 0;
        Ok(Box::new(OldFile { file, path: old }))
    }

    fn buffered_bytes(&self) -> usize {
        self.buffer.len()
    }
}

/// What a restarted output held before; removed once it has been read.
struct OldFile {
    file: File,
    path: PathBuf,
}

impl Read for OldFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Drop for OldFile {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok(); // The staging folder goes in any case.
    }
}
