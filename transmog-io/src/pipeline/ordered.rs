//! The ordered stage: receives shredded chunks in input order, names and types their columns, and
//! writes them.
//!
//! Everything that must not depend on threads is decided here: names, types, the first error, the
//! order of rows, the numbers of the report.

use std::{collections::BTreeSet, sync::Arc};

use transmog_core::{
    AssembledTable, Assembler, Error as DataError, ErrorKind, Location, Run, ShreddedChunk,
    TypeChange,
};

use super::{
    Asides, Job,
    as_written::{Again, AsWritten},
    rejects::Rejects,
};
use crate::{
    cancel::CancelToken,
    destination::EarlierRun,
    error::Error,
    memory::Discard,
    pipeline::{ManifestTo, OnProgress, Progress},
    records::{CsvChunk, ReadChunk, Starts, csv::TextColumns},
    report::{CsvRows, Droppings, Ledger, Report, Roundings, RuleReport, TypeChanges, check_rules},
    split::{Chunk, Records},
    writer::{StreamingWriter, TableSpec},
};

/// A shredded chunk, with what the ordered stage needs to know about it.
pub(super) struct Shredded {
    /// Its rows and rejects; record numbers count from the first of the chunk.
    pub(super) taken: ReadChunk,
    /// What it adds to the report of a CSV input.
    pub(super) csv: Option<CsvChunk>,
    /// The chunk itself.
    pub(super) chunk: Chunk,
    /// Bytes of input read up to here, roughly.
    pub(super) bytes_read: u64,
}

/// How a pass ended.
pub(super) enum Ended {
    /// The output is committed. The report lacks what the source knows; it completes the CSV part.
    Done(Box<Report>, CsvRows),
    /// Nothing was written: a second pass is needed, with this knowledge.
    Again(Again),
}

/// The state of the ordered stage: catalog, writer and counts.
pub(super) struct Ordered {
    assembler: Assembler,
    writer: Box<dyn StreamingWriter>,
    run: Run,
    /// Chunks written so far.
    chunks: u64,
    records: u64,
    passed_over: u64,
    rejects: Rejects,
    manifest: Option<ManifestTo>,
    earlier: Option<EarlierRun>,
    ledger: Ledger,
    dropped: Droppings,
    csv_rows: CsvRows,
    rounded: Roundings,
    strict_rules: bool,
    type_changes: TypeChanges,
    as_written: AsWritten,
    /// True if a second pass is possible.
    may_restart: bool,
    /// 1, or 2 in the second pass.
    pass: u32,
    /// CSV columns that need the second pass.
    again: BTreeSet<String>,
    /// The current input, and its records so far.
    input: (usize, u64),
    total_bytes: Option<u64>,
    on_progress: Option<OnProgress>,
    cancel: CancelToken,
}

impl Ordered {
    /// `again` is what the first pass found out.
    pub(super) fn new(
        (mut writer, asides): (Box<dyn StreamingWriter>, Asides),
        total_bytes: Option<u64>,
        (may_restart, again): (bool, Option<Again>),
        job: &Job,
    ) -> Result<Self, Error> {
        let pass = if again.is_some() { 2 } else { 1 };
        let again = again.unwrap_or_default();
        if let Some(bytes) = job.writer_memory {
            writer.limit_memory(bytes);
        }
        writer.use_words(job.plan.settings().words());
        let assembler = Assembler::new(Arc::clone(&job.plan));
        // The main table exists even without records.
        for table in assembler.catalog().tables() {
            let (name, parent, schema) = (table.name, table.parent, table.schema);
            writer.begin_table(&TableSpec {
                name,
                parent,
                schema,
            })?;
        }
        Ok(Self {
            assembler,
            writer,
            run: job.run,
            chunks: 0,
            records: 0,
            passed_over: 0,
            rejects: Rejects::new(asides.rejects, job.max_rejects),
            manifest: asides.manifest,
            earlier: asides.earlier,
            ledger: Ledger::default(),
            dropped: Droppings::default(),
            csv_rows: CsvRows::default(),
            rounded: Roundings::default(),
            strict_rules: job.strict_rules,
            type_changes: again.type_changes,
            as_written: AsWritten::new(job, again.columns),
            may_restart,
            pass,
            again: BTreeSet::new(),
            input: (0, 0),
            total_bytes,
            on_progress: job.on_progress.clone(),
            cancel: job.cancel.clone(),
        })
    }

