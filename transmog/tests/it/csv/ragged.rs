//! Rows with fewer or more cells than there are columns: what they become, and what the report says
//! of them.

use proptest::prelude::*;
use transmog::{Error, ErrorKind, Input, InputFormat, Processor, Recovery, ShortRows};

use super::{check, options, processor, read_with};
use crate::support::plain;

#[test]
fn short_rows_are_counted_with_the_place_of_the_first() {
    let (report, rows) =
        read_with(&processor(options()), b"a,b,c\n1,2,3\n\"x\ny\",2\n3\n").expect("valid");
    assert_eq!(
        rows,
        "{\"a\":\"1\",\"b\":2,\"c\":3}\n{\"a\":\"x\\ny\",\"b\":2}\n{\"a\":\"3\"}\n"
    );
    let short = &report.csv[0].short_rows;
    assert_eq!(report.csv[0].input, "<memory>");
    let place = (short.first_record, short.first_line, short.first_byte);
    assert_eq!((short.rows, place), (2, (Some(1), Some(3), Some(12))));
    assert_eq!(report.csv[0].trailing_delimiters.rows, 0);
    let said = report.to_string();
    let line = "<memory>: 2 rows with fewer cells than there are columns; missing cells are null; \
                the first is record 1 (line 3)\n";
    assert!(said.contains(line), "{said}");
}

#[test]
fn short_rows_are_errors_on_request() {
    let strict = options().with_short_rows(ShortRows::Error);
    let error = read_with(&processor(strict.clone()), b"a,b\n1,2\n3\n").expect_err("short");
    assert_eq!(
        error.to_string(),
        "<memory>: record 1 (line 3, byte 9): only 1 of 2 cells"
    );
    let with = |recovery: Recovery| processor(strict.clone()).with_recovery(recovery);
    let input = b"a,b\nx\n1,2\n3\n";
    let (report, rows) = read_with(&with(transmog::DEFAULT.into()), input).expect("valid");
    // What is left out has no say in what columns are.
    assert_eq!(rows, "{\"a\":1,\"b\":2}\n");
    assert_eq!(report.records_rejected, 2);
    assert_eq!(report.problems_by_kind["too_few_cells"], 2);
    assert_eq!(report.csv[0].short_rows.rows, 0);
    let (report, rows) = read_with(&with(transmog::LENIENT.into()), input).expect("valid");
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(rows.contains("only 1 of 2 cells"), "{rows}");
    assert_eq!((report.records_partial, report.records_rejected), (2, 0));
}

#[test]
fn empty_cells_beyond_the_last_column_are_no_loss() {
    let input = b"a,b\n1,2,\n3,4\n5,6,,\"\",\n";
    let (report, rows) = read_with(&processor(options()), input).expect("valid");
    assert_eq!(
        rows,
        "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n{\"a\":5,\"b\":6}\n"
    );
    let trailing = &report.csv[0].trailing_delimiters;
    let first = (trailing.first_record, trailing.first_line);
    assert_eq!((trailing.rows, first), (2, (Some(0), Some(2))));
    // They are the columns' types that count, and these rows do.
    assert_eq!(report.tables[0].columns[0].data_type, "int64");
    // A header with one more cell has one more column.
    check("a,b,\n1,2,\n", &[r#"{"a":1,"b":2}"#]);
    for input in ["a,b\n1,2,,x\n", "a,b\n1,2, \n", "a,b\n1,2,NULL\n"] {
        let error = read_with(&processor(options()), input.as_bytes()).expect_err("a value");
        let Error::Data(error) = error else {
            panic!("{error}")
        };
        let is_long = matches!(error.kind(), ErrorKind::TooManyCells { .. });
        assert!(is_long, "{input:?}: {error}");
    }
    // Of a row that is kept in part all cells have a column.
    let partial = processor(options()).with_recovery(transmog::LENIENT);
    let (_, rows) = read_with(&partial, b"a,b\n1,2,,x\n").expect("valid");
    assert!(
        rows.contains("\"column_3\"") || rows.contains("\"column_4\":\"x\""),
        "{rows}"
    );
}

#[test]
fn each_input_has_its_own_counts() {
    let texts: [(&str, &str); 4] = [
        ("one", "a,b\n1,2\n3\n"),
        ("two", ""),
        ("three", "a,b\n1,2,\n"),
        ("four", "a,b\n1,2\n"),
    ];
    let inputs = texts.map(|(name, text)| Input::reader(name, text.as_bytes()));
    let (memory, _) = transmog::Memory::new();
    let report = processor(options())
        .with_input_format(InputFormat::Csv)
        .stream_process_all(inputs, "t", transmog::OutputSpec::new("json", memory))
        .expect("valid");
    let told: Vec<_> = report
        .csv
        .iter()
        .map(|input| {
            let (short, trailing) = (&input.short_rows, &input.trailing_delimiters);
            (input.input.as_str(), short.rows, trailing.rows)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("one", 1, 0),
            ("two", 0, 0),
            ("three", 0, 1),
            ("four", 0, 0)
        ]
    );
    let first = &report.csv[0].short_rows;
    assert_eq!((first.first_record, first.first_line), (Some(1), Some(3)));
}

proptest! {
    /// Counts and places depend on the input alone.
    #[test]
    fn counts_do_not_depend_on_chunks(
        widths in proptest::collection::vec(1_usize..6, 1..40),
        chunk_size in 1_usize..7,
        threads in 1_usize..4,
    ) {
        let mut input = String::from("a,b,c\n");
        let (mut short, mut trailing) = ((0, None), (0, None));
        for (record, width) in (0_u64..).zip(&widths) {
            let cells = (0..*width).map(|cell| if cell < 3 { "x" } else { "" });
            input += &(cells.collect::<Vec<_>>().join(",") + "\n");
            let count = match width {
                3 => continue,
                0..3 => &mut short,
                _ => &mut trailing,
            };
            *count = (count.0 + 1, count.1.or(Some((record, record + 2))));
        }
        let processor: Processor = processor(options())
            .with_config(plain())
            .with_chunk_size(chunk_size)
            .and_then(|processor| processor.with_threads(threads))
            .expect("allowed");
        let (report, rows) = read_with(&processor, input.as_bytes()).expect("valid");
        prop_assert_eq!(rows.lines().count(), widths.len());
        let told = &report.csv[0];
        for (found, (rows, first)) in [(&told.short_rows, short), (&told.trailing_delimiters, trailing)] {
            prop_assert_eq!(found.rows, rows);
            prop_assert_eq!(found.first_record.zip(found.first_line), first);
        }
    }
}
