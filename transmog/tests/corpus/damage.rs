//! Every file of the corpus, cut and with changed bytes, at places that a seed gives: no panic, no
//! end that does not come, and counts that add up. `TRANSMOG_CASES` makes more of it, `cargo xtask
//! chaos` much more.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use transmog::{DEFAULT, Error, Input, InputFormat, LENIENT, Processor, Recovery, Report, STRICT};

use crate::files::{EXTENSIONS, corpus, find_with};

/// Files up to this many bytes are damaged, and larger ones, so often rarer.
const SMALL: usize = 64 << 10;

/// How often a file is damaged, each way.
fn times() -> usize {
    let factor = env::var_os("TRANSMOG_CASES");
    factor.map_or(1, |factor| factor.to_str().unwrap().parse().unwrap())
}

fn format_of(path: &Path) -> InputFormat {
    match path.extension().unwrap().to_str().unwrap() {
        "csv" | "tsv" => InputFormat::Csv,
        "jsonl" | "ndjson" | "ldjson" => InputFormat::JsonLines,
        _ => InputFormat::Json,
    }
}

/// Runs over bytes, into memory: everything but a format's encoding is done.
fn run(
    bytes: &[u8],
    format: InputFormat,
    recovery: Recovery,
    pace: usize,
) -> Result<Report, Error> {
    Processor::new()
        .with_input_format(format)
        .with_recovery(recovery)
        .with_threads(1 + pace % 2)
        .and_then(|it| it.with_chunk_size([1000, 3, 1][pace % 3]))
        .unwrap()
        .inspect(Input::bytes(bytes), "t")
}

/// Says what is wrong with a run over damaged bytes.
fn check(bytes: &[u8], format: InputFormat, pace: usize) -> Result<(), String> {
    let strict = run(bytes, format, STRICT.into(), pace);
    for recovery in [Recovery::from(DEFAULT), LENIENT.into()] {
        let report = match run(bytes, format, recovery, pace) {
            Ok(report) => report,
            // Without a header nothing can be read. It is no record, so the place has none.
            Err(error)
                if format == InputFormat::Csv
                    && error.location().is_some_and(|at| at.record.is_none()) =>
            {
                continue;
            }
            Err(error) => return Err(format!("the run fails: {error}")),
        };
        let rows = report.tables.first().map_or(0, |table| table.rows);
        if report.records_read != rows + report.records_rejected {
            return Err(format!("records do not add up: {report:?}"));
        }
        if !report.ledger.adds_up() {
            return Err(format!("the ledger does not add up: {report:?}"));
        }
        let whole = report.problems.is_empty();
        if strict.is_ok() != whole {
            return Err(format!("strict and lenient differ: {strict:?} {report:?}"));
        }
        if let Ok(strict) = &strict
            && (strict.tables != report.tables || strict.ledger != report.ledger)
        {
            return Err("a run without faults depends on the strategy".to_owned());
        }
    }
    match strict {
        Err(error) if error.location().is_none_or(|at| at.byte.is_none()) => {
            Err(format!("no place: {error}"))
        }
        _ => Ok(()),
    }
}

fn damaged(path: &Path, random: &mut ChaCha8Rng) -> Vec<(String, Vec<u8>)> {
    let whole = fs::read(path).unwrap();
    let mut all = Vec::new();
    if whole.is_empty() {
        return all;
    }
    let mut any = |below: usize| random.next_u64() as usize % below;
    let rarer = 1 + whole.len() / SMALL;
    for _ in 0..times() {
        if any(rarer) > 0 {
            continue;
        }
        let end = any(whole.len());
        all.push((format!("cut at byte {end}"), whole[..end].to_vec()));
        let mut changed = whole.clone();
        let mut what = String::from("changed bytes");
        for _ in 0..=any(3) {
            let (at, byte) = (any(changed.len()), any(256) as u8);
            // Half of them to what means something.
            let byte = match any(2) {
                0 => byte,
                _ => b"{}[],:\"\\\n\r 0-.eEtn\0\xff"[any(20)],
            };
            changed[at] = byte;
            write!(what, " {at} to {byte}").unwrap();
        }
        all.push((what, changed));
    }
    all
}

#[test]
fn damaged_files_give_what_they_hold() {
    let Some(folder) = corpus("damaged files") else {
        return;
    };
    let extensions = [&EXTENSIONS[..], &["csv", "tsv"]].concat();
    let files = find_with(&folder, &extensions);
    let (next, runs) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let faults = Mutex::new(Vec::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(path): Option<&PathBuf> = files.get(number) else {
                return;
            };
            let mut random = ChaCha8Rng::seed_from_u64(number as u64);
            for (pace, (what, bytes)) in damaged(path, &mut random).into_iter().enumerate() {
                runs.fetch_add(1, Ordering::Relaxed);
                if let Err(fault) = check(&bytes, format_of(path), pace + number) {
                    let fault = format!("{}: {what}: {fault:.600}", path.display());
                    faults.lock().unwrap().push(fault);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let faults = faults.into_inner().unwrap();
    eprintln!(
        "{} files, {} damaged inputs, {} faults",
        files.len(),
        runs.into_inner(),
        faults.len()
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
