//! Tests options as text, and the registration.

use transmog_io::{
    Memory, WriterOptions, create_streaming_writer, get_supported_streaming_formats,
};
use transmog_writer_json::{JsonOptions, JsonStyle};

#[test]
fn options_from_text() {
    let parse = |options: &WriterOptions| JsonOptions::try_from(options);
    let default = JsonOptions::default();
    assert_eq!(parse(&WriterOptions::new()).unwrap(), default);
    for (value, indent) in [
        ("none", None),
        ("null", None),
        ("0", Some(0)),
        ("2", Some(2)),
        ("8", Some(8)),
    ] {
        let options = WriterOptions::new().with("indent", value);
        assert_eq!(
            parse(&options).unwrap(),
            default.clone().with_indent(indent)
        );
    }
    let lines = WriterOptions::new().with("lines", true);
    assert_eq!(parse(&lines).unwrap().style, JsonStyle::Lines);
    assert!(parse(&lines.clone().with("indent", "none")).is_ok());
    for (options, message) in [
        (
            WriterOptions::new().with("indent", "-1"),
            "option indent=\"-1\" for format \"json\": expected a number of blanks up to 255, or none",
        ),
        (
            lines.with("indent", 4),
            "option indent=\"4\" for format \"json\": expected none, because lines are compact",
        ),
        (
            WriterOptions::new().with("lines", "yes"),
            "option lines=\"yes\" for format \"json\": expected true or false",
        ),
        (
            WriterOptions::new().with("pretty", "true"),
            "unknown option \"pretty\" for format \"json\" (known: lines, indent)",
        ),
    ] {
        assert_eq!(parse(&options).unwrap_err().to_string(), message);
    }
}

#[test]
fn the_format_is_registered() {
    assert_eq!(get_supported_streaming_formats(), ["json"]);
    let open = |name, options| {
        let (memory, files) = Memory::new();
        let mut writer = create_streaming_writer(name, Box::new(memory), &options)?;
        let rows = crate::table::batch(&[("a", &[crate::value::Value::Int(1)])]);
        crate::run::begin(&mut *writer, "t", rows.rows.schema_ref());
        writer.write_batch("t", &rows)?;
        writer.finish()?;
        let (name, file) = files.take().pop_first().unwrap();
        Ok::<_, transmog_io::Error>((name, String::from_utf8(file).unwrap()))
    };
    let lines = ("t.jsonl".to_owned(), "{\"a\":1}\n".to_owned());
    assert_eq!(
        open("JSON", WriterOptions::new().with("lines", true)).unwrap(),
        lines
    );
    let compact = WriterOptions::new().with("indent", "none");
    assert_eq!(open("json", compact).unwrap().1, "[{\"a\":1}\n]");
}
