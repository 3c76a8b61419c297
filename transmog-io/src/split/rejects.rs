//! Reads the records of a rejects file again. Errors name their place in the first input.
//!
//! ```text
//! {"input":"a.csv","record":7,"line":9,"raw":"8;x;1,5","csv":{"columns":["id","name"],...}}
//! ```
//!
//! Each line holds the raw text of a record and, for a CSV row, its columns and dialect.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use memchr::memchr_iter;
use serde::Deserialize;
use transmog_core::{Error as DataError, ErrorKind, Location};

use super::{Broken, Chunk, RawIs, Records, Source, lines::LineSplitter, rows::rows_of};
use crate::{
    csv::{CsvReadOptions, CsvTable, RowFormat},
    error::Error,
    input::byte_order_mark::behind_marks,
};

/// Reads the records out of a rejects file.
pub(super) struct RejectsSplitter<'a> {
    lines: LineSplitter<'a>,
    options: CsvReadOptions,
    /// True if records are read even if a part of them is in tables already.
    take_kept: bool,
    /// The input of the last line, and the table of the last row.
    input: Arc<str>,
    table: Option<(RowFormat, Arc<CsvTable>)>,
    /// Chunks made of the last lines.
    ready: VecDeque<Chunk>,
    failed: Option<Error>,
}

/// One line of the file.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the file")]
struct Entry {
    input: Option<String>,
    record: Option<u64>,
    line: Option<u64>,
    byte: Option<u64>,
    #[serde(default)]
    kept: bool,
    #[serde(default)]
    item: bool,
    raw: Option<String>,
    raw_base64: Option<String>,
    #[serde(default)]
    raw_cut: bool,
    #[serde(default)]
    document: bool,
    csv: Option<RowFormat>,
}

/// Consecutive records of the same format.
#[derive(Default)]
struct Group {
    table: Option<Arc<CsvTable>>,
    data: Vec<u8>,
    records: Vec<Range<usize>>,
    origins: Vec<Location>,
    broken: Vec<Broken>,
    passed_over: u64,
}

impl<'a> RejectsSplitter<'a> {
    pub(super) fn new(lines: LineSplitter<'a>, options: CsvReadOptions, take_kept: bool) -> Self {
        Self {
            lines,
            options,
            take_kept,
            input: Arc::from(""),
            table: None,
            ready: VecDeque::new(),
            failed: None,
        }
    }

    /// Makes chunks of the rejects on these lines.
    fn read(&mut self, lines: &Chunk) {
        let mut group = Group::default();
        let (mut start, mut line) = (0, lines.first_line);
        for end in memchr_iter(b'\n', &lines.data).chain([lines.data.len()]) {
            let text = behind_marks(&lines.data[start..end]);
            if !text.trim_ascii().is_empty() {
                let mut place = Location::default();
                place.input = Some(Arc::clone(&lines.input));
                place.line = Some(line);
                place.byte = Some(lines.first_byte + start as u64);
                if let Err(kind) = self.take(text, &place, lines, &mut group) {
                    self.failed = Some(DataError::new(kind, place).into());
                    break;
                }
            }
            (start, line) = (end + 1, line + 1);
        }
        self.hand_on(group, lines);
        if let Some(last) = self.ready.back_mut() {
            last.ends_block = lines.ends_block;
        }
    }

