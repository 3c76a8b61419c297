//! Tests options as text, and the registration.

use transmog_io::{
    Memory, WriterOptions, create_streaming_writer, get_supported_streaming_formats,
};
use transmog_writer_csv::{CsvOptions, CsvStreamingWriter};

#[test]
fn options_from_text() {
    let parse = |options: &WriterOptions| CsvOptions::try_from(options);
    assert_eq!(parse(&WriterOptions::new()).unwrap(), CsvOptions::default());
    for tab in ["\t", "\\t", "tab"] {
        let options = WriterOptions::new()
            .with("delimiter", tab)
            .with("quotechar", '\'')
            .with("include_header", false);
        let expected = CsvOptions::default()
            .with_delimiter(b'\t')
            .with_quotechar(b'\'')
            .with_include_header(false);
        assert_eq!(parse(&options).unwrap(), expected);
    }
    for (key, value, expected) in [
        (
            "delimiter",
            "",
            "one ASCII character that is not a line break, or tab",
        ),
        (
            "delimiter",
            "é",
            "one ASCII character that is not a line break, or tab",
        ),
        (
            "delimiter",
            "\n",
            "one ASCII character that is not a line break, or tab",
        ),
        (
            "quotechar",
            ",,",
            "one ASCII character that is not a line break, or tab",
        ),
        ("quotechar", ",", "another character than the delimiter"),
        ("include_header", "yes", "true or false"),
        ("formula_guard", "1", "true or false"),
        ("booleans", "yes", "true or True"),
    ] {
        let error = parse(&WriterOptions::new().with(key, value)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("option {key}={value:?} for format \"csv\": expected {expected}")
        );
    }
    let error = parse(&WriterOptions::new().with("separator", ";")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown option \"separator\" for format \"csv\" (known: include_header, delimiter, quotechar, formula_guard, booleans)"
    );
}

#[test]
fn typed_options_are_checked() {
    for options in [
        CsvOptions::default().with_quotechar(b','),
        CsvOptions::default().with_delimiter(b'\r'),
        CsvOptions::default().with_delimiter(200),
    ] {
        let (memory, _) = Memory::new();
        CsvStreamingWriter::new(options, Box::new(memory)).unwrap_err();
    }
}

#[test]
fn the_format_is_registered() {
    assert_eq!(get_supported_streaming_formats(), ["csv"]);
    let open = |options| create_streaming_writer("CSV", Box::new(Memory::new().0), &options);
    assert!(open(WriterOptions::new().with("delimiter", ";")).is_ok());
    assert!(open(WriterOptions::new().with("delimiter", "\"")).is_err());
    assert!(open(WriterOptions::new().with("compression", "zstd")).is_err());
}
