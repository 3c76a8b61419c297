//! The command `transmog`. It reads words into settings, calls the library and says what happened;
//! it decides nothing else.

use std::{
    fmt::Write as _,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::{CommandFactory, FromArgMatches};
use transmog::{CancelToken, Registry, Report, counted, replace_file};

mod allocator;
mod args;
mod inspect;
mod standard_output;
mod stop;
mod words;

use args::{Cli, Command, Flatten, Given, Unflatten, with_tip};
use standard_output::StandardOutput;

/// Done, but some records were rejected, or kept only in part.
const SOME_REJECTED: u8 = 1;
/// Failed; also for a wrong command line.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let mut cli = Cli::command();
    let matches = match cli.try_get_matches_from_mut(std::env::args_os()) {
        Ok(matches) => matches,
        Err(error) => with_tip(error).exit(),
    };
    let command = Cli::from_arg_matches(&matches)
        .unwrap_or_else(|error| error.format(&mut cli).exit())
        .command;
    if let Err(reason) = check(&command, &cli, &matches) {
        say(format_args!("error: {reason}"));
        return ExitCode::from(FAILED);
    }
    let stop = stop::listen();
    let cancel = stop.token();
    let result = match command {
        Command::Flatten(flatten) => self::flatten(&flatten, cancel),
        Command::Unflatten(unflatten) => {
            self::unflatten(&unflatten, cancel).map(|()| ExitCode::SUCCESS)
        }
        Command::Inspect(args) => inspect::inspect(&args, cancel),
        Command::Formats => formats().map(|()| ExitCode::SUCCESS),
    };
    if let Some(status) = stop.status() {
        return ExitCode::from(status); // It was said why.
    }
    result.unwrap_or_else(|error| {
        say(format_args!("error: {}", words::told(&error)));
        ExitCode::from(FAILED)
    })
}

/// Checks what can be wrong before anything is read.
fn check(command: &Command, cli: &clap::Command, matches: &clap::ArgMatches) -> Result<(), String> {
    let given = matches.subcommand().and_then(|(name, matches)| {
        let command = cli.find_subcommand(name)?;
        Some(Given::new(command, matches))
    });
    match (command, given) {
        (Command::Flatten(flatten), Some(given)) => flatten.check(&given),
        (Command::Inspect(inspect), Some(given)) => inspect.check(&given),
        _ => Ok(()),
    }
}

fn flatten(args: &Flatten, cancel: &CancelToken) -> anyhow::Result<ExitCode> {
    if !args.is_sparing() {
        allocator::keep_freed_memory();
    }
    let processor = args.processor()?.with_cancel(cancel);
    let report_file = args.report.as_ref().filter(|path| !args::is_stream(path));
    if let Some(path) = report_file {
        is_none_of(path, args.reading.inputs.iter().cloned())?;
    }
    let report = processor.stream_process_all(
        args.reading.inputs(),
        &args.reading.entity(),
        args.output()?,
    )?;
    say(format_args!("{}", words::as_options(&report.to_string())));
    if args.report.is_some() && report_file.is_none() {
        let mut json = serde_json::to_string_pretty(&report)?;
        json.push('\n');
        print(&json)?;
    }
    if let Some(path) = report_file {
        let tables = report.tables.iter().flat_map(|table| &table.files);
        let aside = report
            .rejects_file
            .iter()
            .filter(|_| args.rejects.is_none());
        let files = tables.chain(aside).map(|file| args.output.join(file));
        is_none_of(
            path,
            files.chain(args.rejects.clone()).chain(args.manifest()),
        )?;
        // Only now, because the report may go where the tables do.
        write_report(&report, path, cancel)
            .context("the tables are complete, but the report is not written")?;
    }
    Ok(exit_code(&report))
}

/// How a run ended that did not fail.
fn exit_code(report: &Report) -> ExitCode {
    if report.problems_by_kind.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_REJECTED)
    }
}

fn unflatten(args: &Unflatten, cancel: &CancelToken) -> anyhow::Result<()> {
    let records = transmog::unflatten(&args.folder, args.entity.as_deref())?.with_cancel(cancel);
    let written = match &args.output {
        Some(path) if path.as_os_str() != "-" => records.write_file(path, args.output_format)?,
        _ => records.write(&mut StandardOutput, args.output_format)?,
    };
    say(format_args!("{}", counted(written, "record")));
    Ok(())
}

/// Checks that the report would not replace one of these files.
fn is_none_of(report: &Path, mut files: impl Iterator<Item = PathBuf>) -> anyhow::Result<()> {
    if let Ok(report) = report.canonicalize()
        && files.any(|file| file.canonicalize().is_ok_and(|file| file == report))
    {
        bail!("the report would replace {}", report.display());
    }
    Ok(())
}

fn write_report(report: &Report, path: &Path, cancel: &CancelToken) -> anyhow::Result<()> {
    let mut json = serde_json::to_vec_pretty(report)?;
    json.push(b'\n');
    Ok(replace_file(path, &json, cancel)?)
}

fn formats() -> anyhow::Result<()> {
    let registry = Registry::discovered();
    let mut text = String::new();
    for name in registry.names() {
        let format = registry.get(name)?;
        writeln!(text, "{name}  {} ({})", format.summary(), format.provider())?;
        for option in format.options() {
            let (name, default, help) = (option.name, option.default, option.help);
            writeln!(text, "  -O {name}={default}  {help}")?;
        }
    }
    print(&text)
}

/// Writes to standard output.
fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        // The reader that closed standard output has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn say(text: std::fmt::Arguments<'_>) {
    // The reader that closed standard error does not want to know.
    writeln!(io::stderr(), "{text}").ok();
}
