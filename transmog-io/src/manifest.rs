//! The manifest of a run: a file beside the tables that says what they are, so that they can be read back. Reads and writes
//! it; what the tables mean is decided elsewhere.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use transmog_core::{Catalog, Config, Layout, Run, TableLayout, text};

use crate::{
    cancel::CancelToken,
    destination::{Destination, Output},
    error::{Error, ReadError, WriteError},
    options::WriterOptions,
    report::TypeChangeReport,
    writer::StreamingWriter,
};

mod earlier_run;

pub(crate) use earlier_run::Place;
pub use earlier_run::{EarlierFiles, EarlierRun};

/// The form of manifests that this version writes and reads.
const VERSION: u32 = 1;

/// What every manifest's name ends with.
const SUFFIX: &str = ".manifest.json";

/// What a run has written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The form of the manifest.
    pub manifest: u32,
    /// The version of Transmog that wrote it.
    pub transmog: String,
    /// Name of the main table.
    pub entity: String,
    /// The run's time stamp, RFC 3339.
    pub time: String,
    /// Name of the format; `None` if it does not say how it is read back.
    pub format: Option<String>,
    /// The options of the format that a reader needs.
    pub options: BTreeMap<String, String>,
    /// True if rows say what their cells do not: nulls, empty objects and arrays, kinds of values.
    pub empties: bool,
    /// The tables, every one after its parent.
    pub tables: Vec<ManifestTable>,
    /// Columns that changed their types while they were written: the first thousand changes.
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
    /// Reads the manifest of an entity in a folder; of the only one, if none is named.
    ///
    /// # Errors
    /// If there is none, or several and none is named, or it cannot be read.
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

    fn read(path: &Path) -> Result<Self, ReadError> {
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

/// Names of outputs and their tables, in the order in which they were made.
type Names = Arc<Mutex<Vec<(String, String)>>>;

/// Where the manifest is written: beside the tables, by their destination, which makes it final with them.
pub struct ManifestTo {
    output: Box<dyn Output>,
    /// What errors call it: it has no name before it is final.
    path: PathBuf,
    names: Names,
}

impl ManifestTo {
    /// Makes the output for the manifest, and gives the destination back, which from now on takes note of what is made.
    /// The manifest is `None` if the destination has no place for it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn beside(
        mut tables: Box<dyn Destination>,
        entity: &str,
    ) -> Result<(Box<dyn Destination>, Option<Self>), WriteError> {
        let name = format!("{entity}.manifest");
        let Some(output) = tables.create_aside(&name, "json")? else {
            return Ok((tables, None));
        };
        let names = Names::default();
        let noted = Noted {
            inner: tables,
            names: Arc::clone(&names),
        };
        let path = PathBuf::from(format!("{name}.json"));
        let to = Self {
            output,
            path,
            names,
        };
        Ok((Box::new(noted), Some(to)))
    }

    /// Writes the manifest, before the tables become final.
    pub(crate) fn write(
        mut self,
        catalog: &Catalog,
        config: &Config,
        entity: &str,
        run: &Run,
        writer: &dyn StreamingWriter,
        type_changes: &[TypeChangeReport],
    ) -> Result<(), Error> {
        let tables = catalog.tables();
        let layout = Layout::from(tables.as_slice());
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let tables = std::iter::zip(layout.tables, tables).map(|(layout, table)| {
            let of_table = names.iter().filter(|(name, _)| *name == table.name);
            ManifestTable {
                layout,
                rows: table.rows,
                files: of_table.map(|(_, file)| file.clone()).collect(),
            }
        });
        let tables = tables.collect();
        drop(names);
        let mut time = Vec::new();
        text::write_time(&mut time, run.time);
        let format = writer.read_back();
        let manifest = Manifest {
            manifest: VERSION,
            transmog: env!("CARGO_PKG_VERSION").to_owned(),
            entity: entity.to_owned(),
            time: String::from_utf8(time).unwrap_or_default(), // Only text was written.
            format: format.as_ref().map(|(name, _)| (*name).to_owned()),
            options: format
                .iter()
                .flat_map(|(_, options)| pairs(options))
                .collect(),
            empties: config.keeps_empties(),
            tables,
            type_changes: type_changes.to_vec(),
        };
        let failed = |error: io::Error| WriteError::io("write", &self.path)(error);
        let mut json =
            serde_json::to_vec_pretty(&manifest).map_err(|error| failed(error.into()))?;
        json.push(b'\n');
        self.output.write_all(&json).map_err(failed)?;
        self.output.flush().map_err(failed)?;
        Ok(())
    }
}

fn pairs(options: &WriterOptions) -> impl Iterator<Item = (String, String)> {
    let pairs = options.iter();
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned()))
}

impl std::fmt::Debug for ManifestTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ManifestTo").field(&self.path).finish()
    }
}

/// A destination that takes note of the names of outputs.
struct Noted {
    inner: Box<dyn Destination>,
    names: Names,
}

impl Destination for Noted {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        let output = self.inner.create(table, extension)?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.push((table.to_owned(), output.name().to_owned()));
        Ok(output)
    }

    fn create_aside(
        &mut self,
        name: &str,
        extension: &str,
    ) -> Result<Option<Box<dyn Output>>, WriteError> {
        self.inner.create_aside(name, extension)
    }

    fn protect(&mut self, file: &Path) {
        self.inner.protect(file);
    }

    fn replace(&mut self, run: &EarlierRun) {
        self.inner.replace(run);
    }

    fn cancel_with(&mut self, token: &CancelToken) {
        self.inner.cancel_with(token);
    }

    fn commit(self: Box<Self>) -> Result<(), WriteError> {
        self.inner.commit()
    }
}
