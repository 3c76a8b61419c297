//! What `cargo xtask bench` is asked for.

use std::{path::PathBuf, thread};

use anyhow::{Context, anyhow, bail, ensure};
use transmog_shapes::Shape;

use super::peers::{self, Peer};

pub(crate) const USAGE: &str = "\
usage: cargo xtask bench [OPTION...]

  --shape A,B      events, flat, wide, deep, arrays, drift, csv, columns-N, tables-N [default: the first seven]
  --mb N,M         sizes of the inputs in megabytes [default: 100]
  --format A,B     parquet, csv, jsonl (JSON Lines), json (an array) [default: parquet]
  --ids A,B        row, random [default: row]
  --threads N,M    [default: as many as the machine has cores]
  --runs N         of which the median counts [default: 5]
  --peers [A,B]    other programs too, with what each can do; all, or those named
  --limit          what parsing alone and encoding alone take, and what share of that speed is reached
  --memory         peak memory with inputs of the first size and of ten times that
  --instructions   instructions for each byte of input; needs Valgrind
  --profile        CPU time by function and by crate; needs Linux perf
  --scaling        10 to 10,000 columns, 1 to 1,000 tables, with the first size
  --sync           wait until outputs are on the disk, as the command does if it is not told otherwise
  --baseline FILE  fail if something is slower than in a kept run, measured against parsing in the same run
  --save           keep the figures in benches/runs
  --show FILE      measure nothing, but show a kept run in README.md and benches/latest.svg";

/// The options, with their defaults filled in. Lists have at least one item.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of the command line that is there or not"
)]
pub(crate) struct Options {
    pub(crate) shapes: Vec<Shape>,
    pub(crate) mb: Vec<u64>,
    pub(crate) formats: Vec<String>,
    pub(crate) ids: Vec<String>,
    pub(crate) threads: Vec<usize>,
    pub(crate) runs: usize,
    pub(crate) peers: Vec<&'static Peer>,
    pub(crate) limit: bool,
    pub(crate) memory: bool,
    pub(crate) instructions: bool,
    pub(crate) profile: bool,
    pub(crate) scaling: bool,
    pub(crate) sync: bool,
    pub(crate) baseline: Option<PathBuf>,
    pub(crate) save: bool,
    pub(crate) show: Option<PathBuf>,
}

impl Options {
    fn new() -> Self {
        Self {
            shapes: Shape::ALL.to_vec(),
            mb: vec![100],
            formats: vec!["parquet".to_owned()],
            ids: vec!["row".to_owned()],
            threads: vec![thread::available_parallelism().map_or(1, usize::from)],
            runs: 5,
            peers: Vec::new(),
            limit: false,
            memory: false,
            instructions: false,
            profile: false,
            scaling: false,
            sync: false,
            baseline: None,
            save: false,
            show: None,
        }
    }

    /// Reads the words of a command line; `None` if they ask for help.
    pub(crate) fn read(words: &[String]) -> anyhow::Result<Option<Self>> {
        let mut options = Self::new();
        let mut names = 0;
        let mut words = words.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            let (name, attached) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            names += 1;
            let value = attached.or_else(|| words.next_if(|next| !next.starts_with("--")));
            if name == "--help" {
                return Ok(None);
            }
            options
                .set(name, value)
                .map_err(|error| anyhow!("{name}: {error:#}; see cargo xtask bench --help"))?;
        }
        ensure!(
            options.show.is_none() || names == 1,
            "--show measures nothing and takes no other options; see cargo xtask bench --help"
        );
        Ok(Some(options))
    }

    fn set(&mut self, name: &str, value: Option<&str>) -> anyhow::Result<()> {
        let flag = match name {
            "--limit" => &mut self.limit,
            "--memory" => &mut self.memory,
            "--instructions" => &mut self.instructions,
            "--profile" => &mut self.profile,
            "--scaling" => &mut self.scaling,
            "--sync" => &mut self.sync,
            "--save" => &mut self.save,
            "--peers" => {
                self.peers = match value {
                    None => peers::ALL.iter().collect(),
                    Some(names) => list(names, peers::find)?,
                };
                return Ok(());
            }
            _ => return self.set_value(name, value),
        };
        ensure!(value.is_none(), "takes no value");
        *flag = true;
        Ok(())
    }

    fn set_value(&mut self, name: &str, value: Option<&str>) -> anyhow::Result<()> {
        let value = || value.context("needs a value");
        match name {
            "--shape" => self.shapes = list(value()?, |word| Ok(word.parse()?))?,
            "--mb" => self.mb = list(value()?, count)?,
            "--format" => {
                self.formats = list(value()?, |word| {
                    one_of(word, &["parquet", "csv", "jsonl", "json"])
                })?;
            }
            "--ids" => self.ids = list(value()?, |word| one_of(word, &["row", "random"]))?,
            "--threads" => self.threads = list(value()?, |word| Ok(count(word)? as usize))?,
            "--runs" => self.runs = count(value()?)? as usize,
            "--baseline" => self.baseline = Some(value()?.into()),
            "--show" => self.show = Some(value()?.into()),
            _ => bail!("unknown option"),
        }
        Ok(())
    }
}

fn list<T>(words: &str, read: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
    words.split(',').map(read).collect()
}

fn count(word: &str) -> anyhow::Result<u64> {
    let number = word.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{word:?} is no positive number"))
}

fn one_of(word: &str, words: &[&str]) -> anyhow::Result<String> {
    ensure!(
        words.contains(&word),
        "{word:?} is none of {}",
        words.join(", ")
    );
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> anyhow::Result<Option<Options>> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::read(&words)
    }

    #[test]
    fn values_stand_behind_a_blank_or_an_equals_sign() {
        let options = read("--shape events,tables-7 --mb=5,20 --runs 3 --limit --peers --save")
            .unwrap()
            .unwrap();
        assert_eq!(options.shapes, [Shape::Events, Shape::Tables(7)]);
        assert_eq!((options.mb, options.runs), (vec![5, 20], 3));
        assert_eq!(options.peers.len(), peers::ALL.len());
        assert!(options.limit && options.save && !options.memory);
        let options = read("--peers duckdb,dlt --format json").unwrap().unwrap();
        let names: Vec<_> = options.peers.iter().map(|peer| peer.name).collect();
        assert_eq!(names, ["duckdb", "dlt"]);
        assert_eq!(options.formats, ["json"]);
    }

    #[test]
    fn nothing_is_every_shape_and_help_is_help() {
        assert_eq!(read("").unwrap().unwrap().shapes, Shape::ALL);
        assert!(read("--mb 5 --help").unwrap().is_none());
        let show = read("--show a/b.json").unwrap().unwrap().show;
        assert_eq!(show, Some(PathBuf::from("a/b.json")));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, part) in [
            ("--mb", "needs a value"),
            ("--mb 0", "no positive number"),
            ("--format xml", "none of parquet"),
            ("--shape events,evens", "unknown shape \"evens\""),
            ("--limit yes", "takes no value"),
            ("--peers sqlite", "flatterer, duckdb"),
            ("--fast", "--fast: unknown option"),
            ("--show", "needs a value"),
            ("--show x.json --save", "no other options"),
            ("--mb 5 --show=x.json", "no other options"),
            ("events", "events: unknown option"),
        ] {
            let error = format!("{:#}", read(line).unwrap_err());
            assert!(error.contains(part), "{error}");
        }
    }
}
