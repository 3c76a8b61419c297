//! Shreds nested records into linked, typed columns.
//!
//! This crate is the format-agnostic heart of Transmog. It does no I/O, reads no clock, no environment and no source of
//! randomness, and it names no parser: a [`Shredder`] takes records through serde, or rows cell by cell, and puts their values into columns by
//! path, a [`Catalog`] gives the paths names and types and makes Arrow batches of them.
#![forbid(unsafe_code)]

mod assemble;
mod batch;
mod catalog;
mod cells;
mod class;
mod column;
mod config;
mod constant;
mod count;
mod detect;
mod early;
mod error;
mod ids;
mod kinds;
mod layout;
mod location;
mod name;
mod path;
mod pattern;
mod rebuild;
mod role;
mod rules;
mod schema;
mod shred;
pub mod text;
mod union;
mod value;
mod widen;
mod words;

pub use assemble::{AssembledTable, Run};
pub use batch::TableBatch;
pub use catalog::{Catalog, ColumnInfo, Rename, TableInfo, TypeChange};
pub use cells::Cells;
pub use class::Class;
pub use column::{FinishedColumn, Scalar};
pub use config::{
    ArrayMode, Cast, Config, DEEPEST, EmptyText, Floats, Metadata, Naming, Nulls, TooDeep,
};
pub use constant::Constant;
pub use count::counted;
pub use detect::Detection;
pub use early::EarlyRows;
pub use error::{Error, ErrorKind, Result};
pub use ids::{
    CompositeIds, CustomId, GivenIds, IdFormula, IdSource, Ids, NaturalIds, Row, composite_id,
    deterministic_id,
};
pub use kinds::{Kinds, final_schema, final_type, type_name, type_of_name};
pub use layout::{ColumnLayout, Layout, TableLayout};
pub use location::Location;
pub use name::{folded, sanitise};
pub use path::{ColumnPath, TablePath};
pub use pattern::Pattern;
pub use rebuild::{Rebuild, RebuiltRow};
pub use role::{Role, time_type};
pub use rules::{Counted, Header, HeaderColumn, RuleUse, nearest};
pub use schema::{GivenSchema, SchemaPolicy};
pub use shred::{
    Dropped, PartSeed, PathNotes, RecordSeed, Rounded, ShreddedChunk, ShreddedColumn,
    ShreddedTable, Shredder,
};
pub use union::TableUnion;
pub use value::{Faulty, NUMBERS_AS_WRITTEN, Value};
pub use widen::widen;
pub use words::Words;
