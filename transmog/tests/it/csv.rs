//! CSV input: which rows there are, what columns are called, what cells become, and what is wrong.

use std::fs;

use transmog::{
    Cast, CsvReadOptions, Error, ErrorKind, Input, InputFormat, OutputSpec, Processor, Report,
    WriterOptions,
};

use crate::support::{files, plain};

mod as_written;
mod cut;
mod delimiters;
mod encodings;
mod header;
mod no_rows;
mod quotes;
mod ragged;
mod rfc4180;
mod words;

/// A processor that takes inputs for CSV.
fn processor(options: CsvReadOptions) -> Processor {
    Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Csv)
        .with_csv_options(options)
}

/// The rows as JSON Lines, and the report.
fn read_with(processor: &Processor, input: &[u8]) -> Result<(Report, String), Error> {
    let lines = WriterOptions::new().with("lines", true);
    let (report, files) = files(processor, "json", lines, Input::bytes(input))?;
    let rows = String::from_utf8(files["t.jsonl"].clone()).expect("UTF-8");
    Ok((report, rows))
}

#[track_caller]
fn check_with(options: CsvReadOptions, input: impl AsRef<[u8]>, rows: &[&str]) {
    let (report, found) = read_with(&processor(options), input.as_ref()).expect("valid");
    assert_eq!(found.lines().collect::<Vec<_>>(), rows);
    assert_eq!(report.records_read, rows.len() as u64);
    assert!(report.ledger.adds_up());
}

#[track_caller]
fn check(input: impl AsRef<[u8]>, rows: &[&str]) {
    check_with(CsvReadOptions::default(), input, rows);
}

fn options() -> CsvReadOptions {
    CsvReadOptions::default()
}

/// Columns and their types.
fn columns(report: &Report) -> Vec<(&str, String)> {
    let columns = report.tables[0].columns.iter();
    columns
        .map(|column| (column.name.as_str(), column.data_type.clone()))
        .collect()
}

