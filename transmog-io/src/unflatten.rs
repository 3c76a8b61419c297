//! Rebuilds the records of a run from its tables.
//!
//! ```text
//! orders        <A> id 1            {"id":1,"items":[{"n":10},{"n":11}]}
//!               <B> id 2            {"id":2}
//! orders_items  parent <A> n 10
//!               parent <A> n 11
//! ```
//!
//! A merge: child rows are in the order of their parents, so each table is read once, with one
//! record in memory. `transmog-core` decides what cells mean, the format reads the files.

use std::{
    fs::File,
    io::{self, Write},
    path::{Component, Path, PathBuf},
    str::FromStr,
    vec,
};

use transmog_core::{Error as DataError, Rebuild, RebuiltRow, TableLayout, Value, counted};

use crate::{
    cancel::CancelToken,
    destination::{Destination, Directory},
    error::{Error, ReadError, WriteError},
    manifest::{Manifest, ManifestTable},
    records::json,
    registry::Registry,
    writer::{OpenReader, ReadBackError, TableReader, WriterOptions},
};

/// The format of rebuilt records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordStyle {
    /// One record on each line (JSON Lines).
    #[default]
    Lines,
    /// One array of records.
    Array,
}

impl FromStr for RecordStyle {
    type Err = DataError;

    fn from_str(word: &str) -> Result<Self, DataError> {
        match word {
            "jsonl" => Ok(Self::Lines),
            "json" => Ok(Self::Array),
            _ => {
                let reason = format!("{word:?} is none of jsonl, json");
                Err(DataError::setting("output_format", reason))
            }
        }
    }
}

/// The records that the tables of a run came from, in their order, one at a time.
#[derive(Debug)]
pub struct RebuiltRecords {
    tables: Vec<Rows>,
    /// For each table, its child tables.
    children: Vec<Vec<usize>>,
    /// True at the end.
    ended: bool,
    cancel: CancelToken,
}

impl RebuiltRecords {
    /// Opens the tables of a manifest.
    ///
    /// # Errors
    /// If the format is not in `registry` or cannot be read back, or the tables have no links.
    pub fn open(folder: &Path, manifest: Manifest, registry: &Registry) -> Result<Self, Error> {
        let wrong = |reason: String| ReadError::Manifest {
            path: folder.to_path_buf(),
            reason,
        };
        let entity = &manifest.entity;
        let Some(format) = &manifest.format else {
            let reason =
                format!("the manifest of {entity:?} names no format that can be read back");
            return Err(wrong(reason).into());
        };
        let open = registry
            .get(format)?
            .reader()
            .ok_or_else(|| wrong(format!("format {format:?} has no reader in this program")))?;
        let options = manifest.writer_options();
        let mut records = Self {
            tables: Vec::new(),
            children: Vec::new(),
            ended: false,
            cancel: CancelToken::new(),
        };
        // What lies in items that could not be read is not read either.
        let mut left_out = Vec::new();
        for table in manifest.tables {
            let parent = &table.layout.parent;
            if table.layout.errors || parent.as_ref().is_some_and(|it| left_out.contains(it)) {
                left_out.push(table.layout.name);
                continue;
            }
            let position = records.tables.len();
            if let Some(parent) = parent {
                let known = records
                    .tables
                    .iter()
                    .position(|one| one.layout.name == *parent);
                let parent = known.ok_or_else(|| {
                    let table = &table.layout.name;
                    wrong(format!("the manifest of {entity:?} does not name {parent:?}, the parent of {table:?}, before it"))
                })?;
                records.children[parent].push(position);
            } else if position > 0 {
                return Err(
                    wrong(format!("the manifest of {entity:?} names two main tables")).into(),
                );
            }
            let rows = Rows::new(folder, table, manifest.empties, open, &options)?;
            records.tables.push(rows);
            records.children.push(Vec::new());
        }
        if records.tables.is_empty() {
            return Err(wrong(format!("the manifest of {entity:?} names no main table")).into());
        }
        records.check_links()?;
        Ok(records)
    }

    /// Sets the token that ends it from outside. An unfinished [`write_file`](Self::write_file)
    /// leaves nothing then.
    #[must_use]
    pub fn with_cancel(mut self, token: &CancelToken) -> Self {
        self.cancel = token.clone();
        self
    }

