//! Every example of the document "Streaming Processing" that this project comes from, one test for
//! each, in its order: the modules are its sections. Files that the library writes are read back
//! with other libraries only.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod methods;

mod to_memory;

mod writers;

mod sources;

mod errors;

mod considerations;

mod combining;

mod streaming_and_normal;

// What they work with.
mod folder;
mod read_back;
