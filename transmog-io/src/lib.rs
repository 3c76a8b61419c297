//! Sources, destinations, the writer interface and its registry, and the pipeline between them.
//!
//! Knows no output format by name: formats register themselves, see [`register_writer!`].
#![forbid(unsafe_code)]

mod csv;
mod destination;
mod error;
mod fault;
pub mod growing;
mod intake;
mod json;
mod options;
mod pipeline;
mod progress;
mod recovery;
mod registry;
mod report;
mod source;
mod tables;
mod writer;

pub use csv::{CsvReadOptions, CsvTable};
pub use destination::{Destination, Directory, Kept, Memory, MemoryFiles, Output, Single};
pub use error::{Error, FormatError, ReadError, WriteError};
pub use options::{OptionSpec, WriterOptions};
pub use pipeline::{Job, RejectsTo, run};
pub use progress::{OnProgress, Progress};
pub use recovery::{
    DEFAULT, LENIENT, PartialProcessingRecovery, Problem, Recovery, RecoveryStrategy, STRICT,
    SkipAndLogRecovery, StrictRecovery, Verdict,
};
#[doc(hidden)]
pub use registry::__inventory;
pub use registry::{
    OpenWriter, Registry, WriterEntry, WriterRegistration, create_streaming_writer,
    get_supported_streaming_formats, is_streaming_format_available,
};
pub use report::{
    ColumnReport, DroppedReport, Ledger, ProblemReport, RenameReport, Report, TableReport, TakenBy,
};
pub use source::{
    Broken, Chunk, Input, InputFormat, InputOptions, Inputs, Pointer, Records, Source,
};
pub use tables::{CollectedTables, Collector, Nowhere, Rows, Table, TableWriter, write_tables};
pub use writer::{StreamingWriter, TableSpec, TableSummary};
