//! CSV input in other encodings.

use transmog::{CsvReadOptions, Error, ErrorKind};

use super::{check_with, options, processor, read_with};

fn in_encoding(label: &str) -> CsvReadOptions {
    options().with_encoding(label).expect("a label")
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn utf16_with_and_without_a_mark() {
    let text = "id,name\n1,\"é😀\n\"\n";
    let rows = [r#"{"id":1,"name":"é😀\n"}"#];
    let marked = format!("\u{feff}{text}");
    check_with(options(), utf16(&marked, u16::to_le_bytes), &rows);
    check_with(options(), utf16(&marked, u16::to_be_bytes), &rows);
    check_with(in_encoding("utf-16"), utf16(text, u16::to_le_bytes), &rows);
    check_with(
        in_encoding("UTF-16LE"),
        utf16(text, u16::to_le_bytes),
        &rows,
    );
    check_with(
        in_encoding("utf-16be"),
        utf16(text, u16::to_be_bytes),
        &rows,
    );
    check_with(
        in_encoding("utf-16be"),
        utf16(&marked, u16::to_le_bytes),
        &rows,
    );
}

#[test]
fn the_mark_of_utf8_is_no_part_of_a_name() {
    let rows = [r#"{"id":1,"b":"é"}"#];
    check_with(options(), "\u{feff}id,b\n1,é\n", &rows);
    check_with(in_encoding("utf-8"), "\u{feff}id,b\n1,é\n", &rows);
    check_with(options(), "\u{feff}\"id\",b\n1,é\n", &rows);
    // At the start of a row it is that of a file that was put behind another; within one it is a
    // character.
    check_with(options(), "id\n\u{feff}1\n", &["{\"id\":1}"]);
    check_with(options(), "id\nx\u{feff}1\n", &["{\"id\":\"x\u{feff}1\"}"]);
}

#[test]
fn older_encodings() {
    check_with(in_encoding("latin1"), b"a\ncaf\xe9\n", &[r#"{"a":"café"}"#]);
    check_with(in_encoding("windows-1252"), b"a\n\x80\n", &[r#"{"a":"€"}"#]);
    // The second byte of these letters is a backslash, a bar or a quote's neighbour in ASCII.
    check_with(
        in_encoding("shift_jis"),
        b"a,b\n\"\x83\x5c\",\x83\x7c\n",
        &[r#"{"a":"ソ","b":"ポ"}"#],
    );
    check_with(in_encoding("gbk"), b"a\n\xc4\xe3\n", &[r#"{"a":"你"}"#]);
}

#[test]
fn what_cannot_be_decoded_is_an_error_where_it_stands() {
    let error =
        read_with(&processor(in_encoding("shift_jis")), b"a,b\n1,2\n3,\x93\n").expect_err("half");
    let Error::Data(error) = error else {
        panic!("{error}")
    };
    assert!(matches!(error.kind(), ErrorKind::Text { .. }), "{error}");
    let at = error.location();
    assert_eq!((at.record, at.line, at.byte), (Some(1), Some(3), Some(10)));
    assert_eq!(at.field.as_deref(), Some("b"));
    let mut half = utf16("\u{feff}a\nx", u16::to_le_bytes);
    half.extend([0x00, 0xd8, 0x0a]);
    assert!(read_with(&processor(options()), &half).is_err());
}
