//! The processor: settings that are checked once and used for any number of runs.

use std::{
    num::NonZeroUsize,
    path::Path,
    sync::Arc,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use transmog_core::{Config, Error as DataError, Run, text};
use transmog_io::{
    CsvOptions, Error, Input, InputFormat, InputOptions, Inputs, Job, Pointer, Report,
};

use crate::output::OutputSpec;

/// Each has a stack and a chunk of its own, and machines have fewer cores.
const MOST_THREADS: NonZeroUsize = match NonZeroUsize::new(256) {
    Some(threads) => threads,
    None => NonZeroUsize::MIN,
};

/// Turns records into linked tables. Holds settings and nothing else: it can be kept, shared and used many times.
///
/// ```no_run
/// use transmog::{ArrayMode, Config, OutputSpec, Processor};
///
/// let config = Config::default().with_array_mode(ArrayMode::Smart);
/// let processor = Processor::new().with_config(config).with_threads(1)?;
/// let report = processor.stream_process_file(
///     "orders.jsonl",
///     "orders",
///     OutputSpec::directory("parquet", "out"),
/// )?;
/// println!("{report}");
/// # Ok::<(), transmog::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Processor {
    config: Arc<Config>,
    input: InputOptions,
    threads: NonZeroUsize,
    /// Microseconds since 1970, UTC.
    time: Option<i64>,
}

impl Default for Processor {
    fn default() -> Self {
        Self::new()
    }
}

impl Processor {
    /// A processor with the default settings: as many threads as the machine has cores.
    pub fn new() -> Self {
        Self {
            config: Arc::default(),
            input: InputOptions::default(),
            threads: thread::available_parallelism()
                .map_or(NonZeroUsize::MIN, |cores| cores.min(MOST_THREADS)),
            time: None,
        }
    }

    /// Sets how records become rows, all at once.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config.into();
        self
    }

    /// How records become rows.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Sets the format of inputs. Default: by extension, then by content.
    #[must_use]
    pub fn with_input_format(mut self, format: InputFormat) -> Self {
        self.input.format = format;
        self
    }

    /// Sets where in a document the records are: a JSON pointer to an array, or to one record.
    ///
    /// # Errors
    /// If it is no JSON pointer.
    pub fn with_records_path(mut self, pointer: &str) -> Result<Self, Error> {
        self.input.records_path = Some(pointer.parse::<Pointer>()?);
        Ok(self)
    }

    /// Sets how CSV inputs are read: those whose format is set to [`InputFormat::Csv`], and files called `.csv` or `.tsv`.
    #[must_use]
    pub fn with_csv_options(mut self, options: CsvOptions) -> Self {
        self.input.csv = options;
        self
    }

    /// Sets how many records are worked on at a time, at most. Default 1000. Changes the pace and the memory, not the
    /// rows.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_chunk_size(mut self, records: usize) -> Result<Self, Error> {
        let wrong = || DataError::setting("chunk_size", "must be at least 1");
        self.input.chunk_size = NonZeroUsize::new(records).ok_or_else(wrong)?;
        Ok(self)
    }

    /// Sets how many threads work, from 1 to 256. Changes the pace and the memory (each works on a chunk of its own), not
    /// the rows.
    ///
    /// # Errors
    /// If it is another number.
    pub fn with_threads(mut self, threads: usize) -> Result<Self, Error> {
        let wrong = || DataError::setting("threads", format!("must be from 1 to {MOST_THREADS}"));
        let threads = NonZeroUsize::new(threads).filter(|threads| *threads <= MOST_THREADS);
        self.threads = threads.ok_or_else(wrong)?;
        Ok(self)
    }

    /// Sets the time stamp of all rows, in RFC 3339. Default: the time at which a run starts.
    ///
    /// # Errors
    /// If it is no such time.
    pub fn with_timestamp(mut self, time: &str) -> Result<Self, Error> {
        self.time = Some(text::read_time(time)?);
        Ok(self)
    }

    /// Turns records into tables: text or bytes that hold JSON or JSON Lines, a JSON value, or whatever
    /// [`Input`] takes (readers, iterators of `Serialize` values).
    ///
    /// # Errors
    /// If something is wrong with the input, the settings or the output, which is then as it was before.
    pub fn stream_process<'a>(
        &self,
        records: impl Into<Input<'a>>,
        entity: &str,
        output: OutputSpec,
    ) -> Result<Report, Error> {
        self.stream_process_all([records.into()], entity, output)
    }

    /// Turns a file into tables.
    ///
    /// # Errors
    /// As [`stream_process`](Self::stream_process).
    pub fn stream_process_file(
        &self,
        path: impl AsRef<Path>,
        entity: &str,
        output: OutputSpec,
    ) -> Result<Report, Error> {
        self.stream_process(Input::file(path.as_ref()), entity, output)
    }

    /// Turns several inputs into tables, one after another.
    ///
    /// # Errors
    /// As [`stream_process`](Self::stream_process).
    pub fn stream_process_all<'a>(
        &self,
        inputs: impl IntoIterator<Item = Input<'a>>,
        entity: &str,
        output: OutputSpec,
    ) -> Result<Report, Error> {
        let job = Job {
            config: Arc::clone(&self.config),
            entity: entity.to_owned(),
            threads: self.threads.get(),
            run: Run {
                time: self.time.unwrap_or_else(now),
                seed: seed()?,
            },
        };
        let inputs: Vec<Input<'a>> = inputs.into_iter().collect();
        let writer = output.open(inputs.iter().filter_map(Input::path))?;
        let inputs = Inputs::new(inputs, self.input.clone());
        transmog_io::run(inputs, writer, &job)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one instant of a run")]
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

fn seed() -> Result<[u8; 32], Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| {
        DataError::internal(format!("the system gives no random numbers: {error}"))
    })?;
    Ok(seed)
}
