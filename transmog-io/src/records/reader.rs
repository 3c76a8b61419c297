//! Reads the records of a chunk one by one, whatever their format, and handles bad ones.
//!
//! The rules that hold for every format are here: the limit of bytes, the place of an error, the
//! call of the recovery strategy, the count of records.

use std::{mem, ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{Cast, Error, Location, Problem, Recovery, ShreddedChunk, Shredder, Verdict};

use crate::{
    csv::{CsvTable, RaggedRows},
    fault::Fault,
    split::{Broken, Chunk, RawIs, Records},
};

mod described;
mod early_end;
mod item;
mod starts;

pub(crate) use starts::Starts;

/// Settings for reading records.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Levels of nesting that become values; deeper ones stay JSON text.
    pub(crate) deepest: usize,
    /// True if NaN and infinities are accepted as floats.
    pub(crate) allow_nan: bool,
    /// Whether columns are cast to text.
    pub(crate) cast: Cast,
    pub(crate) recovery: Recovery,
    /// Most bytes of a record.
    pub(crate) max_record_bytes: usize,
}

/// A bad record that did not end the run, or a stretch of the input that is not a record.
#[derive(Debug)]
pub(crate) struct Reject {
    /// What is wrong and where; the record number counts from the first of the chunk.
    pub(crate) error: Error,
    /// Its raw text.
    pub(crate) raw: Bytes,
    /// How much of it that is.
    pub(crate) raw_is: RawIs,
    /// True if its readable part is in the tables.
    pub(crate) kept: bool,
    /// False for a stretch between records.
    pub(crate) is_record: bool,
    /// True if it is an item of a record that was cut.
    pub(crate) is_item: bool,
    /// Number of records of the chunk before it.
    pub(crate) number: u64,
    /// For a CSV row: the table that is needed to read it again.
    pub(crate) table: Option<Arc<CsvTable>>,
}

/// What a chunk adds to the report of its CSV input.
#[derive(Debug, Clone)]
pub(crate) struct CsvChunk {
    /// True if the input has a header and no rows.
    pub(crate) only_header: bool,
    /// Record numbers count from the first of the chunk.
    pub(crate) ragged: RaggedRows,
}

/// The result of reading a chunk.
#[derive(Debug)]
pub(crate) struct ReadChunk {
    /// Its rows, in order. More than one part only if its tables are very large.
    pub(crate) parts: Vec<ShreddedChunk>,
    /// Number of records, including those left out.
    pub(crate) records: u64,
    pub(crate) rejects: Vec<Reject>,
    /// Where its records begin.
    pub(crate) starts: Starts,
    /// CSV: by column, the number of cells whose values are formatted differently from the cell
    /// (`1.50` as `1.5`).
    pub(crate) respelled: Vec<(String, u64)>,
    /// The error that ends the run. The rows before it are still checked, because one of them may
    /// have an earlier error.
    pub(crate) failed: Option<Error>,
}

/// Reads the records of one chunk into a shredder.
pub(crate) struct RecordReader<'a> {
    pub(crate) shredder: &'a mut Shredder,
    pub(crate) chunk: &'a Chunk,
    pub(crate) rules: &'a Rules,
    /// See [`ReadChunk::respelled`].
    pub(crate) respelled: Vec<(String, u64)>,
    rejects: Vec<Reject>,
    pub(crate) ragged: RaggedRows,
    /// Parts sealed so far, and the number of their records.
    finished: (Vec<ShreddedChunk>, u64),
    /// Records left out.
    left_out: u64,
    /// Records read so far, and broken stretches reported.
    met: usize,
    reported: usize,
    /// True if a record has reported the early end of the text.
    early_end_reported: bool,
    /// The last position counted to: a byte, and the line breaks before it.
    lines: (usize, u64),
    starts: Starts,
}

impl<'a> RecordReader<'a> {
    pub(crate) fn new(shredder: &'a mut Shredder, chunk: &'a Chunk, rules: &'a Rules) -> Self {
        Self {
            shredder,
            chunk,
            rules,
            respelled: Vec::new(),
            rejects: Vec::new(),
            ragged: RaggedRows::default(),
            finished: (Vec::new(), 0),
            left_out: 0,
            met: 0,
            reported: 0,
            early_end_reported: false,
            lines: (0, 0),
            starts: Starts::default(),
        }
    }

    /// Reads the record at `range` with `take`, which must leave the shredder unchanged if it
    /// fails. If the strategy keeps readable parts, `keep` reads them, and returns whether there
    /// were any.
    ///
    /// # Errors
    /// If the strategy ends the run.
    pub(crate) fn record(
        &mut self,
        range: Range<usize>,
        take: impl FnOnce(&mut Shredder) -> Result<(), Fault>,
        keep: impl FnOnce(&mut Shredder) -> bool,
    ) -> Result<(), Error> {
        self.report_broken()?;
        self.make_room()?;
        self.met += 1;
        let number = self.records();
        self.starts.next(number);
        let bytes = range.len();
        // The rest of a record that was cut has been held already.
        if bytes > self.rules.max_record_bytes && !self.chunk.is_cut_in(&range) {
            let limit = self.rules.max_record_bytes;
            let place = self.place_at(range.start);
            let raw = &self.chunk.data[range];
            return self.broken(&Broken::over_limit(place, bytes as u64, limit, raw));
        }
        let taken = match self.unfinished_row(&range) {
            Some(kind) => Err(Fault::new(kind.clone(), range.len())),
            None => take(self.shredder),
        };
        let Err(fault) = taken else {
            return Ok(());
        };
        let fault = self.by_early_end(fault, &range);
        let fault = self.described(fault, &range);
        if self.chunk.is_cut_in(&range) {
            return self.cut_record(fault, range, number, keep);
        }
        let place = self.place(&fault, range.start);
        let error = Error::new(fault.kind, place);
        let raw = self.chunk.data.slice(range);
        let verdict = self.rules.recovery.recover(&Problem::new(&error, &raw));
        let kept = verdict == Verdict::Keep && keep(self.shredder);
        self.reject(error, raw, number, (verdict, kept, true))
    }

