//! Checks a file: the oracle says whether it is valid and what it must give, and every run must do
//! just that.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use transmog::Report;

use crate::{
    compare::{self, ensure_eq},
    oracle::Tables,
    records::records,
    runs::{FORMATS, Outcome, Pace, run},
};

/// Files below this many bytes are also run at another pace.
const TWICE: u64 = 2_000_000;

/// Room for the oracle, which is recursive, in the deepest files.
const STACK_BYTES: usize = 512 << 20;

const PLAIN: Pace = Pace {
    threads: 1,
    chunk_size: None,
};
const OTHER: Pace = Pace {
    threads: 2,
    chunk_size: Some(7),
};

/// What was checked.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) valid: usize,
    pub(crate) refused: Vec<PathBuf>,
    pub(crate) records: u64,
    pub(crate) leaves: u64,
    pub(crate) rows: u64,
    pub(crate) faults: Vec<String>,
    /// Files by time, slowest first.
    pub(crate) times: Vec<(Duration, PathBuf)>,
}

/// Checks files on two threads.
pub(crate) fn check_all(files: &[PathBuf]) -> Summary {
    let summary = Mutex::new(Summary::default());
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let start = Instant::now();
            let checked = check(file);
            let time = start.elapsed();
            let mut summary = summary.lock().unwrap();
            summary.times.push((time, file.clone()));
            match checked {
                Ok(Some(report)) => {
                    summary.valid += 1;
                    summary.records += report.records_read;
                    summary.leaves += report.ledger.leaves_read;
                    summary.rows += report.tables.iter().map(|table| table.rows).sum::<u64>();
                }
                Ok(None) => summary.refused.push(file.clone()),
                Err(fault) => summary.faults.push(format!("{}: {fault}", file.display())),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, work).unwrap();
        }
    });
    let mut summary = summary.into_inner().unwrap();
    summary.refused.sort();
    summary.faults.sort();
    summary.times.sort_by(|a, b| b.cmp(a));
    summary
}

/// Checks a file. `None` if it was rightly refused.
fn check(file: &Path) -> Result<Option<Report>, String> {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    let extension = file.extension().unwrap_or_default();
    let on_lines = ["jsonl", "ndjson", "ldjson"]
        .iter()
        .any(|lines| extension == *lines);
    let length = bytes.len() as u64;
    let bytes = without_marks(in_utf8(bytes));
    let records = match records(&bytes, on_lines) {
        Ok(records) => records,
        Err(reason) => {
            refused(file, length).map_err(|fault| format!("invalid ({reason}): {fault}"))?;
            return Ok(None);
        }
    };
    let expected = Tables::new(&records);
    let mut last = None;
    for format in FORMATS {
        let outcome = run(file, format, PLAIN);
        let report = outcome
            .report
            .map_err(|error| format!("{format}: {error}"))?;
        compare::report(&report, &expected, length)
            .map_err(|fault| format!("{format}: {fault}"))?;
        if length < TWICE {
            same_at_any_pace(file, format, &report, &outcome.files)?;
        }
        compare::files(format, &report, outcome.files, &expected)?;
        last = Some(report);
    }
    Ok(last)
}

/// The text in UTF-8, if a mark says that it is in UTF-16.
fn in_utf8(bytes: Vec<u8>) -> Vec<u8> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return bytes,
    };
    let units = bytes.chunks_exact(2).map(|two| unit([two[0], two[1]]));
    match String::from_utf16(&units.collect::<Vec<_>>()) {
        Ok(text) => text.into_bytes(),
        Err(_) => bytes,
    }
}

/// The text without byte order marks at the starts of lines, where files were put together. Texts
/// of JSON hold no line ends, so none is in one.
fn without_marks(bytes: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => {
            let text = text.replace("\n\u{feff}", "\n");
            text.trim_start_matches('\u{feff}').to_owned().into_bytes()
        }
        Err(error) => error.into_bytes(),
    }
}

fn same_at_any_pace(
    file: &Path,
    format: &str,
    report: &Report,
    files: &std::collections::BTreeMap<String, Vec<u8>>,
) -> Result<(), String> {
    let other = run(file, format, OTHER);
    let found = other
        .report
        .map_err(|error| format!("{format}, {OTHER:?}: {error}"))?;
    ensure_eq!(found.tables, report.tables, "{format}, {OTHER:?}: tables");
    ensure_eq!(
        found.renames,
        report.renames,
        "{format}, {OTHER:?}: renames"
    );
    ensure_eq!(found.ledger, report.ledger, "{format}, {OTHER:?}: ledger");
    for (name, bytes) in files {
        if other.files.get(name) != Some(bytes) {
            return Err(format!("{format}, {OTHER:?}: {name:?} has other bytes"));
        }
    }
    ensure_eq!(other.files.len(), files.len(), "{format}, {OTHER:?}: files");
    Ok(())
}

/// Checks that a file is refused: with a place, the same at any pace, and without any output.
fn refused(file: &Path, length: u64) -> Result<(), String> {
    for format in FORMATS {
        let mut messages = Vec::new();
        for pace in [PLAIN, OTHER] {
            let Outcome { report, files } = run(file, format, pace);
            ensure_eq!(files.len(), 0, "{format}: files of a failed run");
            let Err(error) = report else {
                return Err(format!("{format}, {pace:?}: taken"));
            };
            let place = error
                .location()
                .ok_or_else(|| format!("no place: {error}"))?;
            let known = (
                place.input.is_some(),
                place.record.is_some(),
                place.line.is_some(),
            );
            ensure_eq!(known, (true, true, true), "{error}: input, record and line");
            if place.byte.is_none_or(|byte| byte > length) {
                return Err(format!("no byte of the file: {error}"));
            }
            messages.push(error.to_string());
        }
        ensure_eq!(messages[1], messages[0], "{format}, {OTHER:?}: error");
    }
    Ok(())
}
