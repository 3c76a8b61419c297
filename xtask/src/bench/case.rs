//! One thing to measure: an input, and what the command is to make of it.

use std::{
    fmt,
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::Context;
use transmog_shapes::{Made, Shape};

/// Inputs are the same on every machine.
const SEED: u64 = 2026;

/// A line of the table, but for the program.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    pub(crate) shape: Shape,
    pub(crate) mb: u64,
    pub(crate) format: String,
    pub(crate) ids: String,
    pub(crate) threads: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            shape,
            mb,
            format,
            ids,
            threads,
        } = self;
        write!(
            f,
            "{shape}, {mb} MB, to {format}, {ids} ids, {threads} threads"
        )
    }
}

/// A file to read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    pub(crate) made: Made,
}

/// The inputs of a run of the bench. Each is made again, which takes less time than to find out
/// whether an old one will do, and leaves it in the page cache.
pub(crate) struct Inputs {
    folder: PathBuf,
    last: Option<(Shape, u64, Input)>,
}

impl Inputs {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            last: None,
        }
    }

    /// An input of a shape and a size in megabytes.
    pub(crate) fn get(&mut self, shape: Shape, mb: u64) -> anyhow::Result<Input> {
        if let Some((last_shape, last_mb, input)) = &self.last
            && (*last_shape, *last_mb) == (shape, mb)
        {
            return Ok(input.clone());
        }
        let path = self
            .folder
            .join(format!("{shape}-{mb}.{}", shape.extension()));
        let made = fs::create_dir_all(&self.folder)
            .and_then(|()| File::create(&path))
            .and_then(|file| shape.write(SEED, mb * 1_000_000, file))
            .with_context(|| format!("cannot write {}", path.display()))?;
        let input = Input { path, made };
        self.last = Some((shape, mb, input.clone()));
        Ok(input)
    }
}
