//! Where a run's tables go: a format and a destination.

use std::{
    fmt,
    io::Write,
    path::{Path, PathBuf},
    rc::Rc,
};

use transmog_io::{
    Asides, CancelToken, Destination, Directory, EarlierRun, Error, Kept, ManifestTo, Registry,
    RejectsTo, Single, StreamingWriter, TableWriter, WriterOptions,
};

use crate::formats::create_streaming_writer;

/// Extensions of files of tables that are not the name of their format.
const OTHER_EXTENSIONS: [&str; 1] = ["jsonl"];

type Opened = Result<Box<dyn StreamingWriter>, Error>;

/// Makes the writer of a format.
enum Open {
    Once(Box<dyn FnOnce(Box<dyn Destination>) -> Opened>),
    Often(Rc<dyn Fn(Box<dyn Destination>) -> Opened>),
}

/// An output format: its name, its name with options as text, or the options of a writer of the
/// `formats` module.
///
/// ```
/// use transmog::{OutputFormat, WriterOptions};
///
/// let by_name: OutputFormat = "csv".into();
/// let with_options: OutputFormat = ("csv", WriterOptions::new().with("delimiter", ";")).into();
/// ```
pub struct OutputFormat(Open);

impl OutputFormat {
    /// A format that `open` makes a writer for, once: a run cannot start once more then, see
    /// [`Report::passes`](crate::Report::passes).
    pub fn custom(
        open: impl FnOnce(Box<dyn Destination>) -> Result<Box<dyn StreamingWriter>, Error> + 'static,
    ) -> Self {
        Self(Open::Once(Box::new(open)))
    }

    fn often(open: impl Fn(Box<dyn Destination>) -> Opened + 'static) -> Self {
        Self(Open::Often(Rc::new(open)))
    }

    fn open(self, destination: Box<dyn Destination>) -> Opened {
        match self.0 {
            Open::Once(open) => open(destination),
            Open::Often(open) => open(destination),
        }
    }

    fn again(&self) -> Option<Self> {
        match &self.0 {
            Open::Once(_) => None,
            Open::Often(open) => Some(Self(Open::Often(Rc::clone(open)))),
        }
    }
}

impl From<&str> for OutputFormat {
    fn from(name: &str) -> Self {
        (name, WriterOptions::new()).into()
    }
}

impl From<(&str, WriterOptions)> for OutputFormat {
    fn from((name, options): (&str, WriterOptions)) -> Self {
        let name = name.to_owned();
        Self::often(move |destination| create_streaming_writer(&name, destination, &options))
    }
}

#[cfg(feature = "csv")]
impl From<crate::formats::csv::CsvOptions> for OutputFormat {
    fn from(options: crate::formats::csv::CsvOptions) -> Self {
        Self::often(move |destination| {
            let options = options.clone();
            let writer = crate::formats::csv::CsvStreamingWriter::new(options, destination)?;
            Ok(Box::new(writer))
        })
    }
}

#[cfg(feature = "json")]
impl From<crate::formats::json::JsonOptions> for OutputFormat {
    fn from(options: crate::formats::json::JsonOptions) -> Self {
        Self::often(move |destination| {
            Ok(Box::new(crate::formats::json::JsonStreamingWriter::new(
                options.clone(),
                destination,
            )))
        })
    }
}

#[cfg(feature = "parquet")]
impl From<crate::formats::parquet::ParquetOptions> for OutputFormat {
    fn from(options: crate::formats::parquet::ParquetOptions) -> Self {
        Self::often(move |destination| {
            Ok(Box::new(
                crate::formats::parquet::ParquetStreamingWriter::new(options.clone(), destination),
            ))
        })
    }
}

impl fmt::Debug for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutputFormat")
    }
}

/// A format and a destination.
pub struct OutputSpec {
    format: OutputFormat,
    destination: Box<dyn Destination>,
    rejects_file: Option<PathBuf>,
}

impl OutputSpec {
    /// Tables in a format, to a destination.
    pub fn new(format: impl Into<OutputFormat>, destination: impl Destination + 'static) -> Self {
        Self {
            format: format.into(),
            destination: Box::new(destination),
            rejects_file: None,
        }
    }

