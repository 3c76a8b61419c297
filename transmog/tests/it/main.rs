//! The facade from outside: what goes in, and what every format gives back.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod adversary;
mod attacks;
mod by_hand;
mod chaos;
#[cfg(all(feature = "bzip2", feature = "gzip", feature = "xz", feature = "zstd"))]
mod compression;
mod csv;
mod detection;
mod earlier_runs;
mod encodings;
mod errors;
mod foreign_pool;
mod giant;
mod hostile;
mod ids;
mod inputs;
mod late;
mod numbers;
mod pipeline;
mod processor;
mod put_together;
mod recovery;
mod results;
mod rules;
mod same_bytes;
mod schema;
mod single;
mod sparse;
mod support;
mod type_changes;
mod unflatten;
