//! Reads items of records that are too large for memory, and the rest of such records.
//!
//! Rows of them may be written already, so such a record cannot be left out any more.

use std::ops::Range;

use transmog_core::{Error, ErrorKind, Problem, Shredder, Verdict};

use super::{RecordReader, Reject};
use crate::{
    fault::{Fault, Step},
    split::{RawIs, Records},
};

impl RecordReader<'_> {
    /// Reads the item at `range`, the `index`th of the chunk, as [`record`](Self::record) reads a
    /// record.
    ///
    /// # Errors
    /// If the strategy ends the run, or would leave out an item whose rows are partly written
    /// already.
    pub(crate) fn item(
        &mut self,
        range: Range<usize>,
        index: usize,
        take: impl FnOnce(&mut Shredder) -> Result<(), Fault>,
        keep: impl FnOnce(&mut Shredder) -> bool,
    ) -> Result<(), Error> {
        let Err(fault) = take(self.shredder) else {
            return Ok(());
        };
        let fault = self.within_record(self.described(fault, &range), index as u64);
        let place = self.place(&fault, range.start);
        let number = self.records();
        let error = Error::new(fault.kind, place);
        let raw = self.chunk.data.slice(range.clone());
        let verdict = self.rules.recovery.recover(&Problem::new(&error, &raw));
        let error = error.at(|at| at.record = Some(number));
        let rows = self.shredder.part_rows();
        let kept = verdict == Verdict::Keep && keep(self.shredder);
        // Child rows that are written already need this item as their parent row.
        let is_cut = self.chunk.is_cut_in(&range);
        if is_cut && self.shredder.part_rows() == rows {
            return Err(partly_written(error, verdict));
        }
        if verdict == Verdict::Fail {
            return Err(error);
        }
        let raw_is = match error.kind() {
            ErrorKind::RecordOverLimit { .. } => RawIs::Beginning,
            _ => RawIs::Record,
        };
        self.rejects.push(Reject {
            raw_is,
            error,
            raw,
            kept,
            is_record: false,
            is_item: true,
            number,
            table: None,
        });
        Ok(())
    }

    /// Handles a bad rest of a record that was cut: it is kept in part, or it ends the run.
    pub(super) fn cut_record(
        &mut self,
        fault: Fault,
        range: Range<usize>,
        number: u64,
        keep: impl FnOnce(&mut Shredder) -> bool,
    ) -> Result<(), Error> {
        let place = self.place(&fault, range.start);
        let error = Error::new(fault.kind, place);
        let raw = self.chunk.data.slice(range);
        let verdict = self.rules.recovery.recover(&Problem::new(&error, &raw));
        let records = self.shredder.records();
        let kept = verdict == Verdict::Keep && keep(self.shredder);
        if kept && self.shredder.records() == records + 1 {
            return self.reject(error, raw, number, (verdict, kept, true));
        }
        let error = error.at(|at| at.record = Some(number));
        Err(partly_written(error, verdict))
    }

    /// Extends the path of an item's fault to the whole record.
    fn within_record(&self, fault: Fault, index: u64) -> Fault {
        let Records::ArrayItems {
            table, open, first, ..
        } = &self.chunk.records
        else {
            return fault;
        };
        let mut fault = fault;
        let numbers = open.iter().copied().chain([first + index]);
        let hops: Vec<_> = std::iter::zip(table.hops(), numbers).collect();
        for (hop, number) in hops.into_iter().rev() {
            fault = fault.within(Step::Item(usize::try_from(number).unwrap_or(usize::MAX)));
            for key in hop.iter().rev() {
                fault = fault.within(Step::Key(key.to_string()));
            }
        }
        fault
    }
}

/// The error if the run must end, although the strategy would leave the record out.
fn partly_written(error: Error, verdict: Verdict) -> Error {
    if verdict == Verdict::Fail {
        return error;
    }
    let reason = Box::new(error.kind().clone());
    Error::new(
        ErrorKind::PartlyWritten { reason },
        error.location().clone(),
    )
}