    /// Adds the record of a line to the group, or begins a new group if its format is another one.
    fn take(
        &mut self,
        text: &[u8],
        place: &Location,
        lines: &Chunk,
        group: &mut Group,
    ) -> Result<(), ErrorKind> {
        let wrong = |reason: String| ErrorKind::NotAReject { reason };
        let entry: Entry = serde_json::from_slice(text).map_err(|error| {
            let text = error.to_string();
            wrong(text.split(" at line ").next().unwrap_or_default().into())
        })?;
        // A user may have repaired `raw` and left `raw_base64` as it was.
        let raw = match (entry.raw, entry.raw_base64) {
            (Some(raw), _) => raw.into_bytes(),
            (None, Some(text)) => BASE64_STANDARD
                .decode(text)
                .map_err(|error| wrong(format!("raw_base64: {error}")))?,
            (None, None) => return Err(wrong("neither raw nor raw_base64 is there".into())),
        };
        if entry.item || (entry.kept && !self.take_kept) {
            group.passed_over += 1;
            return Ok(());
        }
        if entry
            .input
            .as_deref()
            .is_some_and(|input| *input != *self.input)
        {
            self.input = entry.input.unwrap_or_default().into();
        }
        let mut origin = Location::default();
        origin.input = Some(Arc::clone(&self.input));
        origin.record = entry.record;
        origin.line = entry.line;
        origin.byte = entry.byte;
        origin.rejects = place.input.clone().zip(place.line);
        let table = self.table_of(entry.csv).map_err(wrong)?;
        let is_same = match (&group.table, &table) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            let before = std::mem::take(group);
            self.hand_on(before, lines);
            group.table = table;
        }
        let raw_is = match (entry.raw_cut, entry.document) {
            (true, _) => RawIs::Beginning,
            (false, true) => RawIs::Document,
            (false, false) => RawIs::Record,
        };
        group.take(&raw, origin, raw_is);
        Ok(())
    }

    /// The table of a CSV row; `None` for JSON.
    fn table_of(&mut self, rows: Option<RowFormat>) -> Result<Option<Arc<CsvTable>>, String> {
        let Some(rows) = rows else { return Ok(None) };
        if let Some((known, table)) = &self.table
            && *known == rows
        {
            return Ok(Some(Arc::clone(table)));
        }
        let table = rows.table(&self.options);
        let table = Arc::new(table.map_err(|error| format!("csv: {error}"))?);
        self.table = Some((rows, Arc::clone(&table)));
        Ok(Some(table))
    }

    fn hand_on(&mut self, group: Group, lines: &Chunk) {
        if group.records.is_empty() && group.broken.is_empty() && group.passed_over == 0 {
            return;
        }
        let records = match group.table {
            Some(table) => Records::Rows {
                rows: group.records,
                table,
            },
            None => Records::Items(group.records),
        };
        self.ready.push_back(Chunk {
            data: Bytes::from(group.data),
            records,
            broken: group.broken,
            origins: group.origins,
            passed_over: group.passed_over,
            ends_block: false,
            ..lines.clone()
        });
    }
}

impl Group {
    fn take(&mut self, raw: &[u8], origin: Location, raw_is: RawIs) {
        let wrong = match raw_is {
            RawIs::Record => None,
            RawIs::Beginning => Some(
                "raw is only the beginning of the record: put all of it there and take raw_cut away",
            ),
            RawIs::Document => Some(
                "raw is a document in which a path leads to the records: read it as an input of its own, with that path",
            ),
        };
        if let Some(reason) = wrong {
            self.broken.push(Broken {
                kind: ErrorKind::RawUnread {
                    reason: reason.into(),
                },
                place: origin,
                after: self.records.len(),
                raw: Bytes::copy_from_slice(raw),
                raw_is,
                is_record: true,
            });
            return;
        }
        let start = self.data.len();
        let records = match &self.table {
            Some(table) => rows_of(raw, table.dialect(), table.width()),
            None if raw.trim_ascii().is_empty() => Vec::new(),
            None => std::iter::once(0..raw.len()).collect(),
        };
        for record in records {
            self.records.push(start + record.start..start + record.end);
            self.origins.push(origin.clone());
        }
        self.data.extend_from_slice(raw);
        self.data.push(b'\n');
    }
}

impl Source for RejectsSplitter<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Ok(Some(chunk));
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            match self.lines.next_chunk()? {
                Some(lines) => self.read(&lines),
                None => return Ok(None),
            }
        }
    }

    fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }
}
