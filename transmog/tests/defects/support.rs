//! Runs an input through every format and through memory, and compares what was read back with what
//! it should be.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use transmog::{
    Config, Ids, Input, Memory, OutputFormat, OutputSpec, ProcessingResult, Processor, Report,
    Table, Words,
};

use crate::read_back::{self, Found};

pub(crate) const FORMATS: [&str; 3] = ["csv", "json", "parquet"];

/// Settings without metadata columns but for marks of errors.
pub(crate) fn bare(config: Config) -> Config {
    let config = config.with_metadata(|metadata| {
        metadata.id = None;
        metadata.parent = None;
        metadata.time = None;
        metadata.array_field = None;
        metadata.array_index = None;
    });
    config.expect("no names are no clash")
}

/// A processor for [`bare`] settings.
pub(crate) fn plain(config: Config) -> Processor {
    Processor::new().with_config(bare(config))
}

/// The first version's rules, with types.
pub(crate) fn typed() -> Config {
    Config::v1().with_cast(transmog::Cast::Off)
}

/// Rows that are numbered, and one instant.
pub(crate) fn numbered(config: Config) -> Processor {
    Processor::new()
        .with_config(config.with_ids(Ids::Row))
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time")
}

/// What a run gave: its report, its tables and its rejects.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) report: Report,
    pub(crate) tables: BTreeMap<String, Found>,
    pub(crate) rejects: Vec<Value>,
}

impl Seen {
    /// Names of a table's columns.
    #[track_caller]
    pub(crate) fn names(&self, table: &str) -> Vec<&str> {
        self.tables[table].names()
    }

    /// Names and types of a table's columns.
    #[track_caller]
    pub(crate) fn kinds(&self, table: &str) -> Vec<(&str, &str)> {
        let columns = self.tables[table].columns.iter();
        columns
            .map(|(name, kind)| (name.as_str(), kind.as_str()))
            .collect()
    }

    /// The values of a column.
    #[track_caller]
    pub(crate) fn column(&self, table: &str, name: &str) -> Vec<Value> {
        self.tables[table].column(name)
    }

    /// Number of the record, line, word for the problem, and whether something was kept, of each
    /// reject.
    pub(crate) fn places(&self) -> Value {
        let place = |reject: &Value| {
            json!([
                reject["record"],
                reject["line"],
                reject["kind"],
                reject["kept"]
            ])
        };
        self.rejects.iter().map(place).collect()
    }
}

/// Text or bytes with JSON, JSON Lines, or whatever the processor takes them for.
pub(crate) fn bytes(text: &(impl AsRef<[u8]> + ?Sized)) -> Input<'_> {
    Input::bytes(text.as_ref())
}

/// Tables of a format, called `e`, `e_...`, and rejects.
pub(crate) fn run<'a>(
    processor: &Processor,
    format: &str,
    input: impl Into<Input<'a>>,
) -> Result<Seen, transmog::Error> {
    run_with(processor, format, format, input)
}

/// As [`run`], with options of the format.
pub(crate) fn run_with<'a>(
    processor: &Processor,
    format: &str,
    options: impl Into<OutputFormat>,
    input: impl Into<Input<'a>>,
) -> Result<Seen, transmog::Error> {
    let (memory, made) = Memory::new();
    let report = processor.stream_process(input, "e", OutputSpec::new(options, memory))?;
    assert!(report.ledger.adds_up());
    let mut made = made.take();
    let mut tables = BTreeMap::new();
    for table in &report.tables {
        let file = made
            .remove(&table.files[0])
            .expect("every table has a file");
        tables.insert(table.name.clone(), read(format, file));
    }
    let rejects = report.rejects_file.as_ref();
    let rejects = rejects.map(|name| made.remove(name).expect("the file of rejects"));
    let rejects = rejects.map_or_else(Vec::new, |file| read_back::lines(&file));
    assert!(made.is_empty(), "files of no table: {:?}", made.keys());
    Ok(Seen {
        report,
        tables,
        rejects,
    })
}

/// The files of all tables as text, with LF at line ends.
pub(crate) fn raw<'a>(
    processor: &Processor,
    format: impl Into<OutputFormat>,
    input: impl Into<Input<'a>>,
) -> BTreeMap<String, String> {
    let (memory, made) = Memory::new();
    let output = OutputSpec::new(format, memory);
    processor
        .stream_process(input, "e", output)
        .expect("a good run");
    let text = |file| {
        String::from_utf8(file)
            .expect("UTF-8")
            .replace("\r\n", "\n")
    };
    let files = made.take_tables().into_iter();
    files.map(|(table, file)| (table, text(file))).collect()
}

/// A file of a format.
pub(crate) fn read(format: &str, file: Vec<u8>) -> Found {
    match format {
        "csv" => read_back::csv(&file),
        "json" => read_back::json(&file),
        _ => read_back::parquet(file),
    }
}

