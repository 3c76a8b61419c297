//! See `transmog_fuzz::csv_source`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transmog_fuzz::csv_source(data));
