//! Runs the stages of a run on threads, from the source to the commit.
//!
//! ```text
//! calling thread    worker threads                    one worker at a time, in input order
//! Source --chunk--> shred_chunk --columns by path--> Ordered: catalog --batches--> StreamingWriter
//!                   any order                         chunk 0, chunk 1, ...         encodes on the
//!                                                                                   worker threads
//!   ^--- waits while too many chunks are in flight ---'                             then: commit
//! ```
//!
//! A run that fails or is cancelled drops its writer, which removes all output.

use std::{sync::Arc, time::Instant};

use transmog_core::{DEEPEST, Error as DataError, Plan, Recovery, Run, Shredder};

use crate::{
    cancel::CancelToken,
    destination::EarlierRun,
    error::Error,
    records::{
        RecordReader, Rules,
        csv::{self, TextFrom},
        json,
    },
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

/// The settings of a run.
#[derive(Debug, Clone)]
pub struct Job {
    /// How records become rows.
    pub plan: Arc<Plan>,
    /// Number of worker threads, at least 1. The reading thread, which mostly waits, is not
    /// counted.
    pub threads: usize,
    /// Time stamp and seed, the same for all rows.
    pub run: Run,
    /// What to do with bad records.
    pub recovery: Recovery,
    /// The run fails if it has more bad records; `None`: no limit.
    pub max_rejects: Option<MaxRejects>,
    /// Most bytes of a record in memory; a larger one is a bad record.
    pub max_record_bytes: Option<usize>,
    /// True if `NaN` and infinities are accepted as floats.
    pub allow_nan: bool,
    /// Most bytes of rows that the writer may hold; `None`: its default.
    pub writer_memory: Option<usize>,
    /// True if a rule that matches nothing is an error.
    pub strict_rules: bool,
    /// Called after every chunk.
    pub on_progress: Option<OnProgress>,
    /// Ends the run from outside.
    pub cancel: CancelToken,
}

impl Job {
    fn rules(&self) -> Rules {
        Rules {
            // Deeper values are text in any case, even within items, whose levels are counted from
            // 0.
            deepest: 2 * DEEPEST + 2,
            allow_nan: self.allow_nan,
            cast: self.plan.settings().cast(),
            recovery: self.recovery.clone(),
            max_record_bytes: self.max_record_bytes.unwrap_or(usize::MAX),
        }
    }
}

/// The outputs of a run beside its tables.
#[derive(Debug, Default)]
pub struct Asides {
    /// Where bad records are written.
    pub rejects: Option<RejectsTo>,
    /// Where the description of the tables is written.
    pub manifest: Option<ManifestTo>,
    /// The run whose files this one replaces; the destination must know it, too.
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

/// One pass over the whole input: its source and its outputs.
pub struct Pass<S> {
    /// Produces the chunks.
    pub source: S,
    /// Writes the tables.
    pub writer: Box<dyn StreamingWriter>,
    /// The outputs beside them.
    pub asides: Asides,
}

impl<S> std::fmt::Debug for Pass<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pass")
            .field("asides", &self.asides)
            .finish_non_exhaustive()
    }
}

/// Reads all input, writes all tables, and commits the output. Bad records go to the rejects.
///
/// The input is read once. If a CSV column becomes text, earlier cells are written as their values
/// (`1.50` as `1.5`), and the report counts them; [`run_passes`] can avoid that.
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

/// As [`run`], but keeps all cells of a CSV column that becomes text as they were written. If some
/// were already written differently, the output so far is removed, the first pass continues to the
/// end of the input to find all such columns, and `second` opens input and output again.
///
/// # Errors
/// As [`run`], and if input or output cannot be opened again.
pub fn run_passes<S: Source>(
    first: Pass<S>,
    second: Option<impl FnOnce() -> Result<Pass<S>, Error>>,
    job: &Job,
) -> Result<Report, Error> {
    let ran = run_stages(first, second, job);
    // After a cancellation, any error is a consequence of it.
    ran.map_err(|error| job.cancel.check().err().unwrap_or(error))
}

fn run_stages<S: Source>(
    first: Pass<S>,
    second: Option<impl FnOnce() -> Result<Pass<S>, Error>>,
    job: &Job,
) -> Result<Report, Error> {
    let start = Instant::now();
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
        report.csv = std::mem::take(csv_rows).complete(source.csv_inputs());
        report.encodings = source.encodings();
    }
    Ok(ended)
}

/// What the reading thread sends to the workers: a chunk and the bytes read so far, or an error.
type Read = Result<(Chunk, u64), Error>;

/// Shreds a chunk; `text` lists CSV columns that are text, whatever their cells look like.
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
        Records::Lines | Records::Items(_) | Records::ArrayItems { .. } => json::shred(&mut reader),
    };
    let taken = taken.and_then(|()| reader.report_broken());
    let taken = taken.and_then(|()| reader.report_early_end());
    let csv = reader.csv_chunk();
    Ok(Shredded {
        taken: reader.finish(taken),
        csv,
        chunk,
        bytes_read,
    })
}
