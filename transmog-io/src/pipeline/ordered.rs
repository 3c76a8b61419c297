//! The stage that sees everything in input order: gives names and types, writes, and counts.

use std::sync::Arc;

use transmog_core::{Catalog, Config, Error as DataError, ErrorKind, Location, Run, ShreddedChunk};

use super::{Asides, Job, rejects::Rejects};
use crate::{
    cancel::CancelToken,
    error::Error,
    intake::Taken,
    manifest::{EarlierRun, ManifestTo},
    progress::{OnProgress, Progress},
    report::{CsvChunk, CsvRows, Droppings, Ledger, Report, Roundings, RuleReport, check_rules},
    writer::{StreamingWriter, TableSpec},
};

/// A shredded chunk, and what is needed to put it in its place.
pub(super) struct Shredded {
    /// Places count records from the chunk's first.
    pub(super) taken: Taken,
    /// Rejects of an earlier run that were passed over.
    pub(super) passed_over: u64,
    /// Where the chunk begins, for errors that have no place of their own.
    pub(super) place: Location,
    /// What it tells of its input, if that is CSV.
    pub(super) csv: Option<CsvChunk>,
    pub(super) input_number: usize,
    pub(super) ends_block: bool,
    /// Bytes of input up to here, about.
    pub(super) bytes_read: u64,
}

pub(super) struct Ordered {
    config: Arc<Config>,
    catalog: Catalog,
    writer: Box<dyn StreamingWriter>,
    run: Run,
    /// Chunks taken.
    chunks: u64,
    records: u64,
    passed_over: u64,
    rejects: Rejects,
    manifest: Option<ManifestTo>,
    earlier: Option<EarlierRun>,
    entity: String,
    ledger: Ledger,
    dropped: Droppings,
    csv_rows: CsvRows,
    rounded: Roundings,
    strict_rules: bool,
    /// The input under way, and its records so far.
    input: (usize, u64),
    total_bytes: Option<u64>,
    on_progress: Option<OnProgress>,
    cancel: CancelToken,
}

impl Ordered {
    pub(super) fn new(
        mut writer: Box<dyn StreamingWriter>,
        asides: Asides,
        total_bytes: Option<u64>,
        job: &Job,
    ) -> Result<Self, Error> {
        if let Some(bytes) = job.writer_memory {
            writer.limit_memory(bytes);
        }
        writer.use_words(job.config.words());
        let catalog = Catalog::new(Arc::clone(&job.config), &job.entity);
        // The main table is there even if there are no records.
        for table in catalog.tables() {
            let (name, parent, schema) = (table.name, table.parent, table.schema);
            writer.begin_table(&TableSpec {
                name,
                parent,
                schema,
            })?;
        }
        Ok(Self {
            config: Arc::clone(&job.config),
            catalog,
            writer,
            run: job.run,
            chunks: 0,
            records: 0,
            passed_over: 0,
            rejects: Rejects::new(asides.rejects, job.max_rejects),
            manifest: asides.manifest,
            earlier: asides.earlier,
            entity: job.entity.clone(),
            ledger: Ledger::default(),
            dropped: Droppings::default(),
            csv_rows: CsvRows::default(),
            rounded: Roundings::default(),
            strict_rules: job.strict_rules,
            input: (0, 0),
            total_bytes,
            on_progress: job.on_progress.clone(),
            cancel: job.cancel.clone(),
        })
    }

    /// Writes the next chunk.
    pub(super) fn take(&mut self, shredded: Shredded) -> Result<(), Error> {
        self.cancel.check()?;
        if self.input.0 != shredded.input_number {
            self.input = (shredded.input_number, 0);
        }
        let before = self.input.1;
        let here = |error: DataError| {
            error.at(|at| {
                if at.is_empty() {
                    at.clone_from(&shredded.place);
                }
                let input = || shredded.place.input.clone();
                at.input = at.input.take().or_else(input);
                // A record out of a rejects file has the number that it had first.
                if at.rejects.is_none() {
                    at.record = at.record.map(|record| before + record);
                }
            })
        };
        let taken = shredded.taken;
        let mut left_out = Vec::new();
        // What ends the run here, and how many of the chunk's records come before it.
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
        if let Some(csv) = &shredded.csv {
            self.csv_rows.take(shredded.input_number, before, csv);
        }
        self.input.1 += taken.records;
        self.records += taken.records;
        self.passed_over += shredded.passed_over;
        let mut rows = 0;
        for part in taken.parts {
            let of_row = |error: DataError| {
                here(error.at(|at| at.record = at.record.map(|row| number(rows + row, &left_out))))
            };
            self.write(&part, of_row)?;
            rows += part.records;
        }
        if shredded.ends_block {
            self.writer.checkpoint()?;
        }
        if let Some(on_progress) = &self.on_progress {
            on_progress.tell(&Progress {
                records: self.records,
                rejected: self.rejects.rejected(),
                bytes_read: shredded.bytes_read,
                total_bytes: self.total_bytes,
            });
        }
        Ok(())
    }

