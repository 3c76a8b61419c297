//! The last record of a text that ends early, because the compressed data that it comes out of is cut off or corrupt: what is
//! wrong with the record is that.

use std::ops::Range;

use transmog_core::{Error, ErrorKind};

use super::RecordReader;
use crate::{fault::Fault, split::Records};

impl RecordReader<'_> {
    /// The row's fault, if it ends where the text ends early, with no line end: it may look whole, but what its last cell
    /// holds may be a part.
    pub(crate) fn unfinished_row(&self, row: &Range<usize>) -> Option<&ErrorKind> {
        let early = self.chunk.ends_early.as_ref()?;
        let is_row = matches!(self.chunk.records, Records::Rows { .. });
        (is_row && row.end == self.chunk.data.len()).then_some(&early.kind)
    }

    /// A record's fault; the early end of the text, if it comes of that.
    pub(super) fn by_early_end(&mut self, fault: Fault, record: &Range<usize>) -> Fault {
        let Some(early) = &self.chunk.ends_early else {
            return fault;
        };
        let rest = record.start + fault.at..self.chunk.data.len();
        let is_cut = match fault.kind {
            ErrorKind::Compressed { .. } => true,
            // A word, a number or a character may be cut, too.
            ErrorKind::Syntax { .. } | ErrorKind::Text { .. } => self.chunk.data[rest]
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-' || !byte.is_ascii()),
            _ => false,
        };
        if !is_cut || record.end != self.chunk.data.len() {
            return fault;
        }
        self.told_early_end = true;
        Fault {
            kind: early.kind.clone(),
            at: record.len(),
            ..fault
        }
    }

    /// Says that the text ends early, unless a record has done so. To be called behind the last record.
    ///
    /// # Errors
    /// If the strategy ends the run.
    pub(crate) fn tell_early_end(&mut self) -> Result<(), Error> {
        match &self.chunk.ends_early {
            Some(early) if !self.told_early_end => self.broken(early),
            _ => Ok(()),
        }
    }
}
