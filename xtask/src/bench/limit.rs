//! What the machine could do at best: `transmog-limit`, which parses and encodes and does nothing
//! in between.

use std::{fs, path::Path, process::Command};

use anyhow::Context;
use serde_json::Value;

use super::{
    case::{Case, Input},
    measure::{self, median},
    programs::Programs,
};

/// Seconds of each run of parsing and of encoding, on one core.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    parse: Vec<f64>,
    encode: Vec<f64>,
}

impl Limit {
    /// Runs it once more; encoding only if it is asked for.
    pub(crate) fn run(
        &mut self,
        programs: &Programs,
        case: &Case,
        input: &Input,
        encodes: bool,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let mut command = Command::new(&programs.limit);
        command.arg(&input.path);
        if encodes {
            command.args([&case.format, &case.ids]).arg(folder);
        }
        // Writers encode on all threads that there are.
        command.env("RAYON_NUM_THREADS", "1");
        let log = folder.with_extension("log");
        measure::run(&mut command, &log)?;
        for line in fs::read_to_string(&log)?.lines() {
            self.take(line)
                .with_context(|| format!("transmog-limit says {line:?}"))?;
        }
        Ok(())
    }

    fn take(&mut self, line: &str) -> anyhow::Result<()> {
        let line: Value = serde_json::from_str(line)?;
        let seconds = line["seconds"].as_f64().context("no seconds")?;
        match line["step"].as_str() {
            Some("parse") => self.parse.push(seconds),
            Some("encode") => self.encode.push(seconds),
            _ => anyhow::bail!("no step"),
        }
        Ok(())
    }

    /// Seconds that parsing takes: the measure of the machine at that moment.
    pub(crate) fn parse(&self) -> f64 {
        median(self.parse.iter().copied())
    }

    /// Seconds that parsing and encoding take if they share so many cores well; `None` if encoding
    /// was not measured.
    pub(crate) fn seconds(&self, cores: usize) -> Option<f64> {
        let encode = || median(self.encode.iter().copied());
        (!self.encode.is_empty()).then(|| (self.parse() + encode()) / cores as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_sum_of_both_shared_by_the_cores() {
        let mut limit = Limit::default();
        for seconds in [1.0, 3.0, 2.0] {
            let line = serde_json::json!({"step": "parse", "seconds": seconds, "records": 1});
            limit.take(&line.to_string()).unwrap();
        }
        assert!(limit.seconds(1).is_none());
        limit.take(r#"{"step":"encode","seconds":4.0}"#).unwrap();
        assert!((limit.parse() - 2.0).abs() < 1e-9);
        assert!((limit.seconds(2).unwrap() - 3.0).abs() < 1e-9);
        assert!(limit.take("{\"step\":\"parse\"}").is_err());
    }
}