    /// How many of a chunk's records an error was seen after that is about many of them.
    fn looked_at(&self, error: &Error) -> u64 {
        match error {
            Error::Data(error) => match error.kind() {
                ErrorKind::TooManyRejects { records, .. } => records.saturating_sub(self.records),
                _ => u64::MAX,
            },
            _ => u64::MAX,
        }
    }

    /// What is wrong with the rows of a chunk's first records, of which some were left out.
    fn earlier(
        &mut self,
        parts: &[ShreddedChunk],
        records: u64,
        left_out: &[u64],
    ) -> Option<DataError> {
        let mut rows = 0;
        for part in parts {
            let assembled = self
                .catalog
                .assemble(&self.config, part, self.chunks, &self.run);
            if let Err(error) = assembled {
                let record = number(rows + error.location().record?, left_out);
                return (record < records).then(|| error.at(|at| at.record = Some(record)));
            }
            rows += part.records;
        }
        None
    }

    /// Writes rows.
    fn write(
        &mut self,
        chunk: &ShreddedChunk,
        here: impl FnOnce(DataError) -> DataError,
    ) -> Result<(), Error> {
        self.ledger.leaves_read += chunk.leaves_read;
        self.ledger.rejected += chunk.rejected;
        self.ledger.excluded += chunk.excluded;
        self.dropped.take(&chunk.dropped);
        self.rounded.take(&chunk.rounded);
        let tables = self
            .catalog
            .assemble(&self.config, chunk, self.chunks, &self.run)
            .map_err(here)?;
        self.chunks += 1;
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
            // A header without rows gives columns, of which the writer is told in the end.
            if table.batch.rows.num_rows() > 0 {
                self.writer.write_batch(&table.name, &table.batch)?;
            }
        }
        Ok(())
    }

    /// Checks that nothing was lost, and only then makes the output final. Gives the report but for what the source
    /// knows, and what is to be told of rows of CSV.
    pub(super) fn finish(mut self) -> Result<(Report, CsvRows), Error> {
        self.cancel.check()?;
        if !self.ledger.adds_up() {
            let message = format!("the ledger does not add up: {:?}", self.ledger);
            return Err(DataError::internal(message).into());
        }
        self.rejects.check(self.records)?;
        self.catalog.check_ids()?;
        for table in self.catalog.tables() {
            self.writer.set_schema(&table.name, &table.schema)?;
        }
        let rules = RuleReport::all(&self.catalog, self.writer.as_ref());
        check_rules(&self.catalog, &rules, self.strict_rules)?;
        if let Some(manifest) = self.manifest {
            let (catalog, config) = (&self.catalog, &self.config);
            manifest.write(
                catalog,
                config,
                &self.entity,
                &self.run,
                self.writer.as_ref(),
            )?;
        }
        self.rejects.flush()?;
        let files = self.writer.finish()?;
        let mut report = Report::new(&self.catalog, &files, self.ledger);
        report.records_read = self.records;
        report.rejects_passed_over = self.passed_over;
        self.dropped.finish(&mut report);
        self.rounded.finish(&mut report);
        report.rules = rules;
        if let Some(earlier) = self.earlier {
            report.take_files(earlier.files());
        }
        self.rejects.finish(&mut report)?;
        Ok((report, self.csv_rows))
    }
}

/// Number of the record that a row was made of, given the numbers of those that were left out.
fn number(row: u64, left_out: &[u64]) -> u64 {
    let skipped = left_out.iter();
    skipped.fold(row, |record, out| record + u64::from(*out <= record))
}
