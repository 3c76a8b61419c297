//! Tests how rows are split into cells, and how cells are unquoted.

use proptest::prelude::*;

use super::*;

fn rfc() -> Dialect {
    Dialect::rfc(b',', b'"')
}

fn with_escape(quoting: Quoting) -> Dialect {
    Dialect {
        quoting,
        escape: Some(b'\\'),
        ..rfc()
    }
}

fn tsv() -> Dialect {
    Dialect {
        delimiter: b'\t',
        quoting: Quoting::WholeCells(b'"'),
        ..rfc()
    }
}

fn texts(cells: &Cells, row: &str) -> Vec<String> {
    let text = |cell| String::from_utf8_lossy(cells.get(cell, row.as_bytes()).unwrap()).into();
    (0..cells.len()).map(text).collect()
}

/// Reads one row after another with the same cells.
fn check(dialect: Dialect, width: usize, rows: &[(&str, &[&str])]) {
    let mut cells = Cells::new(dialect, width);
    for (row, expected) in rows {
        assert_eq!(cells.read(row.as_bytes()), Ok(()), "{row:?}");
        assert_eq!(texts(&cells, row), *expected, "{row:?}");
    }
}

#[test]
fn rows_one_after_another() {
    let many = vec!["x"; 100].join(",");
    check(
        rfc(),
        0,
        &[
            ("a,b", &["a", "b"]),
            ("\u{feff},", &["\u{feff}", ""]),
            ("\"a\"\"b\r\n,\",c\"d", &["a\"b\r\n,", "c\"d"]),
            ("\"\"", &[""]),
            ("\"\"\"\"", &["\""]),
            (" ", &[" "]),
            (" \"a\",b", &[" \"a\"", "b"]),
            // A blank after the closing quote is the cell's, so that nothing is lost.
            ("\"a\"  ,\"b\"\t", &["a  ", "b\t"]),
            ("a\rb,\r", &["a\rb", "\r"]),
            (&many, &["x"; 100]),
            ("a", &["a"]),
            ("", &[]),
        ],
    );
}

#[test]
fn quotes_that_are_wrong() {
    let cases: &[(&str, Misquoted, &[&str])] = &[
        ("x,\"y,\n", wrong(1, 2, None), &["x", "y,\n"]),
        ("\"", wrong(0, 0, None), &[""]),
        ("\"a\"\"", wrong(0, 0, None), &["a\""]),
        // As it is written, so that nothing is lost.
        ("\"a\"b,c", wrong(0, 0, Some(3)), &["\"a\"b", "c"]),
        (
            "x,\"a\" \"b,\"c\"",
            wrong(1, 2, Some(6)),
            &["x", "\"a\" \"b", "c"],
        ),
        ("\"a\"b,\"c", wrong(0, 0, Some(3)), &["\"a\"b", "c"]),
    ];
    let mut cells = Cells::new(rfc(), 0);
    for (row, misquoted, expected) in cases {
        assert_eq!(cells.read(row.as_bytes()), Err(*misquoted), "{row:?}");
        assert_eq!(texts(&cells, row), *expected, "{row:?}");
        assert_eq!(count(rfc(), row.as_bytes()), Err(()), "{row:?}");
    }
}

fn wrong(cell: usize, start: usize, text: Option<usize>) -> Misquoted {
    Misquoted { cell, start, text }
}

#[test]
fn quotes_are_text_if_there_is_no_quoting() {
    let off = Dialect {
        quoting: Quoting::Off,
        ..rfc()
    };
    check(
        off,
        0,
        &[("\"a,b\",\"", &["\"a", "b\"", "\""]), ("\"\"", &["\"\""])],
    );
}

