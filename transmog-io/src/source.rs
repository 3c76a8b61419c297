//! Where records come from: bytes cut into chunks of whole records. Parses no record. Places are those in the text: what comes
//! out of a compressed input.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use memchr::memchr_iter;
use transmog_core::{ErrorKind, Location, TablePath};

use crate::{
    csv::CsvTable,
    error::Error,
    report::{CsvInputReport, EncodingReport},
};

mod block;
mod check;
mod decode;
mod decompress;
mod detect;
mod document;
mod encoding;
mod input;
mod inputs;
mod json5;
mod lines;
mod pointer;
mod raw;
mod reading;
mod rejects;
mod rows;
mod spare;
pub(crate) mod strangers;
mod tokens;
mod values;

pub(crate) use document::Cutting;

pub use check::check_inputs;
pub use decompress::Compression;
pub use detect::InputFormat;
pub use encoding::{EncodingFoundBy, TextEncoding};
pub use input::Input;
pub use inputs::{CHUNK_SIZE, InputOptions, Inputs};
pub use pointer::Pointer;

/// Bytes after which a block ends, at the end of the record. Every column costs something for every chunk, so a chunk must
/// not be small; several of them wait between the stages, so it must not be large either.
pub(crate) const BLOCK_BYTES: usize = 2 << 20;

/// The byte order mark of UTF-8. It is skipped where an input begins, and where a record may begin: files that are put
/// together, as `cat` does, leave theirs in the middle.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes without the marks that they begin with.
pub(crate) fn behind_marks(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(MARK) {
        bytes = rest;
    }
    bytes
}

/// Gives the input piece by piece.
pub trait Source {
    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// If the input cannot be read, or cannot be cut into records.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error>;

    /// Bytes of input read so far, before anything was made of them.
    fn bytes_read(&self) -> u64;

    /// Bytes that there are to read, if that is known before the end.
    fn total_bytes(&self) -> Option<u64> {
        None
    }

    /// How the CSV inputs read so far are read; nothing of other inputs.
    fn csv_inputs(&self) -> Vec<CsvInputReport> {
        Vec::new()
    }

    /// The encodings of inputs whose text is not simply UTF-8, as far as they were opened.
    fn encodings(&self) -> Vec<EncodingReport> {
        Vec::new()
    }
}

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
    fn new(encoding: &'static str, head: &[u8]) -> Self {
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

/// Whole records, and where in the input they stand.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Name of the input.
    pub input: Arc<str>,
    /// What else is known about its text.
    pub text: InputText,
    /// Number of the input, from 0.
    pub input_number: usize,
    /// The records' bytes, and whatever stands between them.
    pub data: Bytes,
    /// How the records lie in `data`.
    pub records: Records,
    /// Offset of `data` in the input, in bytes.
    pub first_byte: u64,
    /// Number of the line in which `data` begins, from 1.
    pub first_line: u64,
    /// What was cut out of `data`, in its order.
    pub gaps: Vec<Gap>,
    /// What stands between the records and is none, in its order.
    pub broken: Vec<Broken>,
    /// Where each record stood in its first input, if the chunk is one of rejects; else nothing.
    pub origins: Vec<Location>,
    /// Rejects that were passed over, because their records are in tables already.
    pub passed_over: u64,
    /// What is wrong with the compressed input, if the text ends with this chunk because of it. The last record may then be
    /// cut.
    pub ends_early: Option<Broken>,
    /// True if a block ends here. Blocks are about two mebibytes and depend on the input alone, chunks also on the chunk
    /// size.
    pub ends_block: bool,
}

impl Chunk {
    /// True if something was cut out of what stands at these places.
    pub(crate) fn is_cut_in(&self, range: &Range<usize>) -> bool {
        self.gaps.iter().any(|gap| range.contains(&gap.at))
    }

    /// Where its first record begins; records count from it.
    pub(crate) fn place(&self) -> Location {
        let mut place = Location::default();
        place.input = Some(Arc::clone(&self.input));
        place.record = Some(0);
        place.line = Some(self.first_line);
        place.byte = Some(self.first_byte);
        place
    }

