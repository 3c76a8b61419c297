//! The inputs of a run: one after another, each opened when its turn comes.

use std::{
    collections::VecDeque,
    fmt, fs,
    io::{self, Read},
    num::NonZeroUsize,
    path::Path,
    sync::Arc,
};

use memchr::memchr;
use transmog_core::{Config, Error as DataError};

use super::{
    BLOCK_BYTES, Chunk, Compression, Cutting, EncodingFoundBy, InputFormat, InputText, Pointer,
    Source, TextEncoding,
    check::{NO_PATH, is_folder},
    decode::decode,
    decompress::{self, Ended, Ending},
    document::Document,
    encoding,
    input::{Content, Input},
    json5::read_json,
    lines::Lines,
    raw::{About, Raw},
    reading::Reading,
    rejects::Rejects,
    rows::Rows,
    strangers,
    values::Values,
};
use crate::{
    csv::CsvReadOptions,
    error::{Error, ReadError},
    report::{CsvInputReport, EncodingReport},
};

/// How inputs are read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputOptions {
    /// The format of all inputs.
    pub format: InputFormat,
    /// How all inputs but values are compressed.
    pub compression: Compression,
    /// Most bytes of text that a compressed input may hold; one that holds more ends the run. `None` for any number: memory
    /// does not grow with it.
    pub max_decompressed: Option<u64>,
    /// The encoding of all inputs but values and rejects: `utf-8`, `utf-16`, `latin1`, `shift_jis` or any other label of the
    /// WHATWG's Encoding Standard. A byte order mark of UTF-8 or UTF-16 goes before it, and the report says so. `None` for
    /// UTF-8, or UTF-16 where a mark or zero bytes show that. Places in errors, and raw text in rejects, are those of the
    /// input in UTF-8.
    pub encoding: Option<TextEncoding>,
    /// True if `NaN`, `Infinity` and `-Infinity` are floats like any other. They are no JSON.
    pub allow_nan: bool,
    /// Where in each document the records are; `None` for its top.
    pub records_path: Option<Pointer>,
    /// True if CSV and JSON inputs may become the rows of the same tables. Otherwise they are refused, where the format of
    /// each is taken from its name: two kinds of files in one run are mostly a mistake, such as `data/*`.
    pub mixed_inputs: bool,
    /// How CSV inputs are read.
    pub csv: CsvReadOptions,
    /// True if rejects are taken of which a part is in the tables of the run that wrote them.
    pub kept_rejects: bool,
    /// Bytes of a record that may be held at a time; what is larger is a bad record. `None` for any number.
    pub max_record_bytes: Option<usize>,
    /// Most records in a chunk. Changes the pace and the memory, not the output: in a chunk, a column takes room for every
    /// row.
    pub chunk_size: NonZeroUsize,
    /// Bytes from which on a record of a document is cut, if [`Inputs::cutting`] says how. For tests.
    #[doc(hidden)]
    pub record_bytes: usize,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            format: InputFormat::Auto,
            compression: Compression::Auto,
            max_decompressed: None,
            encoding: None,
            allow_nan: false,
            records_path: None,
            mixed_inputs: false,
            csv: CsvReadOptions::default(),
            kept_rejects: false,
            max_record_bytes: Some(MAX_RECORD_BYTES),
            chunk_size: CHUNK_SIZE,
            record_bytes: RECORD_BYTES,
        }
    }
}

/// Bytes that an input's beginning is read in.
const FIRST_PIECE: usize = 64 << 10;

/// Bytes of a record that is taken whole.
const RECORD_BYTES: usize = 16 << 20;

/// Bytes that a record may have, if the settings say nothing else.
const MAX_RECORD_BYTES: usize = 1 << 30;

/// Most records of a chunk, if the settings say nothing else.
pub const CHUNK_SIZE: NonZeroUsize = match NonZeroUsize::new(2000) {
    Some(records) => records,
    None => NonZeroUsize::MIN,
};

