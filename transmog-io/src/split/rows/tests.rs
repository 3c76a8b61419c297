//! Tests where rows end, with right and misplaced quotes.

use proptest::prelude::*;

use super::*;
use crate::csv::Quoting;

fn rfc() -> Dialect {
    Dialect::rfc(b',', b'"')
}

fn lf() -> Dialect {
    Dialect {
        lone_cr_is_text: true,
        ..rfc()
    }
}

#[track_caller]
fn check(dialect: Dialect, width: usize, text: &str, expected: &[&str]) {
    let rows = rows_of(text.as_bytes(), dialect, width);
    let rows: Vec<&str> = rows.into_iter().map(|row| &text[row]).collect();
    assert_eq!(rows, expected, "{text:?}");
}

#[test]
fn line_ends() {
    let text = "\n\r\na,b\r\r\nc\rd,\"\r\n\"\n\n\"e\"\r\r\n\rf\r";
    check(lf(), 2, text, &["a,b", "c\rd,\"\r\n\"", "\"e\"", "\rf"]);
    let any = ["a,b", "c", "d,\"\r\n\"", "\"e\"", "f"];
    check(rfc(), 2, text, &any);
}

#[test]
fn escaped_line_ends() {
    let escape = Dialect {
        escape: Some(b'\\'),
        ..lf()
    };
    let text = "a\\\nb,\\\r\n\nc,\"\\\"\n\"\nd\\\\\n\\,\"e\n";
    let rows = ["a\\\nb,\\\r\n", "c,\"\\\"\n\"", "d\\\\", "\\,\"e"];
    check(escape, 2, text, &rows);
}

#[test]
fn rows_with_misplaced_quotes() {
    // A fault costs its row only.
    check(
        lf(),
        3,
        "1,\"a\" \",3\n2,\"b\"\",4\n3,\"13\" c\",5\n4,d,6\n",
        &["1,\"a\" \",3", "2,\"b\"\",4", "3,\"13\" c\",5", "4,d,6"],
    );
    // Lines of the cell look like no rows.
    check(
        lf(),
        3,
        "1,\"one\ntwo \"2\" here\n\nthree\",5\r\n\n2,\"x\ny\",3\n",
        &["1,\"one\ntwo \"2\" here\n\nthree\",5", "2,\"x\ny\",3"],
    );
    // A quote that never closes.
    check(
        lf(),
        2,
        "1,\"a\n2,b\n3,\"c\"\n",
        &["1,\"a", "2,b", "3,\"c\""],
    );
    check(lf(), 1, "\"a\nb\nc", &["\"a", "b", "c"]);
    // What is cut in the middle of a cell is one row.
    check(lf(), 3, "1,a,2\n3,\"b\nc\nd", &["1,a,2", "3,\"b\nc\nd"]);
    // Nothing is known of the columns.
    check(lf(), 0, "\"a\"b\nc\n\"d\ne", &["\"a\"b", "c", "\"d", "e"]);
}

#[test]
fn rows_of_tsv() {
    let tsv = Dialect {
        delimiter: b'\t',
        quoting: Quoting::WholeCells(b'"'),
        ..lf()
    };
    let text = "1\t\"The\" end\n2\t\"a\n3\tb\"\n4\t\"two\nlines\"\n\"tab\there\"\t\"\n\"\n5\t\"\n";
    check(
        tsv,
        2,
        text,
        &[
            "1\t\"The\" end",
            "2\t\"a",
            "3\tb\"",
            "4\t\"two\nlines\"",
            "\"tab\there\"\t\"\n\"",
            "5\t\"",
        ],
    );
}

/// What the tokeniser of the `csv` crate says of rows whose quotes are right.
fn by_tokens(text: &[u8], dialect: Dialect) -> Vec<Range<usize>> {
    let mut tokens = csv_core::ReaderBuilder::new()
        .delimiter(dialect.delimiter)
        .quote(dialect.quote().unwrap_or(0))
        .build();
    // It would take what looks like a byte order mark for one.
    tokens.read_record(b"\n", &mut [0], &mut [0]);
    let mut scratch = (vec![0; 1024], vec![0; 64]);
    let mut rows = Vec::new();
    let (mut at, mut start) = (0, None);
    while at < text.len() {
        if start.is_none() && matches!(text[at], b'\r' | b'\n') {
            at += 1;
            continue;
        }
        let begun = *start.get_or_insert(at);
        let (bytes, ends) = &mut scratch;
        let (result, read, _, _) = tokens.read_record(&text[at..], bytes, ends);
        at += read;
        if result == csv_core::ReadRecordResult::Record {
            rows.push(begun..at - 1);
            start = None;
        }
    }
    rows.extend(start.map(|start| start..text.len()));
    rows
}

proptest! {
    #[test]
    fn rows_end_where_the_tokeniser_says(text in "[ab,;\"\r\n\u{feff}]{0,60}|[a,\"]{0,30}\n") {
        for dialect in [rfc(), Dialect::rfc(b';', b'a')] {
            let rows = rows_of(text.as_bytes(), dialect, 0);
            let is_right = |row: &Range<usize>| {
                Cells::new(dialect, 0).read(&text.as_bytes()[row.clone()]).is_ok()
            };
            let right: Vec<_> = rows.iter().take_while(|row| is_right(row)).cloned().collect();
            let tokens = by_tokens(text.as_bytes(), dialect);
            prop_assert_eq!(&right[..], &tokens[..right.len()]);
            prop_assert!(right.len() < rows.len() || right.len() == tokens.len());
        }
    }

    /// Pieces give what the whole gives, and every byte that ends no row is in one.
    #[test]
    fn a_search_goes_on_where_it_was(
        text in "[ab,\\\\\"\r\n ]{0,40}",
        escape in any::<bool>(),
        lone_cr_is_text in any::<bool>(),
        off in any::<bool>(),
    ) {
        let mut dialect = Dialect { lone_cr_is_text, ..rfc() };
        dialect.escape = escape.then_some(b'\\');
        if off {
            dialect.quoting = Quoting::Off;
        }
        let text = text.as_bytes();
        let whole = RowScan::default().run(dialect, text, true, 0);
        let mut scan = RowScan::default();
        let mut forgetful = (RowScan::default(), 0);
        for end in 0..=text.len() {
            let is_whole = end == text.len();
            let found = scan.run(dialect, &text[..end], is_whole, 0);
            let (other, passed) = &mut forgetful;
            let again = other.run(dialect, &text[*passed..end], is_whole, 0);
            match (found, again) {
                (RowEnd::More, RowEnd::More) => *passed += other.forget(),
                (RowEnd::Found { next, .. }, RowEnd::Found { next: again, .. }) => {
                    prop_assert_eq!(found, whole);
                    prop_assert_eq!(next, *passed + again);
                    break;
                }
                (RowEnd::Misquoted { .. }, RowEnd::Misquoted { .. }) => {
                    prop_assert_eq!(found, whole);
                    break;
                }
                _ => prop_assert!(false, "{:?} {:?}", found, again),
            }
        }
        let rows = rows_of(text, dialect, 0);
        let mut outside = text.to_vec();
        for row in rows.iter().rev() {
            prop_assert!(!row.is_empty());
            outside.drain(row.clone());
        }
        prop_assert!(outside.iter().all(|byte| matches!(byte, b'\r' | b'\n')));
    }
}
