//! Other programs that do the same, or nearly: each is a Python package, with a script in
//! `benches/peers` that calls it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};
use transmog_shapes::Shape;

use super::case::Case;
use crate::{step::say, tree};

/// A program to compare with.
#[derive(Debug, PartialEq)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// What pip is asked for: versions are given, so that figures can be compared.
    packages: &'static [&'static str],
    script: &'static str,
    takes_threads: bool,
    /// Extensions of the inputs that its script reads.
    reads: &'static [&'static str],
    /// Formats that its script writes.
    writes: &'static [&'static str],
    /// Writes every null to JSON, which ours leaves out.
    writes_nulls: bool,
    /// Does not take dozens of times as long as the others.
    is_fast: bool,
    /// In what its work differs.
    pub(crate) note: &'static str,
}

const LINES: &[&str] = &["jsonl"];
const LINES_AND_CSV: &[&str] = &["jsonl", "csv"];
const EVERY_FORMAT: &[&str] = &["parquet", "csv", "jsonl"];

pub(crate) const ALL: &[Peer] = &[
    Peer {
        name: "flatterer",
        packages: &["flatterer==0.25.0"],
        script: "with_flatterer.py",
        takes_threads: true,
        reads: LINES,
        writes: &["parquet", "csv"],
        writes_nulls: false,
        is_fast: true,
        note: "automatic; all numbers are floats; ids are texts of a path; reads the input, then its own files in between",
    },
    Peer {
        name: "duckdb",
        packages: &["duckdb==2.0.1"],
        script: "with_duckdb.py",
        takes_threads: true,
        reads: LINES_AND_CSV,
        writes: EVERY_FORMAT,
        writes_nulls: true,
        is_fast: true,
        note: "a SELECT for each table, columns listed; all of an input with arrays in memory; types from a sample, with \
               `drift` from all records; what changes its type there is JSON text, and no table",
    },
    Peer {
        name: "polars",
        packages: &["polars==2.1.0"],
        script: "with_polars.py",
        takes_threads: false, // by its variable
        reads: LINES_AND_CSV,
        writes: EVERY_FORMAT,
        writes_nulls: true,
        is_fast: true,
        note: "a frame for each table; all of an input with arrays in memory; types from a sample",
    },
    Peer {
        name: "datafusion",
        packages: &["datafusion==55.0.0"],
        script: "with_datafusion.py",
        takes_threads: true,
        reads: LINES_AND_CSV,
        writes: EVERY_FORMAT,
        writes_nulls: false,
        is_fast: true,
        note: "a SELECT for each table, columns listed; all of an input with arrays in memory, not in its order; types \
               from a sample",
    },
    Peer {
        name: "transmog-2",
        packages: &["transmog==2.0.4", "pyarrow"],
        script: "with_transmog_2.py",
        takes_threads: false,
        reads: LINES,
        writes: &["parquet", "csv"],
        writes_nulls: false,
        is_fast: false,
        note: "automatic; Python; types from the first batch",
    },
    Peer {
        name: "transmog-1",
        packages: &["transmog==1.0.6", "pyarrow"],
        script: "with_transmog_1.py",
        takes_threads: false,
        reads: LINES,
        writes: &["parquet"],
        writes_nulls: false,
        is_fast: false,
        note: "automatic; Python; all columns are text",
    },
    Peer {
        name: "dlt",
        packages: &["dlt[parquet]==1.31.0"],
        script: "with_dlt.py",
        takes_threads: false,
        reads: LINES,
        writes: EVERY_FORMAT,
        writes_nulls: false,
        is_fast: false,
        note: "automatic; Python; also keeps state for later runs; times become timestamps",
    },
];

/// A peer that can be run.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) peer: &'static Peer,
    python: PathBuf,
}

/// The peer of a name.
pub(crate) fn find(name: &str) -> anyhow::Result<&'static Peer> {
    let names = || ALL.iter().map(|peer| peer.name).collect::<Vec<_>>();
    let peer = ALL.iter().find(|peer| peer.name == name);
    peer.with_context(|| format!("{name:?} is none of {}", names().join(", ")))
}

