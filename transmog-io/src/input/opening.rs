//! Remembers how an input's text begins, for messages about records that are not JSON.
//!
//! `expected a value, found "<!DOCTYPE html>"` is followed by the advice that this is an HTML page.
//! The beginning is examined when the input is opened, and used only if a record fails.

use std::sync::Arc;

use super::{TextEncoding, byte_order_mark::MARK, unsupported};

/// What messages need to know about the text of an input.
#[derive(Debug, Clone)]
pub struct InputText {
    /// Name of the encoding that the input has.
    pub encoding: &'static str,
    /// The beginning, if it does not look like JSON.
    pub opening: Option<Arc<Opening>>,
}

impl Default for InputText {
    fn default() -> Self {
        Self {
            encoding: TextEncoding::UTF_8.name(),
            opening: None,
        }
    }
}

/// The beginning of an input that does not look like JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its first bytes, after blanks.
    pub head: Vec<u8>,
    /// Position of `head` in the input.
    pub at: u64,
    /// Advice, if it is known what it is.
    pub advice: Option<&'static str>,
}

impl InputText {
    /// Examines the beginning of a text.
    pub(crate) fn new(encoding: &'static str, head: &[u8]) -> Self {
        let text = head.strip_prefix(MARK).unwrap_or(head).trim_ascii_start();
        let at = (head.len() - text.len()) as u64;
        let head = text;
        let is_json = matches!(head.first(), None | Some(b'{' | b'['));
        let is_json = is_json && !unsupported::is_bracketed_log(head);
        let opening = || Opening {
            head: head.to_vec(),
            at,
            advice: unsupported::of_text(head),
        };
        Self {
            encoding,
            opening: (!is_json).then(|| Arc::new(opening())),
        }
    }
}
