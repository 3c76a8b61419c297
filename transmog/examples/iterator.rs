//! Values that a program has are streamed to files one by one: any iterator of what serde can
//! serialise.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, fs};

use serde::Serialize;
use transmog::{Input, OutputSpec, Processor};

#[derive(Serialize)]
struct Reading {
    station: u32,
    celsius: Option<f32>,
    tags: Vec<&'static str>,
}

/// They are made when they are asked for, so there may be any number of them.
fn readings() -> impl Iterator<Item = Reading> {
    (0..100_000).map(|number| Reading {
        station: number % 50,
        celsius: (number % 10 != 0).then_some(20.5),
        tags: if number % 1000 == 0 {
            vec!["calibrated", "manual"]
        } else {
            Vec::new()
        },
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let output = OutputSpec::directory("csv", folder.path());
    let report = Processor::memory_optimized().stream_process(
        Input::records(readings()),
        "readings",
        output,
    )?;
    println!("{report}");

    assert_eq!(report.records_read, 100_000);
    let celsius = report.tables[0]
        .columns
        .iter()
        .find(|column| column.name == "celsius");
    assert_eq!(celsius.map(|column| column.nulls), Some(10_000));
    let tags = fs::read_to_string(folder.path().join("readings_tags.csv"))?;
    assert_eq!(tags.lines().count(), 1 + 200);
    Ok(())
}
