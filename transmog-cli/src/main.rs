//! The command `transmog`. It reads words into settings, calls the library and says what happened; it decides nothing else.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use clap::Parser;
use transmog::{Registry, Report};

mod args;

use args::{Cli, Command, Flatten};

/// A run makes and drops buffers of thousands of columns, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Done, but some records were rejected.
const SOME_REJECTED: u8 = 1;
/// Failed; also for a wrong command line.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Flatten(flatten) => self::flatten(&flatten),
        Command::Formats => formats().map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        say(format_args!("error: {error:#}"));
        ExitCode::from(FAILED)
    })
}

fn flatten(args: &Flatten) -> anyhow::Result<ExitCode> {
    let processor = args.processor()?;
    let report = processor.stream_process_all(args.inputs(), &args.entity(), args.output())?;
    say(format_args!("{report}"));
    if let Some(path) = &args.report {
        write_report(&report, path)
            .with_context(|| format!("cannot write the report to {}", path.display()))?;
    }
    Ok(if report.records_rejected == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_REJECTED)
    })
}

fn write_report(report: &Report, path: &Path) -> anyhow::Result<()> {
    let mut json = serde_json::to_vec_pretty(report)?;
    json.push(b'\n');
    fs::write(path, json)?;
    Ok(())
}

fn formats() -> anyhow::Result<()> {
    let registry = Registry::discovered();
    let mut out = io::stdout().lock();
    for name in registry.names() {
        let format = registry.get(name)?;
        writeln!(out, "{name}  {} ({})", format.summary(), format.provider())?;
        for option in format.options() {
            writeln!(
                out,
                "  -O {}={}  {}",
                option.name, option.default, option.help
            )?;
        }
    }
    Ok(())
}

fn say(text: std::fmt::Arguments<'_>) {
    // Whoever closed standard error does not want to know.
    writeln!(io::stderr(), "{text}").ok();
}
