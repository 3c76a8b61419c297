//! Reads inputs, runs the engine of `transmog-core` on several threads, and hands batches to a
//! writer.
//!
//! ```text
//! file, bytes, reader, values
//!   | input         find format, compression and encoding; UTF-8 text
//!   v split         chunks of whole records, with their positions
//!   v records       JSON or CSV into the shredder of the core; bad records to the strategy
//!   v pipeline      in input order: names, types, batches
//!   v writer        StreamingWriter, the contract that formats implement
//!   v destination   named outputs, which become final together at the commit
//! tables, manifest, rejects, report
//! ```
//!
//! No output format is named here: formats register themselves, see [`register_writer!`].
#![forbid(unsafe_code)]

mod cancel;
mod csv;
mod decimal;
mod destination;
mod error;
mod fault;
mod input;
mod manifest;
mod memory;
mod pipeline;
mod records;
mod registry;
mod report;
mod split;
pub mod text_tables;
mod unflatten;
mod writer;

pub use cancel::CancelToken;
pub use csv::{CsvInputReport, CsvReadOptions, CsvTable, DelimiterFrom, RowsReport, ShortRows};
pub use destination::{
    Destination, Directory, EarlierFiles, EarlierRun, Kept, Memory, MemoryFiles, Output, Single,
    manifest_file_name, replace_file,
};
pub use error::{Error, FormatError, ReadError, WriteError};
pub use input::{
    Compression, EncodingFoundBy, EncodingReport, Input, InputFormat, InputText, Opening,
    TextEncoding, address_scheme,
};
pub use manifest::{Manifest, ManifestTable, TypeChangeReport};
pub use memory::{CollectedTables, Collector, Discard, Rows, Table, TableWriter, write_tables};
pub use pipeline::{
    Asides, Job, ManifestTo, MaxRejects, OnProgress, Pass, Progress, RejectsTo, run, run_passes,
};
pub use records::{parse as parse_json, read as read_json};
#[doc(hidden)]
pub use registry::__inventory;
pub use registry::{
    OpenWriter, Registry, WriterEntry, WriterRegistration, create_streaming_writer,
    get_supported_streaming_formats, is_streaming_format_available,
};
pub use report::{
    ColumnReport, DroppedReport, Ledger, ProblemReport, RenameReport, Report, RoundedReport,
    RuleReport, TableReport, TakenBy,
};
pub use split::{
    Broken, CHUNK_SIZE, Chunk, Gap, InputOptions, Inputs, Pointer, RawIs, Records, Source,
    check_inputs,
};
pub use transmog_core::{
    DEFAULT, LENIENT, PartialProcessingRecovery, Problem, Recovery, RecoveryStrategy, SKIP, STRICT,
    SkipAndLogRecovery, StrictRecovery, Verdict,
};
pub use unflatten::{RebuiltRecords, RecordStyle};
pub use writer::{
    OpenReader, OptionRule, OptionSpec, ReadBackError, StreamingWriter, TableReader, TableSpec,
    TableSummary, WriterOptions, in_order, read_count, read_size,
};