    /// Writes the next chunk.
    pub(super) fn take(&mut self, shredded: Shredded) -> Result<(), Error> {
        self.cancel.check()?;
        let Shredded {
            taken,
            csv,
            chunk,
            bytes_read,
        } = self.as_written.next(self.assembler.catalog(), shredded)?;
        if self.input.0 != chunk.input_number {
            self.input = (chunk.input_number, 0);
        }
        let before = self.input.1;
        let (place, ends_block) = (chunk.place(), chunk.ends_block);
        let in_input = |at: &mut Location| {
            if at.is_empty() {
                at.clone_from(&place);
            }
            let input = || place.input.clone();
            at.input = at.input.take().or_else(input);
            // A record of a rejects file keeps the number that it had in its first input.
            if at.rejects.is_none() {
                at.record = at.record.map(|record| before + record);
            }
        };
        let here = |error: DataError| error.at(in_input);
        let mut left_out = Vec::new();
        // The error that ends the run, and the number of records of the chunk before it.
        let mut ended: Option<(u64, Error)> = None;
        for mut reject in taken.rejects {
            reject.error = here(reject.error);
            if let Err(error) = self.rejects.take(&reject, self.records + reject.number) {
                ended = Some((reject.number, error));
                break;
            }
            if reject.is_record && !reject.kept {
                left_out.push(reject.number);
            }
        }
        if ended.is_none() {
            let passed = self.rejects.pass(self.records + taken.records);
            let failed = taken.failed.map(|error| here(error).into());
            ended = passed.err().or(failed).map(|error| (taken.records, error));
        }
        if let Some((before, error)) = ended {
            let before = before.min(self.looked_at(&error));
            return Err(self
                .earlier(&taken.parts, before, &left_out)
                .map_or(error, |error| here(error).into()));
        }
        if let Some(csv) = &csv {
            self.csv_rows.take(chunk.input_number, before, csv);
        }
        self.input.1 += taken.records;
        self.records += taken.records;
        self.passed_over += chunk.passed_over;
        let mut rows = 0;
        let mut changes = Vec::new();
        let mut text = Some(chunk);
        let mut parts = taken.parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            let tables = self.assemble(&part).map_err(|error| {
                here(error.at(|at| at.record = at.record.map(|row| number(rows + row, &left_out))))
            })?;
            for mut change in self.assembler.catalog_mut().take_type_changes() {
                if self.as_written.is_decided(&change) {
                    continue;
                }
                change.record = number(rows + change.record, &left_out);
                let at = text
                    .as_ref()
                    .map(|chunk| place_of(&change, chunk, &taken.starts));
                let mut at = at.unwrap_or_default();
                in_input(&mut at);
                changes.push((change, at));
            }
            rows += part.records;
            // Free the text of the chunk before the writer encodes.
            if parts.peek().is_none() {
                text = None;
            }
            self.write(tables)?;
        }
        changes.extend(
            self.as_written
                .decided(self.assembler.catalog(), &(before..self.input.1)),
        );
        changes.sort_by_key(|(change, _)| change.record);
        for (change, at) in changes {
            self.note_change(change, &at);
        }
        if ends_block {
            self.writer.checkpoint()?;
        }
        if let Some(on_progress) = &self.on_progress {
            on_progress.tell(&Progress {
                records: self.records,
                rejected: self.rejects.rejected(),
                bytes_read,
                total_bytes: self.total_bytes,
                pass: self.pass,
            });
        }
        Ok(())
    }

    /// Reports a column that changed its type. If earlier cells were written differently because of
    /// it and a second pass is possible, the rest of this pass writes nothing and only finds such
    /// columns.
    fn note_change(&mut self, change: TypeChange, at: &Location) {
        let respelled = self.as_written.respelled(&change);
        let is_known = self.pass > 1 && respelled == 0;
        if respelled > 0
            && self.may_restart
            && let Some(key) = change.flat_key()
        {
            if self.again.insert(key.to_owned()) {
                // A writer that is dropped without `finish` removes its outputs.
                self.writer = Box::new(Discard);
                self.manifest = None;
                self.rejects.write_nothing();
            }
            self.type_changes.take(change, at, 0);
        } else if !is_known {
            self.type_changes.take(change, at, respelled);
        }
    }

    /// CSV columns that are text by now.
    pub(super) fn text_columns(&self) -> &TextColumns {
        self.as_written.columns()
    }

    /// For `TooManyRejects`: how many of this chunk's records had been checked.
    fn looked_at(&self, error: &Error) -> u64 {
        match error {
            Error::Data(error) => match error.kind() {
                ErrorKind::TooManyRejects { records, .. } => records.saturating_sub(self.records),
                _ => u64::MAX,
            },
            _ => u64::MAX,
        }
    }

    /// The first error in assembling the rows of the first `records` of a chunk: it may come before
    /// the error that was found.
    fn earlier(
        &mut self,
        parts: &[ShreddedChunk],
        records: u64,
        left_out: &[u64],
    ) -> Option<DataError> {
        let mut rows = 0;
        for part in parts {
            let assembled = self.assembler.assemble(part, self.chunks, &self.run);
            if let Err(error) = assembled {
                let record = number(rows + error.location().record?, left_out);
                return (record < records).then(|| error.at(|at| at.record = Some(record)));
            }
            rows += part.records;
        }
        None
    }

    /// Assembles the batches of a chunk.
    fn assemble(&mut self, chunk: &ShreddedChunk) -> Result<Vec<AssembledTable>, DataError> {
        self.ledger.leaves_read += chunk.leaves_read;
        self.ledger.rejected += chunk.rejected;
        self.ledger.excluded += chunk.excluded;
        self.dropped.take(&chunk.dropped);
        self.rounded.take(&chunk.rounded);
        let tables = self.assembler.assemble(chunk, self.chunks, &self.run);
        self.chunks += 1;
        tables
    }

    /// Writes batches.
    fn write(&mut self, tables: Vec<AssembledTable>) -> Result<(), Error> {
        for table in tables {
            self.ledger.cells_written += table.cells;
            if table.new {
                let (name, parent) = (table.name.clone(), table.parent);
                let schema = table.batch.rows.schema();
                self.writer.begin_table(&TableSpec {
                    name,
                    parent,
                    schema,
                })?;
            }
            // A batch without rows (a CSV header alone) only adds columns; the final schema has
            // them.
            if table.batch.rows.num_rows() > 0 {
                self.writer.write_batch(&table.name, &table.batch)?;
            }
        }
        Ok(())
    }

    /// Checks that nothing was lost, then commits the output, or asks for a second pass.
    pub(super) fn finish(mut self) -> Result<Ended, Error> {
        self.cancel.check()?;
        if !self.ledger.adds_up() {
            let message = format!("the ledger does not add up: {:?}", self.ledger);
            return Err(DataError::internal(message).into());
        }
        self.rejects.check(self.records)?;
        if !self.again.is_empty() {
            return Ok(Ended::Again(Again {
                columns: self.again,
                type_changes: self.type_changes,
            }));
        }
        self.assembler.catalog().check_ids()?;
        for table in self.assembler.catalog().tables() {
            self.writer.set_schema(&table.name, &table.schema)?;
        }
        let rules = RuleReport::all(self.assembler.catalog(), self.writer.as_ref());
        check_rules(self.assembler.catalog(), &rules, self.strict_rules)?;
        if let Some(manifest) = self.manifest {
            manifest.write(
                self.assembler.catalog(),
                &self.run,
                self.writer.as_ref(),
                self.type_changes.first(),
            )?;
        }
        self.rejects.flush()?;
        let files = self.writer.finish()?;
        let mut report = Report::new(self.assembler.catalog(), &files, self.ledger);
        report.records_read = self.records;
        report.rejects_passed_over = self.passed_over;
        self.dropped.finish(&mut report);
        self.rounded.finish(&mut report);
        report.rules = rules;
        if let Some(earlier) = self.earlier {
            report.take_files(earlier.files());
        }
        self.type_changes.finish(&mut report);
        self.rejects.finish(&mut report)?;
        report.passes = self.pass;
        Ok(Ended::Done(Box::new(report), self.csv_rows))
    }
}

/// The position of the record that changed a type; its number counts from the first of the chunk.
fn place_of(change: &TypeChange, chunk: &Chunk, starts: &Starts) -> Location {
    let stretch = match (&chunk.records, change.item) {
        (Records::ArrayItems { first, .. }, Some(item)) => {
            usize::try_from(item.saturating_sub(*first)).unwrap_or(usize::MAX)
        }
        _ => starts.stretch(change.record),
    };
    let mut at = chunk.place_of(stretch);
    if at.rejects.is_none() {
        at.record = Some(change.record);
    }
    at
}

/// The number of the record of a row, given the numbers of the records that were left out.
pub(super) fn number(row: u64, left_out: &[u64]) -> u64 {
    let skipped = left_out.iter();
    skipped.fold(row, |record, out| record + u64::from(*out <= record))
}
