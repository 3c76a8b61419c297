//! Shreds nested records into linked, typed columns.
//!
//! This crate is the format-agnostic heart of Transmog. It does no I/O, reads no clock, no
//! environment and no source of randomness, and it names no parser: a [`Shredder`] takes records
//! through serde, or rows cell by cell, and puts their values into columns by path, a [`Catalog`]
//! gives the paths names and types and makes Arrow batches of them.
#![forbid(unsafe_code)]

mod arrow;
mod assemble;
mod base;
mod catalog;
mod column;
mod config;
mod plan;
mod rebuild;
mod recovery;
mod shred;
pub mod text;
mod types;
mod union;
mod value;

pub use arrow::{Cells, Constant, TableBatch, widen};
pub use assemble::{AssembledTable, Assembler, Run};
pub use base::name::{folded, sanitise};
pub use base::{
    ColumnPath, Error, ErrorKind, Location, Pattern, Result, Role, TablePath, counted, nearest,
    time_type,
};
pub use catalog::{Catalog, ColumnInfo, Rename, TableInfo, TypeChange};
pub use column::SealedColumn;
pub use config::{
    ArrayMode, Cast, CompositeIds, Config, Counted, CustomId, DEEPEST, EmptyText, Floats,
    GivenSchema, Header, HeaderColumn, IdFormula, IdSource, Ids, Metadata, Named, Naming,
    NaturalIds, Nulls, Row, RuleUse, SchemaPolicy, TooDeep, Words, composite_id, deterministic_id,
};
pub use plan::{Plan, StreamedRows};
pub use rebuild::{Rebuild, RebuiltRow};
pub use recovery::{
    DEFAULT, LENIENT, PartialProcessingRecovery, Problem, Recovery, RecoveryStrategy, SKIP, STRICT,
    SkipAndLogRecovery, StrictRecovery, Verdict,
};
pub use shred::{
    Dropped, GivenIds, PartSeed, PathNotes, RecordSeed, Rounded, ShreddedChunk, ShreddedColumn,
    ShreddedTable, Shredder,
};
pub use types::{
    Class, ColumnLayout, Detection, Kinds, Layout, TableLayout, final_schema, final_type,
    type_name, type_of_name,
};
pub use union::TableUnion;
pub use value::{Faulty, NUMBERS_AS_WRITTEN, Scalar, Value};
