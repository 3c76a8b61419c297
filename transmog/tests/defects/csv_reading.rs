//! Cases of the first version: what CSV input is read as.

use serde_json::json;
use transmog::{Config, CsvReadOptions, DEFAULT, Input, InputFormat, Processor};

use crate::support::{bytes, check, check_with, fails, file, plain};

/// Our own rules, so that every cell shows as it was read.
fn reader() -> Processor {
    reader_with(CsvReadOptions::default())
}

fn reader_with(options: CsvReadOptions) -> Processor {
    plain(Config::default())
        .with_input_format(InputFormat::Csv)
        .with_csv_options(options)
}

#[test]
fn d90_csv_infer_types_never_works() {
    let text = "i,f,b\n1,1.5,true\n";
    let seen = check(
        &reader(),
        text,
        &json!({"e": [{"i": 1, "f": 1.5, "b": true}]}),
    );
    assert_eq!(
        seen.kinds("e"),
        [("i", "int64"), ("f", "float64"), ("b", "boolean")]
    );
    let untyped = reader_with(CsvReadOptions::default().with_type_inference(false));
    check(
        &untyped,
        text,
        &json!({"e": [{"i": "1", "f": "1.5", "b": "true"}]}),
    );
}

#[test]
fn d91_csv_extra_cells_dropped() {
    let text = "a,b\n1,2,3,4\n5,6\n";
    let mark =
        "4 cells, but only 2 columns; the delimiter is ',', a guess (--csv-delimiter sets it)";
    let error = fails(&reader(), || bytes(text));
    assert_eq!(
        error,
        format!("<memory>: record 0 (line 2, byte 8): {mark}")
    );
    let skip = reader().with_recovery(DEFAULT);
    let seen = check(&skip, text, &json!({"e": [{"a": 5, "b": 6}]}));
    assert_eq!(seen.places(), json!([[0, 2, "too_many_cells", false]]));
    assert_eq!(seen.rejects[0]["raw"], "1,2,3,4");
    let row = json!({"a": 1, "b": 2, "column_3": "3", "column_4": "4", "__error": mark});
    let partial = reader().with_partial_recovery();
    let seen = check(&partial, text, &json!({"e": [row, {"a": 5, "b": 6}]}));
    assert_eq!(seen.places(), json!([[0, 2, "too_many_cells", true]]));
    assert_eq!(seen.rejects[0]["raw"], "1,2,3,4");
}

#[test]
fn d92_csv_duplicate_header() {
    let expected = json!({"e": [{"a": 1, "a_1": 2, "b": 3}]});
    let seen = check(&reader(), "a,a,b\n1,2,3\n", &expected);
    assert_eq!(seen.names("e"), ["a", "a_1", "b"]);
}

#[test]
fn d92b_csv_header_collides_after_sanitising() {
    let expected = json!({"e": [{"a_b": 1, "a_b_1": 2, "a_b_2": 3}]});
    let seen = check(&reader(), "a b,a-b,a_b\n1,2,3\n", &expected);
    assert_eq!(seen.names("e"), ["a_b", "a_b_1", "a_b_2"]);
}

#[test]
fn d93_csv_bom() {
    let text = "\u{feff}id,b\n1,2\n";
    check(&reader(), text, &json!({"e": [{"id": 1, "b": 2}]}));
    check(
        &reader(),
        "\u{feff}\"id\",b\n1,2\n",
        &json!({"e": [{"id": 1, "b": 2}]}),
    );
}

#[test]
fn d94_csv_unterminated_quote() {
    let text = "a,b\nx,2\n\"bad,3\n4,5\n";
    let error = fails(&reader(), || bytes(text));
    let place = "<memory>: record 1 (line 3, byte 8), field a: a quote is opened and never closed";
    assert_eq!(error, place);
    // The row is a line, because the next line looks like a row.
    let skip = reader().with_recovery(DEFAULT);
    let seen = check(
        &skip,
        text,
        &json!({"e": [{"a": "x", "b": 2}, {"a": "4", "b": 5}]}),
    );
    assert_eq!(seen.places(), json!([[1, 3, "open_quote", false]]));
    assert_eq!(seen.rejects[0]["raw"], "\"bad,3");
    let partial = reader().with_partial_recovery();
    let mark = "a quote is opened and never closed";
    let cut = json!({"a": "bad,3", "__error": mark});
    let rows = json!({"e": [{"a": "x", "b": 2}, cut, {"a": "4", "b": 5}]});
    let seen = check(&partial, text, &rows);
    assert_eq!(seen.places(), json!([[1, 3, "open_quote", true]]));
}

