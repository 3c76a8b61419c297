//! The runs of one case: every program once, then every program again, so that all see the same moods of the machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use serde_json::Value;
use transmog_shapes::Shape;

use super::{
    case::{Case, Input},
    figures::{Figures, OURS},
    limit::Limit,
    measure::{self, Usage, median},
    options::Options,
    peers::Installed,
    programs::{self, Programs},
};
use crate::step::say;

/// A program, and its runs so far.
struct Contender<'a> {
    /// `None` for our command.
    peer: Option<&'a Installed>,
    runs: Vec<Usage>,
    bytes: u64,
    tables: u64,
    rows: u64,
}

/// Measures a case. Our command is the first of the result; a peer that fails is left out.
pub(crate) fn run(
    programs: &Programs,
    case: &Case,
    input: &Input,
    options: &Options,
    peers: &[Installed],
) -> anyhow::Result<Vec<Figures>> {
    // Others are only asked for what all of them can do.
    let has_peers = case.shape == Shape::Events && case.format == "parquet";
    let peers = peers.iter().filter(|_| has_peers).map(Some);
    let mut contenders: Vec<_> = [None]
        .into_iter()
        .chain(peers)
        .map(Contender::new)
        .collect();
    let mut limit = Limit::default();
    for round in 0..options.runs {
        let folder = fresh(programs, "limit")?;
        limit.run(programs, case, input, options.limit, &folder)?;
        let mut kept = Vec::new();
        for mut contender in contenders {
            let result = contender.run(programs, case, input, options.sync, round == 0);
            match result {
                Ok(()) => kept.push(contender),
                Err(error) if contender.peer.is_some() => {
                    say(&format!("{} is left out: {error:#}", contender.name()));
                }
                Err(error) => return Err(error),
            }
        }
        contenders = kept;
    }
    if let Some(counter) = contenders
        .iter()
        .find_map(|contender| contender.peer.filter(|peer| peer.peer.name == "duckdb"))
    {
        for contender in contenders.iter_mut().filter(|c| c.peer.is_some()) {
            let folder = programs.folder.join("out").join(contender.name());
            if let Some((tables, rows)) = counter.counted(&folder) {
                (contender.tables, contender.rows) = (tables, rows);
            }
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limit = (limit.parse(), limit.seconds(case.threads.min(cores)));
    let figures = contenders.iter();
    Ok(figures.map(|c| c.figures(case, input, limit)).collect())
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
        is_first: bool,
    ) -> anyhow::Result<()> {
        let folder = fresh(programs, self.name())?;
        let log = folder.with_extension("log");
        let report = folder.with_extension("report.json");
        let mut command = if let Some(peer) = self.peer {
            peer.command(&input.path, &folder, case.threads)
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
        if is_first {
            self.bytes = measure::table_bytes(&folder, &case.format)?;
            if self.peer.is_none() {
                (self.tables, self.rows) = counted(&report)?;
            }
        }
        Ok(())
    }

    fn figures(&self, case: &Case, input: &Input, limit: (f64, Option<f64>)) -> Figures {
        let walls = || self.runs.iter().map(|run| run.wall);
        let (parse, limit) = limit;
        let peak = self.runs.iter().map(|run| run.peak).max().unwrap_or(0);
        Figures {
            shape: case.shape.to_string(),
            mb: case.mb,
            format: case.format.clone(),
            ids: case.ids.clone(),
            threads: case.threads as u64,
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
