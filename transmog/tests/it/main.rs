//! The facade from outside: what goes in, and what every format gives back.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]

mod errors;
mod hostile;
mod inputs;
mod late;
mod same_bytes;
mod support;
