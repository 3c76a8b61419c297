//! Counts, logs and writes rejected records.
//!
//! ```text
//! {"input":"orders.jsonl","record":1,"line":2,"byte":25,"field":"price","kind":"syntax",
//!  "message":"expected a value, found \"x\"","kept":false,"raw":"{\"id\":2,\"price\":x}"}
//! ```
//!
//! `--input-format rejects` reads such a file again. What to do with a bad record was decided
//! before.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;

use super::max_rejects::{BadRecords, MaxRejects};
use crate::{
    cancel::CancelToken,
    csv::RowFormat,
    destination::{Destination, Directory, Memory, MemoryFiles, Output},
    error::{Error, WriteError},
    manifest::REJECTS_EXTENSION,
    records::Reject,
    report::{ProblemReport, Report},
    split::RawIs,
};

/// Most problems listed in a report.
const MOST_PROBLEMS: usize = 10;

/// Bytes of a file that are read to see whether it has rejects.
const MOST_OF_ENTRY: u64 = 16 * 1024;

/// The output of rejected records: one JSON object on a line for each.
pub struct RejectsTo {
    output: Box<dyn Output>,
    /// Its own destination; `None` if it is written to that of the tables.
    destination: Option<Box<dyn Destination>>,
    /// Its name in errors, and in the report if it has its own destination.
    path: PathBuf,
}

impl RejectsTo {
    /// A file beside the tables, which becomes final with them. `None` if the destination has no
    /// place for it.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn beside(tables: &mut dyn Destination, entity: &str) -> Result<Option<Self>, WriteError> {
        let output = tables.create_aside(entity, REJECTS_EXTENSION)?;
        Ok(output.map(|output| Self {
            output,
            destination: None,
            path: format!("{entity}.{REJECTS_EXTENSION}").into(),
        }))
    }

    /// A separate file, which becomes final after the tables. It must not be one of `inputs`.
    ///
    /// # Errors
    /// If it cannot be created, or is one of the inputs.
    pub fn file(path: &Path, inputs: &[&Path], cancel: &CancelToken) -> Result<Self, WriteError> {
        let mut folder = Directory::of(path);
        folder.cancel_with(cancel);
        for input in inputs {
            folder.protect(input);
        }
        Ok(Self {
            output: folder.create_exact(path)?,
            destination: Some(Box::new(folder)),
            path: path.into(),
        })
    }

    /// Memory, which the caller reads after the run.
    ///
    /// # Errors
    /// Never: memory always has a place for it.
    pub fn memory() -> Result<(Option<Self>, MemoryFiles), WriteError> {
        let (mut memory, files) = Memory::new();
        let path = PathBuf::from("<memory>");
        let output = memory.create_aside("rejected", "jsonl")?;
        let rejects = output.map(|output| Self {
            output,
            destination: Some(Box::new(memory)),
            path,
        });
        Ok((rejects, files))
    }
}

impl std::fmt::Debug for RejectsTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RejectsTo").field(&self.path).finish()
    }
}

/// One line of the rejects.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the file")]
struct Entry<'a> {
    input: Option<&'a str>,
    /// `None` for a stretch between records.
    record: Option<u64>,
    line: Option<u64>,
    byte: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    kind: &'static str,
    message: String,
    /// True if the readable part of the record is in the tables.
    kept: bool,
    /// True if it is an item of a record that is in the tables.
    #[serde(skip_serializing_if = "is_false")]
    item: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    /// True if the raw text is only the beginning.
    #[serde(skip_serializing_if = "is_false")]
    raw_cut: bool,
    /// True if the raw text is a document in which the records path was not found.
    #[serde(skip_serializing_if = "is_false")]
    document: bool,
    /// The columns and dialect of a CSV row.
    #[serde(skip_serializing_if = "Option::is_none")]
    csv: Option<RowFormat>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The rejects of a run so far.
#[derive(Debug, Default)]
pub(super) struct Rejects {
    to: Option<RejectsTo>,
    rejected: u64,
    kept: u64,
    /// The record of the last rejected item: its input and number.
    partial: Option<(Option<Arc<str>>, Option<u64>)>,
    by_kind: BTreeMap<&'static str, u64>,
    problems: Vec<ProblemReport>,
    bad_records: BadRecords,
}

impl Rejects {
    pub(super) fn new(to: Option<RejectsTo>, most: Option<MaxRejects>) -> Self {
        Self {
            to,
            bad_records: BadRecords::new(most),
            ..Self::default()
        }
    }

    /// Stops writing, and removes what was written. Counting continues.
    pub(super) fn write_nothing(&mut self) {
        self.to = None;
    }