/// A file of a folder; the extension is the format.
pub(crate) fn read_file(path: &Path) -> Found {
    let format = path.extension().and_then(|extension| extension.to_str());
    let file = fs::read(path).expect("there is such a file");
    read(format.expect("an extension"), file)
}

/// Compares the tables of all formats and of memory, made in small and large chunks. `expected` has
/// rows by table; nulls are left out. Gives what Parquet has.
#[track_caller]
pub(crate) fn check_with<'a>(
    processor: &Processor,
    input: impl Fn() -> Input<'a>,
    expected: &Value,
) -> Seen {
    let mut last = None;
    for size in [1, 1000] {
        let processor = processor.clone().with_chunk_size(size).expect("allowed");
        let runs = FORMATS.map(|format| run(&processor, format, input()).expect("a good run"));
        let [csv, json, parquet] = &runs;
        let words = processor.config().words();
        for (format, seen) in FORMATS.iter().zip(&runs) {
            let tables = seen.tables.iter();
            let tables = tables.map(|(name, table)| (name.clone(), json!(table.rows)));
            let found = Value::Object(tables.collect());
            assert_eq!(
                found,
                said_in((format, words), expected, &parquet.tables),
                "{format}"
            );
            assert_eq!(seen.rejects, json.rejects, "{format}");
            assert_eq!(seen.report.problems, json.report.problems, "{format}");
        }
        for (name, table) in &csv.tables {
            assert_eq!(table.names(), parquet.names(name), "header of {name}");
        }
        let result = processor.process(input(), "e").expect("a good run");
        assert_eq!(of_memory(&result), *expected, "in memory");
        assert_eq!(read_back::lines(result.rejects()), json.rejects);
        let [_, _, parquet] = runs;
        last = Some(parquet);
    }
    last.expect("there was a run")
}

/// As [`check_with`], of text or bytes.
#[track_caller]
pub(crate) fn check(
    processor: &Processor,
    input: &(impl AsRef<[u8]> + ?Sized),
    expected: &Value,
) -> Seen {
    check_with(processor, || bytes(input), expected)
}

/// The rows of a result's tables.
pub(crate) fn of_memory(result: &ProcessingResult) -> Value {
    let parse = |row: transmog::Value| serde_json::from_str(&row.to_json()).expect("JSON");
    let table = |table: &Table| {
        let rows: Vec<Value> = table.rows().map(parse).collect();
        (table.name().to_owned(), Value::Array(rows))
    };
    Value::Object(result.tables().map(table).collect())
}

/// Expected rows as a format has them: with float columns in Parquet, and with text for every
/// column in CSV.
fn said_in(
    (format, words): (&str, Words),
    expected: &Value,
    types: &BTreeMap<String, Found>,
) -> Value {
    let mut expected = expected.clone();
    for (name, rows) in expected.as_object_mut().expect("tables") {
        let columns = types.get(name).map_or(&[][..], |table| &table.columns);
        for row in rows.as_array_mut().expect("rows") {
            for (column, kind) in columns {
                match format {
                    "csv" => row[column] = json!(text(&row[column], words)),
                    "parquet" if !row[column].is_null() => {
                        row[column] = typed_as(kind, &row[column]);
                    }
                    _ => {}
                }
            }
        }
    }
    expected
}

fn text(value: &Value, words: Words) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) if words == Words::Python => "True".into(),
        Value::Bool(false) if words == Words::Python => "False".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn typed_as(kind: &str, value: &Value) -> Value {
    match (kind, value) {
        ("float64", Value::Number(number)) => json!(number.as_f64()),
        ("decimal", Value::Number(number)) => json!(number.to_string()),
        ("list<float64>", Value::Array(items)) => {
            items.iter().map(|item| typed_as("float64", item)).collect()
        }
        _ => value.clone(),
    }
}

/// Runs that fail in every format and in memory, and leave nothing. Gives the one message.
#[track_caller]
pub(crate) fn fails<'a>(processor: &Processor, input: impl Fn() -> Input<'a>) -> String {
    let error = processor.process(input(), "e").expect_err("it fails");
    for format in FORMATS {
        let folder = tempfile::tempdir().expect("a folder");
        let output = OutputSpec::directory(format, folder.path().join("out"));
        let again = processor
            .clone()
            .with_chunk_size(1)
            .and_then(|processor| processor.stream_process(input(), "e", output))
            .expect_err("it fails");
        assert_eq!(again.to_string(), error.to_string(), "{format}");
        assert_eq!(entries(folder.path()), [""; 0], "{format}");
    }
    error.to_string()
}

/// What lies in a folder, by name.
pub(crate) fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("there is such a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.expect("the folder can be read").file_name();
        name.into_string().expect("text")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

/// A folder with one file.
pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a file");
    (folder, path)
}
