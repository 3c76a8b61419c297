//! The runs of one case: every program once, then every program again, so that all see the same
//! moods of the machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use serde_json::Value;

use super::{
    case::{Case, Input},
    figures::{Failure, Figures, OURS, Results},
    limit::Limit,
    measure::{self, Usage, median},
    options::Options,
    peers::Installed,
    programs::{self, Programs},
};
use crate::step::say;

/// Seconds after which one run of a program is enough.
const PATIENCE: f64 = 60.0;

/// Characters of an error that are kept: some name every type of the input.
const LONGEST: usize = 300;

/// A program, and its runs so far.
struct Contender<'a> {
    /// `None` for our command.
    peer: Option<&'a Installed>,
    runs: Vec<Usage>,
    bytes: u64,
    tables: u64,
    rows: u64,
}

/// Measures a case. Our command is the first of the figures; a peer that fails has none.
pub(crate) fn run(
    programs: &Programs,
    case: &Case,
    input: &Input,
    options: &Options,
    peers: &[Installed],
) -> anyhow::Result<Results> {
    let asked = peers.iter().filter(|peer| peer.peer.takes(case)).map(Some);
    let mut contenders: Vec<_> = [None]
        .into_iter()
        .chain(asked)
        .map(Contender::new)
        .collect();
    let counter = peers.iter().find(|peer| peer.peer.name == "duckdb");
    let mut failures = Vec::new();
    let mut limit = Limit::default();
    for _ in 0..options.runs {
        let folder = fresh(programs, "limit")?;
        limit.run(programs, case, input, options.limit, &folder)?;
        let mut kept = Vec::new();
        for mut contender in contenders {
            let name = contender.name();
            if contender.runs.iter().any(|run| run.wall > PATIENCE) {
                kept.push(contender);
                continue;
            }
            let result = contender.run(programs, case, input, options.sync, counter);
            match result {
                Ok(()) => kept.push(contender),
                Err(error) if contender.peer.is_some() => {
                    let why = why(&error, &programs.folder);
                    say(&format!("{name} is left out: {why}"));
                    failures.push(Failure {
                        case: case.clone(),
                        tool: name.to_owned(),
                        why,
                    });
                }
                Err(error) => return Err(error),
            }
            // Gigabytes, of some: they shall not wait for the disk while the next one runs.
            fresh(programs, name)?;
        }
        contenders = kept;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limit = (limit.parse(), limit.seconds(case.threads.min(cores)));
    let figures = contenders.iter();
    Ok(Results {
        figures: figures.map(|c| c.figures(case, input, limit)).collect(),
        failures,
    })
}

/// What a program said when it failed, in one line: the error that it named last. Where its files
/// are is nobody's concern.
fn why(error: &anyhow::Error, folder: &Path) -> String {
    let text = format!("{error:#}").replace(&folder.display().to_string(), "target/bench");
    let named = text.lines().rfind(|line| line.contains("Error: "));
    let line = named.or_else(|| text.lines().next()).unwrap_or_default();
    line.trim().chars().take(LONGEST).collect()
}

/// An output folder that is not there.
pub(crate) fn fresh(programs: &Programs, name: &str) -> anyhow::Result<PathBuf> {
    let out = programs.folder.join("out");
    let folder = out.join(name);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).context(format!("cannot remove {}", folder.display()));
        }
        _ => fs::create_dir_all(&out)?,
    }
    Ok(folder)
}

impl<'a> Contender<'a> {
    fn new(peer: Option<&'a Installed>) -> Self {
        Self {
            peer,
            runs: Vec::new(),
            bytes: 0,
            tables: 0,
            rows: 0,
        }
    }

    fn name(&self) -> &'static str {
        self.peer.map_or(OURS, |peer| peer.peer.name)
    }

    fn run(
        &mut self,
        programs: &Programs,
        case: &Case,
        input: &Input,
        sync: bool,
        counter: Option<&Installed>,
    ) -> anyhow::Result<()> {
        let folder = fresh(programs, self.name())?;
        let log = folder.with_extension("log");
        let report = folder.with_extension("report.json");
        let mut command = if let Some(peer) = self.peer {
            peer.command(case, &input.path, &folder)
        } else {
            let mut command = Command::new(&programs.transmog);
            let threads = case.threads.to_string();
            command
                .arg("flatten")
                .arg(&input.path)
                .arg("-o")
                .arg(&folder);
            command.args(programs::words(case, sync));
            command
                .args(["--threads", &threads, "--report"])
                .arg(&report);
            command
        };
        self.runs.push(measure::run(&mut command, &log)?);
        if self.runs.len() == 1 {
            self.bytes = measure::table_bytes(&folder, &case.format)?;
            (self.tables, self.rows) = match (self.peer, counter) {
                (None, _) => counted(&report)?,
                (_, Some(counter)) => counter.counted(&folder, &case.format).unwrap_or_default(),
                _ => (0, 0),
            };
        }
        Ok(())
    }

    fn figures(&self, case: &Case, input: &Input, limit: (f64, Option<f64>)) -> Figures {
        let walls = || self.runs.iter().map(|run| run.wall);
        let (parse, limit) = limit;
        let peak = self.runs.iter().map(|run| run.peak).max().unwrap_or(0);
        Figures {
            case: case.clone(),
            tool: self.name().to_owned(),
            wall: median(walls()),
            fastest: walls().reduce(f64::min).unwrap_or(0.0),
            slowest: walls().reduce(f64::max).unwrap_or(0.0),
            cpu: median(self.runs.iter().map(|run| run.cpu)),
            peak_mib: peak as f64 / f64::from(1 << 20),
            input_bytes: input.made.bytes,
            output_bytes: self.bytes,
            records: input.made.records,
            tables: self.tables,
            rows: self.rows,
            parse,
            limit: limit.filter(|_| self.peer.is_none()),
        }
    }
}

/// Tables and rows, as our report has them.
fn counted(report: &Path) -> anyhow::Result<(u64, u64)> {
    let report: Value = serde_json::from_str(&fs::read_to_string(report)?)?;
    let tables = report["tables"].as_array().context("no tables")?;
    let rows = tables.iter().filter_map(|table| table["rows"].as_u64());
    Ok((tables.len() as u64, rows.sum()))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_failure_is_one_line_without_a_folder_of_this_machine() {
        let folder = Path::new("/made/up/target/bench");
        for (said, expected) in [
            (
                "/made/up/target/bench/venv-x/bin/python: exit status: 1\n  File \"x.py\"\n\
                 x.Error: no type in /made/up/target/bench/drift-2.jsonl\n\nThis error occurred in:\n\tcol(1)",
                "x.Error: no type in target/bench/drift-2.jsonl".to_owned(),
            ),
            (
                "/made/up/target/bench/venv-x/bin/python: signal: 9 (SIGKILL)\nreading\n",
                "target/bench/venv-x/bin/python: signal: 9 (SIGKILL)".to_owned(),
            ),
            (
                &["Error: ", &"ä".repeat(1000)].concat(),
                ["Error: ", &"ä".repeat(LONGEST - 7)].concat(),
            ),
        ] {
            assert_eq!(why(&anyhow!("{said}"), folder), expected);
        }
    }
}
