//! Handles the last record of a text that ends early, because its compressed data is cut off or
//! corrupt.
//!
//! The error of that record is the damage, and not the syntax error that it causes.

use std::ops::Range;

use transmog_core::{Error, ErrorKind};

use super::RecordReader;
use crate::{fault::Fault, split::Records};

impl RecordReader<'_> {
    /// The error of a row that ends without a line end where the text ends early. It may look
    /// whole, but its last cell may be incomplete.
    pub(crate) fn unfinished_row(&self, row: &Range<usize>) -> Option<&ErrorKind> {
        let early = self.chunk.ends_early.as_ref()?;
        let is_row = matches!(self.chunk.records, Records::Rows { .. });
        (is_row && row.end == self.chunk.data.len()).then_some(&early.kind)
    }

    /// Replaces the fault of a record by the early end of the text, if that is its cause.
    pub(super) fn by_early_end(&mut self, fault: Fault, record: &Range<usize>) -> Fault {
        let Some(early) = &self.chunk.ends_early else {
            return fault;
        };
        let rest = record.start + fault.at..self.chunk.data.len();
        let is_cut = match fault.kind {
            ErrorKind::Compressed { .. } => true,
            // A word, a number or a character may be cut off.
            ErrorKind::Syntax { .. } | ErrorKind::Text { .. } => self.chunk.data[rest]
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-' || !byte.is_ascii()),
            _ => false,
        };
        if !is_cut || record.end != self.chunk.data.len() {
            return fault;
        }
        self.early_end_reported = true;
        Fault {
            kind: early.kind.clone(),
            at: record.len(),
            ..fault
        }
    }

    /// Reports the early end of the text, unless a record has done so. Call it after the last
    /// record.
    ///
    /// # Errors
    /// If the strategy ends the run.
    pub(crate) fn report_early_end(&mut self) -> Result<(), Error> {
        match &self.chunk.ends_early {
            Some(early) if !self.early_end_reported => self.broken(early),
            _ => Ok(()),
        }
    }
}