#[test]
fn d95_csv_empty_null_list() {
    let none = reader_with(CsvReadOptions::default().with_null_values([""; 0]));
    check(
        &none,
        "a,b\n,NULL\n",
        &json!({"e": [{"a": "", "b": "NULL"}]}),
    );
    check(&reader(), "a,b\n,NULL\n", &json!({"e": [{"b": "NULL"}]}));
}

#[test]
fn d96_csv_inference_changes_data() {
    let cells = ["007", "+1", "1_000", "nan", "inf", "１２", " 12"];
    for cell in cells {
        let text = format!("v,n\n{cell},1.50\n");
        let seen = check(&reader(), &text, &json!({"e": [{"v": cell, "n": 1.5}]}));
        assert_eq!(seen.kinds("e"), [("v", "text"), ("n", "float64")], "{cell}");
    }
    // In one column they are all text, and as they were written.
    let cells = [&cells[..], &["1.50"]].concat();
    let rows: Vec<_> = cells.iter().map(|cell| json!({"v": cell})).collect();
    check(
        &reader(),
        &format!("v\n{}\n", cells.join("\n")),
        &json!({"e": rows}),
    );
}

#[test]
fn d97_csv_embedded_crlf_changed() {
    let expected = json!({"e": [{"a": "x\r\ny", "b": 2}]});
    check(&reader(), "a,b\r\n\"x\r\ny\",2\r\n", &expected);
}

/// A line of blanks is a row with a blank cell; an empty line is none.
#[test]
fn d98_csv_blank_cells_line() {
    let expected = json!({"e": [{"a": "1", "b": 2}, {"a": "  "}]});
    check(&reader(), "a,b\n1,2\n  \n\n", &expected);
}

#[test]
fn d99_csv_large_cell() {
    let large = "x".repeat(131_073);
    check(
        &reader(),
        &format!("a\n{large}\n"),
        &json!({"e": [{"a": large}]}),
    );
}

#[test]
fn d100_csv_extension_not_known() {
    for name in ["a.tsv", "b.TSV"] {
        let (_folder, path) = file(name, "a\tb,c\n1\t2\n");
        let expected = json!({"e": [{"a": "1", "b_c": "2"}]});
        check_with(&plain(Config::v1()), || Input::file(&path), &expected);
    }
}

#[test]
fn d101_csv_encoding_ignored_1_0_0() {
    let (_folder, path) = file("a.csv", b"a\ncaf\xe9\n");
    for label in ["latin1", "ISO-8859-1"] {
        let latin = CsvReadOptions::default()
            .with_encoding(label)
            .expect("a label");
        let processor = reader_with(latin);
        check_with(
            &processor,
            || Input::file(&path),
            &json!({"e": [{"a": "café"}]}),
        );
    }
    let error = fails(&reader(), || Input::file(&path));
    assert!(
        error.contains("line 2, byte 5") && error.contains("invalid text"),
        "{error}"
    );
}

/// Python programs call the encoding so.
#[test]
fn d101_latin_1_is_an_encoding() {
    let (_folder, path) = file("a.csv", b"a\ncaf\xe9\n");
    let latin = CsvReadOptions::default().with_encoding("latin-1");
    let processor = plain(Config::default()).with_csv_options(latin.expect("a label"));
    check_with(
        &processor,
        || Input::file(&path),
        &json!({"e": [{"a": "café"}]}),
    );
}

/// A row that is left out says nothing about the types of columns.
#[test]
fn d94_rows_that_are_skipped_do_not_make_text_of_columns() {
    let processor = plain(Config::default())
        .with_input_format(InputFormat::Csv)
        .with_recovery(DEFAULT);
    for text in ["a,b\n1,2\n\"bad,3\n4,5\n", "a,b\n1,2\nbad,3,4\n4,5\n"] {
        let rows = json!({"e": [{"a": 1, "b": 2}, {"a": 4, "b": 5}]});
        let seen = check(&processor, text, &rows);
        assert_eq!(seen.kinds("e"), [("a", "int64"), ("b", "int64")]);
    }
}
