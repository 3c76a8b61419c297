//! What was measured of one program in one case, and how that is kept.

use anyhow::Context;
use serde_json::{Value, json};

/// The name of our command among the others.
pub(crate) const OURS: &str = "transmog";

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figures {
    pub(crate) shape: String,
    pub(crate) mb: u64,
    pub(crate) format: String,
    pub(crate) ids: String,
    pub(crate) threads: u64,
    pub(crate) tool: String,
    /// Seconds of the median run.
    pub(crate) wall: f64,
    pub(crate) fastest: f64,
    pub(crate) slowest: f64,
    pub(crate) cpu: f64,
    /// Of the run that took most.
    pub(crate) peak_mib: f64,
    pub(crate) input_bytes: u64,
    pub(crate) output_bytes: u64,
    pub(crate) records: u64,
    /// 0 if nobody counted them, as the rows.
    pub(crate) tables: u64,
    pub(crate) rows: u64,
    /// Seconds that parsing alone took in the same run.
    pub(crate) parse: f64,
    /// Seconds that parsing and encoding alone would take on these cores.
    pub(crate) limit: Option<f64>,
}

impl Figures {
    /// Megabytes of input in a second.
    pub(crate) fn speed(&self) -> f64 {
        self.input_bytes as f64 / 1e6 / self.wall
    }

    /// Rows of all tables in a second.
    pub(crate) fn rows_per_second(&self) -> f64 {
        self.rows as f64 / self.wall
    }

    /// How many cores were busy, on average.
    pub(crate) fn cores(&self) -> f64 {
        self.cpu / self.wall
    }

    /// The share of the speed that would be possible.
    pub(crate) fn efficiency(&self) -> Option<f64> {
        self.limit.map(|limit| limit / self.wall)
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.tool == OURS
    }

    /// True if both are of the same work, whoever did it.
    pub(crate) fn is_of_same_case(&self, other: &Self) -> bool {
        let case = |figures: &Self| {
            let Self {
                shape,
                format,
                ids,
                mb,
                threads,
                ..
            } = figures.clone();
            (shape, format, ids, mb, threads)
        };
        case(self) == case(other)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "shape": self.shape,
            "mb": self.mb,
            "format": self.format,
            "ids": self.ids,
            "threads": self.threads,
            "tool": self.tool,
            "wall_seconds": self.wall,
            "fastest_seconds": self.fastest,
            "slowest_seconds": self.slowest,
            "cpu_seconds": self.cpu,
            "peak_mib": self.peak_mib,
            "input_bytes": self.input_bytes,
            "output_bytes": self.output_bytes,
            "records": self.records,
            "tables": self.tables,
            "rows": self.rows,
            "parse_seconds": self.parse,
            "limit_seconds": self.limit,
        })
    }

    pub(crate) fn from_json(value: &Value) -> anyhow::Result<Self> {
        let missing = |name: &str| format!("no {name} in {value}");
        let text = |name: &str| {
            let text = value[name].as_str().with_context(|| missing(name))?;
            anyhow::Ok(text.to_owned())
        };
        let whole = |name: &str| value[name].as_u64().with_context(|| missing(name));
        let float = |name: &str| value[name].as_f64().with_context(|| missing(name));
        Ok(Self {
            shape: text("shape")?,
            mb: whole("mb")?,
            format: text("format")?,
            ids: text("ids")?,
            threads: whole("threads")?,
            tool: text("tool")?,
            wall: float("wall_seconds")?,
            fastest: float("fastest_seconds")?,
            slowest: float("slowest_seconds")?,
            cpu: float("cpu_seconds")?,
            peak_mib: float("peak_mib")?,
            input_bytes: whole("input_bytes")?,
            output_bytes: whole("output_bytes")?,
            records: whole("records")?,
            tables: whole("tables")?,
            rows: whole("rows")?,
            parse: float("parse_seconds")?,
            limit: value["limit_seconds"].as_f64(),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A program that read 200 MB in so many seconds.
    pub(crate) fn example(tool: &str, wall: f64) -> Figures {
        Figures {
            shape: "events".to_owned(),
            mb: 200,
            format: "parquet".to_owned(),
            ids: "row".to_owned(),
            threads: 2,
            tool: tool.to_owned(),
            wall,
            fastest: wall * 0.9,
            slowest: wall * 1.5,
            cpu: wall * 1.5,
            peak_mib: 80.25,
            input_bytes: 200_000_000,
            output_bytes: 60_000_000,
            records: 70_000,
            tables: 4,
            rows: 300_000,
            parse: 0.25,
            limit: (tool == OURS).then_some(0.5),
        }
    }

    #[test]
    fn what_is_kept_comes_back() {
        for figures in [example(OURS, 1.0), example("duckdb", 2.5)] {
            let text = figures.to_json().to_string();
            let value = serde_json::from_str(&text).unwrap();
            assert_eq!(Figures::from_json(&value).unwrap(), figures);
        }
        assert!(Figures::from_json(&json!({"shape": "events"})).is_err());
    }

    #[test]
    fn ratios() {
        let figures = example(OURS, 2.0);
        assert!((figures.speed() - 100.0).abs() < 1e-9);
        assert!((figures.rows_per_second() - 150_000.0).abs() < 1e-6);
        assert!((figures.cores() - 1.5).abs() < 1e-9);
        assert!((figures.efficiency().unwrap() - 0.25).abs() < 1e-9);
        assert_eq!(example("duckdb", 2.0).efficiency(), None);
    }
}
