//! Inputs of every format: they are taken or refused alike under every strategy, and their counts
//! add up.

use std::io::{self, Read};

use serde_json::Value;
use transmog::{
    Config, CsvReadOptions, DEFAULT, Error, Ids, Input, InputFormat, LENIENT, Memory, OutputSpec,
    Processor, Recovery, Report, STRICT,
};

use crate::split_first;

/// A JSON document.
pub fn json_source(data: &[u8]) {
    let processor = Processor::new().with_input_format(InputFormat::Json);
    let strict = check(&processor, data, false);
    // What another parser takes for one record or an array of them is taken. (It knows no deep
    // nesting and no large numbers.)
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        let records = match &value {
            Value::Object(_) => Some(1),
            Value::Array(items) if items.iter().all(Value::is_object) => Some(items.len()),
            _ => None,
        };
        if let Some(records) = records {
            assert_eq!(strict.expect("JSON").records_read, records as u64);
        }
    }
}

/// Records on lines.
pub fn json_lines_source(data: &[u8]) {
    let processor = Processor::new().with_input_format(InputFormat::JsonLines);
    let report = processor
        .clone()
        .with_recovery(DEFAULT)
        .inspect(Input::bytes(data), "t");
    check(&processor, data, false).ok();
    // Every line that another parser takes for an object is a row.
    let is_object =
        |line: &&[u8]| serde_json::from_slice::<Value>(line).is_ok_and(|value| value.is_object());
    let lines = data.split(|byte| *byte == b'\n').filter(is_object).count();
    let rows = report.expect("lines never end a lenient run").tables[0].rows;
    assert!(rows >= lines as u64, "{rows} rows of {lines} objects");
}

/// Rows of cells. The first byte chooses the dialect.
pub fn csv_source(data: &[u8]) {
    let (how, data) = split_first(data);
    let delimiter = [None, Some(','), Some(';'), Some('\t')][how & 3];
    let csv = CsvReadOptions::default()
        .with_header(how & 4 == 0)
        .with_skip_rows(u64::from(how & 8 > 0))
        .with_type_inference(how & 16 == 0)
        .with_delimiter(delimiter)
        .and_then(|csv| csv.with_quote_char(if how & 32 == 0 { '"' } else { '\'' }))
        .and_then(|csv| csv.with_encoding(["utf-8", "latin1", "utf-16", "shift_jis"][how >> 6 & 3]))
        .expect("allowed");
    let processor = Processor::new()
        .with_input_format(InputFormat::Csv)
        .with_csv_options(csv);
    check(&processor, data, true).ok();
}

/// Runs under every strategy, on one thread: more are looked at by [`split_points`].
fn check(processor: &Processor, data: &[u8], is_csv: bool) -> Result<Report, Error> {
    let run = |recovery: Recovery| {
        let processor = processor.clone().with_recovery(recovery);
        let processor = processor.with_threads(1).expect("allowed");
        processor.inspect(Input::bytes(data), "t")
    };
    let strict = run(STRICT.into());
    for recovery in [Recovery::from(DEFAULT), LENIENT.into()] {
        let report = match run(recovery) {
            Ok(report) => report,
            // An input without a header, or one that is not CSV, is refused as a whole, under every
            // strategy with the same words.
            Err(error) if is_csv && is_refused(&error) => {
                let strict = strict.as_ref().map(|report| report.records_read);
                assert_eq!(strict.map_err(ToString::to_string), Err(error.to_string()));
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        let rows = report.tables[0].rows;
        assert_eq!(report.records_read, rows + report.records_rejected);
        assert!(report.ledger.adds_up());
        assert_eq!(
            strict.is_ok(),
            report.problems.is_empty(),
            "{strict:?}\n{report:?}"
        );
        if let Ok(strict) = &strict {
            assert_eq!(
                (&strict.tables, &strict.ledger),
                (&report.tables, &report.ledger)
            );
        }
    }
    if let Err(error) = &strict
        && !(is_csv && is_refused(error))
    {
        let place = error.location().expect("an error of the data");
        assert!(place.line.is_some() && place.byte.is_some(), "{error}");
    }
    strict
}

/// True if an error is about an input and not about one of its records.
fn is_refused(error: &Error) -> bool {
    error.location().is_none_or(|at| at.record.is_none())
}

/// Gives its bytes in pieces of changing lengths.
struct Pieces<'a> {
    data: &'a [u8],
    length: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.length = self.length * 7 % 31;
        let length = (1 + self.length).min(self.data.len()).min(out.len());
        let (piece, rest) = self.data.split_at(length);
        out[..length].copy_from_slice(piece);
        self.data = rest;
        Ok(length)
    }
}

/// Where chunks and records are cut, and on how many threads, does not show. The first bytes say
/// how.
pub fn split_points(data: &[u8]) {
    let (how, data) = split_first(data);
    let (pace, data) = split_first(data);
    let format = [InputFormat::Json, InputFormat::JsonLines, InputFormat::Csv][how % 3];
    let recovery: [Recovery; 3] = [STRICT.into(), DEFAULT.into(), LENIENT.into()];
    let base = Processor::new()
        .with_config(Config::default().with_ids(Ids::Row))
        .with_input_format(format)
        .with_recovery(recovery[how / 3 % 3].clone())
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time");
    let run = |processor: &Processor, length| {
        let (memory, files) = Memory::new();
        let input = Input::reader("<memory>", Pieces { data, length });
        let result = processor.stream_process(input, "t", OutputSpec::new("json", memory));
        let result = result.map(|mut report| {
            report.seconds = 0.0;
            report
        });
        (format!("{result:?}"), files.take())
    };
    let whole = run(&base, 0);
    let other = base
        .clone()
        .with_chunk_size(1 + pace % 5)
        .and_then(|it| it.with_threads(1 + pace / 5 % 3))
        .expect("allowed");
    assert_eq!(run(&other, 1 + pace % 29), whole);
    // Records that are cut at the items of their arrays give what they give whole; what is wrong is
    // found elsewhere.
    if format == InputFormat::Json && whole.0.starts_with("Ok") && how / 3 % 3 == 0 {
        let cut = base.with_record_bytes(1 + pace);
        assert_eq!(run(&cut, 3).1, whole.1);
    }
}
