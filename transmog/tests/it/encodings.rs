//! JSON in other encodings than UTF-8, what is recognised, and what is said of bytes that are no text.

use std::io::Write as _;

use serde_json::{Value, json};
use transmog::{
    EncodingFoundBy, EncodingReport, Input, InputFormat, LENIENT, Memory, OutputSpec, Processor,
    Report,
};

const RECORDS: &str =
    "{\"id\":1,\"n\":\"Zoë €\",\"tags\":[\"ä\"]}\n{\"id\":2,\"n\":\"日本\",\"tags\":[]}\n";

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

fn in_encoding(label: &str) -> Processor {
    Processor::new().with_encoding(label).expect("a label")
}

/// The rows of the main table, without metadata, and the report. The same for all chunk sizes.
fn read(processor: &Processor, bytes: &[u8]) -> Result<(Vec<Value>, Report), String> {
    let mut results = Vec::new();
    for chunk_size in [1, 2000] {
        let processor = processor
            .clone()
            .with_chunk_size(chunk_size)
            .expect("allowed");
        let (memory, files) = Memory::new();
        let output = OutputSpec::new(
            ("json", transmog::WriterOptions::new().with("lines", true)),
            memory,
        );
        let result = processor.stream_process(Input::bytes(bytes), "t", output);
        results.push(match result {
            Ok(mut report) => {
                report.seconds = 0.0;
                let file = files.take().remove("t.jsonl").expect("the table");
                let rows = serde_json::Deserializer::from_slice(&file).into_iter::<Value>();
                let mut rows: Vec<Value> = rows.map(|row| row.expect("JSON")).collect();
                for row in &mut rows {
                    row.as_object_mut()
                        .expect("a row")
                        .retain(|key, _| !key.starts_with("__transmog"));
                }
                Ok((rows, report))
            }
            Err(error) => Err(error.to_string()),
        });
    }
    let last = results.pop().expect("two");
    assert_eq!(results.pop(), Some(last.clone()));
    last
}

fn expected() -> Vec<Value> {
    vec![
        json!({"id": 1, "n": "Zoë €"}),
        json!({"id": 2, "n": "日本"}),
    ]
}

#[test]
fn json_in_utf16_is_recognised_and_told() {
    let documents = ["", "[", "{\"data\":["].map(|start| {
        let records = RECORDS.replace("}\n{", "},\n{");
        let end = if start.starts_with('{') { "]}" } else { "]" };
        if start.is_empty() {
            RECORDS.to_owned()
        } else {
            format!("{start}{records}{end}")
        }
    });
    for text in documents {
        let pointer = text.starts_with("{\"data").then_some("/data");
        for format in [InputFormat::Auto, InputFormat::Json5] {
            let mut processor = Processor::new().with_input_format(format);
            if let Some(pointer) = pointer {
                processor = processor.with_records_path(pointer).expect("a pointer");
            }
            for (mark, found_by) in [
                ("\u{feff}", EncodingFoundBy::ByteOrderMark),
                ("", EncodingFoundBy::ZeroBytes),
            ] {
                let marked = format!("{mark}{text}");
                let (rows, report) =
                    read(&processor, &utf16(&marked, u16::to_le_bytes)).expect("read");
                assert_eq!(rows, expected(), "{text}");
                let [told] = report.encodings.as_slice() else {
                    panic!("{report:?}")
                };
                assert_eq!(
                    (told.encoding.as_str(), told.found_by),
                    ("UTF-16LE", found_by)
                );
                assert!(report.to_string().contains("<memory>: read as UTF-16LE"));
                let (rows, report) =
                    read(&processor, &utf16(&marked, u16::to_be_bytes)).expect("read");
                assert_eq!(rows, expected(), "{text}");
                assert_eq!(report.encodings[0].encoding, "UTF-16BE");
            }
        }
    }
}

#[test]
fn json_in_an_encoding_that_is_set() {
    // The second byte of some letters in Shift_JIS is a backslash or a bar in ASCII.
    let cases: [(&str, &str, &[u8], &str); 4] = [
        (
            "latin1",
            "windows-1252",
            b"{\"n\":\"Zo\xeb \x80\"}\n{\"n\":\"\\\\ \xe9\"}\n",
            "{\"n\":\"Zoë €\"}\n{\"n\":\"\\\\ é\"}\n",
        ),
        (
            "shift_jis",
            "Shift_JIS",
            b"{\"n\":\"\x83\x5c\x83\x7c\"}\n{\"n\":\"\x95\x5c\"}\n",
            "{\"n\":\"ソポ\"}\n{\"n\":\"表\"}\n",
        ),
        (
            "gbk",
            "GBK",
            b"{\"n\":\"\xc4\xe3\"}\n{\"n\":\"a\"}\n",
            "{\"n\":\"你\"}\n{\"n\":\"a\"}\n",
        ),
        (
            "utf-16be",
            "UTF-16BE",
            &utf16(RECORDS, u16::to_be_bytes),
            RECORDS,
        ),
    ];
    for (label, name, bytes, text) in cases {
        let (rows, report) = read(&in_encoding(label), bytes).expect("read");
        let plain = Processor::new().with_input_format(InputFormat::JsonLines);
        assert_eq!(
            rows,
            read(&plain, text.as_bytes()).expect("read").0,
            "{label}"
        );
        let told = &report.encodings[0];
        assert_eq!(
            (told.encoding.as_str(), told.found_by),
            (name, EncodingFoundBy::Setting)
        );
        // What was asked for is no news on the screen.
        assert!(!report.to_string().contains("read as"));
    }
}

