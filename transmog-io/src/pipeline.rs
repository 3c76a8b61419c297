//! Runs the stages: reads chunks on the calling thread and has workers shred them and hand them on in input order. Names no
//! format, and knows nothing of JSON and CSV but that a chunk can be shredded.

use std::{sync::Arc, time::Instant};

use transmog_core::{Config, DEEPEST, Error as DataError, Run, Shredder};

use crate::{
    cancel::CancelToken,
    destination::EarlierRun,
    error::Error,
    records::{
        RecordReader, Rules,
        csv::{self, TextFrom},
        json,
    },
    recovery::Recovery,
    report::Report,
    split::{Chunk, Records, Source},
    writer::StreamingWriter,
};

mod as_written;
mod manifest_to;
mod max_rejects;
mod ordered;
mod progress;
mod rejects;
mod workers;

use as_written::Again;
pub use manifest_to::ManifestTo;
pub use max_rejects::MaxRejects;
use ordered::{Ended, Ordered, Shredded};
pub use progress::{OnProgress, Progress};
pub use rejects::RejectsTo;

/// What a run does with the records of its source.
#[derive(Debug, Clone)]
pub struct Job {
    /// How records become rows.
    pub config: Arc<Config>,
    /// Name of the main table.
    pub entity: String,
    /// Threads that work, at least 1; reading, which mostly waits, is not counted.
    pub threads: usize,
    /// What all rows share.
    pub run: Run,
    /// What becomes of records that something is wrong with.
    pub recovery: Recovery,
    /// How many bad records are too many; `None` if none are.
    pub max_rejects: Option<MaxRejects>,
    /// Bytes of a record that may be held at a time; what is larger is a bad record.
    pub max_record_bytes: Option<usize>,
    /// True if `NaN` and infinities are floats like any other.
    pub allow_nan: bool,
    /// Bytes of rows that the writer may hold; `None` leaves it to the writer.
    pub writer_memory: Option<usize>,
    /// True if a rule that applies to nothing is an error.
    pub strict_rules: bool,
    /// Called after every chunk.
    pub on_progress: Option<OnProgress>,
    /// What may end the run from outside.
    pub cancel: CancelToken,
}

impl Job {
    fn rules(&self) -> Rules {
        Rules {
            // Anything deeper is text for certain, even where an array's items count their levels anew.
            deepest: 2 * DEEPEST + 2,
            allow_nan: self.allow_nan,
            cast: self.config.cast(),
            recovery: self.recovery.clone(),
            max_record_bytes: self.max_record_bytes.unwrap_or(usize::MAX),
        }
    }
}

/// What a run writes beside its tables.
#[derive(Debug, Default)]
pub struct Asides {
    /// Where records go that something was wrong with.
    pub rejects: Option<RejectsTo>,
    /// Where it is said what the tables are.
    pub manifest: Option<ManifestTo>,
    /// The run whose files this one replaces, as the destination was told.
    pub earlier: Option<EarlierRun>,
}

impl From<Option<RejectsTo>> for Asides {
    fn from(rejects: Option<RejectsTo>) -> Self {
        Self {
            rejects,
            ..Self::default()
        }
    }
}

/// One way through the whole input: where records come from, and where everything goes.
pub struct Pass<S> {
    /// Where records come from.
    pub source: S,
    /// What writes the tables.
    pub writer: Box<dyn StreamingWriter>,
    /// What is written beside them.
    pub asides: Asides,
}

impl<S> std::fmt::Debug for Pass<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pass")
            .field("asides", &self.asides)
            .finish_non_exhaustive()
    }
}

/// Reads everything, writes everything, and makes the output final. Records that are left out go to the rejects.
///
/// The input is read once. Cells of a CSV column that becomes text are then spelled by their values if they came before, and
/// the report says how many; [`run_passes`] can do better.
///
/// # Errors
/// The first one in input order. The output is then removed.
pub fn run(
    source: impl Source,
    writer: Box<dyn StreamingWriter>,
    asides: impl Into<Asides>,
    job: &Job,
) -> Result<Report, Error> {
    let first = Pass {
        source,
        writer,
        asides: asides.into(),
    };
    run_passes(first, None::<fn() -> Result<Pass<_>, Error>>, job)
}

/// As [`run`], but if cells of a CSV column that becomes text would not be as they were written, the output so far is removed,
/// the input is read to its end, and `second` opens both once more: then such columns are text from the first record on.
///
/// # Errors
/// As [`run`], and if input or output cannot be opened again.
pub fn run_passes<S: Source>(
    first: Pass<S>,
    second: Option<impl FnOnce() -> Result<Pass<S>, Error>>,
    job: &Job,
) -> Result<Report, Error> {
    let ran = run_stages(first, second, job);
    // Whatever failed then failed because of it.
    ran.map_err(|error| job.cancel.check().err().unwrap_or(error))
}

fn run_stages<S: Source>(
    first: Pass<S>,
    second: Option<impl FnOnce() -> Result<Pass<S>, Error>>,
    job: &Job,
) -> Result<Report, Error> {
    let start = Instant::now();
    let config = Arc::new(job.config.prepared(&job.entity)?);
    let job = &Job {
        config,
        ..job.clone()
    };
    let report = match (run_pass(first, second.is_some(), None, job)?, second) {
        (Ended::Done(report, _), _) => Ok(*report),
        (Ended::Again(again), Some(second)) => {
            match run_pass(second()?, false, Some(again), job)? {
                Ended::Done(report, _) => Ok(*report),
                Ended::Again(_) => Err(DataError::internal("a third pass is wanted")),
            }
        }
        (Ended::Again(_), None) => Err(DataError::internal("a second pass is wanted")),
    };
    let mut report = report?;
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

fn run_pass<S: Source>(
    pass: Pass<S>,
    may_restart: bool,
    again: Option<Again>,
    job: &Job,
) -> Result<Ended, Error> {
    let Pass {
        mut source,
        writer,
        asides,
    } = pass;
    let total_bytes = source.total_bytes();
    let ordered = Ordered::new((writer, asides), total_bytes, (may_restart, again), job)?;
    let mut ended = workers::run(&mut source, ordered, job)?;
    if let Ended::Done(report, csv_rows) = &mut ended {
        report.bytes_read = source.bytes_read();
        report.csv = std::mem::take(csv_rows).tell(source.csv_inputs());
        report.encodings = source.encodings();
    }
    Ok(ended)
}

/// What reading gives to the workers: a chunk and the bytes read so far, or why there are no more.
type Read = Result<(Chunk, u64), Error>;

/// Shreds a chunk; `text` says which CSV columns are text, whatever their cells look like.
fn shred_chunk(
    shredder: &mut Shredder,
    read: Read,
    rules: &Rules,
    text: &TextFrom,
) -> Result<Shredded, Error> {
    let (chunk, bytes_read) = read?;
    let header = match &chunk.records {
        Records::Rows { table, .. } => table.header(),
        _ => None,
    };
    shredder.read_under(header)?;
    let mut reader = RecordReader::new(shredder, &chunk, rules);
    let taken = match &chunk.records {
        Records::Rows { rows, table } => csv::shred(&mut reader, rows, table, text),
        Records::Lines | Records::Items(_) | Records::Part { .. } => json::shred(&mut reader),
    };
    let taken = taken.and_then(|()| reader.tell_broken());
    let taken = taken.and_then(|()| reader.tell_early_end());
    let csv = reader.csv_chunk();
    Ok(Shredded {
        taken: reader.finish(taken),
        csv,
        chunk,
        bytes_read,
    })
}