    /// Checks that every child row names its parent row.
    fn check_links(&self) -> Result<(), DataError> {
        for (parent, children) in std::iter::zip(&self.tables, &self.children) {
            for child in children {
                let child = &self.tables[*child];
                if !parent.rebuild.has_ids() {
                    let reason = "it has no id column, which its child tables need; write the tables with one";
                    return Err(DataError::rebuild(&parent.layout.name, reason));
                }
                if !child.rebuild.has_parents() {
                    let reason = "it has no column with the ids of its parent rows; write the tables with one";
                    return Err(DataError::rebuild(&child.layout.name, reason));
                }
            }
        }
        Ok(())
    }

    /// Writes all remaining records as JSON, and returns their number.
    ///
    /// # Errors
    /// If a table cannot be read, or the output not be written.
    pub fn write(self, out: &mut dyn Write, style: RecordStyle) -> Result<u64, Error> {
        self.write_to(out, style, Path::new("the output"))
    }

    /// Writes all remaining records as JSON into a file, and returns their number. The file exists
    /// only if all of them were written.
    ///
    /// # Errors
    /// If a table cannot be read, or the file not be written.
    pub fn write_file(self, path: &Path, style: RecordStyle) -> Result<u64, Error> {
        let cancel = self.cancel.clone();
        let written = self.replace(path, style);
        written.map_err(|error| cancel.check().err().unwrap_or(error))
    }

    fn replace(self, path: &Path, style: RecordStyle) -> Result<u64, Error> {
        let mut folder = Directory::of(path);
        folder.cancel_with(&self.cancel);
        for table in &self.tables {
            for file in table.files.as_slice() {
                folder.protect(file);
            }
        }
        let mut output = folder.create_exact(path)?;
        let records = self.write_to(&mut output, style, path)?;
        if output.is_empty() {
            // A file that nothing was written to would not be made.
            let written = output.write_all(b"\n").and_then(|()| output.flush());
            written.map_err(WriteError::io("write", path))?;
        }
        drop(output);
        Box::new(folder).commit()?;
        Ok(records)
    }

    fn write_to(self, out: &mut dyn Write, style: RecordStyle, path: &Path) -> Result<u64, Error> {
        let failed = |error: io::Error| WriteError::io("write", path)(error);
        let (open, between, close) = match style {
            RecordStyle::Lines => ("", "\n", "\n"),
            RecordStyle::Array => ("[\n", ",\n", "\n]\n"),
        };
        let mut text = open.as_bytes().to_vec();
        let mut records = 0;
        for record in self {
            if records > 0 {
                text.extend_from_slice(between.as_bytes());
            }
            record?.write_json(&mut text);
            records += 1;
            if text.len() >= BLOCK_BYTES {
                out.write_all(&text).map_err(failed)?;
                text.clear();
            }
        }
        match (records, style) {
            (0, RecordStyle::Lines) => {}
            (0, RecordStyle::Array) => text.extend_from_slice(b"]\n"),
            _ => text.extend_from_slice(close.as_bytes()),
        }
        out.write_all(&text).map_err(failed)?;
        out.flush().map_err(failed)?;
        Ok(records)
    }

    fn next_record(&mut self) -> Result<Option<Value>, Error> {
        if let Some(row) = self.tables[0].take()? {
            let record = self.build(0, row)?;
            let empty = || std::iter::empty::<(String, Value)>().collect();
            return Ok(Some(record.unwrap_or_else(empty)));
        }
        for table in &mut self.tables {
            if table.peek()?.is_some() {
                let reason = "it has a row that belongs to no row of its parent table; read back the tables of one run, \
                              as they were written";
                return Err(DataError::rebuild(&table.layout.name, reason).into());
            }
        }
        self.tables.iter().try_for_each(Rows::check_count)?;
        Ok(None)
    }

    /// The value of a row with all its arrays; `None` if it is empty. Rows of child tables are in
    /// the order of their parent rows.
    fn build(&mut self, table: usize, mut row: RebuiltRow) -> Result<Option<Value>, Error> {
        for position in 0..self.children[table].len() {
            let child = self.children[table][position];
            let mut items = Vec::new();
            let mut last: Option<i64> = None;
            loop {
                // Parent rows with one id follow each other where ids are not unique: then items
                // count again.
                let belongs = self.tables[child].peek()?.is_some_and(|next| {
                    row.is_parent(next) && next.index.is_none_or(|index| last < Some(index))
                });
                if !belongs {
                    break;
                }
                let Some(item) = self.tables[child].take()? else {
                    break;
                };
                last = item.index;
                let key = item.key.clone();
                items.extend(self.build(child, item)?.map(|value| (key, value)));
            }
            if !items.is_empty() {
                row.attach(&self.tables[child].hop, items)?;
            }
        }
        Ok(row.finish())
    }
}

