//! The facade from outside: what goes in, and what every format gives back.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod csv;
mod errors;
mod hostile;
mod inputs;
mod late;
mod same_bytes;
mod support;
