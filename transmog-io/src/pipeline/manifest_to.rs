//! Writes the manifest of a run: notes the files of all tables, and describes them before the
//! commit.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use transmog_core::{Catalog, Layout, Run, text};

use crate::{
    cancel::CancelToken,
    destination::{Destination, EarlierRun, Output, manifest_file_name},
    error::{Error, WriteError},
    manifest::{EXTENSION, Manifest, ManifestTable, TypeChangeReport, VERSION},
    writer::{StreamingWriter, WriterOptions},
};

/// Tables and the names of their outputs, in the order of creation.
type Names = Arc<Mutex<Vec<(String, String)>>>;

/// The output of the manifest, beside the tables. It becomes final with them.
pub struct ManifestTo {
    output: Box<dyn Output>,
    /// Its name in errors: the output has no name before the commit.
    path: PathBuf,
    names: Names,
}

impl ManifestTo {
    /// Creates the output for the manifest. The returned destination notes the names of outputs.
    /// `None` instead of the manifest if the destination has no place for it.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn beside(
        mut tables: Box<dyn Destination>,
        entity: &str,
    ) -> Result<(Box<dyn Destination>, Option<Self>), WriteError> {
        let Some(output) = tables.create_aside(entity, EXTENSION)? else {
            return Ok((tables, None));
        };
        let names = Names::default();
        let noted = Noted {
            inner: tables,
            names: Arc::clone(&names),
        };
        let path = PathBuf::from(manifest_file_name(entity));
        let to = Self {
            output,
            path,
            names,
        };
        Ok((Box::new(noted), Some(to)))
    }

    /// Writes the manifest, before the commit.
    pub(crate) fn write(
        mut self,
        catalog: &Catalog,
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
            entity: catalog.run_plan().entity().to_owned(),
            time: String::from_utf8(time).unwrap_or_default(), // Only text was written.
            format: format.as_ref().map(|(name, _)| (*name).to_owned()),
            options: format
                .iter()
                .flat_map(|(_, options)| pairs(options))
                .collect(),
            empties: catalog.run_plan().settings().keeps_empties(),
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

/// A destination that notes the names of outputs.
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
