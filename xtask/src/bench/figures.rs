//! What was measured of one program in one case, and how that is kept.

use anyhow::Context;
use serde_json::{Value, json};

use super::case::Case;

/// The name of our command among the others.
pub(crate) const OURS: &str = "transmog";

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figures {
    pub(crate) case: Case,
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

/// A program that was asked for a case and failed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) case: Case,
    pub(crate) tool: String,
    /// In one line, for people.
    pub(crate) why: String,
}

/// What a run of the bench found.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Results {
    pub(crate) figures: Vec<Figures>,
    pub(crate) failures: Vec<Failure>,
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

    fn to_json(&self) -> Value {
        let found = json!({
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
        });
        of_case(&self.case, &self.tool, found)
    }

    fn from_json(value: &Value) -> anyhow::Result<Self> {
        let whole = |name: &str| whole(value, name);
        let float = |name: &str| value[name].as_f64().with_context(|| missing(value, name));
        Ok(Self {
            case: case(value)?,
            tool: text(value, "tool")?,
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

impl Failure {
    fn to_json(&self) -> Value {
        of_case(&self.case, &self.tool, json!({ "why": self.why }))
    }

    fn from_json(value: &Value) -> anyhow::Result<Self> {
        Ok(Self {
            case: case(value)?,
            tool: text(value, "tool")?,
            why: text(value, "why")?,
        })
    }
}

impl Results {
    pub(crate) fn add(&mut self, other: Self) {
        self.figures.extend(other.figures);
        self.failures.extend(other.failures);
    }

    /// True if a program was asked for something, whatever came of it.
    pub(crate) fn names(&self, tool: &str) -> bool {
        let mut failures = self.failures.iter();
        self.figures.iter().any(|figures| figures.tool == tool)
            || failures.any(|failure| failure.tool == tool)
    }

    /// Two lists, to be kept as `results` and `failures`.
    pub(crate) fn to_json(&self) -> [Value; 2] {
        let figures = self.figures.iter().map(Figures::to_json).collect();
        let failures = self.failures.iter().map(Failure::to_json).collect();
        [figures, failures]
    }

    /// What is in a kept run. The first ones kept no failures.
    pub(crate) fn from_json(kept: &Value) -> anyhow::Result<Self> {
        let figures = kept["results"].as_array().context("no results")?;
        let failures = kept["failures"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(Self {
            figures: figures
                .iter()
                .map(Figures::from_json)
                .collect::<Result<_, _>>()?,
            failures: failures
                .iter()
                .map(Failure::from_json)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// What was found, with what it was found of.
fn of_case(case: &Case, tool: &str, mut found: Value) -> Value {
    found["shape"] = json!(case.shape.to_string());
    found["mb"] = json!(case.mb);
    found["format"] = json!(case.format);
    found["ids"] = json!(case.ids);
    found["threads"] = json!(case.threads);
    found["tool"] = json!(tool);
    found
}

fn case(value: &Value) -> anyhow::Result<Case> {
    Ok(Case {
        shape: text(value, "shape")?.parse()?,
        mb: whole(value, "mb")?,
        format: text(value, "format")?,
        ids: text(value, "ids")?,
        threads: usize::try_from(whole(value, "threads")?)?,
    })
}

fn text(value: &Value, name: &str) -> anyhow::Result<String> {
    let text = value[name].as_str().map(str::to_owned);
    text.with_context(|| missing(value, name))
}

fn whole(value: &Value, name: &str) -> anyhow::Result<u64> {
    value[name].as_u64().with_context(|| missing(value, name))
}

fn missing(value: &Value, name: &str) -> String {
    format!("no {name} in {value}")
}

#[cfg(test)]
pub(crate) mod tests {
    use transmog_shapes::Shape;

    use super::*;

    /// A program that read 200 MB in so many seconds.
    pub(crate) fn example(tool: &str, wall: f64) -> Figures {
        Figures {
            case: Case {
                shape: Shape::Events,
                mb: 200,
                format: "parquet".to_owned(),
                ids: "row".to_owned(),
                threads: 2,
            },
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

    /// The same case, which somebody could not do.
    pub(crate) fn failed(tool: &str) -> Failure {
        Failure {
            case: example(tool, 1.0).case,
            tool: tool.to_owned(),
            why: "Error: no such type".to_owned(),
        }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let results = Results {
            figures: vec![example(OURS, 1.0), example("duckdb", 2.5)],
            failures: vec![failed("polars")],
        };
        let [figures, failures] = results.to_json();
        let text = json!({"results": figures, "failures": failures}).to_string();
        let kept = serde_json::from_str(&text).unwrap();
        assert_eq!(Results::from_json(&kept).unwrap(), results);
        assert!(["duckdb", "polars"].iter().all(|tool| results.names(tool)));
        assert!(!results.names("dlt"));
    }

    #[test]
    fn the_first_kept_runs_have_no_failures_but_results() {
        let figures = json!({"results": [example(OURS, 1.0).to_json()]});
        let results = Results::from_json(&figures).unwrap();
        assert_eq!((results.figures.len(), results.failures.len()), (1, 0));
        for kept in [json!({}), json!({"results": [{"shape": "events"}]})] {
            assert!(Results::from_json(&kept).is_err(), "{kept}");
        }
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
