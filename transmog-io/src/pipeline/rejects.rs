//! Keeps account of what was rejected: counts it, logs it, and writes it to where rejects go. Decides nothing.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;

use super::max_rejects::{MaxRejects, Watched};
use crate::{
    cancel::CancelToken,
    csv::RowsFrom,
    destination::{Destination, Directory, Memory, MemoryFiles, Output},
    error::{Error, WriteError},
    records::Reject,
    report::{ProblemReport, Report},
    split::RawIs,
};

/// Problems that a report holds whole.
const MOST_PROBLEMS: usize = 10;

/// Where rejected records are written, one JSON object on a line for each.
pub struct RejectsTo {
    output: Box<dyn Output>,
    /// The destination, unless it is that of the tables.
    destination: Option<Box<dyn Destination>>,
    /// What errors call it, and reports if it is apart.
    path: PathBuf,
}

impl RejectsTo {
    /// A file beside the tables, made by their destination, which makes it final with them. `None` if the destination has
    /// no place for it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn beside(tables: &mut dyn Destination, entity: &str) -> Result<Option<Self>, WriteError> {
        let output = tables.create_aside(&format!("{entity}.rejected"), "jsonl")?;
        Ok(output.map(|output| Self {
            output,
            destination: None,
            path: format!("{entity}.rejected.jsonl").into(),
        }))
    }

    /// A file of its own, which becomes final after the tables, and is none of `inputs`.
    ///
    /// # Errors
    /// If it cannot be made, or is one of them.
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

    /// Memory that the caller keeps.
    ///
    /// # Errors
    /// None that can happen.
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

/// What the rejects say about a record, on one line.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the file")]
struct Entry<'a> {
    input: Option<&'a str>,
    /// None for what stands between records.
    record: Option<u64>,
    line: Option<u64>,
    byte: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    kind: &'static str,
    message: String,
    /// True if what could be read of the record is in the tables.
    kept: bool,
    /// True if it is an item of a record that is in the tables.
    #[serde(skip_serializing_if = "is_false")]
    item: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    /// True if that is only the beginning.
    #[serde(skip_serializing_if = "is_false")]
    raw_cut: bool,
    /// True if that is a document in which the records were looked for.
    #[serde(skip_serializing_if = "is_false")]
    document: bool,
    /// What is needed to read a row again.
    #[serde(skip_serializing_if = "Option::is_none")]
    csv: Option<RowsFrom>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What was rejected so far.
#[derive(Debug, Default)]
pub(super) struct Rejects {
    to: Option<RejectsTo>,
    rejected: u64,
    kept: u64,
    /// The record that an item was rejected of last: its input and number.
    partial: Option<(Option<Arc<str>>, Option<u64>)>,
    by_kind: BTreeMap<&'static str, u64>,
    problems: Vec<ProblemReport>,
    watched: Watched,
}

impl Rejects {
    pub(super) fn new(to: Option<RejectsTo>, most: Option<MaxRejects>) -> Self {
        Self {
            to,
            watched: Watched::new(most),
            ..Self::default()
        }
    }

    /// Counts from here on, and removes what was written.
    pub(super) fn write_nothing(&mut self) {
        self.to = None;
    }

    /// Records left out so far.
    pub(super) fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Takes note that so many records were passed, and all rejects among them.
    ///
    /// # Errors
    /// If too many records are bad.
    pub(super) fn pass(&mut self, records: u64) -> Result<(), Error> {
        Ok(self.watched.pass(records)?)
    }

    /// Looks at the bad records of all.
    ///
    /// # Errors
    /// If they are too many.
    pub(super) fn check(&self, records: u64) -> Result<(), Error> {
        Ok(self.watched.look(records)?)
    }

    /// Takes the next reject; its place is that in the input, and `before` counts the records of the run before it.
    pub(super) fn take(&mut self, reject: &Reject, before: u64) -> Result<(), Error> {
        let error = &reject.error;
        let bad = self.rejected + self.kept;
        if reject.kept {
            tracing::warn!("{error}; kept what could be read");
        } else {
            tracing::warn!("{error}; left out");
        }
        if reject.is_item || reject.kept {
            // A record is kept in part once, however many of its items are wrong.
            let at = error.location();
            let record = Some((at.input.clone(), at.record));
            self.kept += u64::from(self.partial != record);
            self.partial = record.filter(|_| reject.is_item);
        }
        self.rejected += u64::from(reject.is_record && !reject.kept);
        if self.rejected + self.kept > bad {
            self.watched.take(error, before)?;
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
            csv: reject.table.as_deref().map(RowsFrom::new),
        };
        let failed = |source| WriteError::io("write", &to.path)(source);
        let mut text = serde_json::to_vec(&entry).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        to.output.write_all(&text).map_err(failed)?;
        Ok(())
    }

    /// Hands over what is buffered, before the tables become final.
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

    /// Makes what is written apart from the tables final, and tells the report.
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
