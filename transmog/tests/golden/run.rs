//! Runs a case in every format and in several ways that must make no difference.

use transmog::{Config, CsvReadOptions, Input, InputFormat, Memory, OutputSpec, Processor, Words};

use crate::{
    case::{Case, CaseInput},
    cell::Typing,
    files,
    json::Json,
};

/// The instant of all runs, in microseconds since 1970, and in RFC 3339.
pub(crate) const TIME: i64 = 1_795_327_130_255_083;
pub(crate) const TIME_TEXT: &str = "2026-11-22T05:58:50.255083Z";

/// A table of an output, read back.
#[derive(Debug)]
pub(crate) struct FoundTable {
    pub(crate) name: String,
    /// The columns, in order.
    pub(crate) columns: Vec<String>,
    /// The column of items that are no objects.
    pub(crate) item_column: Option<String>,
    pub(crate) rows: Vec<files::Row>,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Json,
    Parquet,
}

impl Format {
    pub(crate) const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Parquet];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    pub(crate) fn typing(self, words: Words) -> Typing {
        match self {
            Self::Csv if words == Words::Python => Typing::PythonText,
            Self::Csv => Typing::Text,
            Self::Json => Typing::Values,
            Self::Parquet => Typing::Columns,
        }
    }
}

/// A way to run a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// All records in one chunk, on one thread.
    OneChunk,
    /// Every record in a chunk of its own, on two threads.
    ManyChunks,
    /// Every record with its first key once more at its end, which changes nothing and has to be
    /// read exactly.
    RepeatedKey,
}

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::OneChunk, Self::ManyChunks, Self::RepeatedKey];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::OneChunk => "one chunk",
            Self::ManyChunks => "many chunks",
            Self::RepeatedKey => "repeated key",
        }
    }
}

/// The tables that a case makes. Main tables without rows are left out.
pub(crate) fn run(
    case: &Case,
    config: &Config,
    format: Format,
    way: Way,
) -> Result<Vec<FoundTable>, String> {
    let (input_format, text) = match &case.input {
        CaseInput::Value(value) if way == Way::RepeatedKey => {
            (InputFormat::Json, repeat_keys(value).compact())
        }
        CaseInput::Value(value) => (InputFormat::Json, value.compact()),
        CaseInput::JsonText(text) => (InputFormat::Json, text.clone()),
        CaseInput::JsonLines(text) => (InputFormat::JsonLines, text.clone()),
        CaseInput::Json5(text) => (InputFormat::Json5, text.clone()),
        CaseInput::Csv(text, _) => (InputFormat::Csv, text.clone()),
    };
    let csv = match &case.input {
        CaseInput::Csv(_, options) => options.clone(),
        _ => CsvReadOptions::default(),
    };
    let (chunk_size, threads) = match way {
        Way::ManyChunks => (1, 2),
        Way::OneChunk | Way::RepeatedKey => (1000, 1),
    };
    let (memory, made) = Memory::new();
    let output = OutputSpec::new(format.word(), memory);
    let report = Processor::new()
        .with_config(config.clone())
        .with_input_format(input_format)
        .with_csv_options(csv)
        .with_recovery(case.recovery.clone())
        .with_chunk_size(chunk_size)
        .and_then(|processor| processor.with_threads(threads))
        .and_then(|processor| processor.with_timestamp(TIME_TEXT))
        .and_then(|processor| processor.stream_process(Input::bytes(text), &case.entity, output))
        .map_err(|error| format!("the run fails: {error}"))?;
    if !report.ledger.adds_up() {
        return Err(format!("the ledger does not add up: {:?}", report.ledger));
    }
    let mut made = made.take();
    let mut tables = Vec::new();
    for table in report.tables {
        let file = table.files.first().and_then(|name| made.remove(name));
        let file = file.ok_or_else(|| format!("table {} has no file", table.name))?;
        let read = match format {
            Format::Csv => files::read_csv(&file),
            Format::Json => files::read_json(&file),
            Format::Parquet => files::read_parquet(&file),
        };
        let (header, rows) =
            read.map_err(|error| format!("the file of {}: {error}", table.name))?;
        let columns: Vec<_> = table.columns.iter().map(|c| c.name.clone()).collect();
        if header.is_some_and(|header| header != columns) || table.rows != rows.len() as u64 {
            return Err(format!("file and report of {} differ", table.name));
        }
        let of_items = |path: &Option<Vec<String>>| path.as_ref().is_some_and(Vec::is_empty);
        let item_column = table.columns.iter().find(|c| of_items(&c.path));
        tables.push(FoundTable {
            item_column: item_column.map(|column| column.name.clone()),
            name: table.name,
            columns,
            rows,
        });
    }
    made.retain(|name, _| !name.ends_with(".rejected.jsonl"));
    if !made.is_empty() {
        return Err(format!("files of no table: {:?}", made.keys()));
    }
    tables.retain(|table| !table.rows.is_empty());
    Ok(tables)
}

/// The first key keeps its place, and its last value is the same value.
fn repeat_keys(input: &Json) -> Json {
    match input {
        Json::Array(records) => Json::Array(records.iter().map(repeat_keys).collect()),
        Json::Object(fields) => {
            Json::Object(fields.iter().chain(fields.first()).cloned().collect())
        }
        other => other.clone(),
    }
}