/// True for names that say what separates cells.
fn has_tabs(path: &Path) -> bool {
    Compression::inner_name(path)
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("tsv"))
}

fn open_file(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = fs::File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(is_folder(path));
    }
    let length = if about.is_file() { about.len() } else { 0 };
    Ok(Box::new(Whole { file, length }))
}

/// A file that must not become shorter while it is read: its end would pass for the end of the records.
struct Whole {
    file: fs::File,
    /// Bytes when it was opened; 0 for what is no ordinary file.
    length: u64,
}

impl Read for Whole {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out)?;
        if read == 0 && !out.is_empty() && self.length > 0 {
            let now = self.file.metadata()?.len();
            if now < self.length {
                let was = self.length;
                let reason = format!(
                    "it had {was} bytes when it was opened and has {now} now; it was changed while it was read"
                );
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
            }
        }
        Ok(read)
    }
}

/// Inputs that are read as if they were one.
pub struct Inputs<'a> {
    waiting: VecDeque<Input<'a>>,
    options: InputOptions,
    cutting: Option<Cutting>,
    open: Option<Box<dyn Source + 'a>>,
    /// What is known about the bytes of the open input, from which its text may have been made.
    raw: About,
    /// Number of inputs opened.
    opened: usize,
    /// How the CSV inputs were read that were read to their end.
    csv: Vec<CsvInputReport>,
    /// What is to be told of their encodings.
    encodings: Vec<EncodingReport>,
    /// Bytes of inputs that were read to their end.
    bytes: u64,
    /// Bytes of all inputs, if they are files.
    total: Option<u64>,
}

