//! The golden cases: inputs with the tables that they must become. Cases of our own lie in
//! `testdata/golden`; those that were made with the Python package lie in the folder that the
//! variable `TRANSMOG_GOLDEN` names, or else in `shared/golden` beside the repository.
#![cfg(all(feature = "csv", feature = "json", feature = "parquet"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod case;
mod cell;
mod compare;
mod files;
mod json;
mod run;
mod settings;
mod tally;
mod vectors;

use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use case::{Case, CaseInput, Outcome};
use run::{Format, Way};
use tally::{Tally, tell};

/// The cases that come from elsewhere.
fn elsewhere() -> PathBuf {
    env::var_os("TRANSMOG_GOLDEN").map_or_else(
        || repository().join("../shared/golden"),
        |folder| repository().join(folder),
    )
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The JSON files of a folder in order of their names; `None` without a folder.
fn json_files(folder: &Path) -> Option<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).ok()?;
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut paths: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    Some(paths)
}

/// Runs a case in all formats and ways. Gives its profile's name, and the differences if there are
/// any.
fn run_case(path: &Path) -> Outcome<(&'static str, Option<String>)> {
    let case = Case::read(path)?;
    let config = settings::config(&case)?;
    let mut runs = Vec::new();
    for format in Format::ALL {
        for way in Way::ALL {
            if way == Way::RepeatedKey && !matches!(case.input, CaseInput::Value(_)) {
                continue;
            }
            let found = catch_unwind(AssertUnwindSafe(|| run::run(&case, &config, format, way)));
            let differences = match found {
                Ok(Ok(found)) => compare::differences(&case, &config, &found, format),
                Ok(Err(error)) => vec![error],
                Err(_) => vec!["the run panics".to_owned()],
            };
            runs.push((format!("{}, {}", format.word(), way.word()), differences));
        }
    }
    if let Some(records) = &case.csv_records {
        let read = Case {
            tables: vec![(case.entity.clone(), records.clone())],
            ..case.clone()
        };
        let config = settings::as_read(&config);
        for format in Format::ALL {
            let found = run::run(&read, &config, format, Way::OneChunk);
            let differences = match found {
                Ok(found) => compare::differences(&read, &config, &found, format),
                Err(error) => vec![error],
            };
            runs.push((format!("{}, as read", format.word()), differences));
        }
    }
    Ok((case.profile.word(), compare::summary(&case, &runs)))
}

fn run_cases(paths: &[PathBuf], what: &str) -> Tally {
    let mut tally = Tally::default();
    for path in paths {
        match run_case(path) {
            Ok((profile, None)) => tally.pass(profile, 1),
            Ok((_, Some(differences))) => tally.fail(differences),
            Err(refusal) => tally.refuse(path, refusal),
        }
    }
    tally.tell(what);
    tally
}

fn golden_folder(name: &str) {
    let folder = elsewhere().join(name);
    match json_files(&folder) {
        Some(paths) => run_cases(&paths, &format!("cases of {name}")).assert(),
        None => tell(&format!(
            "golden: {name} is skipped for want of {}",
            folder.display()
        )),
    }
}

#[test]
fn golden_cases_of_our_own() {
    let paths = json_files(&repository().join("testdata/golden")).expect("the folder is there");
    let tally = run_cases(&paths, "cases of our own");
    tally.assert();
    assert!(tally.left_out.is_empty(), "our own cases all run");
}

#[test]
fn golden_open() {
    golden_folder("open");
}

#[test]
fn golden_held() {
    golden_folder("held");
}

#[test]
fn golden_vectors() {
    let folder = elsewhere().join("vectors");
    let Some(mut paths) = json_files(&folder) else {
        tell(&format!(
            "golden: vectors are skipped for want of {}",
            folder.display()
        ));
        return;
    };
    let odd = elsewhere().join("defects/vectors_v1_csv_odd.json");
    if odd.exists() {
        paths.push(odd);
    } else {
        let odd = odd.display();
        tell(&format!("golden: odd cells are skipped for want of {odd}"));
    }
    let mut tally = Tally::default();
    for path in &paths {
        match vectors::check(path) {
            Ok((held, faults)) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                tally.pass(&name, held);
                for fault in faults {
                    tally.fail(format!("{name}: {fault}"));
                }
            }
            Err(refusal) => tally.refuse(path, refusal),
        }
    }
    tally.tell("vectors");
    tally.assert();
}
