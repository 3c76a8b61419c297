//! Takes the records of a chunk into the shredder, one by one, and asks the recovery strategy about those that something is
//! wrong with. Knows no input format.

use std::{mem, ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{Cast, Error, Location, ShreddedChunk, Shredder};

mod described;
mod early_end;
mod item;
mod starts;

pub(crate) use starts::Starts;

use crate::{
    csv::{CsvTable, RaggedRows},
    fault::Fault,
    recovery::{Problem, Recovery, Verdict},
    split::{Broken, Chunk, RawIs, Records},
};

/// How records are read.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Levels that values in memory may have; what lies deeper becomes text.
    pub(crate) deepest: usize,
    /// True if NaN and infinities are floats like any other.
    pub(crate) allow_nan: bool,
    /// Whether all columns become text.
    pub(crate) cast: Cast,
    pub(crate) recovery: Recovery,
    /// Bytes that a record may have.
    pub(crate) max_record_bytes: usize,
}

/// A record that something is wrong with and that did not end the run, or a stretch of the input that holds no record.
#[derive(Debug)]
pub(crate) struct Reject {
    /// What and where; records count from the chunk's first.
    pub(crate) error: Error,
    /// What stands in the input.
    pub(crate) raw: Bytes,
    /// What that is of it.
    pub(crate) raw_is: RawIs,
    /// True if what could be read of it was kept.
    pub(crate) kept: bool,
    /// False for what stands between records.
    pub(crate) is_record: bool,
    /// True if it is an item of a record that goes on.
    pub(crate) is_item: bool,
    /// Records of the chunk before it.
    pub(crate) number: u64,
    /// What is needed to read it again, if it is a row.
    pub(crate) table: Option<Arc<CsvTable>>,
}

/// What a chunk tells of the rows of its CSV input.
#[derive(Debug, Clone)]
pub(crate) struct CsvChunk {
    /// True if the input has a header, and the chunk no rows below it.
    pub(crate) only_header: bool,
    /// Records count from the chunk's first.
    pub(crate) ragged: RaggedRows,
}

/// What became of a chunk.
#[derive(Debug)]
pub(crate) struct ReadChunk {
    /// Its rows, in order.
    pub(crate) parts: Vec<ShreddedChunk>,
    /// Records met, with those that are left out.
    pub(crate) records: u64,
    pub(crate) rejects: Vec<Reject>,
    /// Where its records stand.
    pub(crate) starts: Starts,
    /// How many cells of a CSV chunk have values that are spelled otherwise, by column.
    pub(crate) respelled: Vec<(String, u64)>,
    /// What ends the run. The rows then are of no use but to find what is wrong with them, and the records are those before.
    pub(crate) failed: Option<Error>,
}

/// The records of one chunk on their way into the shredder.
pub(crate) struct RecordReader<'a> {
    pub(crate) shredder: &'a mut Shredder,
    pub(crate) chunk: &'a Chunk,
    pub(crate) rules: &'a Rules,
    /// See [`ReadChunk::respelled`].
    pub(crate) respelled: Vec<(String, u64)>,
    rejects: Vec<Reject>,
    pub(crate) ragged: RaggedRows,
    /// What was finished of the chunk so far, and the records in it.
    finished: (Vec<ShreddedChunk>, u64),
    /// Records left out.
    left_out: u64,
    /// Records of the chunk that were looked at, and stretches that are none.
    met: usize,
    told: usize,
    /// True if a record was found to be cut where the chunk ends early.
    told_early_end: bool,
    /// A byte of the chunk, and the lines that end before it.
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
            told: 0,
            told_early_end: false,
            lines: (0, 0),
            starts: Starts::default(),
        }
    }

    /// Takes the record at `range` of the chunk by `take`, which must leave the shredder as it was if it fails. If the
    /// strategy wants to keep what can be read of it, `keep` takes that, and says whether there was any.
    ///
    /// # Errors
    /// If the strategy ends the run.
    pub(crate) fn record(
        &mut self,
        range: Range<usize>,
        take: impl FnOnce(&mut Shredder) -> Result<(), Fault>,
        keep: impl FnOnce(&mut Shredder) -> bool,
    ) -> Result<(), Error> {
        self.tell_broken()?;
        self.make_room()?;
        self.met += 1;
        let number = self.records();
        self.starts.next(number);
        let bytes = range.len();
        // What is left of a record that was cut has been held already.
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

    /// Takes note of what stands here and is no record. To be called once more behind the last record.
    ///
    /// # Errors
    /// If the strategy ends the run.
    pub(crate) fn tell_broken(&mut self) -> Result<(), Error> {
        while let Some(broken) = self.chunk.broken.get(self.told)
            && broken.after <= self.met
        {
            self.told += 1;
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

    /// What became of the chunk, in parts if its tables are large. `taken` says whether taking its records ended the run.
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

    /// Takes the shredder's tables out if they are large. True if it did.
    ///
    /// # Errors
    /// If a column is too large.
    pub(crate) fn make_room(&mut self) -> Result<bool, Error> {
        let is_full = self.shredder.is_full();
        if is_full {
            self.finish_tables()?;
        }
        Ok(is_full)
    }

    fn finish_tables(&mut self) -> Result<(), Error> {
        let part = self.shredder.finish()?;
        self.finished.1 += part.records;
        self.finished.0.push(part);
        Ok(())
    }

    /// What the chunk tells of its input, if that is CSV.
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

    /// True if a row was made of the chunk.
    pub(crate) fn has_rows(&self) -> bool {
        self.shredder.records() + self.finished.1 > 0
    }

    /// Where the record begins that was taken last, at `start` of the chunk.
    pub(crate) fn last_place(&mut self, start: usize) -> Location {
        let mut place = self.place_at(start);
        if place.rejects.is_none() {
            place.record = self.records().checked_sub(1);
        }
        place
    }

    /// Records of the chunk so far, with those that are left out.
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
            // A record out of a rejects file has the number that it had first.
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

    /// Where a byte of the chunk's record under way stands.
    fn place_at(&mut self, at: usize) -> Location {
        let chunk = self.chunk;
        if let Some(origin) = chunk.origins.get(self.met.saturating_sub(1)) {
            return origin.clone();
        }
        let at = at.min(chunk.data.len());
        // Counted on from the fault before: there may be one in every record.
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
