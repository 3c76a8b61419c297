//! Reads the inputs of a run one after another, and opens each when its turn comes.
//!
//! Opening goes through the whole folder `input`, and ends with the source that fits the format:
//!
//! ```text
//! Input -> Raw -> decompress -> refuse other files -> decode -> a splitter for the format
//! Input::records -> Values
//! ```

use std::{
    collections::VecDeque,
    fmt, fs,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use transmog_core::{Error as DataError, Plan};

use super::{
    BLOCK_BYTES, Chunk, Cutting, InputOptions, Source, check::NO_PATH, document::DocumentSplitter,
    early_end::EarlyEnd, json5::read_json, lines::LineSplitter, reading::Reading,
    rejects::RejectsSplitter, rows::RowSplitter, values::Values,
};
use crate::{
    csv::{CsvInputReport, CsvReadOptions},
    error::{Error, ReadError},
    fault::shown,
    input::{
        Compression, Content, EncodingReport, Input, InputFormat, InputText, TextEncoding,
        decode::decode,
        decompress::{self, DeferredError},
        encoding,
        file::open_file,
        raw::{ByteCounter, Raw},
        unsupported,
    },
};

/// Bytes of the first read of an input.
const FIRST_PIECE: usize = 64 << 10;

/// True for a `.tsv` file.
fn has_tabs(path: &Path) -> bool {
    Compression::inner_name(path)
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("tsv"))
}

/// Inputs that are read as if they were one.
pub struct Inputs<'a> {
    waiting: VecDeque<Input<'a>>,
    options: InputOptions,
    cutting: Option<Cutting>,
    open: Option<Box<dyn Source + 'a>>,
    /// Counts the bytes of the open input as they are in the file, compressed or not.
    raw: ByteCounter,
    /// Number of inputs opened.
    opened: usize,
    /// Reports of the CSV inputs that were read to their end.
    csv: Vec<CsvInputReport>,
    /// Reports of the encodings found.
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
            raw: ByteCounter::default(),
            opened: 0,
            csv: Vec::new(),
            encodings: Vec::new(),
            bytes: 0,
        }
    }

    /// Cuts large records: items of arrays that become tables by these settings are handed on
    /// before their record ends. Also applies the settings for floats to CSV columns.
    #[must_use]
    pub fn cutting(mut self, plan: Arc<Plan>) -> Self {
        self.options.csv = self.options.csv.with_floats(plan.settings().floats());
        let record_bytes = self.options.record_bytes;
        self.cutting = Some(Cutting { plan, record_bytes });
        self
    }

    fn open(&mut self, input: Input<'a>) -> Result<Box<dyn Source + 'a>, Error> {
        let Input { name, content } = input;
        let number = self.opened;
        self.opened += 1;
        self.raw = ByteCounter::default();
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
        let (text, error) = decompress::open(raw, how, &name, path.as_deref())?;
        let head = look(text, &name, error.is_some());
        let source = head
            .and_then(|text| self.open_text(text, error.as_ref(), (name, number), path.as_deref()));
        let Some(deferred) = error else {
            return source;
        };
        let source = source.map_err(|error| deferred.explain(error))?;
        Ok(Box::new(EarlyEnd::new(source, number, deferred)))
    }

    /// Chooses how the text of an input is split.
    fn open_text(
        &mut self,
        (head, reader): (Vec<u8>, Box<dyn Read + 'a>),
        error: Option<&DeferredError>,
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
            let is_tsv = path.is_some_and(has_tabs);
            let mut reading = Reading::new(name, number, reader).with_text(text);
            reading.fill(BLOCK_BYTES)?;
            check_csv(&reading, &csv)?;
            let rows = RowSplitter::new(reading, chunk_size, csv, most, is_tsv);
            return Ok(Box::new(rows.with_error(error.cloned())));
        }
        if format == InputFormat::Rejects {
            if records_path.is_some() {
                let reason = "a rejects file holds the records themselves";
                return Err(DataError::setting("records_path", reason).into());
            }
            let reading = Reading::new(name, number, reader).with_text(text);
            let lines = LineSplitter::new(reading, chunk_size, usize::MAX);
            return Ok(Box::new(RejectsSplitter::new(lines, csv, kept_rejects)));
        }
        if format == InputFormat::Json5 {
            let mut reading = Reading::new(Arc::clone(&name), number, reader).with_text(text);
            let json = read_json(&mut reading)?;
            let reading = Reading::new(name, number, Box::new(io::Cursor::new(json)));
            return Ok(Box::new(DocumentSplitter::new(
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
        // With a records path, JSON Lines are read as a sequence of documents.
        Ok(
            if format == InputFormat::JsonLines && records_path.is_none() {
                Box::new(LineSplitter::new(reading, chunk_size, most))
            } else {
                Box::new(DocumentSplitter::new(
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
    /// The text of an input in UTF-8, and its encoding and beginning.
    fn decoded(
        &mut self,
        (mut head, rest): (Vec<u8>, Box<dyn Read + 'a>),
        name: &Arc<str>,
        wanted: Option<TextEncoding>,
    ) -> Result<(Box<dyn Read + 'a>, InputText), Error> {
        let found = encoding::find(&head, wanted).map_err(|refused| refused.of_input(name))?;
        let encoding = found.encoding.encoding();
        let start = &head[..head.len().min(unsupported::HEAD)];
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
            });
        }
        let reader = Box::new(io::Cursor::new(head).chain(rest));
        Ok((decode(reader, encoding), text))
    }
}

/// Reads the beginning of a text, and refuses what is not text.
fn look<'a>(
    mut reader: Box<dyn Read + 'a>,
    name: &Arc<str>,
    is_decompressed: bool,
) -> Result<(Vec<u8>, Box<dyn Read + 'a>), Error> {
    // Reads of the usual size: what a decoder has of a piece is lost if it fails.
    let mut head = vec![0; FIRST_PIECE];
    let mut held = 0;
    while held < unsupported::HEAD {
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
    match unsupported::refusal(&head, is_decompressed) {
        Some((what, advice)) => Err(not_text(name, what, advice)),
        None => Ok((head, reader)),
    }
}

/// Checks that an input's beginning is no other text that would pass for CSV.
fn check_csv(reading: &Reading<'_>, options: &CsvReadOptions) -> Result<(), Error> {
    if options.skip_rows() > 0 {
        return Ok(()); // What stands before the header may be anything.
    }
    let wanted = unsupported::Wanted {
        has_header: options.has_header(),
        has_quotes: options.dialect(b',', true, false).quote().is_some(),
    };
    match unsupported::for_csv(&reading.buffer, wanted) {
        None => Ok(()),
        Some((what, advice)) => Err(ReadError::NotCsv {
            input: Arc::clone(&reading.name),
            found: shown(reading.buffer.trim_ascii_start()),
            what: what.to_owned(),
            advice: advice.to_owned(),
        }
        .into()),
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