#[test]
fn a_mark_that_says_otherwise_is_told() {
    let marked = format!("\u{feff}{RECORDS}");
    let (rows, report) = read(&in_encoding("latin1"), marked.as_bytes()).expect("read");
    assert_eq!(rows, expected());
    let EncodingReport {
        encoding,
        instead_of,
        ..
    } = &report.encodings[0];
    assert_eq!(
        (encoding.as_str(), instead_of.as_deref()),
        ("UTF-8", Some("windows-1252"))
    );
    let line = "<memory>: read as UTF-8, not windows-1252, as its byte order mark says";
    assert!(report.to_string().contains(line), "{report}");
    let (_, report) = read(&Processor::new(), marked.as_bytes()).expect("read");
    assert!(report.encodings.is_empty());
}

#[test]
fn rejects_have_no_other_encoding() {
    let processor = in_encoding("latin1").with_input_format(InputFormat::Rejects);
    let error = read(&processor, b"{}").expect_err("no encoding");
    assert_eq!(error, "setting encoding: a rejects file is always UTF-8");
}

#[test]
fn utf32_is_refused_by_name() {
    let utf32 = |text: &str| -> Vec<u8> {
        text.chars()
            .map(u32::from)
            .flat_map(u32::to_le_bytes)
            .collect()
    };
    for text in ["\u{feff}{\"a\":1}", "{\"a\":1}"] {
        let error = read(&Processor::new(), &utf32(text)).expect_err("not read");
        assert!(
            error.starts_with("<memory> is UTF-32: convert it"),
            "{error}"
        );
    }
}

#[test]
fn compressed_and_in_another_encoding() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&utf16(RECORDS, u16::to_le_bytes))
        .expect("in memory");
    let bytes = gzip.finish().expect("in memory");
    let (rows, _) = read(&Processor::new(), &bytes).expect("read");
    assert_eq!(rows, expected());
}

#[test]
fn what_cannot_be_decoded_is_a_fault_of_its_record() {
    let lines = in_encoding("shift_jis").with_input_format(InputFormat::JsonLines);
    // `\x93` alone is the first half of a letter.
    let bytes = b"{\"n\":\"\x93\xfa\"}\n{\"n\":\"\x93\"}\n{\"n\":\"x\"}\n";
    let error = read(&lines, bytes).expect_err("half a letter");
    // Places are those of the text in UTF-8, where the first letter has three bytes.
    assert_eq!(
        error,
        "<memory>: record 1 (line 2, byte 18): invalid text: found bytes that are not Shift_JIS behind \"{\"n\":\"\""
    );
    let (rows, report) =
        read(&lines.clone().with_recovery(transmog::DEFAULT), bytes).expect("two records");
    assert_eq!(rows, [json!({"n": "日"}), json!({"n": "x"})]);
    assert_eq!(report.problems_by_kind["text"], 1);
    let (rows, report) = read(&lines.with_recovery(LENIENT), bytes).expect("three records");
    assert_eq!(rows[1]["n"], "\u{fffd}");
    assert_eq!(report.records_partial, 1);
}

#[test]
fn bytes_that_are_not_utf8_get_a_guess() {
    let lines = Processor::new().with_input_format(InputFormat::JsonLines);
    let csv = Processor::new().with_input_format(InputFormat::Csv);
    for (processor, bytes, end) in [
        (
            &lines,
            &b"{\"n\":\"caf\xe9\"}\n"[..],
            "which is not UTF-8; try `encoding=windows-1252`",
        ),
        // A row that ends within a character is not the end of the input.
        (
            &csv,
            b"id,n\n1,caf\xe9\n2,x\n",
            "which is not UTF-8; try `encoding=windows-1252`",
        ),
        (
            &csv,
            b"id,caf\xe9\n1,x\n",
            "which is not UTF-8; try `encoding=windows-1252`",
        ),
        (
            &csv,
            b"id,n\n1,caf\xc3",
            "with \"1,caf\\xC3\": it is cut off, or in another encoding, such as `encoding=windows-1252`",
        ),
    ] {
        let error = read(processor, bytes).expect_err("not UTF-8");
        assert!(error.ends_with(end), "{error}");
    }
}

#[test]
fn zero_bytes_in_csv_are_told_and_kept() {
    let csv = Processor::new().with_input_format(InputFormat::Csv);
    let (rows, report) = read(&csv, b"id,name\n1,a\0b\n").expect("read");
    assert_eq!(rows, [json!({"id": 1, "name": "a\0b"})]);
    assert_eq!(report.encodings[0].zero_byte, Some(11));
    assert!(
        report
            .to_string()
            .contains("the first at byte 11; is it UTF-8?"),
        "{report}"
    );
}
