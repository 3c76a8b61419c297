//! What the cases want and the library does not show.

use serde_json::json;
use transmog::{Config, CsvOptions, DEFAULT, EmptyText, Input, InputFormat, Nulls};

use crate::support::{bytes, check, check_with, file, plain, run};

/// Python programs call the encoding so.
#[test]
fn d101_latin_1_is_an_encoding() {
    let (_folder, path) = file("a.csv", b"a\ncaf\xe9\n");
    let latin = CsvOptions::default().with_encoding("latin-1");
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
    for text in ["a,b\n1,2\n\"bad,3\n4,5\n", "a,b\n1,2\nbad,3,4\n"] {
        let seen = check(&processor, text, &json!({"e": [{"a": 1, "b": 2}]}));
        assert_eq!(seen.kinds("e"), [("a", "int64"), ("b", "int64")]);
    }
}

/// The report says that items were left out.
#[test]
fn e07_empty_items_that_are_skipped_are_counted() {
    let input = bytes(r#"{"x":1,"items":[{},{}]}"#);
    let seen = run(&plain(Config::v2()), "json", input).expect("valid");
    assert_eq!(seen.report.ledger.excluded, 2);
}

/// Items of lists follow the rules of fields for nulls and empty text.
#[test]
fn e09_items_of_lists_follow_the_rules_of_fields() {
    let text = r#"{"t":[null,"",NaN,"x"],"n":null,"m":"","f":NaN}"#;
    let dropped = plain(Config::v2());
    check(&dropped, text, &json!({"e": [{"t": ["x"]}]}));
    let nulls = Config::v2()
        .with_nulls(Nulls::Keep)
        .with_empty_text(EmptyText::Null);
    check(
        &plain(nulls),
        text,
        &json!({"e": [{"t": [null, null, null, "x"]}]}),
    );
}
