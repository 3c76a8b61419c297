//! `JSONTestSuite`: files whose names begin with `y_` are JSON, those with `n_` are not, those with
//! `i_` may be either. Each is read as an input, and as the value of a field, because most of its
//! values are no records.

use std::{collections::BTreeSet, fs, path::Path};

use transmog::{ErrorKind, Processor, Report};

use crate::files::{corpus, find_with};

/// Inputs that are no JSON document but are input: nothing at all, and values one after another.
const TAKEN: [&str; 4] = [
    "n_single_space.json",
    "n_structure_double_array.json",
    "n_structure_no_data.json",
    "n_structure_UTF8_BOM_no_data.json",
];

fn read(content: &[u8]) -> Result<Report, transmog::Error> {
    let result = Processor::new().process(content, "t");
    result.map(|result| result.report().clone())
}

fn wrapped(content: &[u8]) -> Vec<u8> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    [b"{\"wrapped\": ", content, b"}"].concat()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn what_is_json_is_taken_and_what_is_not_is_refused_with_its_place() {
    let Some(folder) = corpus("JSONTestSuite") else {
        return;
    };
    let mut wrong = Vec::new();
    let mut taken = BTreeSet::new();
    let (mut yes, mut no, mut either) = (0, 0, 0);
    for path in find_with(&folder.join("c_json_parsing/test_parsing"), &["json"]) {
        let name = name(&path);
        let content = fs::read(&path).unwrap();
        let results = [read(&content), read(&wrapped(&content))];
        match name.split('_').next().unwrap() {
            "y" => {
                yes += 1;
                // A scalar is no record, but JSON: that is what is said of it then.
                let is_json = |result: &Result<Report, transmog::Error>| match result {
                    Err(transmog::Error::Data(error)) => {
                        matches!(error.kind(), ErrorKind::NotAnObject { .. })
                    }
                    result => result.is_ok(),
                };
                if !is_json(&results[0]) || results[1].is_err() {
                    wrong.push(format!("{name} is refused: {results:?}"));
                }
            }
            "n" => {
                no += 1;
                for result in results {
                    match result {
                        Ok(report) => {
                            if report.records_read > 0 {
                                wrong.push(format!("{name} is taken: {report:?}"));
                            }
                            taken.insert(name.clone());
                        }
                        Err(error) => {
                            let place = error.location();
                            let whole = place.is_some_and(|at| {
                                at.input.is_some() && at.line.is_some() && at.byte.is_some()
                            });
                            if !whole {
                                wrong.push(format!("{name} is refused without a place: {error}"));
                            }
                        }
                    }
                }
            }
            _ => {
                either += 1;
                for report in results.into_iter().flatten() {
                    assert!(report.ledger.adds_up(), "{name}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let expected: BTreeSet<String> = TAKEN.map(str::to_owned).into();
    assert_eq!(taken, expected);
    assert_eq!((yes, no, either), (95, 188, 35), "files of the suite");
}
