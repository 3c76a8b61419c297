//! See `transmog_fuzz::parquet_footer`.
#![no_main]

use std::panic;

libfuzzer_sys::fuzz_target!(
    init: {
        // The reader makes errors of panics within parquet and arrow, which damaged files cause;
        // they are no findings.
        let ends_run = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let file = panic.location().map_or("", |location| location.file());
            if !["/parquet-", "/arrow-"].iter().any(|its| file.contains(its)) {
                ends_run(panic);
            }
        }));
    },
    |data: &[u8]| transmog_fuzz::parquet_footer(data)
);
