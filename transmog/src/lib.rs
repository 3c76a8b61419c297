//! Turns nested JSON, JSON Lines and CSV of any size into flat, linked tables, in one pass and with
//! bounded memory.
//!
//! A [`Processor`] holds the settings. It reads records (a file, text, values), makes a main table
//! of them and a child table of each array, and streams them to an [`OutputSpec`]: a format and a
//! destination. What a run did stands in its [`Report`].
//!
//! ```
//! use transmog::{Input, Memory, OutputSpec, Processor};
//!
//! # #[cfg(feature = "csv")] {
//! let (memory, files) = Memory::new();
//! let report = Processor::new().stream_process(
//!     r#"{"id": 1, "tags": ["a", "b"]}"#,
//!     "orders",
//!     OutputSpec::new("csv", memory),
//! )?;
//! assert_eq!(report.tables[1].name, "orders_tags");
//! assert_eq!(report.tables[1].rows, 2);
//! assert!(files.take().contains_key("orders_tags.csv"));
//! # }
//! # Ok::<(), transmog::Error>(())
//! ```
//!
//! The calls without `stream` give a [`ProcessingResult`] instead: the same tables in memory, which
//! can be looked at, put together and written. [`TableWriter`] writes such results one by one.
//!
//! # Features
//! All are on by default. `csv`, `json` and `parquet` choose the output formats, see [`formats`];
//! `bzip2`, `gzip`, `xz` and `zstd` the compressed inputs that can be read, see [`Compression`].
#![forbid(unsafe_code)]
// docs.rs labels what needs a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod formats;
mod output;
mod process;
mod processor;
mod result;
mod unflatten;

pub use arrow_array;
pub use arrow_schema;
pub use formats::create_streaming_writer;
pub use output::{OutputFormat, OutputSpec};
pub use processor::{ProcessingMode, Processor};
pub use result::ProcessingResult;
pub use transmog_core::{
    ArrayMode, Cast, ColumnLayout, CompositeIds, Config, CustomId, Detection, EmptyText,
    Error as DataError, ErrorKind, Faulty, Floats, GivenSchema, IdFormula, IdSource, Ids, Layout,
    Location, Metadata, Naming, NaturalIds, Nulls, Pattern, Role, Row, SchemaPolicy, TableBatch,
    TableLayout, TablePath, TooDeep, Value, Words, composite_id, counted, deterministic_id,
};
pub use transmog_io::{
    CancelToken, ColumnReport, Compression, CsvInputReport, CsvReadOptions, DEFAULT, DelimiterFrom,
    Destination, Directory, DroppedReport, EncodingFoundBy, EncodingReport, Error, FormatError,
    Input, InputFormat, Kept, LENIENT, Ledger, Manifest, MaxRejects, Memory, MemoryFiles,
    OnProgress, OptionRule, OptionSpec, Output, PartialProcessingRecovery, Pointer, Problem,
    ProblemReport, Progress, ReadError, RebuiltRecords, RecordStyle, Recovery, RecoveryStrategy,
    Registry, RenameReport, Report, RoundedReport, Rows, RowsReport, RuleReport, SKIP, STRICT,
    ShortRows, Single, SkipAndLogRecovery, StreamingWriter, StrictRecovery, Table, TableReader,
    TableReport, TableSpec, TableSummary, TableWriter, TakenBy, TypeChangeReport, Verdict,
    WriteError, WriterOptions, WriterRegistration, address_scheme, get_supported_streaming_formats,
    is_streaming_format_available, manifest_file_name, read_count, read_size, replace_file,
};
pub use unflatten::unflatten;

/// The examples of the README and the guides run with the tests. They use all formats.
#[cfg(all(
    doctest,
    feature = "csv",
    feature = "json",
    feature = "parquet",
    feature = "gzip"
))]
mod documents {
    #[doc = include_str!("../../README.md")]
    struct Readme;
    #[doc = include_str!("../README.md")]
    struct CrateReadme;
    #[doc = include_str!("../../docs/guide/arrays.md")]
    struct Arrays;
    #[doc = include_str!("../../docs/guide/compression.md")]
    struct Compression;
    #[doc = include_str!("../../docs/guide/csv.md")]
    struct Csv;
    #[doc = include_str!("../../docs/guide/dates.md")]
    struct Dates;
    #[doc = include_str!("../../docs/guide/encodings.md")]
    struct Encodings;
    #[doc = include_str!("../../docs/guide/durability.md")]
    struct Durability;
    #[doc = include_str!("../../docs/guide/from-python.md")]
    struct FromPython;
    #[doc = include_str!("../../docs/guide/ids.md")]
    struct Ids;
    #[doc = include_str!("../../docs/guide/memory.md")]
    struct Memory;
    #[doc = include_str!("../../docs/guide/numbers.md")]
    struct Numbers;
    #[doc = include_str!("../../docs/guide/recovery.md")]
    struct Recovery;
    #[doc = include_str!("../../docs/guide/schemas.md")]
    struct Schemas;
    #[doc = include_str!("../../docs/guide/shape.md")]
    struct Shape;
    #[doc = include_str!("../../docs/guide/streaming.md")]
    struct Streaming;
    #[doc = include_str!("../../docs/guide/unflatten.md")]
    struct Unflatten;
}