impl<'a> Inputs<'a> {
    /// Inputs in the order in which they are read.
    pub fn new(inputs: impl IntoIterator<Item = Input<'a>>, options: InputOptions) -> Self {
        let waiting: VecDeque<Input<'a>> = inputs.into_iter().collect();
        let bytes = |input: &Input<'a>| {
            let about = fs::metadata(input.path()?).ok()?;
            about.is_file().then_some(about.len())
        };
        Self {
            total: waiting.iter().map(bytes).sum(),
            waiting,
            options,
            cutting: None,
            open: None,
            raw: About::default(),
            opened: 0,
            csv: Vec::new(),
            encodings: Vec::new(),
            bytes: 0,
        }
    }

    /// Lets the items of large records' arrays go before their records, where these settings make
    /// tables of them. Columns of CSV inputs are text from the start where these settings make them
    /// so.
    #[must_use]
    pub fn cutting(mut self, config: Arc<Config>) -> Self {
        self.options.csv = self.options.csv.with_floats(config.floats());
        let record_bytes = self.options.record_bytes;
        self.cutting = Some(Cutting {
            config,
            record_bytes,
        });
        self
    }

    fn open(&mut self, input: Input<'a>) -> Result<Box<dyn Source + 'a>, Error> {
        let Input { name, content } = input;
        let number = self.opened;
        self.opened += 1;
        self.raw = About::default();
        let (reader, path): (Box<dyn Read + 'a>, _) = match content {
            Content::Values(next) => {
                let chunk_size = self.options.chunk_size.get();
                return Ok(Box::new(Values::new(name, number, chunk_size, next)));
            }
            Content::Reader(reader) => (reader, None),
            Content::Bytes(bytes) => (Box::new(io::Cursor::new(bytes)), None),
            Content::File(path) => match open_file(&path) {
                Ok(file) => (file, Some(path)),
                Err(source) => {
                    return Err(ReadError::Open {
                        input: name,
                        source,
                    }
                    .into());
                }
            },
        };
        let raw = Raw::new(reader, self.raw.clone());
        let InputOptions {
            compression,
            max_decompressed,
            ..
        } = self.options;
        let how = (compression, max_decompressed);
        let (text, ended) = decompress::open(raw, how, &name, path.as_deref())?;
        let head = look(text, &name, ended.is_some());
        let source = head
            .and_then(|text| self.open_text(text, ended.as_ref(), (name, number), path.as_deref()));
        let Some(ended) = ended else {
            return source;
        };
        let source = source.map_err(|error| ended.explain(error))?;
        Ok(Box::new(Ending::new(source, number, ended)))
    }

    /// Opens an input's text.
    fn open_text(
        &mut self,
        (head, reader): (Vec<u8>, Box<dyn Read + 'a>),
        ended: Option<&Ended>,
        (name, number): (Arc<str>, usize),
        path: Option<&Path>,
    ) -> Result<Box<dyn Source + 'a>, Error> {
        let InputOptions {
            format,
            records_path,
            csv,
            kept_rejects,
            max_record_bytes,
            chunk_size,
            ..
        } = self.options.clone();
        let chunk_size = chunk_size.get();
        let most = max_record_bytes.unwrap_or(usize::MAX);
        let cutting = self.cutting.clone();
        let by_extension = path.and_then(InputFormat::of_path);
        let format = match format {
            InputFormat::Auto => by_extension.unwrap_or_default(),
            format => format,
        };
        let wanted = match format {
            InputFormat::Csv => csv.text_encoding().or(self.options.encoding),
            InputFormat::Rejects if self.options.encoding.is_some() => {
                let reason = "a rejects file is always UTF-8";
                return Err(DataError::setting("encoding", reason).into());
            }
            _ => self.options.encoding,
        };
        let (reader, text) = self.decoded((head, reader), &name, wanted)?;
        if format == InputFormat::Csv {
            if records_path.is_some() {
                return Err(DataError::setting("records_path", NO_PATH).into());
            }
            if let Some(what) = text.opening.as_deref().and_then(|opening| opening.page) {
                return Err(not_text(&name, what, "inputs are JSON, JSON Lines and CSV"));
            }
            let is_tsv = path.is_some_and(has_tabs);
            let mut reading = Reading::new(name, number, reader).with_text(text);
            reading.fill(BLOCK_BYTES)?;
            self.note_zero_byte(&reading);
            let rows = Rows::new(reading, chunk_size, csv, most, is_tsv);
            return Ok(Box::new(rows.ending(ended.cloned())));
        }
        if format == InputFormat::Rejects {
            if records_path.is_some() {
                let reason = "a rejects file holds the records themselves";
                return Err(DataError::setting("records_path", reason).into());
            }
            let reading = Reading::new(name, number, reader).with_text(text);
            let lines = Lines::new(reading, chunk_size, usize::MAX);
            return Ok(Box::new(Rejects::new(lines, csv, kept_rejects)));
        }
        if format == InputFormat::Json5 {
            let mut reading = Reading::new(Arc::clone(&name), number, reader).with_text(text);
            let json = read_json(&mut reading)?;
            let reading = Reading::new(name, number, Box::new(io::Cursor::new(json)));
            return Ok(Box::new(Document::new(
                reading,
                chunk_size,
                records_path,
                cutting,
                most,
            )));
        }
        let mut reading = Reading::new(name, number, reader).with_text(text);
        let format = if format == InputFormat::Auto {
            reading.fill(BLOCK_BYTES)?;
            InputFormat::of_content(&reading.buffer)
        } else {
            format
        };
        // A records path may go through values that lie on lines, too.
        Ok(
            if format == InputFormat::JsonLines && records_path.is_none() {
                Box::new(Lines::new(reading, chunk_size, most))
            } else {
                Box::new(Document::new(
                    reading,
                    chunk_size,
                    records_path,
                    cutting,
                    most,
                ))
            },
        )
    }
}

