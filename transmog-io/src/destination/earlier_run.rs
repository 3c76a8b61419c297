//! Finds the files that earlier runs left in a folder. The commit removes those of the same entity,
//! and must not replace those of other entities.
//!
//! The manifest of the earlier run names its files. A table that the new run does not have would
//! stay beside the new tables and join with them: Monday's `orders_items.parquet` with Tuesday's
//! `orders.parquet`.
//!
//! Anybody may have written a manifest, so it is believed only about ordinary files in its own
//! folder that no other entity's manifest names.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use transmog_core::folded;

use crate::{
    error::WriteError,
    manifest::{Manifest, REJECTS_EXTENSION, SUFFIX},
};

/// The run that a new one replaces: the last one of the same entity, to the same destination.
/// Clones share what is found.
#[derive(Debug, Clone)]
pub struct EarlierRun {
    entity: String,
    /// Extensions that files of tables may have.
    extensions: Vec<String>,
    found: Arc<Mutex<EarlierFiles>>,
}

/// Files of a destination that are not from its last run. Both lists are sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EarlierFiles {
    /// Files of the earlier run, which the commit has removed.
    pub removed: Vec<String>,
    /// Files that may be from an earlier run and were not touched.
    pub left: Vec<String>,
}

/// A folder that is locked for the new run, and what that run does there.
pub(crate) struct Place<'a> {
    pub(crate) folder: &'a Path,
    /// Names of the files that the new run writes or removes.
    pub(crate) claimed: Vec<&'a str>,
    /// True if a file must stay, for example because the new run reads it.
    pub(crate) is_protected: &'a dyn Fn(&str) -> bool,
    /// True for a manifest that may be believed about which files to remove.
    pub(crate) is_trusted: &'a dyn Fn(&Path) -> bool,
}

impl EarlierRun {
    /// The earlier run of an entity. If it has no manifest, files with names like those of its
    /// tables and one of these extensions (without a dot) are reported, and not removed.
    pub fn new<E: Into<String>>(entity: &str, extensions: impl IntoIterator<Item = E>) -> Self {
        Self {
            entity: entity.to_owned(),
            extensions: extensions.into_iter().map(Into::into).collect(),
            found: Arc::default(),
        }
    }

    /// The files that were found, after the commit of the new run. Empty before it, and for
    /// destinations that keep no files.
    pub fn files(&self) -> EarlierFiles {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.clone()
    }

    /// True for the name of a file that has the rejects of a run beside its tables.
    pub(crate) fn is_rejects(name: &str) -> bool {
        let stem = name.strip_suffix(REJECTS_EXTENSION);
        stem.is_some_and(|stem| stem.ends_with('.'))
    }

    /// Stores what a commit has removed and left.
    pub(crate) fn set_files(&self, files: EarlierFiles) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }

    /// Finds the files that the commit must remove, and those that it leaves.
    pub(crate) fn find(&self, place: &Place<'_>) -> io::Result<EarlierFiles> {
        let mut own = None;
        let manifests = place.claimed.iter().filter(|name| name.ends_with(SUFFIX));
        for name in manifests {
            let path = place.folder.join(name);
            if (place.is_trusted)(&path)
                && let Ok(manifest) = Manifest::read(&path)
                && manifest.entity == self.entity
            {
                own = Some((manifest, *name));
            }
        }
        let claimed: BTreeSet<String> = place.claimed.iter().map(|name| folded(name)).collect();
        let is_here = |name: &String| {
            !claimed.contains(&folded(name)) && about(place, name).is_some_and(|it| !it.is_dir())
        };
        let candidates: BTreeSet<String> = match &own {
            Some((manifest, name)) => named(manifest)
                .chain([rejects_beside(name)])
                .filter(|name| is_table_name(name) && is_here(name))
                .collect(),
            None => self.alike(place)?.into_iter().filter(is_here).collect(),
        };
        if candidates.is_empty() {
            return Ok(EarlierFiles::default());
        }
        let (others, all_known) = others(place)?;
        let others: BTreeSet<String> = others
            .iter()
            .flat_map(|(name, manifest)| named(manifest).chain([rejects_beside(name)]))
            .map(|name| folded(&name))
            .collect();
        let is_free = |name: &String| {
            own.is_some()
                && all_known
                && !(place.is_protected)(name)
                && about(place, name).is_some_and(|it| it.is_file())
        };
        let of_this = candidates
            .into_iter()
            .filter(|name| !others.contains(&folded(name)));
        let (removed, left): (Vec<String>, Vec<String>) = of_this.partition(is_free);
        // An input in the folder of the tables is not a leftover, unless a manifest names it.
        let is_leftover = |name: &String| own.is_some() || !(place.is_protected)(name);
        Ok(EarlierFiles {
            removed,
            left: left.into_iter().filter(is_leftover).collect(),
        })
    }

    /// Checks that no file that the commit replaces or takes away belongs to another entity, as the
    /// manifests in the folder say. Looks at other manifests only if there are files that the
    /// entity's own one does not name.
    ///
    /// # Errors
    /// If one does, or the folder cannot be read.
    pub(crate) fn check(&self, place: &Place<'_>) -> Result<(), WriteError> {
        let mut own = BTreeSet::new();
        for name in &place.claimed {
            if let Some(manifest) = manifest_at(place, name) {
                if manifest.entity != self.entity {
                    let mut tables = place.claimed.iter();
                    let is_named = |file: &&&str| named(&manifest).any(|named| named == **file);
                    let taken = tables.find(is_named).unwrap_or(name);
                    return Err(belongs(place, taken, name, manifest));
                }
                own.extend(named(&manifest).chain([(*name).to_owned(), rejects_beside(name)]));
            }
        }
        let is_there = |name: &&&str| about(place, name).is_some_and(|it| !it.is_dir());
        let claimed = place.claimed.iter().filter(is_there);
        let claimed: Vec<&str> = { claimed }
            .copied()
            .filter(|name| !own.contains(*name))
            .collect();
        if claimed.is_empty() {
            return Ok(());
        }
        let failed = |error| WriteError::io("read", place.folder)(error);
        for (name, manifest) in others(place).map_err(failed)?.0 {
            if manifest.entity == self.entity {
                continue; // A copy of the manifest that this run replaces.
            }
            let files: Vec<String> = named(&manifest).chain([rejects_beside(&name)]).collect();
            let taken = claimed
                .iter()
                .find(|claimed| files.iter().any(|file| is_same(place, claimed, file)));
            if let Some(taken) = taken {
                return Err(belongs(place, taken, &name, manifest));
            }
        }
        Ok(())
    }

    /// Files with names like those of the entity's tables: `orders.csv`, `orders_items.csv`.
    fn alike(&self, place: &Place<'_>) -> io::Result<Vec<String>> {
        let stem = place
            .claimed
            .iter()
            .find_map(|name| name.strip_suffix(SUFFIX));
        let Some(stem) = stem else {
            return Ok(Vec::new());
        };
        let is_alike = |name: &String| {
            if !is_table_name(name) {
                return false;
            }
            let rest = name.strip_prefix(stem);
            let rest = rest.and_then(|rest| rest.rsplit_once('.'));
            rest.is_some_and(|(between, extension)| {
                (between.is_empty() || between.starts_with('_'))
                    && self.extensions.iter().any(|it| it == extension)
            })
        };
        Ok(names(place.folder)?.filter(is_alike).collect())
    }
}

