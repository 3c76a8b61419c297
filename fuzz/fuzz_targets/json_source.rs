//! See `transmog_fuzz::json_source`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transmog_fuzz::json_source(data));
