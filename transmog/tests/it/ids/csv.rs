//! Ids of CSV rows do not depend on the types that columns have: they are made of cells as the file
//! writes them.

use std::collections::BTreeMap;

use transmog::{
    CsvReadOptions, IdFormula, Ids, Input, InputFormat, Memory, OutputSpec, Processor, Report,
};

use super::content::linked;

fn processor(ids: &Ids) -> Processor {
    Processor::new()
        .with_ids(ids.clone())
        .with_input_format(InputFormat::Csv)
        .with_csv_options(CsvReadOptions::default())
        .with_metadata(|metadata| metadata.time = None)
        .expect("allowed")
}

/// The report, and ids by the rows without them.
fn ids_of(processor: &Processor, input: Input<'_>) -> (Report, Vec<(String, String)>) {
    let (memory, files) = Memory::new();
    let output = OutputSpec::new("csv", memory);
    let report = processor.stream_process(input, "t", output).expect("valid");
    let text = String::from_utf8(files.take()["t.csv"].clone()).expect("UTF-8");
    let rows = text.lines().skip(1).map(|line| {
        let (row, id) = line.rsplit_once(',').expect("an id");
        (row.to_owned(), id.to_owned())
    });
    (report, rows.collect())
}

/// Integers for some megabytes, then a text, then the first rows again.
fn late_text(first: &str) -> String {
    let pad = "p".repeat(400);
    let rows = (0..12_000).map(|i| format!("{i},z{i},{pad}\n"));
    let again = (0..500).map(|i| format!("{i},z{i},{pad}\n"));
    let rows = rows.chain(["x,y,z\n".to_owned()]).chain(again);
    format!("code,name,pad\n{first}{}", rows.collect::<String>())
}

#[test]
fn equal_rows_before_and_after_a_column_becomes_text_share_an_id() {
    for first in ["", "1.10,a,b\n"] {
        let text = late_text(first);
        for ids in [Ids::Hash, Ids::composite(["code"]).expect("allowed")] {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("t.csv");
            std::fs::write(&file, &text).expect("a file");
            let pipe = Input::reader("pipe", std::io::Cursor::new(text.clone()));
            let mut all = Vec::new();
            for input in [Input::file(&file), pipe] {
                let (report, rows) = ids_of(&processor(&ids), input);
                assert_eq!(report.tables[0].repeated_ids, 500);
                let mut known = BTreeMap::new();
                for (row, id) in &rows {
                    assert_eq!(known.entry(row.clone()).or_insert(id), &id, "{row}");
                }
                all.push(rows.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
            }
            assert!(all[0] == all[1], "a file and a pipe have the same ids");
        }
    }
}

#[test]
fn ids_are_made_of_cells_as_they_are_written() {
    let cases: [(Ids, &str, &str); 6] = [
        (Ids::Hash, "a,b\n7,1.10\n", r#"{"a": "7", "b": "1.10"}"#),
        (
            Ids::Hash,
            "a,b\n7,1.10\nx,y\n",
            r#"{"a": "7", "b": "1.10"}"#,
        ),
        (Ids::Hash, "a,b\n\"7\",\n", r#"{"a": "7", "b": null}"#),
        (
            Ids::composite(["b"]).expect("allowed"),
            "a,b\n7,true\n",
            r#"{"b": "true"}"#,
        ),
        (
            Ids::composite(["c d"]).expect("allowed"),
            "c d\n007\n",
            r#"{"c_d": "007"}"#,
        ),
        (Ids::Hash, "a\n1e3\n", r#"{"a": "1e3"}"#),
    ];
    for (ids, input, text) in cases {
        let (_, rows) = ids_of(&processor(&ids), input.into());
        assert_eq!(rows[0].1, linked(text), "{input:?}");
    }
    // Rows that are kept in part, too.
    let partial = processor(&Ids::Hash).with_partial_recovery();
    let (_, rows) = ids_of(&partial, "a,b\n1.10,2,3\n1.10,2\n".into());
    let expected = [
        r#"{"a": "1.10", "b": "2", "column_3": "3"}"#,
        r#"{"a": "1.10", "b": "2"}"#,
    ];
    for (row, text) in std::iter::zip(&rows, expected) {
        assert!(format!("{row:?}").contains(&linked(text)), "{row:?}");
    }
}

/// A name of a rule or a rename does not change what the id is made of.
#[test]
fn renamed_columns_keep_their_ids() {
    let ids = Ids::composite(["n"]).expect("allowed");
    let renamed = processor(&ids).with_rename("a", "n").expect("allowed");
    let (_, rows) = ids_of(&renamed, "a,b\n1.10,x\n".into());
    assert_eq!(rows[0].1, linked(r#"{"n": "1.10"}"#));
}

/// The Python package hashes values.
#[test]
fn the_python_formula_stays() {
    let processor = processor(&Ids::Hash).with_id_formula(IdFormula::Python);
    let (_, rows) = ids_of(&processor, "a\n1.10\n".into());
    assert_eq!(rows[0].1, transmog::deterministic_id(r#"{"a": 1.1}"#));
}
