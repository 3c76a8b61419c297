//! Plain inputs that end anywhere, as files do that were copied in part.

use serde_json::Value;
use transmog::{DEFAULT, InputFormat, LENIENT, Processor};

use super::{Files, documents, lines, run};

const RECORDS: [&str; 3] = [
    r#"{"id":12,"name":"Zoë \" }]","o":{"x":[1,{"y":-2.5}]},"no":null}"#,
    r#"{"id":34,"name":"b","yes":true}"#,
    r#"{"id":5,"name":"c"}"#,
];

/// How many of the records are whole in the first bytes of a text, and whether one is cut there.
fn found(text: &str, bytes: usize) -> (usize, bool) {
    let places = RECORDS.map(|record| {
        let start = text.find(record).expect("it is there");
        (start, start + record.len())
    });
    let whole = places.iter().filter(|(_, end)| *end <= bytes).count();
    let is_cut = places
        .iter()
        .any(|(start, end)| (start + 1..*end).contains(&bytes));
    (whole, is_cut)
}

fn rows(files: &Files) -> &[Value] {
    files.get("t.jsonl").map_or(&[], Vec::as_slice)
}

#[test]
fn json_that_ends_anywhere() {
    let joined = RECORDS.join("\n");
    let array = format!("[{}]", RECORDS.join(",\n"));
    for (processor, text) in [
        (lines(), &joined),
        (documents(), &joined),
        (documents(), &array),
    ] {
        let all = run(&processor, text.as_str()).expect("valid").1;
        for bytes in 0..text.len() {
            let cut = &text.as_bytes()[..bytes];
            let (whole, is_cut) = found(text, bytes);
            // A list of records without its end is one that misses something.
            let is_right = !is_cut && (text == &joined || bytes == 0);
            assert_eq!(run(&processor, cut).is_ok(), is_right, "{bytes}");

            let skip = processor.clone().with_recovery(DEFAULT);
            let (report, files) = run(&skip, cut).expect("skipped");
            assert_eq!(rows(&files), &rows(&all)[..whole], "{bytes}");
            assert_eq!(report.records_rejected, u64::from(is_cut), "{bytes}");
            assert_eq!(report.problems.len(), usize::from(!is_right), "{bytes}");
            assert_eq!(report.records_read, (whole + usize::from(is_cut)) as u64);

            let partial = processor.clone().with_recovery(LENIENT);
            let (report, files) = run(&partial, cut).expect("kept");
            let kept = report.records_partial as usize;
            assert_eq!(rows(&files)[..whole], rows(&all)[..whole], "{bytes}");
            assert_eq!(rows(&files).len(), whole + kept, "{bytes}");
            assert_eq!(
                report.records_rejected + report.records_partial,
                u64::from(is_cut)
            );
            for (name, value) in rows(&files)[whole..]
                .iter()
                .flat_map(|row| row.as_object().expect("a row"))
            {
                let is_right =
                    name == "__error" || value.is_null() || *value == rows(&all)[whole][name];
                assert!(is_right, "{bytes}: {name} is {value}");
            }
        }
    }
}

#[test]
fn csv_that_ends_anywhere() {
    // The second line of the first cell does not look like a row.
    let texts = ["12,\"two\nlines; \"\"so\"\"\"\n", "34,b\n", "5,\"c\"\n"];
    let text = &format!("id,name\n{}", texts.concat());
    let processor: Processor = lines().with_input_format(InputFormat::Csv);
    let all = run(&processor, text).expect("valid").1;
    for bytes in 8..text.len() {
        let cut = &text[..bytes];
        let ends = (1..=3).map(|rows| 8 + texts[..rows].concat().len());
        let whole = ends.filter(|end| *end <= bytes).count();
        let start = 8 + texts[..whole].concat().len();
        let rest = &cut[start..];
        let has_open_quote = cut.matches('"').count() % 2 == 1;
        assert_eq!(run(&processor, cut).is_err(), has_open_quote, "{cut:?}");

        let (report, files) = run(&processor.clone().with_recovery(DEFAULT), cut).expect("skipped");
        // Nothing tells the end of a plain input from a cut: a last row without a line end is a
        // row.
        let more = usize::from(!has_open_quote && !rest.is_empty());
        assert_eq!(rows(&files).len(), whole + more, "{cut:?}");
        assert_eq!(rows(&files)[..whole], rows(&all)[..whole], "{cut:?}");
        assert_eq!(
            report.records_rejected,
            u64::from(has_open_quote),
            "{cut:?}"
        );

        let (report, files) = run(&processor.clone().with_recovery(LENIENT), cut).expect("kept");
        let more = usize::from(!rest.is_empty());
        assert_eq!(rows(&files).len(), whole + more, "{cut:?}");
        assert_eq!(report.records_partial, u64::from(has_open_quote), "{cut:?}");
        if has_open_quote {
            let told = report.problems_by_kind.get("open_quote");
            assert_eq!(told, Some(&1), "{cut:?}");
            assert!(rows(&files)[whole]["__error"].is_string());
        }
    }
}