/// Makes an environment for each peer. One that cannot be installed is left out, and that is said.
pub(crate) fn install(folder: &Path, peers: &[&'static Peer]) -> Vec<Installed> {
    let mut installed = Vec::new();
    for peer in peers {
        match peer.install(&folder.join(format!("venv-{}", peer.name))) {
            Ok(python) => installed.push(Installed { peer, python }),
            Err(error) => say(&format!("{} is missing: {error:#}", peer.name)),
        }
    }
    installed
}

impl Peer {
    /// True if it is asked for a case: one that it can do, in a time and a space that people have.
    pub(crate) fn takes(&self, case: &Case) -> bool {
        let Case { shape, format, .. } = case;
        // A thousand nulls in a row are gigabytes of `"name":null`.
        let is_mostly_nulls = matches!(shape, Shape::Wide | Shape::Drift);
        self.reads.contains(&shape.extension())
            && self.writes.contains(&format.as_str())
            && (self.is_fast || (*shape == Shape::Events && format == "parquet"))
            && !(self.writes_nulls && is_mostly_nulls && format == "jsonl")
    }

    fn install(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        let python = if cfg!(windows) {
            folder.join("Scripts/python.exe")
        } else {
            folder.join("bin/python")
        };
        // Written last: an environment without it is not whole.
        let list = folder.join("installed.txt");
        let wanted = self.packages.join("\n");
        if fs::read_to_string(&list).is_ok_and(|there| there == wanted) {
            return Ok(python);
        }
        say(&format!("installing {}", self.packages.join(" ")));
        let base = if cfg!(windows) { "python" } else { "python3" };
        call(
            Command::new(base)
                .args(["-m", "venv", "--clear"])
                .arg(folder),
        )?;
        call(
            Command::new(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                ])
                .args(self.packages),
        )?;
        fs::write(list, wanted)?;
        Ok(python)
    }
}

fn call(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().context("cannot start Python")?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}

impl Installed {
    /// A call that makes tables of a file in a folder.
    pub(crate) fn command(&self, case: &Case, input: &Path, folder: &Path) -> Command {
        let mut command = self.script(self.peer.script);
        command.arg(input).arg(folder).arg(&case.format);
        let threads = case.threads.to_string();
        command.env("POLARS_MAX_THREADS", &threads);
        if self.peer.takes_threads {
            command.arg(threads);
        }
        command
    }

    /// Tables and rows in a folder of files of a format; only DuckDB's environment can tell.
    pub(crate) fn counted(&self, folder: &Path, format: &str) -> Option<(u64, u64)> {
        let mut command = self.script("count_rows.py");
        let output = command.arg(folder).arg(format).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let (tables, rows) = text.trim().split_once(' ')?;
        Some((tables.parse().ok()?, rows.parse().ok()?))
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(tree::root().join("benches/peers").join(name));
        // What the user has set for Python's modules is not for these.
        command.env_remove("PYTHONPATH");
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_has_its_script_and_a_version() {
        for peer in ALL {
            let script = tree::root().join("benches/peers").join(peer.script);
            assert!(script.exists(), "{}", peer.script);
            assert!(peer.packages[0].contains("=="), "{}", peer.name);
            assert_eq!(find(peer.name).unwrap(), peer);
        }
        assert!(find("sqlite").is_err());
    }

    #[test]
    fn a_peer_is_asked_for_what_it_can_do() {
        let asked = |shape: &str, format: &str| {
            let case = Case {
                shape: shape.parse().unwrap(),
                mb: 200,
                format: format.to_owned(),
                ids: "row".to_owned(),
                threads: 2,
            };
            let peers = ALL.iter().filter(|peer| peer.takes(&case));
            peers.map(|peer| peer.name).collect::<Vec<_>>().join(" ")
        };
        for (shape, format, expected) in [
            (
                "events",
                "parquet",
                "flatterer duckdb polars datafusion transmog-2 transmog-1 dlt",
            ),
            ("events", "csv", "flatterer duckdb polars datafusion"),
            ("events", "jsonl", "duckdb polars datafusion"),
            ("deep", "parquet", "flatterer duckdb polars datafusion"),
            ("wide", "csv", "flatterer duckdb polars datafusion"),
            ("wide", "jsonl", "datafusion"),
            ("drift", "jsonl", "datafusion"),
            ("csv", "parquet", "duckdb polars datafusion"),
            ("csv", "jsonl", "duckdb polars datafusion"),
            ("csv", "json", ""),
        ] {
            assert_eq!(asked(shape, format), expected, "{shape} to {format}");
        }
    }
}