    /// Records left out so far.
    pub(super) fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Notes that all rejects among the first `records` were counted.
    ///
    /// # Errors
    /// If there are too many bad records.
    pub(super) fn pass(&mut self, records: u64) -> Result<(), Error> {
        Ok(self.bad_records.pass(records)?)
    }

    /// Checks the share of bad records among all.
    ///
    /// # Errors
    /// If there are too many.
    pub(super) fn check(&self, records: u64) -> Result<(), Error> {
        Ok(self.bad_records.look(records)?)
    }

    /// Counts, logs and writes the next reject. Its position is that in the input; `before` is the
    /// number of records of the run before it.
    pub(super) fn take(&mut self, reject: &Reject, before: u64) -> Result<(), Error> {
        let error = &reject.error;
        let bad = self.rejected + self.kept;
        if reject.kept {
            tracing::warn!("{error}; kept what could be read");
        } else {
            tracing::warn!("{error}; left out");
        }
        if reject.is_item || reject.kept {
            // A record with several bad items counts once.
            let at = error.location();
            let record = Some((at.input.clone(), at.record));
            self.kept += u64::from(self.partial != record);
            self.partial = record.filter(|_| reject.is_item);
        }
        self.rejected += u64::from(reject.is_record && !reject.kept);
        if self.rejected + self.kept > bad {
            self.bad_records.take(error, before)?;
        }
        *self.by_kind.entry(error.kind().word()).or_default() += 1;
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(ProblemReport::new(error, reject.kept));
        }
        let Some(to) = &mut self.to else {
            return Ok(());
        };
        let at = error.location();
        let raw = std::str::from_utf8(&reject.raw).ok();
        let entry = Entry {
            input: at.input.as_deref(),
            record: at.record.filter(|_| reject.is_record || reject.is_item),
            line: at.line,
            byte: at.byte,
            field: at.field.as_deref(),
            kind: error.kind().word(),
            message: error.kind().to_string(),
            kept: reject.kept,
            item: reject.is_item,
            raw,
            raw_base64: raw.is_none().then(|| BASE64_STANDARD.encode(&reject.raw)),
            raw_cut: reject.raw_is == RawIs::Beginning,
            document: reject.raw_is == RawIs::Document,
            csv: reject.table.as_deref().map(RowFormat::new),
        };
        let failed = |source| WriteError::io("write", &to.path)(source);
        let mut text = serde_json::to_vec(&entry).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        to.output.write_all(&text).map_err(failed)?;
        Ok(())
    }

    /// Flushes the output, before the commit of the tables.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        if let Some(to) = &mut self.to {
            if to.destination.is_some() && to.path.is_dir() {
                let error = io::ErrorKind::IsADirectory.into();
                return Err(WriteError::io("replace", &to.path)(error).into());
            }
            let failed = WriteError::io("write", &to.path);
            to.output.flush().map_err(failed)?;
        }
        Ok(())
    }

    /// Commits a separate output, and fills the report.
    pub(super) fn finish(self, report: &mut Report) -> Result<(), Error> {
        let is_empty = self.by_kind.is_empty();
        report.records_rejected = self.rejected;
        report.records_partial = self.kept;
        report.problems_by_kind = self
            .by_kind
            .into_iter()
            .map(|(kind, number)| (kind.to_owned(), number))
            .collect();
        report.problems = self.problems;
        if let Some(to) = self.to {
            if is_empty && to.destination.is_some() && begins_as_rejects(&to.path) {
                // Whose they are is not known, so they stay.
                report
                    .left_files
                    .push(to.path.to_string_lossy().into_owned());
                report.left_files.sort();
            }
            let name = if let Some(destination) = to.destination {
                destination.commit()?;
                to.path.to_string_lossy().into_owned()
            } else {
                to.output.name().to_owned()
            };
            report.rejects_file = Some(name).filter(|name| !is_empty && !name.is_empty());
        }
        Ok(())
    }
}

/// True for a file that begins as rejects do.
fn begins_as_rejects(path: &Path) -> bool {
    let read = File::open(path).and_then(|file| {
        let mut begin = Vec::new();
        file.take(MOST_OF_ENTRY).read_to_end(&mut begin)?;
        Ok(begin)
    });
    let is_file = path.symlink_metadata().is_ok_and(|about| about.is_file());
    let begin = read.ok().filter(|_| is_file).unwrap_or_default();
    let begin = String::from_utf8_lossy(&begin);
    // In the order of `Entry`.
    let mut rest = begin.strip_prefix("{\"input\":");
    for key in ["record", "line", "byte", "kind", "message", "kept"] {
        let after = rest.and_then(|rest| rest.split_once(&format!(",\"{key}\":")));
        rest = after.map(|(_, after)| after);
    }
    rest.is_some()
}
