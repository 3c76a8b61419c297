//! What is known about an input's text beside the text itself: its encoding, and how it begins if it does not begin as JSON.

use std::sync::Arc;

use super::{TextEncoding, byte_order_mark::MARK, strangers};

/// What is known about an input's text beside the text itself, for messages.
#[derive(Debug, Clone)]
pub struct InputText {
    /// Name of the encoding that the text was decoded from.
    pub encoding: &'static str,
    /// How the input begins, if not as JSON does.
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

/// The beginning of an input that does not begin as JSON does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its first bytes, blanks left out.
    pub head: Vec<u8>,
    /// Where these stand.
    pub at: u64,
    /// What to do about it, if it is known what it is.
    pub advice: Option<&'static str>,
    /// What it is, if it is a page that would pass for CSV.
    pub page: Option<&'static str>,
}

impl InputText {
    /// What is known about a text that begins like this.
    pub(crate) fn new(encoding: &'static str, head: &[u8]) -> Self {
        let text = head.strip_prefix(MARK).unwrap_or(head).trim_ascii_start();
        let at = (head.len() - text.len()) as u64;
        let head = text;
        let is_json = matches!(head.first(), None | Some(b'{' | b'['));
        let opening = || Opening {
            head: head.to_vec(),
            at,
            advice: strangers::of_text(head),
            page: strangers::of_page(head),
        };
        Self {
            encoding,
            opening: (!is_json).then(|| Arc::new(opening())),
        }
    }
}
