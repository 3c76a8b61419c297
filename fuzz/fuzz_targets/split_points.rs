//! See `transmog_fuzz::split_points`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| transmog_fuzz::split_points(data));
