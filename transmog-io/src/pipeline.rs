//! Runs the stages: reads chunks on the calling thread and has workers shred them and hand them on in input order. Names no
//! format, and knows nothing of JSON and CSV but that a chunk can be shredded.

use std::{sync::Arc, time::Instant};

use transmog_core::{Config, DEEPEST, Run, Shredder};

use crate::{
    cancel::CancelToken,
    csv,
    error::Error,
    intake::{Intake, Rules},
    json,
    manifest::{EarlierRun, ManifestTo},
    progress::OnProgress,
    recovery::Recovery,
    report::Report,
    source::{Chunk, Records, Source},
    writer::StreamingWriter,
};

mod limit;
mod ordered;
mod rejects;
mod workers;

pub use limit::MaxRejects;
use ordered::{Ordered, Shredded};
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

/// Reads everything, writes everything, and makes the output final. Records that are left out go to the rejects.
///
/// # Errors
/// The first one in input order. The output is then removed.
pub fn run(
    source: impl Source,
    writer: Box<dyn StreamingWriter>,
    asides: impl Into<Asides>,
    job: &Job,
) -> Result<Report, Error> {
    let ran = run_stages(source, writer, asides.into(), job);
    // Whatever failed then failed because of it.
    ran.map_err(|error| job.cancel.check().err().unwrap_or(error))
}

fn run_stages(
    mut source: impl Source,
    writer: Box<dyn StreamingWriter>,
    asides: Asides,
    job: &Job,
) -> Result<Report, Error> {
    let start = Instant::now();
    let config = Arc::new(job.config.prepared(&job.entity)?);
    let job = &Job {
        config,
        ..job.clone()
    };
    let ordered = Ordered::new(writer, asides, source.total_bytes(), job)?;
    let (mut report, csv_rows) = workers::run(&mut source, ordered, job)?;
    report.bytes_read = source.bytes_read();
    report.csv = csv_rows.tell(source.csv_inputs());
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

/// What reading gives to the workers: a chunk and the bytes read so far, or why there are no more.
type Read = Result<(Chunk, u64), Error>;

fn shred_chunk(shredder: &mut Shredder, read: Read, rules: &Rules) -> Result<Shredded, Error> {
    let (chunk, bytes_read) = read?;
    let header = match &chunk.records {
        Records::Rows { table, .. } => table.header(),
        _ => None,
    };
    shredder.read_under(header)?;
    let mut intake = Intake::new(shredder, &chunk, rules);
    let taken = match &chunk.records {
        Records::Rows { rows, table } => csv::shred(&mut intake, rows, table),
        Records::Lines | Records::Items(_) | Records::Part { .. } => json::shred(&mut intake),
    };
    let taken = taken.and_then(|()| intake.tell_broken());
    let taken = taken.and_then(|()| intake.tell_early_end());
    let csv = intake.csv_chunk();
    Ok(Shredded {
        taken: intake.finish(taken),
        csv,
        place: chunk.place(),
        passed_over: chunk.passed_over,
        input_number: chunk.input_number,
        ends_block: chunk.ends_block,
        bytes_read,
    })
}
