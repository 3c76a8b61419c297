//! How the text of a compressed input has ended, and who tells: what is wrong with the compressed data goes with the last
//! chunk of what could be read, so that the records before it come first.

use std::{cell::RefCell, io, rc::Rc, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{Error as DataError, ErrorKind, Location};

use crate::{
    error::{Error, ReadError},
    report::CsvInputReport,
    source::{Broken, Chunk, InputText, RawIs, Records, Source},
};

/// How the text of a compressed input has ended, known to those who read it and to those who decompress it.
#[derive(Debug, Clone)]
pub(in crate::source) struct Ended {
    input: Arc<str>,
    how: Rc<RefCell<Option<How>>>,
}

#[derive(Debug)]
enum How {
    /// The compressed data is cut off or corrupt behind this byte of the text.
    Faulty { byte: u64, message: String },
    /// It is not decompressed any further.
    Refused { byte: u64, reason: String },
}

impl Ended {
    pub(super) fn new(input: Arc<str>) -> Self {
        let how = Rc::default();
        Self { input, how }
    }

    /// The text ends before the compressed data should.
    pub(super) fn with_fault(&self, byte: u64, message: String) {
        *self.how.borrow_mut() = Some(How::Faulty { byte, message });
    }

    /// The text is not read on, and the run fails. The error is for readers in between; [`explain`](Self::explain) knows more.
    pub(super) fn refuse(&self, byte: u64, reason: String) -> io::Error {
        let error = io::Error::other(reason.clone());
        *self.how.borrow_mut() = Some(How::Refused { byte, reason });
        error
    }

    /// The error of reading the text, or why the text made it wrong.
    pub(in crate::source) fn explain(&self, error: Error) -> Error {
        match &*self.how.borrow() {
            Some(How::Refused { byte, reason }) => ReadError::Decompress {
                input: Arc::clone(&self.input),
                byte: *byte,
                reason: reason.clone(),
            }
            .into(),
            Some(How::Faulty { byte, message }) if may_come_of(&error, *byte) => {
                let mut place = Location::default();
                place.input = Some(Arc::clone(&self.input));
                place.byte = Some(*byte);
                let message = message.clone();
                DataError::new(ErrorKind::Compressed { message }, place).into()
            }
            _ => error,
        }
    }

    /// True if the text has ended before the compressed data should.
    pub(in crate::source) fn is_cut_off(&self) -> bool {
        matches!(*self.how.borrow(), Some(How::Faulty { .. }))
    }

    /// What is wrong with the compressed data; once.
    fn take_fault(&self) -> Option<Broken> {
        match self.how.take()? {
            How::Refused { .. } => None,
            How::Faulty { byte, message } => {
                let mut place = Location::default();
                place.input = Some(Arc::clone(&self.input));
                place.byte = Some(byte);
                Some(Broken {
                    kind: ErrorKind::Compressed { message },
                    place,
                    after: 0,
                    raw: Bytes::new(),
                    raw_is: RawIs::Record,
                    is_record: false,
                })
            }
        }
    }
}

/// True for errors that are there because a text ends at this byte.
fn may_come_of(error: &Error, end: u64) -> bool {
    match error {
        Error::Data(error) if matches!(error.kind(), ErrorKind::NoRecords { .. }) => {
            error.location().byte.is_none_or(|byte| byte >= end)
        }
        Error::Data(_) => true,
        _ => false,
    }
}

/// The chunks of a compressed input. Each waits for the next one, because the last says how the text has ended.
pub(in crate::source) struct Ending<'a> {
    source: Box<dyn Source + 'a>,
    number: usize,
    ended: Ended,
    held: Option<Chunk>,
    failed: Option<Error>,
}

impl<'a> Ending<'a> {
    pub(in crate::source) fn new(
        source: Box<dyn Source + 'a>,
        number: usize,
        ended: Ended,
    ) -> Self {
        Self {
            source,
            number,
            ended,
            held: None,
            failed: None,
        }
    }

    /// The last chunk, which says what is wrong with the compressed data, if something is.
    fn last(&mut self) -> Option<Chunk> {
        let Some(mut fault) = self.ended.take_fault() else {
            return self.held.take();
        };
        let found = self.held.take();
        let knows_line = found.is_some();
        let mut chunk = found.unwrap_or_else(|| Chunk {
            input: Arc::clone(&self.ended.input),
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
        // What the text's end alone made wrong.
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
    /// The place behind its last byte.
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

impl Source for Ending<'_> {
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
                    let error = self.ended.explain(error);
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
