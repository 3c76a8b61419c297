//! Sources, destinations, the writer interface and its registry, and the pipeline between them.
//!
//! Knows no output format by name: formats register themselves, see [`register_writer!`].
#![forbid(unsafe_code)]

mod address;
mod cancel;
mod csv;
mod decimal;
mod destination;
mod error;
mod fault;
mod found;
pub mod growing;
mod in_order;
mod intake;
mod json;
mod manifest;
mod options;
mod pipeline;
mod progress;
mod reader;
mod recovery;
mod registry;
mod report;
mod size;
mod source;
mod tables;
mod unflatten;
mod writer;

pub use address::address_scheme;
pub use cancel::CancelToken;
pub use csv::{CsvReadOptions, CsvTable, DelimiterFrom, ShortRows};
pub use destination::{
    Destination, Directory, Kept, Memory, MemoryFiles, Output, Single, replace_file,
};
pub use error::{Error, FormatError, ReadError, WriteError};
pub use in_order::in_order;
pub use json::{parse as parse_json, read as read_json};
pub use manifest::{EarlierFiles, EarlierRun, Manifest, ManifestTable, ManifestTo};
pub use options::{OptionSpec, WriterOptions};
pub use pipeline::{Asides, Job, MaxRejects, Pass, RejectsTo, run, run_passes};
pub use progress::{OnProgress, Progress};
pub use reader::{OpenReader, ReadBackError, TableReader};
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
    ColumnReport, CsvInputReport, DroppedReport, EncodingReport, Ledger, ProblemReport,
    RenameReport, Report, RoundedReport, RowsReport, RuleReport, TableReport, TakenBy,
    TypeChangeReport,
};
pub use size::{read_count, read_size};
pub use source::{
    Broken, CHUNK_SIZE, Chunk, Compression, EncodingFoundBy, Gap, Input, InputFormat, InputOptions,
    InputText, Inputs, Opening, Pointer, RawIs, Records, Source, TextEncoding, check_inputs,
};
pub use tables::{CollectedTables, Collector, Nowhere, Rows, Table, TableWriter, write_tables};
pub use unflatten::{RebuiltRecords, RecordStyle};
pub use writer::{OptionRule, StreamingWriter, TableSpec, TableSummary};
