//! What it costs when a schema changes late: a run whose last tenth brings new columns and wider
//! types, against a run of the same records whose first one has everything. Prints the ratio of
//! their times, measured in turns.
//!
//! `cargo bench -p transmog --bench evolution [MEGABYTES]`; outputs go to a temporary folder.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures time, prints it, and cannot go on without its files"
)]

use std::{env, fmt::Write as _, time::Instant};

use transmog::{Ids, OutputSpec, Processor};

/// Runs of each kind; an odd number.
const TURNS: usize = 7;

/// Columns that come late, in each of which every tenth late record has a value.
const NEW_COLUMNS: usize = 30;

fn record(n: usize, late: bool, all: bool) -> String {
    let text = |n: usize| format!("\"text number {n}\"");
    let widened = if late {
        format!(
            "\"i_f\":{n}.5,\"i_t\":{},\"i_d\":9223372036854775808{},\"f_t\":{},\"b_t\":\"maybe\"",
            text(n),
            n % 1000,
            text(n + 1)
        )
    } else {
        let flag = n.is_multiple_of(3);
        format!("\"i_f\":{n},\"i_t\":{n},\"i_d\":{n},\"f_t\":{n}.25,\"b_t\":{flag}")
    };
    let mut line = format!(
        "{{\"id\":{n},\"at\":\"2026-01-01T00:00:{:02}Z\",\"name\":{},\"place\":{{\"x\":{n}.125,\"y\":{}}},{widened},\
         \"lines\":[{{\"sku\":\"a{}\",\"n\":{}}},{{\"sku\":\"b{}\",\"n\":2}}]",
        n % 60,
        text(n),
        n % 1000,
        n % 100,
        n % 7,
        n % 13,
    );
    if late {
        for column in (0..NEW_COLUMNS).filter(|column| all || (column + n).is_multiple_of(10)) {
            write!(line, ",\"new_{column}\":{n}").expect("it grows");
        }
    }
    line.push_str("}\n");
    line
}

/// The same records twice: with the one that has everything where it belongs, and in front.
fn inputs(bytes: usize) -> [String; 2] {
    let mut early = String::with_capacity(bytes);
    let mut n = 0;
    while early.len() < bytes / 10 * 9 {
        early.push_str(&record(n, false, false));
        n += 1;
    }
    let everything = record(n, true, true);
    let mut late = String::with_capacity(bytes / 10);
    while late.len() < bytes / 10 {
        n += 1;
        late.push_str(&record(n, true, false));
    }
    [
        [early.as_str(), &everything, &late].concat(),
        [everything.as_str(), &early, &late].concat(),
    ]
}

fn seconds(input: &str, format: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let processor = Processor::new().with_ids(Ids::Row);
    let start = Instant::now();
    processor
        .stream_process(input, "t", OutputSpec::directory(format, folder.path()))
        .expect("records are valid");
    start.elapsed().as_secs_f64()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn main() {
    // Cargo adds options of its own.
    let megabytes = env::args().find_map(|word| word.parse::<usize>().ok());
    let [late, known] = inputs(megabytes.unwrap_or(100) << 20);
    for format in ["parquet", "csv", "json"] {
        let (mut of_late, mut of_known) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            of_late.push(seconds(&late, format));
            of_known.push(seconds(&known, format));
        }
        let (late, known) = (median(of_late), median(of_known));
        let ratio = late / known;
        println!("{format}: late {late:.2} s, known {known:.2} s, ratio {ratio:.2}");
    }
}