#[test]
fn rows_end_with_any_line_end() {
    for end in ["\n", "\r\n", "\r"] {
        let input = format!("a,b{end}1,2{end}3,4");
        let rows = [r#"{"a":1,"b":2}"#, r#"{"a":3,"b":4}"#];
        check(&input, &rows);
        check(input + end, &rows);
    }
    check(
        "\n\r\n\na,b\r\r\n1,2\n\n\n3,4\r\n\n",
        &[r#"{"a":1,"b":2}"#, r#"{"a":3,"b":4}"#],
    );
}

#[test]
fn a_line_of_blanks_is_a_row() {
    check("a,b\n1,2\n  \n", &[r#"{"a":"1","b":2}"#, r#"{"a":"  "}"#]);
}

#[test]
fn quotes() {
    check(
        "a,b\n\"x\r\ny\",\"say \"\"hi\"\"\"\nx\"y,\"\"\n\"p\" ,r\n",
        &[
            r#"{"a":"x\r\ny","b":"say \"hi\""}"#,
            r#"{"a":"x\"y"}"#,
            r#"{"a":"p ","b":"r"}"#,
        ],
    );
    let single = options().with_quote_char('\'').expect("a quote");
    check_with(
        single,
        "a,b\n'x,y','it''s'\n\"z,1\n",
        &[r#"{"a":"x,y","b":"it's"}"#, r#"{"a":"\"z","b":"1"}"#],
    );
}

#[test]
fn short_rows_have_nulls_and_long_ones_are_errors() {
    let (report, rows) = read_with(&processor(options()), b"a,b,c\n1\n,2\n").expect("valid");
    assert_eq!(rows, "{\"a\":1}\n{\"b\":2}\n");
    assert_eq!(columns(&report).len(), 3, "c is there, and null");
    let none = options().with_null_values([""; 0]);
    check_with(none, "a,b,c\n1,\n", &[r#"{"a":1,"b":""}"#]);
    let error = read_with(&processor(options()), b"a,b\n1,2\n\"\n\",2,3,4\n").expect_err("long");
    assert_eq!(
        error.to_string(),
        "<memory>: record 1 (line 4, byte 14): 4 cells, but only 2 columns; the delimiter is ',', a guess \
         (--csv-delimiter sets it)"
    );
}

#[test]
fn no_rows() {
    for input in ["", "\n\n", "a,b", "a,b\n", "\u{feff}", "a,b\n\r\n\n"] {
        check(input, &[]);
    }
    check_with(options().with_header(false), "\n", &[]);
    check_with(options().with_skip_rows(5), "a\n1\n2\n", &[]);
}

#[test]
fn headers() {
    check(
        "1st,a b,c-d,,naïve\n1,2,3,4,5\n",
        &[r#"{"col_1st":1,"a_b":2,"c_d":3,"unnamed_field":4,"naïve":5}"#],
    );
    check(
        "a b,a-b,a_b,,\n1,2,3,4,5\n",
        &[r#"{"a_b":1,"a_b_1":2,"a_b_2":3,"unnamed_field":4,"unnamed_field_1":5}"#],
    );
    check("a,a_1,a\n1,2,3\n", &[r#"{"a":1,"a_1":2,"a_2":3}"#]);
    let as_written = options().with_sanitized_column_names(false);
    check_with(
        as_written,
        "1st,a b,\"a\nb\",a b,\n1,2,3,4,5\n",
        &[r#"{"1st":1,"a b":2,"a\nb":3,"a b_1":4,"":5}"#],
    );
    check_with(
        options().with_header(false),
        "1,x\n3,4\n5\n",
        &[
            r#"{"column_1":1,"column_2":"x"}"#,
            r#"{"column_1":3,"column_2":"4"}"#,
            r#"{"column_1":5}"#,
        ],
    );
    check_with(
        options().with_header(false),
        "1,2",
        &[r#"{"column_1":1,"column_2":2}"#],
    );
}

#[test]
fn rows_before_the_header() {
    let skipped = options().with_skip_rows(2);
    check_with(
        skipped.clone(),
        "# one\n\n\"two\nlines\"\na;b\n1;2\n",
        &[r#"{"a":1,"b":2}"#],
    );
    check_with(
        skipped.with_header(false),
        "x\ny\n1,2\n",
        &[r#"{"column_1":1,"column_2":2}"#],
    );
}

#[test]
fn types_of_columns() {
    let (report, rows) = read_with(
        &processor(options()),
        b"i,f,big,b,t,n\n1,1.50,18446744073709551615,true,x,\n-2,2,-99999999999999999999,FALSE,1,\n",
    )
    .expect("valid");
    assert_eq!(
        rows,
        "{\"i\":1,\"f\":1.5,\"big\":18446744073709551615,\"b\":true,\"t\":\"x\"}\n\
         {\"i\":-2,\"f\":2,\"big\":-99999999999999999999,\"b\":false,\"t\":\"1\"}\n"
    );
    let kinds = columns(&report);
    let expected = [
        ("i", "int64"),
        ("f", "float64"),
        ("big", "decimal"),
        ("b", "boolean"),
        ("t", "text"),
        ("n", "text"),
    ];
    assert_eq!(kinds, expected.map(|(name, kind)| (name, kind.to_owned())));
}

#[test]
fn numbers_that_serde_does_not_hold() {
    check(
        "a,b\n-0.0,1e300\n1.5,-1e19\n",
        &[r#"{"a":-0.0,"b":1e+300}"#, r#"{"a":1.5,"b":-1e+19}"#],
    );
}

/// Nothing is lost by what a column turns out to be: its cells are then as they were written.
#[test]
fn columns_of_several_kinds_are_as_written() {
    check(
        "a,b,c,d,e\n1.50,yes,1,9007199254740993,1.50\nx,maybe,true,0.10,1e400\n",
        &[
            r#"{"a":"1.50","b":"yes","c":"1","d":"9007199254740993","e":"1.50"}"#,
            r#"{"a":"x","b":"maybe","c":"true","d":"0.10","e":"1e400"}"#,
        ],
    );
    let zeros = "9".repeat(40);
    let input = format!("a,b\n{zeros},007\n1.50,1\n");
    check(
        &input,
        &[
            &format!(r#"{{"a":"{zeros}","b":"007"}}"#),
            r#"{"a":"1.50","b":"1"}"#,
        ],
    );
}

/// What comes after the first block widens as in any other input, but a column that becomes text
/// has its cells as written.
#[test]
fn later_kinds_widen_columns() {
    let row = "1.50,1.50\n";
    let input = format!("a,b\n{}x,2.50\n", row.repeat((5 << 20) / row.len()));
    let (report, rows) = read_with(&processor(options()), input.as_bytes()).expect("valid");
    let kinds = [("a", "text".to_owned()), ("b", "float64".to_owned())];
    assert_eq!(columns(&report), kinds);
    let first = "{\"a\":\"1.50\",\"b\":1.5}\n";
    assert!(rows.starts_with(first), "{}", &rows[..40]);
    assert!(rows.ends_with("{\"a\":\"x\",\"b\":2.5}\n"));
}

#[test]
fn cells_stay_text_on_request() {
    let input = "a,b\n1.50,yes\n007,\n";
    let rows = [r#"{"a":"1.50","b":"yes"}"#, r#"{"a":"007"}"#];
    check_with(options().with_type_inference(false), input, &rows);
    let processor = processor(options()).with_config(plain().with_cast(Cast::Text));
    let (_, found) = read_with(&processor, b"a,b\n1.50,yes\n2,\n").expect("valid");
    assert_eq!(found, "{\"a\":\"1.50\",\"b\":\"yes\"}\n{\"a\":\"2\"}\n");
}

#[test]
fn delimiters() {
    for delimiter in [',', '\t', ';', '|'] {
        let input = format!("a{delimiter}b\n1{delimiter}x y\n");
        check(&input, &[r#"{"a":1,"b":"x y"}"#]);
    }
    let colon = options().with_delimiter(':').expect("a delimiter");
    check_with(colon, "a:b,c\n1:2\n", &[r#"{"a":1,"b_c":2}"#]);
    let comma = options().with_delimiter(',').expect("a delimiter");
    check_with(comma, "a;b\n1;2\n", &[r#"{"a_b":"1;2"}"#]);
}

#[test]
fn settings_are_checked() {
    let message =
        |made: Result<CsvReadOptions, transmog::DataError>| made.expect_err("wrong").to_string();
    let not_ascii = message(options().with_delimiter('é'));
    assert!(
        not_ascii.starts_with("setting csv_delimiter: 'é' is not one ASCII"),
        "{not_ascii}"
    );
    assert!(message(options().with_quote_char('\n')).starts_with("setting csv_quote_char"));
    assert!(message(options().with_delimiter('"')).contains("both"));
    assert!(
        message(options().with_encoding("klingon")).starts_with("setting encoding: \"klingon\"")
    );
    assert!(options().with_delimiter(None).is_ok());
    let pointed = processor(options())
        .with_records_path("/a")
        .expect("a pointer");
    let error = read_with(&pointed, b"a\n1\n").expect_err("no path");
    assert!(error.to_string().contains("records_path"), "{error}");
}

#[test]
fn an_open_quote_is_an_error_where_it_is() {
    let error = read_with(&processor(options()), b"a,b\n1,2\n3,\"x\n5,6\n").expect_err("open");
    assert_eq!(
        error.to_string(),
        "<memory>: record 1 (line 3, byte 10), field b: a quote is opened and never closed"
    );
    for (skip, input) in [(0, "a,\"b\n1,2\n"), (1, "x,\"\na,b\n1,2\n"), (1, "\n\"")] {
        let error = read_with(&processor(options().with_skip_rows(skip)), input.as_bytes());
        let error = error.expect_err("open");
        let Error::Data(error) = error else {
            panic!("{error}")
        };
        assert_eq!(
            error.kind(),
            &ErrorKind::OpenQuote { advice: "" },
            "{input:?}"
        );
        assert_eq!(error.location().record, None);
    }
}

#[test]
fn bytes_that_are_no_text_are_errors_where_they_stand() {
    let error =
        read_with(&processor(options()), b"a,b\n1,2\n3,\"\ncaf\xe9\"\n").expect_err("bytes");
    let message = error.to_string();
    assert!(
        message.starts_with("<memory>: record 1 (line 4, byte 15), field b: invalid text"),
        "{message}"
    );
    // Together they are a letter, but they stand in two cells.
    let apart = b"a,b\n\"\xc3\",\"\xa9\"\n";
    assert!(read_with(&processor(options()), apart).is_err());
    let apart = b"a\n\"\xc3\"\xa9\n";
    assert!(read_with(&processor(options()), apart).is_err());
    let header = read_with(&processor(options()), b"a,\xe9\n1,2\n").expect_err("header");
    assert!(
        header
            .to_string()
            .starts_with("<memory>: line 1, byte 2: invalid text"),
        "{header}"
    );
}

#[test]
fn files_by_their_extension() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        ("a.csv", "a,b\n1,2\n"),
        ("b.CSV", "a;b\n1;2\n"),
        ("c.tsv", "a\tb\n1\t2\n"),
        ("d.TSV", "a\tb\n1\t\"2\"\n"),
        ("e.json5", "[{a: 1, 'b': +2,},]"),
    ];
    for (name, text) in cases {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        let out = folder.path().join("out");
        Processor::new()
            .with_config(plain())
            .stream_process_file(&path, "t", OutputSpec::directory("csv", &out))
            .expect(name);
        let table = fs::read_to_string(out.join("t.csv")).expect("the table");
        assert_eq!(table, "a,b\r\n1,2\r\n", "{name}");
    }
    // A comma more often than the tab that the name promises.
    let path = folder.path().join("f.tsv");
    fs::write(&path, "a,b,c\td\n1,2,3\t4\n").expect("written");
    let out = folder.path().join("out");
    let report = Processor::new()
        .with_config(plain())
        .stream_process_file(&path, "t", OutputSpec::directory("csv", &out))
        .expect("tabs");
    assert_eq!(report.tables[0].columns.len(), 2);
}

#[test]
fn cells_of_any_size() {
    let large = "x,\"\"\n".repeat(2 << 20);
    let input = format!("a,b\n1,\"{large}\"\n2,y\n");
    let (report, rows) = read_with(&processor(options()), input.as_bytes()).expect("valid");
    assert_eq!(report.records_read, 2);
    assert!(rows.len() > 8 << 20 && rows.ends_with("{\"a\":2,\"b\":\"y\"}\n"));
}

#[test]
fn many_columns() {
    let names: Vec<String> = (0..5000).map(|n| format!("c{n}")).collect();
    let cells: Vec<String> = (0..5000).map(|n| n.to_string()).collect();
    let input = format!("{}\n{}\n", names.join(","), cells.join(","));
    let (report, _) = read_with(&processor(options()), input.as_bytes()).expect("valid");
    assert_eq!(report.tables[0].columns.len(), 5000);
    assert_eq!(report.ledger.leaves_read, 5000);
    // The same name, often.
    let input = format!("{}\n{}\n", "c,".repeat(5000), cells.join(","));
    let (report, _) = read_with(&processor(options()), input.as_bytes()).expect("valid");
    assert_eq!(report.tables[0].columns[4999].name, "c_4999");
}