impl<'a> Inputs<'a> {
    /// An input's text in UTF-8, and what is known about it.
    fn decoded(
        &mut self,
        (mut head, rest): (Vec<u8>, Box<dyn Read + 'a>),
        name: &Arc<str>,
        wanted: Option<TextEncoding>,
    ) -> Result<(Box<dyn Read + 'a>, InputText), Error> {
        let start = &head[..head.len().min(strangers::HEAD)];
        let found = encoding::find(start, wanted)
            .map_err(|_| not_text(name, "UTF-32", encoding::UTF_32_ADVICE))?;
        let encoding = found.encoding.encoding();
        let start = start.get(found.mark..).unwrap_or_default();
        let (text, _) = encoding.decode_without_bom_handling(start);
        let text = InputText::new(found.encoding.name(), text.as_bytes());
        head.drain(..found.mark);
        let instead_of = wanted.filter(|wanted| *wanted != found.encoding);
        if found.encoding != TextEncoding::UTF_8 || instead_of.is_some() {
            self.encodings.push(EncodingReport {
                input: name.to_string(),
                encoding: found.encoding.name().to_owned(),
                found_by: found.by,
                instead_of: instead_of.map(|wanted| wanted.name().to_owned()),
                zero_byte: None,
            });
        }
        let reader = Box::new(io::Cursor::new(head).chain(rest));
        Ok((decode(reader, encoding), text))
    }

    /// Takes note of the first zero byte in an input's first block.
    fn note_zero_byte(&mut self, reading: &Reading<'_>) {
        let Some(at) = memchr(0, &reading.buffer) else {
            return;
        };
        let byte = reading.offset + at as u64;
        match self.encodings.last_mut() {
            Some(report) if *report.input == *reading.name => report.zero_byte = Some(byte),
            _ => self.encodings.push(EncodingReport {
                input: reading.name.to_string(),
                encoding: reading.text.encoding.to_owned(),
                found_by: EncodingFoundBy::Default,
                instead_of: None,
                zero_byte: Some(byte),
            }),
        }
    }
}

/// Looks at the beginning of an input's text.
fn look<'a>(
    mut reader: Box<dyn Read + 'a>,
    name: &Arc<str>,
    is_decompressed: bool,
) -> Result<(Vec<u8>, Box<dyn Read + 'a>), Error> {
    // In pieces as large as those of whoever reads on: what a decoder has of a piece is lost if it fails.
    let mut head = vec![0; FIRST_PIECE];
    let mut held = 0;
    while held < strangers::HEAD {
        match reader.read(&mut head[held..]) {
            Ok(0) => break,
            Ok(read) => held += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => {
                return Err(ReadError::Io {
                    input: Arc::clone(name),
                    byte: held as u64,
                    source,
                }
                .into());
            }
        }
    }
    head.truncate(held);
    match strangers::refusal(&head, is_decompressed) {
        Some((what, advice)) => Err(not_text(name, what, advice)),
        None => Ok((head, reader)),
    }
}

fn not_text(input: &Arc<str>, what: &str, advice: &str) -> Error {
    let (input, what, advice) = (Arc::clone(input), what.to_owned(), advice.to_owned());
    ReadError::NotText {
        input,
        what,
        advice,
    }
    .into()
}

impl Source for Inputs<'_> {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        loop {
            if let Some(source) = &mut self.open {
                if let Some(chunk) = source.next_chunk()? {
                    return Ok(Some(chunk));
                }
                let csv_inputs = source.csv_inputs();
                self.csv.extend(csv_inputs);
                self.bytes = self.bytes_read();
                self.open = None;
            }
            let Some(input) = self.waiting.pop_front() else {
                return Ok(None);
            };
            self.open = Some(self.open(input)?);
        }
    }

    fn total_bytes(&self) -> Option<u64> {
        self.total
    }

    fn csv_inputs(&self) -> Vec<CsvInputReport> {
        let open = self.open.iter().flat_map(|source| source.csv_inputs());
        self.csv.iter().cloned().chain(open).collect()
    }

    fn encodings(&self) -> Vec<EncodingReport> {
        self.encodings.clone()
    }

    fn bytes_read(&self) -> u64 {
        let read = self
            .open
            .as_ref()
            .map_or(0, |source| match self.raw.bytes() {
                0 => source.bytes_read(),
                raw => raw,
            });
        self.bytes + read
    }
}

impl fmt::Debug for Inputs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs")
            .field("waiting", &self.waiting)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