    /// Tables as files of a folder, which is made with its parents: `<table>.<extension>`.
    pub fn directory(format: impl Into<OutputFormat>, folder: impl Into<PathBuf>) -> Self {
        Self::new(format, Directory::new(folder))
    }

    /// The main table into one writer of the caller's, which gets nothing unless the run succeeds
    /// and can be taken back after it in any case. Child tables are refused; [`Single`] has the
    /// other choices. Rejected records are in [`Kept::take_rejects`], or where
    /// [`with_rejects_file`](Self::with_rejects_file) says.
    ///
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use transmog::{OutputSpec, Processor};
    ///
    /// let (output, kept) = OutputSpec::writer("csv", Vec::new());
    /// Processor::new().stream_process(r#"{"id": 1}"#, "orders", output)?;
    /// assert!(kept.take().is_some_and(|bytes| bytes.starts_with(b"id,")));
    /// # }
    /// # Ok::<(), transmog::Error>(())
    /// ```
    pub fn writer<W: Write + Send + 'static>(
        format: impl Into<OutputFormat>,
        writer: W,
    ) -> (Self, Kept<W>) {
        let (single, kept) = Single::new(writer);
        (Self::new(format, single), kept)
    }

    /// Opens the output to be written by hand.
    ///
    /// ```
    /// # #[cfg(feature = "json")] {
    /// use transmog::{Memory, OutputSpec, Processor};
    ///
    /// let (memory, files) = Memory::new();
    /// let mut writer = OutputSpec::new("json", memory).table_writer()?;
    /// for batch in [[1, 2], [3, 4]] {
    ///     let records = batch.map(|id| [("id", id)].into_iter().collect::<std::collections::BTreeMap<_, _>>());
    ///     writer.write(&Processor::new().process_batch(records, "orders")?)?;
    /// }
    /// writer.finalize()?;
    /// assert!(files.take().contains_key("orders.json"));
    /// # }
    /// # Ok::<(), transmog::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the format or an option is unknown.
    pub fn table_writer(self) -> Result<TableWriter, Error> {
        Ok(TableWriter::new(self.format.open(self.destination)?))
    }

    /// Sets the file that gets the records that something was wrong with, one JSON object on a line
    /// for each. It is made only if there are any. Default: `<entity>.rejected.jsonl` beside the
    /// tables, where the destination is a folder or memory.
    #[must_use]
    pub fn with_rejects_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.rejects_file = Some(path.into());
        self
    }

    /// The same output, for a run that starts once more; `None` if it cannot. To be asked before it
    /// is opened.
    pub(crate) fn again(&self) -> Option<Self> {
        Some(Self {
            format: self.format.again()?,
            destination: self.destination.again()?,
            rejects_file: self.rejects_file.clone(),
        })
    }

    /// Opens the writer and the places for rejects and the manifest, which must not replace
    /// `inputs`.
    pub(crate) fn open<'a>(
        mut self,
        entity: &str,
        inputs: impl Iterator<Item = &'a Path>,
        manifest: bool,
        cancel: &CancelToken,
    ) -> Result<(Box<dyn StreamingWriter>, Asides), Error> {
        let inputs: Vec<&Path> = inputs.collect();
        self.destination.cancel_with(cancel);
        for input in &inputs {
            self.destination.protect(input);
        }
        let formats = Registry::discovered().names();
        let earlier = EarlierRun::new(entity, formats.into_iter().chain(OTHER_EXTENSIONS));
        self.destination.replace(&earlier);
        let rejects = match &self.rejects_file {
            None => RejectsTo::beside(self.destination.as_mut(), entity)?,
            Some(path) => {
                self.destination.protect(path);
                Some(RejectsTo::file(path, &inputs, cancel)?)
            }
        };
        // Without a manifest, the place is there all the same: one of an earlier run would describe
        // these tables wrongly.
        let (destination, place) = ManifestTo::beside(self.destination, entity)?;
        let manifest = place.filter(|_| manifest);
        let asides = Asides {
            rejects,
            manifest,
            earlier: Some(earlier),
        };
        Ok((self.format.open(destination)?, asides))
    }
}

impl fmt::Debug for OutputSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputSpec")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
