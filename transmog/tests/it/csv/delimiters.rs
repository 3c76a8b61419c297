//! What separates cells: how it is found out, and that it is told.

use transmog::{CsvReadOptions, DelimiterFrom, Error, Report};

use super::{check, check_with, options, processor, read_with};

fn report(options: CsvReadOptions, input: &str) -> Report {
    read_with(&processor(options), input.as_bytes())
        .expect("valid")
        .0
}

fn found(options: CsvReadOptions, input: &str) -> (char, DelimiterFrom) {
    let report = report(options, input);
    assert_eq!(report.csv.len(), 1);
    assert_eq!(report.csv[0].input, "<memory>");
    (report.csv[0].delimiter, report.csv[0].delimiter_from)
}

/// <https://github.com/shenwei356/csvtk/issues/13>,
/// <https://github.com/python/cpython/issues/109644>
#[test]
fn a_line_may_name_the_delimiter() {
    let rows = [r#"{"id":1,"name":"a,b"}"#];
    for line in ["sep=;", "SEP=;", "\"sep=;\"", "\u{feff}sep=;"] {
        for end in ["\r\n", "\n", "\r"] {
            check(format!("{line}{end}id;name{end}1;a,b{end}"), &rows);
        }
    }
    check("sep=\t\nid\tname\n1\ta,b\n", &rows);
    check("sep=x\nidxname\n1xa,b\n", &rows);
    // It counts as a row that is left out, and goes behind the setting.
    check_with(
        options().with_skip_rows(1),
        "sep=;\nid;name\n1;a,b\n",
        &rows,
    );
    check_with(
        options().with_skip_rows(2),
        "sep=;\ntitle\nid;name\n1;a,b\n",
        &rows,
    );
    let comma = options().with_delimiter(',').expect("allowed");
    check_with(
        comma.clone(),
        "sep=;\na,b\n1;2,3\n",
        &[r#"{"a":"1;2","b":3}"#],
    );
    check_with(
        options().with_header(false),
        "sep=;\n1;2\n",
        &[r#"{"column_1":1,"column_2":2}"#],
    );
    for empty in ["sep=;", "sep=;\n", "sep=;\na;b\n"] {
        check(empty, &[]);
    }
    assert_eq!(
        found(options(), "sep=|\na\n1\n"),
        ('|', DelimiterFrom::SepLine)
    );
    assert_eq!(
        found(comma.clone(), "sep=|\na\n1\n"),
        (',', DelimiterFrom::Option)
    );
    // It is no such line.
    check("sep=ab,b\n1,2\n", &[r#"{"sep_ab":1,"b":2}"#]);
    let error = read_with(&processor(options()), b"sep=;\na;b\n1;2;3\n").expect_err("too long");
    assert!(
        error
            .to_string()
            .contains("record 0 (line 3, byte 14): 3 cells"),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("the delimiter is ';', as its line \"sep=\" says"),
        "{error}"
    );
    for line in ["sep=||", "sep=§", "sep=\""] {
        let text = format!("{line}\na||b\n");
        let error = read_with(&processor(options()), text.as_bytes()).expect_err("no delimiter");
        assert!(
            error.to_string().starts_with("<memory>: line 1 is \"sep="),
            "{error}"
        );
        assert!(error.to_string().contains("`csv_delimiter`"), "{error}");
        read_with(&processor(comma.clone()), text.as_bytes()).expect("named");
    }
}

#[test]
fn the_report_says_how_the_delimiter_was_found() {
    assert_eq!(found(options(), "a;b\n1;2\n"), (';', DelimiterFrom::Guess));
    assert_eq!(found(options(), "a\n1\n"), (',', DelimiterFrom::Guess));
    let semicolon = options().with_delimiter(';').expect("allowed");
    assert_eq!(
        found(semicolon.clone(), "a,b\n1,2\n"),
        (';', DelimiterFrom::Option)
    );
    let notes = |options, input| report(options, input).csv_notes();
    let note = "<memory>: the delimiter is ';', a guess (--csv-delimiter sets it)\n";
    assert_eq!(notes(options(), "a;b\n1;2\n"), note);
    assert!(notes(options(), "a\tb\n1\t2\n").contains("the delimiter is tab, a guess"));
    for told in [
        notes(semicolon, "a;b\n1;2\n"),
        notes(options(), "a,b\n1,2\n"),
    ] {
        assert_eq!(told, "");
    }
    let json = serde_json::to_value(report(options(), "a;b\n1;2\n")).expect("JSON");
    let expected =
        serde_json::json!({"input": "<memory>", "delimiter": ";", "delimiter_from": "guess"});
    for (key, value) in expected.as_object().expect("an object") {
        assert_eq!(&json["csv"][0][key], value);
    }
    assert!(report(options(), "a;b\n1;2\n").to_string().contains(note));
}

/// <https://github.com/stevehansen/csv/issues/26>
#[test]
fn rows_that_are_too_wide_say_what_may_be_wrong() {
    let message = |input: &str| -> String {
        match read_with(&processor(options()), input.as_bytes()) {
            Err(Error::Data(error)) => error.kind().to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        message("a;b\n1;2\n1;2;3\n1;2\n"),
        "3 cells, but only 2 columns; the delimiter is ';', a guess (--csv-delimiter sets it)"
    );
    let title = message("Report: Sales\nDate: 2026-01-01\n\nid,name,qty\n1,a,3\n");
    assert!(title.contains("most rows have 3 cells"), "{title}");
    assert!(title.contains("--csv-skip-rows 2"), "{title}");
    check_with(
        options().with_skip_rows(2),
        "Report: Sales\nDate: 2026-01-01\n\nid,name,qty\n1,a,3\n",
        &[r#"{"id":1,"name":"a","qty":3}"#],
    );
}