#[test]
fn escapes() {
    let rows: &[(&str, &[&str])] = &[
        (r#""say \"hi\"",x"#, &["say \"hi\"", "x"]),
        (r#""say ""hi""",x"#, &["say \"hi\"", "x"]),
        (r#""C:\\",C:\new\,x,\N"#, &[r"C:\", r"C:\new,x", r"\N"]),
        ("a\\\nb,\"c\\\r\nd\",\\\r\n", &["a\nb", "c\r\nd", "\r\n"]),
        (r#"\"a\"\,"b",c"#, &["\"a\",\"b\"", "c"]),
        (r"a\", &[r"a\"]),
        (r"\\\,", &[r"\,"]),
    ];
    check(with_escape(Quoting::Rfc(b'"')), 0, rows);
    let cells: &[(&str, &[&str])] = &[(r#""a\,b\\",\t"#, &[r#""a,b\""#, r"\t"])];
    check(with_escape(Quoting::Off), 0, cells);
}

#[test]
fn cells_of_tsv() {
    check(
        tsv(),
        2,
        &[
            ("\"The\" end\t\"q\"", &["\"The\" end", "q"]),
            ("\"a\tb", &["\"a", "b"]),
            ("\"\t\"\"", &["\"", ""]),
            (
                "\"say \"\"hi\"\"\"\t\"a\" and \"b\"",
                &["say \"hi\"", "\"a\" and \"b\""],
            ),
            // In quotes, because only then there are two cells.
            ("\"a\tb\"\tc", &["a\tb", "c"]),
            ("a\t\"b\nc\"", &["a", "b\nc"]),
        ],
    );
}

#[test]
fn only_rows_that_must_be_are_copied() {
    let mut cells = Cells::new(rfc(), 0);
    let wide = format!("\"{}\",\"{}\",b\"c", "a,".repeat(20), "\r\n".repeat(9));
    for row in [
        "a,b",
        "\"a\",\"b,c\",d",
        "\"\"",
        ",\"\",",
        "a\"\"b",
        "a\rb",
        &wide,
    ] {
        assert_eq!(cells.read(row.as_bytes()), Ok(()));
        assert!(cells.are_in_place(), "{row:?}");
    }
    for row in ["\"a\"\"b\"", "\"a\" ,b"] {
        assert_eq!(cells.read(row.as_bytes()), Ok(()));
        assert!(!cells.are_in_place(), "{row:?}");
    }
}

#[test]
fn where_cells_begin() {
    let cells = Cells::new(rfc(), 0);
    let row = b"a,\"b,\"\"\",,c";
    let starts = [0, 2, 9, 10, 11, 11].map(|start| start);
    for (cell, start) in starts.into_iter().enumerate().take(4) {
        assert_eq!(cells.start_of(cell, row), start, "{cell}");
    }
    assert_eq!(cells.start_of(4, row), row.len());
}

proptest! {
    #[test]
    fn rows_in_place_are_read_as_others(
        row in "[a-c;,\"\r\n\u{e9}]{0,50}|[a,]{0,50}|((\"[a,;\n]{0,9}\"|[ab]{0,9})[,;]){0,9}",
    ) {
        let dialects = [
            rfc(),
            Dialect::rfc(b';', b'a'),
            Dialect { quoting: Quoting::Off, ..rfc() },
            Dialect { delimiter: b',', ..tsv() },
        ];
        for dialect in dialects {
            let mut cells = Cells::new(dialect, 0);
            if cells.read_in_place(row.as_bytes()) {
                let in_place = texts(&cells, &row);
                cells.in_place = false;
                prop_assert_eq!(cells.read_others(row.as_bytes()), Ok(()));
                prop_assert_eq!(in_place, texts(&cells, &row));
            }
        }
    }
}

#[test]
fn cells_in_quotes_are_told() {
    let check = |dialect: Dialect, width: usize, row: &str, expected: &[bool]| {
        let (mut cells, mut quoted) = (Cells::new(dialect, width), Vec::new());
        assert_eq!(cells.read(row.as_bytes()), Ok(()), "{row}");
        cells.quoted(row.as_bytes(), &mut quoted);
        let told = |cell: usize| quoted.get(cell) == Some(&true);
        for (cell, expected) in expected.iter().enumerate() {
            assert_eq!(told(cell), *expected, "cell {cell} of {row}");
        }
    };
    let row = "1,\"2\",\"\",,a\"b\"";
    check(rfc(), 0, row, &[false, true, true, false, false]);
    check(rfc(), 0, "\"a\"\"b\",1,\"\"\"\"", &[true, false, true]);
    let row = "\"a\"\"b,\",\"x\",,1";
    check(rfc(), 0, row, &[true, true, false, false]);
    let escaped = with_escape(Quoting::Rfc(b'"'));
    check(escaped, 0, "\"a\\\",\",b\\\"", &[true, false]);
    let off = Dialect {
        quoting: Quoting::Off,
        ..rfc()
    };
    check(off, 0, "\"a\",b", &[false, false]);
    check(tsv(), 3, "\"a\"\t\"b\tc", &[true, false, false]);
}
