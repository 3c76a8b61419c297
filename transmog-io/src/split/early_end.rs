//! Reports damaged compressed data with the last chunk, so that the good records before it come
//! first.

use std::sync::Arc;

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{ErrorKind, Location};

use super::{Broken, Chunk, RawIs, Records, Source};
use crate::{
    csv::CsvInputReport,
    error::Error,
    input::{InputText, decompress::DeferredError},
};

/// The chunks of a compressed input. Holds each chunk back until the next one is there, because the
/// last one carries the error.
pub(super) struct EarlyEnd<'a> {
    source: Box<dyn Source + 'a>,
    number: usize,
    error: DeferredError,
    held: Option<Chunk>,
    failed: Option<Error>,
}

impl<'a> EarlyEnd<'a> {
    pub(super) fn new(source: Box<dyn Source + 'a>, number: usize, error: DeferredError) -> Self {
        Self {
            source,
            number,
            error,
            held: None,
            failed: None,
        }
    }

    /// The last chunk, with the error of the compressed data if there is one.
    fn last(&mut self) -> Option<Chunk> {
        let Some(error) = self.error.take_corrupt() else {
            return self.held.take();
        };
        let mut fault = Broken {
            kind: error.kind().clone(),
            place: error.location().clone(),
            after: 0,
            raw: Bytes::new(),
            raw_is: RawIs::Record,
            is_record: false,
        };
        let found = self.held.take();
        let knows_line = found.is_some();
        let mut chunk = found.unwrap_or_else(|| Chunk {
            input: Arc::clone(self.error.input()),
            text: InputText::default(),
            input_number: self.number,
            data: Bytes::new(),
            records: Records::Items(Vec::new()),
            first_byte: fault.place.byte.unwrap_or_default(),
            first_line: 1,
            gaps: Vec::new(),
            broken: Vec::new(),
            origins: Vec::new(),
            passed_over: 0,
            ends_early: None,
            ends_block: true,
        });
        let end = chunk.end();
        fault.place.line = end.line.filter(|_| knows_line);
        // Errors that only the early end of the text has caused.
        let by_end = |broken: &Broken| {
            !broken.is_record
                && matches!(broken.kind, ErrorKind::Syntax { .. })
                && broken.place.byte >= end.byte
        };
        while chunk.broken.last().is_some_and(by_end) {
            chunk.broken.pop();
        }
        // A document that has no records because the text ends in it.
        let of_document = |broken: &&mut Broken| {
            let is_last = chunk.data.trim_ascii_end().ends_with(&broken.raw);
            let is_document = broken.is_record && broken.raw.starts_with(b"{");
            match broken.kind {
                ErrorKind::Syntax { .. } => is_document && is_last,
                ErrorKind::NoRecords { .. } => broken.place.byte >= end.byte,
                _ => false,
            }
        };
        if let Some(broken) = chunk.broken.last_mut().filter(of_document) {
            broken.kind = fault.kind;
            return Some(chunk);
        }
        chunk.ends_early = Some(fault);
        Some(chunk)
    }
}

impl Chunk {
    /// The position after its last byte.
    fn end(&self) -> Location {
        let passed =
            (self.gaps.iter()).fold((0, 0), |sum, gap| (sum.0 + gap.bytes, sum.1 + gap.lines));
        let lines = memchr_iter(b'\n', &self.data).count() as u64;
        let mut place = self.place();
        place.byte = Some(self.first_byte + self.data.len() as u64 + passed.0);
        place.line = Some(self.first_line + lines + passed.1);
        place
    }
}

impl Source for EarlyEnd<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        loop {
            match self.source.next_chunk() {
                Ok(Some(chunk)) => {
                    if let Some(before) = self.held.replace(chunk) {
                        return Ok(Some(before));
                    }
                }
                Ok(None) => return Ok(self.last()),
                Err(error) => {
                    let error = self.error.explain(error);
                    let Some(before) = self.held.take() else {
                        return Err(error);
                    };
                    self.failed = Some(error);
                    return Ok(Some(before));
                }
            }
        }
    }

    fn bytes_read(&self) -> u64 {
        self.source.bytes_read()
    }

    fn csv_inputs(&self) -> Vec<CsvInputReport> {
        self.source.csv_inputs()
    }
}
