//! The processor: settings that are checked once and used for any number of runs.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use transmog_core::{Config, Error as DataError, Plan, Run};
use transmog_io::{
    Asides, CancelToken, CsvReadOptions, Error, Input, InputFormat, InputOptions, Inputs, Job,
    MaxRejects, OnProgress, Pass, Recovery, Report, StreamingWriter, check_inputs,
};

use crate::output::OutputSpec;

mod schema;
mod settings;
mod shape;

pub use settings::ProcessingMode;

/// What a run writes to.
pub(crate) type Outputs = (Box<dyn StreamingWriter>, Asides);

/// Opens what a run writes to once more.
pub(crate) type Reopen<'r> = Box<dyn FnOnce() -> Result<Outputs, Error> + 'r>;

/// Turns records into linked tables. Holds settings and nothing else: it can be kept, shared and
/// used many times.
///
/// Settings combine in any order, and each keeps the others; `with_config` sets a whole group of
/// them at once.
///
/// ```no_run
/// use transmog::{ArrayMode, OutputSpec, Processor};
///
/// let processor = Processor::memory_optimized()
///     .with_partial_recovery()
///     .with_array_mode(ArrayMode::Smart)
///     .with_deterministic_ids("id");
/// let report = processor.stream_process_file(
///     "orders.jsonl",
///     "orders",
///     OutputSpec::directory("parquet", "out"),
/// )?;
/// println!("{report}");
/// # Ok::<(), transmog::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Processor {
    config: Arc<Config>,
    input: InputOptions,
    threads: NonZeroUsize,
    /// Microseconds since 1970, UTC.
    time: Option<i64>,
    recovery: Recovery,
    max_rejects: Option<MaxRejects>,
    mode: ProcessingMode,
    /// Records of a chunk, unless the mode says it.
    chunk_size: Option<NonZeroUsize>,
    /// Bytes of rows that a writer may hold, unless the mode says it.
    writer_memory: Option<usize>,
    strict_rules: bool,
    on_progress: Option<OnProgress>,
    manifest: bool,
    cancel: CancelToken,
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
                .map_or(NonZeroUsize::MIN, |cores| cores.min(settings::MOST_THREADS)),
            time: None,
            recovery: Recovery::default(),
            max_rejects: None,
            mode: ProcessingMode::default(),
            chunk_size: None,
            writer_memory: None,
            strict_rules: false,
            on_progress: None,
            manifest: false,
            cancel: CancelToken::new(),
        }
    }

    /// A processor that holds less: chunks of 100 records, and writers with 16 MiB of rows.
    pub fn memory_optimized() -> Self {
        Self::new().with_mode(ProcessingMode::LowMemory)
    }

    /// A processor that holds more: chunks of 10,000 records, and writers with 256 MiB of rows.
    pub fn performance_optimized() -> Self {
        Self::new().with_mode(ProcessingMode::HighPerformance)
    }

    /// Turns records into tables: text or bytes that hold JSON or JSON Lines, a JSON value, or
    /// whatever [`Input`] takes (files, readers, iterators of `Serialize` values).
    ///
    /// # Errors
    /// If something is wrong with the input, the settings or the output, which is then as it was
    /// before.
    pub fn stream_process<'a>(
        &self,
        records: impl Into<Input<'a>>,
        entity: &str,
        output: OutputSpec,
    ) -> Result<Report, Error> {
        self.stream_process_all([records.into()], entity, output)
    }

    /// Turns a file into tables. Its extension says what it holds, else its content.
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

    /// Turns a file of a given format into tables, whatever its extension.
    ///
    /// # Errors
    /// As [`stream_process`](Self::stream_process).
    pub fn stream_process_file_with_format(
        &self,
        path: impl AsRef<Path>,
        entity: &str,
        format: InputFormat,
        output: OutputSpec,
    ) -> Result<Report, Error> {
        self.clone()
            .with_input_format(format)
            .stream_process_file(path, entity, output)
    }

    /// Turns a CSV file into tables, whatever its extension. Every row is a flat record.
    ///
    /// # Errors
    /// As [`stream_process`](Self::stream_process).
    pub fn stream_process_csv(
        &self,
        path: impl AsRef<Path>,
        entity: &str,
        csv: CsvReadOptions,
        output: OutputSpec,
    ) -> Result<Report, Error> {
        self.clone()
            .with_csv_options(csv)
            .stream_process_file_with_format(path, entity, InputFormat::Csv, output)
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
        self.run(inputs.into_iter().collect(), entity, |inputs| {
            let paths = inputs.iter().filter_map(Input::path);
            let paths: Vec<PathBuf> = paths.map(Path::to_path_buf).collect();
            let open = move |output: OutputSpec| {
                let paths = paths.iter().map(PathBuf::as_path);
                output.open(entity, paths, self.manifest, &self.cancel)
            };
            let again = output.again();
            let first = open(output)?;
            let again = again.map(|output| Box::new(move || open(output)) as Reopen<'_>);
            Ok((first, again))
        })
    }

    /// The one way from inputs to a writer, which `open` makes once settings and inputs have been
    /// looked at; with what makes another one for the same place, if a run may start once more.
    pub(crate) fn run<'a, 'r>(
        &self,
        inputs: Vec<Input<'a>>,
        entity: &str,
        open: impl FnOnce(&[Input<'a>]) -> Result<(Outputs, Option<Reopen<'r>>), Error>,
    ) -> Result<Report, Error> {
        let plan = Arc::new(Plan::compile(&self.config, entity)?);
        check_inputs(&inputs, &self.input)?;
        let (outputs, again) = open(&inputs)?;
        let job = Job {
            plan: Arc::clone(&plan),
            threads: self.threads.get(),
            run: Run {
                time: self.time.unwrap_or_else(now),
                seed: seed()?,
            },
            recovery: self.recovery.clone(),
            max_rejects: self.max_rejects,
            max_record_bytes: self.input.max_record_bytes,
            allow_nan: self.input.allow_nan || self.config.takes_nan_for_null(),
            writer_memory: self.writer_memory.or(self.mode.writer_memory()),
            strict_rules: self.strict_rules,
            on_progress: self.on_progress.clone(),
            cancel: self.cancel.clone(),
        };
        let mut options = self.input.clone();
        options.csv = options.csv.with_words(self.config.words());
        options.chunk_size = self.chunk_size.unwrap_or(self.mode.chunk_size());
        let open = |inputs: Vec<Input<'a>>, (writer, asides): Outputs| Pass {
            source: Inputs::new(inputs, options.clone()).cutting(Arc::clone(&plan)),
            writer,
            asides,
        };
        let inputs_again: Option<Vec<Input<'a>>> = inputs.iter().map(Input::again).collect();
        let second = inputs_again
            .zip(again)
            .map(|(inputs, outputs)| || Ok(open(inputs, outputs()?)));
        transmog_io::run_passes(open(inputs, outputs), second, &job)
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
