//! Inputs that were put together of several files, each of which begins with a byte order mark.

use transmog::{DEFAULT, Input, InputFormat, ProcessingMode, Processor};

use crate::support::plain;

const MARK: &str = "\u{feff}";

/// The main table as text, and how many records there were.
fn rows(format: InputFormat, bytes: &[u8], chunk_size: usize) -> Vec<String> {
    let processor = Processor::new()
        .with_config(plain())
        .with_input_format(format)
        .with_mode(ProcessingMode::LowMemory)
        .with_chunk_size(chunk_size)
        .expect("a size");
    let result = processor
        .process(Input::bytes(bytes), "t")
        .expect("it runs");
    let rows = result.main_table().rows();
    rows.map(|row| format!("{row:?}")).collect()
}

#[test]
fn marks_between_files_are_skipped() {
    use InputFormat::{Csv, Json, JsonLines};
    for (format, files) in [
        (
            JsonLines,
            vec!["{\"a\":1}\n", "{\"a\":2}\r\n{\"a\":3}\n", "", "{\"a\":4}"],
        ),
        (
            JsonLines,
            vec!["{\"a\":1}", "{\"a\":2}", " \n", "{\"a\":3}\n"],
        ),
        (
            Json,
            vec![
                "{\"a\":1}",
                "{\"a\":2} {\"a\":3}",
                "",
                "[{\"a\":4},{\"a\":5}]",
            ],
        ),
        (Json, vec!["[{\"a\":1}]\n", "[]", "[{\"a\":2}]\n", "\n"]),
        (Csv, vec!["a,b\n1,x\n", "2,\"y\n\"\n", "", "\n\"3\",z"]),
    ] {
        let plain = files.concat();
        let marked = format!("{MARK}{}", files.join(MARK));
        for chunk_size in [1, 2, 2000] {
            let expected = rows(format, plain.as_bytes(), chunk_size);
            assert!(expected.len() > 1, "{format:?} {plain:?}");
            assert_eq!(
                rows(format, marked.as_bytes(), chunk_size),
                expected,
                "{marked:?}"
            );
        }
    }
}

#[test]
fn a_mark_at_the_end_of_a_block_is_skipped() {
    /// Bytes that are read at a time.
    const BLOCK: usize = 2 << 20;
    for (format, first, second) in [
        (InputFormat::Json, "{\"a\":\"PAD\"}\n", "{\"a\":\"x\"}"),
        (InputFormat::JsonLines, "{\"a\":\"PAD\"}\n", "{\"a\":\"x\"}"),
        (InputFormat::Csv, "a\nPAD\n", "x\n"),
    ] {
        for end in BLOCK - 3..=BLOCK {
            let padding = "p".repeat(end - (first.len() - "PAD".len()));
            let first = first.replace("PAD", &padding);
            assert_eq!(first.len(), end);
            let marked = [&first, MARK, second].concat();
            let found = rows(format, marked.as_bytes(), 2000);
            let expected = rows(format, (first + second).as_bytes(), 2000);
            assert!(found == expected, "{format:?} {end}");
            assert_eq!(found.len(), 2);
        }
    }
}

#[test]
fn marks_within_texts_stay() {
    let lines = format!("{{\"a\":\"{MARK}x{MARK}\"}}\n");
    let found = rows(InputFormat::JsonLines, lines.as_bytes(), 2000);
    assert!(found[0].contains("feff}x\\u{feff}") || found[0].contains(&format!("{MARK}x{MARK}")));
    let cells = format!("a,b\n1,{MARK}y\n\"{MARK}z\",\n");
    let found = rows(InputFormat::Csv, cells.as_bytes(), 2000);
    assert!(
        found[0].contains(MARK) || found[0].contains("feff"),
        "{found:?}"
    );
    assert!(
        found[1].contains(MARK) || found[1].contains("feff"),
        "{found:?}"
    );
}

#[test]
fn what_is_rejected_is_told_without_its_mark() {
    let text = format!("{{\"a\":1}}\n{MARK}{{\"a\":\n{MARK}{{\"a\":2}}\n");
    let processor = Processor::new().with_config(plain()).with_recovery(DEFAULT);
    let result = processor.process(Input::bytes(text), "t").expect("it runs");
    assert_eq!(result.main_table().num_rows(), 2);
    assert_eq!(result.report().records_rejected, 1);
    let rejects = String::from_utf8_lossy(result.rejects()).into_owned();
    assert!(rejects.contains(r#""raw":"{\"a\":""#), "{rejects}");
}