/// The files of a manifest's tables.
fn named(manifest: &Manifest) -> impl Iterator<Item = String> {
    let files = manifest.tables.iter().flat_map(|table| &table.files);
    files.cloned()
}

/// The rejects file that a run may have written beside the tables of this manifest.
fn rejects_beside(manifest: &str) -> String {
    let stem = manifest.strip_suffix(SUFFIX).unwrap_or(manifest);
    format!("{stem}.{REJECTS_EXTENSION}")
}

/// The error for a file of another entity.
fn belongs(place: &Place<'_>, file: &str, name: &str, manifest: Manifest) -> WriteError {
    WriteError::OtherEntity {
        path: place.folder.join(file),
        manifest: name.to_owned(),
        entity: manifest.entity,
    }
}

/// The manifest with this name, if it is one that can be read.
fn manifest_at(place: &Place<'_>, name: &str) -> Option<Manifest> {
    let is_one = name.ends_with(SUFFIX) && about(place, name)?.is_file();
    is_one
        .then(|| Manifest::read(&place.folder.join(name)).ok())
        .flatten()
}

/// True if two names are one file: the same name, or one that the file system takes for the same.
fn is_same(place: &Place<'_>, one: &str, other: &str) -> bool {
    let real = |name: &str| place.folder.join(name).canonicalize().ok();
    one == other
        || folded(one) == folded(other) && real(one).is_some_and(|it| real(other) == Some(it))
}

/// True for a possible name of a table's file: in the folder itself, not hidden, not a manifest.
fn is_table_name(name: &str) -> bool {
    let is_plain = Path::new(name).file_name().is_some_and(|it| it == name);
    is_plain && !name.starts_with('.') && !name.ends_with(SUFFIX)
}

/// All other manifests of a folder, with their names; and whether all of them could be read.
fn others(place: &Place<'_>) -> io::Result<(Vec<(String, Manifest)>, bool)> {
    let mut all = (Vec::new(), true);
    let is_other =
        |name: &String| name.ends_with(SUFFIX) && !place.claimed.contains(&name.as_str());
    for name in names(place.folder)?.filter(is_other) {
        match Manifest::read(&place.folder.join(&name)) {
            Ok(manifest) => all.0.push((name, manifest)),
            Err(_) => all.1 = false,
        }
    }
    all.0.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

fn names(folder: &Path) -> io::Result<impl Iterator<Item = String>> {
    let entries: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| PathBuf::from(entry.file_name())))
        .collect::<io::Result<_>>()?;
    // All our names are UTF-8.
    Ok(entries
        .into_iter()
        .filter_map(|name| name.into_os_string().into_string().ok()))
}

fn about(place: &Place<'_>, name: &str) -> Option<fs::FileType> {
    let about = fs::symlink_metadata(place.folder.join(name)).ok()?;
    Some(about.file_type())
}
