//! Keeps the error that a decoder has met until the text before it has been read.
//!
//! A decoder reads ahead of the records. If it failed at once, the good records before a damaged
//! byte would be lost. So the decoder ends the text where the data is damaged, and leaves its
//! [`DecodeError`] here; the source reports it with the last chunk:
//!
//! ```text
//! compressed data   [ member 1 | member 2 | damaged ...
//! text              {"a":1}\n{"a":2}\n{"a":   end of the text, DecodeError::Corrupt { byte: 21 }
//! ```

use std::{cell::RefCell, io, rc::Rc, sync::Arc};

use transmog_core::{Error as DataError, ErrorKind, Location};

use crate::error::{Error, ReadError};

/// Why the text of a compressed input ends before the compressed data should.
#[derive(Debug)]
enum DecodeError {
    /// The compressed data is cut off or corrupt after this byte of the text.
    Corrupt { byte: u64, message: String },
    /// The data may be right, but is not decompressed any further: it exceeds a limit.
    Refused { byte: u64, reason: String },
}

/// The [`DecodeError`] of one input, if its decoder has met one. The decoder and the reader of its
/// text share it.
#[derive(Debug, Clone)]
pub(crate) struct DeferredError {
    input: Arc<str>,
    error: Rc<RefCell<Option<DecodeError>>>,
}

impl DeferredError {
    /// No error yet, of the input of this name.
    pub(super) fn new(input: Arc<str>) -> Self {
        let error = Rc::default();
        Self { input, error }
    }

    /// Name of the input.
    pub(crate) fn input(&self) -> &Arc<str> {
        &self.input
    }

    /// Notes that the compressed data is cut off or corrupt after byte `byte` of the text.
    pub(super) fn set_corrupt(&self, byte: u64, message: String) {
        *self.error.borrow_mut() = Some(DecodeError::Corrupt { byte, message });
    }

    /// Notes that the data is not decompressed any further. Gives the I/O error that ends reading;
    /// [`explain`](Self::explain) replaces it with one that names the input.
    pub(super) fn refuse(&self, byte: u64, reason: String) -> io::Error {
        let error = io::Error::other(reason.clone());
        *self.error.borrow_mut() = Some(DecodeError::Refused { byte, reason });
        error
    }

    /// The decoder's error if it is the reason for `error`, else `error` itself.
    pub(crate) fn explain(&self, error: Error) -> Error {
        match &*self.error.borrow() {
            Some(DecodeError::Refused { byte, reason }) => ReadError::Decompress {
                input: Arc::clone(&self.input),
                byte: *byte,
                reason: reason.clone(),
            }
            .into(),
            Some(DecodeError::Corrupt { byte, message }) if may_come_of(&error, *byte) => {
                self.corrupt(*byte, message.clone()).into()
            }
            _ => error,
        }
    }

    /// True if the text has ended before the compressed data should.
    pub(crate) fn is_corrupt(&self) -> bool {
        matches!(*self.error.borrow(), Some(DecodeError::Corrupt { .. }))
    }

    /// Takes the error out if the compressed data is corrupt, so that it is reported once.
    pub(crate) fn take_corrupt(&self) -> Option<DataError> {
        match self.error.take()? {
            DecodeError::Refused { .. } => None,
            DecodeError::Corrupt { byte, message } => Some(self.corrupt(byte, message)),
        }
    }

    fn corrupt(&self, byte: u64, message: String) -> DataError {
        let mut place = Location::default();
        place.input = Some(Arc::clone(&self.input));
        place.byte = Some(byte);
        DataError::new(ErrorKind::Compressed { message }, place)
    }
}

/// True for errors that the end of a text at this byte may cause.
fn may_come_of(error: &Error, end: u64) -> bool {
    match error {
        Error::Data(error) if matches!(error.kind(), ErrorKind::NoRecords { .. }) => {
            error.location().byte.is_none_or(|byte| byte >= end)
        }
        Error::Data(_) => true,
        _ => false,
    }
}