    /// Reports the broken stretches before the next record. Call it once more after the last
    /// record.
    ///
    /// # Errors
    /// If the strategy ends the run.
    pub(crate) fn report_broken(&mut self) -> Result<(), Error> {
        while let Some(broken) = self.chunk.broken.get(self.reported)
            && broken.after <= self.met
        {
            self.reported += 1;
            self.broken(broken)?;
        }
        Ok(())
    }

    fn broken(&mut self, broken: &Broken) -> Result<(), Error> {
        let (number, raw) = (self.records(), broken.raw.clone());
        let error = Error::new(broken.kind.clone(), broken.place.clone());
        let verdict = self.rules.recovery.recover(&Problem::new(&error, &raw));
        self.reject(error, raw, number, (verdict, false, broken.is_record))?;
        if let Some(reject) = self.rejects.last_mut() {
            reject.raw_is = broken.raw_is;
        }
        Ok(())
    }

    /// The result. `taken` is the error of reading the records, if one has ended the run.
    pub(crate) fn finish(mut self, taken: Result<(), Error>) -> ReadChunk {
        let records = self.records();
        self.starts.end(records);
        let finished = self.finish_tables();
        let failed = taken.and(finished).err();
        ReadChunk {
            parts: self.finished.0,
            records,
            rejects: self.rejects,
            starts: self.starts,
            respelled: self.respelled,
            failed,
        }
    }

    /// Seals the tables so far if they are very large. True if it did.
    ///
    /// # Errors
    /// If a column exceeds what Arrow can hold.
    pub(crate) fn make_room(&mut self) -> Result<bool, Error> {
        let is_full = self.shredder.is_full();
        if is_full {
            self.finish_tables()?;
        }
        Ok(is_full)
    }

    fn finish_tables(&mut self) -> Result<(), Error> {
        let part = self.shredder.seal()?;
        self.finished.1 += part.records;
        self.finished.0.push(part);
        Ok(())
    }

    /// What the chunk adds to the report, if it is CSV.
    pub(crate) fn csv_chunk(&mut self) -> Option<CsvChunk> {
        let Records::Rows { rows, .. } = &self.chunk.records else {
            return None;
        };
        Some(CsvChunk {
            only_header: rows.is_empty()
                && self.chunk.broken.is_empty()
                && self.chunk.origins.is_empty(),
            ragged: mem::take(&mut self.ragged),
        })
    }

    /// True if the chunk has made a row.
    pub(crate) fn has_rows(&self) -> bool {
        self.shredder.records() + self.finished.1 > 0
    }

    /// The position of the last record, which begins at `start` of the chunk.
    pub(crate) fn last_place(&mut self, start: usize) -> Location {
        let mut place = self.place_at(start);
        if place.rejects.is_none() {
            place.record = self.records().checked_sub(1);
        }
        place
    }

    /// Number of records so far, including those left out.
    pub(crate) fn records(&self) -> u64 {
        self.shredder.records() + self.finished.1 + self.left_out
    }

    fn reject(
        &mut self,
        error: Error,
        raw: Bytes,
        number: u64,
        (verdict, kept, is_record): (Verdict, bool, bool),
    ) -> Result<(), Error> {
        let error = error.at(|at| {
            // A record of a rejects file keeps the number that it had in its first input.
            if at.rejects.is_none() {
                at.record = Some(number);
            }
        });
        if verdict == Verdict::Fail {
            return Err(error);
        }
        self.left_out += u64::from(is_record && !kept);
        let table = match &self.chunk.records {
            Records::Rows { table, .. } => Some(Arc::clone(table)),
            _ => None,
        };
        self.rejects.push(Reject {
            error,
            raw,
            raw_is: RawIs::Record,
            kept,
            is_record,
            is_item: false,
            number,
            table,
        });
        Ok(())
    }

    fn place(&mut self, fault: &Fault, start: usize) -> Location {
        let mut place = self.place_at(start + fault.at);
        place.field = fault.field();
        place
    }

    /// The position of a byte of the current record.
    fn place_at(&mut self, at: usize) -> Location {
        let chunk = self.chunk;
        if let Some(origin) = chunk.origins.get(self.met.saturating_sub(1)) {
            return origin.clone();
        }
        let at = at.min(chunk.data.len());
        // Count from the last position: every record may have an error.
        let (counted, before) = if self.lines.0 <= at {
            self.lines
        } else {
            (0, 0)
        };
        let lines = before + memchr_iter(b'\n', &chunk.data[counted..at]).count() as u64;
        self.lines = (at, lines);
        chunk.place_at(at, lines)
    }
}
