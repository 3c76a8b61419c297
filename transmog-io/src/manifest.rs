//! The manifest: a file beside the tables that describes them, so that they can be read back.
//!
//! `orders.manifest.json` names the tables of entity `orders`, their files, columns and links. The
//! next run of the same entity reads it to find the files that it replaces; `unflatten` reads it to
//! rebuild records.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};
use transmog_core::TableLayout;

use crate::{error::ReadError, writer::WriterOptions};

mod type_change;

pub use type_change::TypeChangeReport;

/// The version of the format that this program writes and reads.
pub(crate) const VERSION: u32 = 1;

/// The end of the name of every manifest.
pub(crate) const SUFFIX: &str = ".manifest.json";

/// The same as the extension of a file whose name is the entity's.
pub(crate) const EXTENSION: &str = "manifest.json";

/// Extension of a rejects file beside tables.
pub(crate) const REJECTS_EXTENSION: &str = "rejected.jsonl";

/// The tables of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// Version of the format.
    pub manifest: u32,
    /// The version of Transmog that wrote it.
    pub transmog: String,
    /// Name of the main table.
    pub entity: String,
    /// The run's time stamp, RFC 3339.
    pub time: String,
    /// Name of the format; `None` if it cannot be read back.
    pub format: Option<String>,
    /// The options that a reader of the format needs.
    pub options: BTreeMap<String, String>,
    /// True if a column stores what cells cannot: nulls, empty objects and arrays, kinds of values.
    pub empties: bool,
    /// The tables, every one after its parent.
    pub tables: Vec<ManifestTable>,
    /// Columns that changed their type during the run: the first thousand changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub type_changes: Vec<TypeChangeReport>,
}

/// One table of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManifestTable {
    /// Names, paths and types.
    #[serde(flatten)]
    pub layout: TableLayout,
    /// Number of rows.
    pub rows: u64,
    /// Its files, relative to the manifest's folder.
    pub files: Vec<String>,
}

impl Manifest {
    /// Reads the manifest of an entity in a folder; the only one, if no entity is named.
    ///
    /// # Errors
    /// If there is none, if there are several and no entity is named, or if it cannot be read.
    pub fn find(folder: &Path, entity: Option<&str>) -> Result<Self, ReadError> {
        let cannot = |reason: String| ReadError::Manifest {
            path: folder.to_path_buf(),
            reason,
        };
        let entries = fs::read_dir(folder).map_err(|error| cannot(error.to_string()))?;
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| cannot(error.to_string()))?.path();
            let name = path.file_name().unwrap_or_default();
            if name.to_string_lossy().ends_with(SUFFIX) {
                found.push(Self::read(&path)?);
            }
        }
        found.sort_by(|a, b| a.entity.cmp(&b.entity));
        let names = found.iter().map(|manifest| manifest.entity.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        let is_wanted = |manifest: &Self| entity.is_none_or(|entity| manifest.entity == entity);
        let mut wanted = found.into_iter().filter(is_wanted);
        match (wanted.next(), wanted.next(), entity) {
            (Some(one), None, _) => Ok(one),
            (None, _, Some(entity)) if !names.is_empty() => Err(cannot(format!(
                "it has no manifest of {entity:?}, but of: {names}"
            ))),
            (None, ..) => Err(cannot(
                "it has no manifest: write the tables again with one".to_owned(),
            )),
            (Some(_), ..) => Err(cannot(format!(
                "it has several manifests; name an entity: {names}"
            ))),
        }
    }

    pub(crate) fn read(path: &Path) -> Result<Self, ReadError> {
        let cannot = |reason: String| ReadError::Manifest {
            path: path.to_path_buf(),
            reason,
        };
        let text = fs::read(path).map_err(|error| cannot(error.to_string()))?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| cannot(error.to_string()))?;
        if manifest.manifest != VERSION {
            let (found, version) = (manifest.manifest, &manifest.transmog);
            return Err(cannot(format!(
                "its form is {found}, and this program reads {VERSION}; use transmog {version}"
            )));
        }
        Ok(manifest)
    }

    /// The options of the format.
    pub fn writer_options(&self) -> WriterOptions {
        let options = self.options.iter();
        options.fold(WriterOptions::new(), |options, (key, value)| {
            options.with(key, value)
        })
    }
}
