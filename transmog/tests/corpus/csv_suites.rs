//! CSV suites with expected answers: csv-spectrum, whose answers are objects of text, and
//! csv-test-data, whose files are rows of text without a header unless their names say otherwise.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use transmog::{CsvReadOptions, DEFAULT, Error, Input, InputFormat, ProcessingResult, Processor};

use crate::files::{corpus, find_with};

/// Answers that are not ours, and why.
const OTHER: [(&str, &str); 3] = [
    (
        "all-empty",
        "an empty line is no row: most files with such lines end with one, or are set apart by them",
    ),
    (
        "empty-one-column",
        "an empty line is no row, of one column either",
    ),
    (
        "location_coordinates",
        "the answer spells bytes that are no UTF-8 in an encoding of its own",
    ),
];

/// What happens to files that are wrong by RFC 4180. Refused is only what leaves open what a row
/// holds.
const BAD: [(&str, &str); 7] = [
    ("bad-header-less-fields", r#"[["1","2"]]"#),
    (
        "bad-header-more-fields",
        "record 0 (line 2, byte 18): 4 cells, but only 3 columns; the delimiter is ',', as the settings say \
         (--csv-delimiter sets it)",
    ),
    ("bad-header-no-header", "[]"),
    ("bad-header-wrong-header", "[]"),
    (
        "bad-missing-quote",
        "record 1 (line 2, byte 14), field column_2: a quote is opened and never closed",
    ),
    (
        "bad-quotes-with-unescaped-quote",
        "record 1 (line 2, byte 31), field column_2: text after a closing quote: \"it\\\",3\"; a quote in a quoted cell is \
         written twice, and --csv-quote none reads quotes as text",
    ),
    (
        "bad-unescaped-quote",
        r#"[["foo","bar","baz"],["1","This \"quotes\" must be escaped","3"]]"#,
    ),
];

/// Cells as text, whatever they look like.
fn process(path: &Path, csv: CsvReadOptions, lenient: bool) -> Result<ProcessingResult, Error> {
    let csv = csv
        .with_type_inference(false)
        .with_null_values([""; 0])
        .with_sanitized_column_names(false);
    let processor = Processor::new()
        .with_input_format(InputFormat::Csv)
        .with_csv_options(csv);
    let processor = if lenient {
        processor.with_recovery(DEFAULT)
    } else {
        processor
    };
    processor.process(Input::file(path), "t")
}

/// Rows as objects of text.
fn objects(result: &ProcessingResult) -> Vec<Value> {
    let row = |row: Vec<(String, String)>| row.into_iter().map(|(name, cell)| (name, cell.into()));
    rows(result)
        .map(|cells| Value::Object(row(cells).collect()))
        .collect()
}

/// Rows as arrays of text.
fn arrays(result: &ProcessingResult) -> Vec<Value> {
    rows(result)
        .map(|cells| cells.into_iter().map(|(_, cell)| cell).collect())
        .collect()
}

/// Names and cells of rows, without metadata.
fn rows(result: &ProcessingResult) -> impl Iterator<Item = Vec<(String, String)>> {
    let table = result.main_table();
    let names = table
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone());
    let names: Vec<String> = names.filter(|name| !name.starts_with("__")).collect();
    table.rows().map(move |row| {
        let cell = |name: &String| row.get(name)?.as_str().map(str::to_owned);
        names
            .iter()
            .filter_map(|name| Some((name.clone(), cell(name)?)))
            .collect()
    })
}

fn answer(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// An error without the name of its file.
fn placed(error: &Error) -> String {
    let text = error.to_string();
    text.split_once(".csv: ")
        .map_or(text.clone(), |(_, rest)| rest.to_owned())
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn is_other(stem: &str) -> bool {
    OTHER.iter().any(|(name, _)| *name == stem)
}

#[test]
fn csv_spectrum() {
    let Some(folder) = corpus("csv-spectrum") else {
        return;
    };
    let files = find_with(&folder.join("c_csv_spectrum/csvs"), &["csv"]);
    assert_eq!(files.len(), 12);
    for path in files.iter().filter(|path| !is_other(&stem(path))) {
        let found = objects(&process(path, CsvReadOptions::default(), false).unwrap());
        let json = folder.join(format!("c_csv_spectrum/json/{}.json", stem(path)));
        assert_eq!(Value::Array(found), answer(&json), "{}", path.display());
    }
}

#[test]
fn csv_test_data() {
    let Some(folder) = corpus("csv-test-data") else {
        return;
    };
    let files = find_with(&folder.join("c_csv_test_data/csv"), &["csv"]);
    assert_eq!(files.len(), 25);
    let mut bad = BTreeMap::new();
    for path in files {
        let stem = stem(&path);
        if is_other(&stem) {
            continue;
        }
        let csv = CsvReadOptions::default().with_header(stem.contains("header-"));
        let csv = csv.with_delimiter(',').unwrap();
        let strict = process(&path, csv.clone(), false);
        let lenient = process(&path, csv, true);
        if stem.starts_with("bad-") {
            let report = lenient.unwrap().report().clone();
            assert!(report.ledger.adds_up());
            let rows = report.tables[0].rows + report.records_rejected;
            assert_eq!(report.records_read, rows, "{stem}");
            let found = strict.map(|result| Value::Array(arrays(&result)).to_string());
            bad.insert(stem, found.unwrap_or_else(|error| placed(&error)));
            continue;
        }
        let result = strict.unwrap();
        let has_header = stem.starts_with("header-");
        let found = if has_header {
            objects(&result)
        } else {
            arrays(&result)
        };
        let json = folder.join(format!("c_csv_test_data/json/{stem}.json"));
        assert_eq!(Value::Array(found), answer(&json), "{stem}");
    }
    let expected = BAD.map(|(stem, found)| (stem.to_owned(), found.to_owned()));
    assert_eq!(bad, BTreeMap::from(expected));
}
