//! `transmog inspect`: says what tables a run would give, and writes them as a schema. Makes no
//! tables.

use std::{fmt::Write as _, process::ExitCode};

use anyhow::{Context, bail};
use transmog::{CancelToken, ColumnReport, Report, TableReport, counted, replace_file};

use crate::{args::Inspect, exit_code, print, say, words};

/// Most characters that a cell is padded to: what is longer moves what stands behind it.
const WIDEST: usize = 200;

pub(crate) fn inspect(args: &Inspect, cancel: &CancelToken) -> anyhow::Result<ExitCode> {
    let reading = &args.reading;
    if let Some(path) = &args.schema_out
        && let Ok(out) = path.canonicalize()
        && reading
            .inputs
            .iter()
            .any(|input| input.canonicalize().is_ok_and(|input| input == out))
    {
        bail!("the schema would replace {}", path.display());
    }
    let report = args
        .processor()?
        .with_cancel(cancel)
        .inspect_all(reading.inputs(), &reading.entity())?;
    if let Some(path) = &args.schema_out {
        let mut json = serde_json::to_vec_pretty(&report.layout)?;
        json.push(b'\n');
        replace_file(path, &json, cancel).context("the schema is not written")?;
    }
    if args.as_json {
        let mut json = serde_json::to_string_pretty(&report)?;
        json.push('\n');
        print(&json)?;
    } else {
        print(&described(&report))?;
        say_problems(&report);
    }
    Ok(exit_code(&report))
}

/// All tables for people: a line for each, and one for each of its columns.
fn described(report: &Report) -> String {
    let mut text = String::new();
    for table in &report.tables {
        describe(&mut text, table);
    }
    let records = counted(report.records_read, "record");
    let bytes = counted(report.bytes_read, "byte");
    // Writing to a string does not fail.
    writeln!(text, "{records}, {bytes}").ok();
    text
}

fn describe(text: &mut String, table: &TableReport) {
    let path: Vec<String> = table.path.iter().map(|hop| hop.join(".") + "[]").collect();
    write!(text, "{}: {}", table.name, counted(table.rows, "row")).ok();
    if let Some(parent) = &table.parent {
        write!(text, ", {} of {parent}", path.join(".")).ok();
    }
    text.push('\n');
    let line = |column: &ColumnReport| {
        let path = column.path.as_ref().map(|path| path.join("."));
        let (name, data_type) = (column.name.clone(), column.data_type.clone());
        let path = path.filter(|path| *path != name).unwrap_or_default();
        [name, data_type, column.nulls.to_string(), path]
    };
    let head = ["column", "type", "nulls", "path"].map(str::to_owned);
    let lines: Vec<[String; 4]> = std::iter::once(head)
        .chain(table.columns.iter().map(line))
        .collect();
    let width = |cell: usize| {
        let widths = lines.iter().map(|line| line[cell].chars().count());
        widths.max().unwrap_or(0).min(WIDEST)
    };
    let (names, types, nulls) = (width(0), width(1), width(2));
    for [name, data_type, null_count, path] in &lines {
        let line = format!("  {name:<names$}  {data_type:<types$}  {null_count:>nulls$}  {path}");
        writeln!(text, "{}", line.trim_end()).ok();
    }
    text.push('\n');
}

/// What was wrong, and which columns changed their types, as `flatten` says it.
fn say_problems(report: &Report) {
    for line in report.type_change_lines() {
        say(format_args!("{}", words::as_options(&line)));
    }
    let notes = report.encoding_lines() + &report.csv_notes();
    if !notes.is_empty() {
        say(format_args!("{}", words::as_options(notes.trim_end())));
    }
    for line in report.rule_lines() {
        say(format_args!("{line}"));
    }
    for problem in &report.problems {
        say(format_args!("{}", words::as_options(&problem.message)));
    }
    let rejected = report.records_rejected + report.records_partial;
    if rejected > 0 {
        say(format_args!(
            "{} rejected, {} kept in part",
            counted(report.records_rejected, "record"),
            report.records_partial
        ));
    }
}
