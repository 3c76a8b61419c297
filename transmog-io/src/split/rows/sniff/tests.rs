//! Tests which delimiter is guessed from the first rows.

use super::*;

fn rfc() -> Dialect {
    Dialect {
        lone_cr_is_text: true,
        ..Dialect::rfc(b',', b'"')
    }
}

#[track_caller]
fn check(has_header: bool, cases: &[(&str, u8)]) {
    for (head, expected) in cases {
        let found = delimiter(head.as_bytes(), true, rfc(), (0, has_header));
        assert_eq!(
            found.map(char::from),
            Some(char::from(*expected)),
            "{head:?}"
        );
    }
}

#[test]
fn rows_as_wide_as_the_header_win() {
    check(
        true,
        &[
            ("", b','),
            ("a\nb\n", b','),
            ("a;b\n1;2", b';'),
            ("a|b", b'|'),
            ("a\x1fb\n1,5\x1f2\n", 0x1f),
            ("a\tb\n1,5\t2,5\n", b'\t'),
            ("a;b\n1,5;2\n1,5;2,5\n", b';'),
            ("a,b;c\nx,y;z\n", b','),
            ("\"a,b\",\"c;d;e\"\n1,2\n", b','),
            ("\"a;b;c\"|1\n\"d;e\n;f\"|2\n", b'|'),
            // Short rows are rows.
            ("a;b;c\n1;2\n3\n4;5;6\n7;8;9,1\n", b';'),
        ],
    );
}

#[test]
fn what_is_in_quotes_does_not_mislead() {
    check(
        true,
        &[
            (
                "id,to;cc,body\n1,a@x.org,\"Dear all;\nplease;\nthanks;\nAnn\"\n2,b@x.org,\"ok\"\n",
                b',',
            ),
            (
                "id;code\n1;\"if (a, b) {\n  return [1, 2, 3];\n}\"\n2;\"f(x, y);\ng(x, y);\n\"\n",
                b';',
            ),
            ("a\tb\n\"x, y\nx, y\nx, y\nx, y\"\t1\n", b'\t'),
        ],
    );
    // Without a header: the first row has semicolons in quotes.
    check(
        false,
        &[
            ("1,\"a;b\",c\n2,\"d;e\",f\n", b','),
            ("\"a,b\";1\n\"c,d\";2\n", b';'),
        ],
    );
}

#[test]
fn ties_are_decided_by_types_then_blanks_then_order() {
    check(
        true,
        &[
            ("Nr;Name, Vorname\n1;Müller, Hans\n2;Weiß, Jo\n", b';'),
            ("Name;Ort, Land\nx;y, z\n", b';'),
            ("a,b;c\nx,y;z\n", b','),
            ("a;b,c\nx;2026-01-05,y\n", b','),
        ],
    );
    check(
        false,
        &[
            ("1;1,5\n2;2,5\n", b';'),
            ("1,2;3,4\n", b';'),
            ("1,2,3;4,5,6\n", b','),
            ("1;1,234,567\n2;2,345,678\n", b';'),
            ("Bolt;1,50\nNut;0,10\n", b';'),
            ("a@x.org;1,50 EUR\nb@x.org;2,10 EUR\n", b';'),
        ],
    );
}

/// A delimiter that is wrong leaves the right one in its cells.
#[test]
fn one_comma_in_each_row_is_no_delimiter() {
    check(
        true,
        &[
            (
                "Artikel;Typ;Lager;Preis (EUR,netto)\nBolt;A;Bonn;1,50\nNut;B;Ulm;0,10\n",
                b';',
            ),
            (
                "Vorname;Nachname;Ort,Nr\nMax;Muster;Bonn,3\nEva;M;Ulm,4\n",
                b';',
            ),
            ("name|sku|size,qty\na|x|L,1\nb|y|M,2\n", b'|'),
            ("a\tb\tc,d\nx\ty\tz,5 kg\n", b'\t'),
            // A short row does not change it.
            (
                &["a;b;c,d\n", &"x;y;1,5\n".repeat(40), "x,y\n"].concat(),
                b';',
            ),
        ],
    );
    check(
        false,
        &[
            ("Bolt;A;red;x;Bonn;1,50\nNut;B;blue;y;Ulm;0,10\n", b';'),
            ("Bolt\tA\tred\t1,50\nNut\tB\tblue\t0,10\n", b'\t'),
            ("1,5;2,5;3,5\n1,6;2,6;3,6\n", b';'),
            ("1,50 EUR;2,50 EUR;x;y\n1,60 EUR;2,60 EUR;x;y\n", b';'),
            ("a,b,c;d,e\nx,y,z;u,v\n", b','),
            ("2905,15;sum 41, 97104 x\n2867,37;sum 47, 75213 y\n", b';'),
        ],
    );
}

#[test]
fn titles_before_the_header_and_text_in_one_column() {
    check(
        true,
        &[
            ("title; with, signs\na,b\n1,2\n", b','),
            ("Report\n\na;b;c\n1;2;3\n4;5;6\n", b';'),
            // Prose in one column.
            (
                "note; free text\none\ntwo\nthree; or four\nfive\nsix\n",
                b',',
            ),
            ("text\nHello; world\nfoo\nbar\n", b','),
            ("name\nSmith, John\nDoe, Jane, Dr.\n", b'\t'),
            ("name\nSmith,John\nDoe,Jane\n", b','),
        ],
    );
}

#[test]
fn rows_with_stray_quotes_count_half() {
    check(
        true,
        &[
            ("a;b\n1;\"x\"y\n2;z\n", b';'),
            ("a;b\n1; \"x\"\n2; \"y\"\n", b';'),
            ("size;note\n5\";x, y\n6\";z\n", b';'),
        ],
    );
}

#[test]
fn the_sample_begins_behind_rows_that_are_left_out() {
    let head = b"a,b\na,b\na,b\n1;2\n";
    let found = |is_whole, rows| delimiter(head, is_whole, rfc(), (rows, true));
    assert_eq!(found(true, 3), Some(b';'));
    assert_eq!(found(true, 9), Some(b','));
    assert_eq!(found(false, 3), None);
    let long = "1;2\n".repeat(SAMPLE_BYTES);
    assert_eq!(
        delimiter(long.as_bytes(), false, rfc(), (3, true)),
        Some(b';')
    );
}

/// Where a sample ends in the middle of a row, that row does not count.
#[test]
fn a_cut_row_does_not_count() {
    let row = format!("1;\"{}\"\n", "x, y\n".repeat(100));
    let head = format!("a;b\n{}", row.repeat(3 * SAMPLE_BYTES / row.len()));
    for cut in [SAMPLE_BYTES, SAMPLE_BYTES + 1, 2 * SAMPLE_BYTES] {
        let found = delimiter(&head.as_bytes()[..cut], false, rfc(), (0, true));
        assert_eq!(found, Some(b';'));
    }
}

#[test]
fn neither_quote_nor_escape_separates() {
    let bars = Dialect::rfc(b',', b'|');
    assert_eq!(
        delimiter(b"|a|;|b|\n|c|;|d|", true, bars, (0, true)),
        Some(b';')
    );
    let escape = Dialect {
        escape: Some(b';'),
        ..rfc()
    };
    assert_eq!(delimiter(b"a;b\nc;d", true, escape, (0, true)), Some(b','));
}