/// Bytes of text gathered before they are written.
const BLOCK_BYTES: usize = 64 * 1024;

impl Iterator for RebuiltRecords {
    type Item = Result<Value, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.cancel.check().and_then(|()| self.next_record());
        self.ended = !matches!(record, Ok(Some(_)));
        record.transpose()
    }
}

/// The rows of one table, file after file.
struct Rows {
    layout: TableLayout,
    /// Keys from the parent row to the array.
    hop: Vec<String>,
    rebuild: Rebuild,
    open: OpenReader,
    options: WriterOptions,
    /// Files not opened yet.
    files: vec::IntoIter<PathBuf>,
    reader: Option<(PathBuf, Box<dyn TableReader>)>,
    batch: vec::IntoIter<Vec<Value>>,
    next: Option<RebuiltRow>,
    /// Rows read, and the number that the manifest names.
    count: (u64, u64),
}

impl Rows {
    fn new(
        folder: &Path,
        table: ManifestTable,
        empties: bool,
        open: OpenReader,
        options: &WriterOptions,
    ) -> Result<Self, Error> {
        let mut files = Vec::with_capacity(table.files.len());
        for file in &table.files {
            let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
            if !Path::new(file).components().all(is_plain) {
                let reason = format!("{file:?} is no file within the folder");
                let path = folder.to_path_buf();
                return Err(ReadError::Manifest { path, reason }.into());
            }
            files.push(folder.join(file));
        }
        Ok(Self {
            hop: table.layout.path.last().cloned().unwrap_or_default(),
            rebuild: Rebuild::new(&table.layout, empties, json::read),
            layout: table.layout,
            open,
            options: options.clone(),
            files: files.into_iter(),
            reader: None,
            batch: Vec::new().into_iter(),
            next: None,
            count: (0, table.rows),
        })
    }

    /// The next row, without consuming it.
    fn peek(&mut self) -> Result<Option<&RebuiltRow>, Error> {
        if self.next.is_none() {
            self.next = self.read()?;
        }
        Ok(self.next.as_ref())
    }

    /// The next row.
    fn take(&mut self) -> Result<Option<RebuiltRow>, Error> {
        match self.next.take() {
            Some(row) => Ok(Some(row)),
            None => self.read(),
        }
    }

    fn read(&mut self) -> Result<Option<RebuiltRow>, Error> {
        loop {
            if let Some(cells) = self.batch.next() {
                self.count.0 += 1;
                return Ok(Some(self.rebuild.row(cells)?));
            }
            if let Some((path, reader)) = &mut self.reader {
                match reader.next_rows() {
                    Ok(Some(rows)) => self.batch = rows.into_iter(),
                    Ok(None) => self.reader = None,
                    Err(error) => return Err(cannot_read(&self.layout, path)(error).into()),
                }
                continue;
            }
            let Some(path) = self.files.next() else {
                return Ok(None);
            };
            let failed = cannot_read(&self.layout, &path);
            let reader = File::open(&path)
                .map_err(ReadBackError::from)
                .and_then(|file| (self.open)(file, &self.layout, &self.options))
                .map_err(failed)?;
            self.reader = Some((path, reader));
        }
    }

    fn check_count(&self) -> Result<(), DataError> {
        let (found, expected) = self.count;
        if found == expected {
            return Ok(());
        }
        let reason = format!(
            "it has {}, and the manifest says {expected}; read back the tables of one run, as they were written",
            counted(found, "row")
        );
        Err(DataError::rebuild(&self.layout.name, reason))
    }
}

fn cannot_read(table: &TableLayout, path: &Path) -> impl FnOnce(ReadBackError) -> ReadError {
    let (table, path) = (table.name.clone(), path.to_path_buf());
    move |source| ReadError::Table {
        table,
        path,
        source,
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("table", &self.layout.name)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
