//! The stage that sees everything in input order: gives names and types, writes, and counts.

use std::sync::Arc;

use transmog_core::{Catalog, Config, Error as DataError, Location, Run, ShreddedChunk};

use super::Job;
use crate::{
    error::Error,
    report::{Ledger, Report},
    writer::{StreamingWriter, TableSpec},
};

/// A shredded chunk, and what is needed to put it in its place.
pub(super) struct Shredded {
    /// An error's place counts records from the chunk's first.
    pub(super) tables: Result<ShreddedChunk, DataError>,
    /// Where the chunk begins, for errors that have no place of their own.
    pub(super) place: Location,
    pub(super) input_number: usize,
    pub(super) ends_block: bool,
}

pub(super) struct Ordered {
    config: Arc<Config>,
    catalog: Catalog,
    writer: Box<dyn StreamingWriter>,
    run: Run,
    /// Chunks taken.
    chunks: u64,
    records: u64,
    ledger: Ledger,
    /// The input under way, and its records so far.
    input: (usize, u64),
}

impl Ordered {
    pub(super) fn new(mut writer: Box<dyn StreamingWriter>, job: &Job) -> Result<Self, Error> {
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
            ledger: Ledger::default(),
            input: (0, 0),
        })
    }

    /// Writes the next chunk.
    pub(super) fn take(&mut self, shredded: Shredded) -> Result<(), Error> {
        if self.input.0 != shredded.input_number {
            self.input = (shredded.input_number, 0);
        }
        let before = self.input.1;
        let here = |error: DataError| {
            error.at(|at| {
                if at.is_empty() {
                    at.clone_from(&shredded.place);
                }
                at.record = at.record.map(|record| before + record);
            })
        };
        let chunk = shredded.tables.map_err(here)?;
        self.input.1 += chunk.records;
        self.records += chunk.records;
        self.ledger.leaves_read += chunk.leaves_read;
        self.ledger.excluded += chunk.excluded;
        let tables = self
            .catalog
            .assemble(&self.config, &chunk, self.chunks, &self.run)
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
            self.writer.write_batch(&table.name, &table.batch)?;
        }
        if shredded.ends_block {
            self.writer.checkpoint()?;
        }
        Ok(())
    }

    /// Checks that nothing was lost, and only then makes the output final.
    pub(super) fn finish(mut self) -> Result<Report, Error> {
        if !self.ledger.adds_up() {
            let message = format!("the ledger does not add up: {:?}", self.ledger);
            return Err(DataError::internal(message).into());
        }
        for table in self.catalog.tables() {
            self.writer.set_schema(&table.name, &table.schema)?;
        }
        let files = self.writer.finish()?;
        let mut report = Report::new(&self.catalog, &files, self.ledger);
        report.records_read = self.records;
        Ok(report)
    }
}