    /// Where one of its bytes stands, before which so many lines of it end.
    pub(crate) fn place_at(&self, at: usize, lines: u64) -> Location {
        let mut place = self.place();
        place.record = None;
        let gaps = self.gaps.iter().take_while(|gap| gap.at <= at);
        let passed = gaps.fold((0, 0), |sum, gap| (sum.0 + gap.bytes, sum.1 + gap.lines));
        place.line = Some(self.first_line + lines + passed.1);
        place.byte = Some(self.first_byte + at as u64 + passed.0);
        place
    }

    /// Where one of its lines, items or rows begins, or stood in its first input if the chunk is one of rejects.
    pub(crate) fn place_of(&self, stretch: usize) -> Location {
        if let Some(origin) = self.origins.get(stretch) {
            return origin.clone();
        }
        let start = match &self.records {
            Records::Items(ranges)
            | Records::Part { items: ranges, .. }
            | Records::Rows { rows: ranges, .. } => ranges.get(stretch).map(|range| range.start),
            Records::Lines => match stretch.checked_sub(1) {
                None => Some(0),
                Some(before) => memchr_iter(b'\n', &self.data)
                    .nth(before)
                    .map(|end| end + 1),
            },
        };
        let start = start.unwrap_or(self.data.len());
        let lines = memchr_iter(b'\n', &self.data[..start]).count() as u64;
        self.place_at(start, lines)
    }
}

/// A stretch of the input that cannot be cut into records, or a value that cannot be made a record. The source goes on
/// behind it.
#[derive(Debug, Clone)]
pub struct Broken {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where it begins.
    pub place: Location,
    /// Records of the chunk that stand before it.
    pub after: usize,
    /// What stands there.
    pub raw: Bytes,
    /// What `raw` is.
    pub raw_is: RawIs,
    /// True if it stands where a record belongs.
    pub is_record: bool,
}

/// What the raw text of a reject is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RawIs {
    /// All of the record.
    #[default]
    Record,
    /// Only the beginning of it.
    Beginning,
    /// A document, in which the records were looked for by a path.
    Document,
}

/// Bytes that are shown of a record that is too large.
const SHOWN: usize = 1024;

/// The first bytes of a text that is too large to be shown whole.
fn shown(text: &[u8]) -> &[u8] {
    let mut shown = text.len().min(SHOWN);
    if shown < text.len() {
        // Not half of a character: text stays text.
        let continues = |at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let back = (0..4).find(|back| !continues(shown - back));
        shown -= back.unwrap_or(0);
    }
    &text[..shown]
}

impl Broken {
    /// A record that is larger than the settings allow, of which the beginning is known.
    pub(crate) fn over_limit(place: Location, bytes: u64, limit: usize, beginning: &[u8]) -> Self {
        let limit = limit as u64;
        Self {
            kind: ErrorKind::RecordOverLimit { bytes, limit },
            place,
            after: 0,
            raw: Bytes::copy_from_slice(shown(beginning)),
            raw_is: RawIs::Beginning,
            is_record: true,
        }
    }

    /// Says how large the record was, once that is known.
    fn set_bytes(&mut self, passed: u64) {
        if let ErrorKind::RecordOverLimit { bytes, .. } = &mut self.kind {
            *bytes = passed;
        }
    }
}

/// Bytes of the input that are not in a chunk although it begins before them and ends behind them: items of a large record
/// that went before it, in chunks of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The byte of the chunk's data before which they stood.
    pub at: usize,
    /// How many they were.
    pub bytes: u64,
    /// Line breaks in them.
    pub lines: u64,
}

/// How records lie in a chunk.
#[derive(Debug, Clone)]
pub enum Records {
    /// On lines.
    Lines,
    /// At these places.
    Items(Vec<Range<usize>>),
    /// Items of an array in a record that is still open, at these places.
    Part {
        /// The array's table.
        table: TablePath,
        /// Numbers of the items that the array is in, outermost first.
        open: Vec<u64>,
        /// Number of the first item.
        first: u64,
        /// Where they stand.
        items: Vec<Range<usize>>,
    },
    /// Rows of a CSV input, as they were written, without their line ends.
    Rows {
        /// Where they stand.
        rows: Vec<Range<usize>>,
        /// How they are read.
        table: Arc<CsvTable>,
    },
}
