//! JSON in other encodings than UTF-8, what is recognised, and what is said of bytes that are no
//! text.

use std::io::Write as _;

use serde_json::{Value, json};
use transmog::{
    EncodingFoundBy, Input, InputFormat, LENIENT, Memory, OutputSpec, Processor, Report,
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
fn an_encoding_that_the_bytes_deny_is_an_error() {
    let marked = format!("\u{feff}{RECORDS}");
    let error = read(&in_encoding("latin1"), marked.as_bytes()).expect_err("UTF-8");
    assert_eq!(
        error,
        "setting encoding: <memory> is UTF-8, as its byte order mark says, and not windows-1252; leave this away, for \
         UTF-8 is recognised"
    );
    let (rows, _) = read(&in_encoding("utf-8"), marked.as_bytes()).expect("read");
    assert_eq!(rows, expected());
    let (_, report) = read(&Processor::new(), marked.as_bytes()).expect("read");
    assert!(report.encodings.is_empty());
    for bytes in [
        utf16(&marked, u16::to_be_bytes),
        utf16(RECORDS, u16::to_be_bytes),
    ] {
        for label in ["latin1", "utf-8"] {
            let error = read(&in_encoding(label), &bytes).expect_err("UTF-16");
            assert!(error.contains("<memory> is UTF-16BE, as its"), "{error}");
        }
        // Labels of UTF-16 without a word about the order are taken for the one that stands first
        // in the standard.
        let (rows, report) = read(&in_encoding("utf-16"), &bytes).expect("read");
        assert_eq!(rows, expected());
        assert_eq!(report.encodings[0].encoding, "UTF-16BE");
    }
    let csv = in_encoding("utf-16be").with_input_format(InputFormat::Csv);
    let error = read(&csv, b"id,n\n1,x\n").expect_err("UTF-8");
    assert_eq!(
        error,
        "setting encoding: <memory> looks like UTF-8, and not like UTF-16BE; leave this away, for UTF-8 is the default"
    );
}

#[test]
fn csv_in_utf16_without_a_mark_is_recognised_in_any_script() {
    let csv = Processor::new().with_input_format(InputFormat::Csv);
    for text in [
        "имя,город\nИван,Москва\n",
        "あい,いう\nうえ,えお\nかき,くけ\n",
        "名前,値\n日本,東京\n山田\u{3000}太郎,京都\n",
        "όνομα;πόλη\nΑ;Β\n",
        "नाम,शहर\nअ,दिल्ली\n",
    ] {
        let (rows, _) = read(&csv, text.as_bytes()).expect("read");
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let (same, report) = read(&csv, &utf16(text, order)).expect("read");
            assert_eq!(same, rows, "{text}");
            assert_eq!(report.encodings[0].found_by, EncodingFoundBy::ZeroBytes);
        }
        let utf32: Vec<u8> = text
            .chars()
            .map(u32::from)
            .flat_map(u32::to_be_bytes)
            .collect();
        let error = read(&csv, &utf32).expect_err("not read");
        assert!(error.starts_with("<memory> is UTF-32"), "{error}");
    }
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
fn zero_bytes_in_csv_are_a_fault_of_their_row() {
    let csv = Processor::new().with_input_format(InputFormat::Csv);
    let bytes = b"id,name\n1,a\0b\n2,x\n";
    let error = read(&csv, bytes).expect_err("no text");
    assert!(
        error.starts_with(
            "<memory>: record 0 (line 2, byte 11), field name: invalid text: found \"1,a"
        ),
        "{error}"
    );
    let (rows, report) = read(&csv.clone().with_recovery(transmog::DEFAULT), bytes).expect("read");
    assert_eq!(rows, [json!({"id": 2, "name": "x"})]);
    assert_eq!(report.problems_by_kind["text"], 1);
    let (rows, _) = read(&csv.clone().with_recovery(LENIENT), bytes).expect("read");
    assert_eq!(rows[0]["name"], "a\0b");
    let error = read(&csv, b"id,na\0me\n1,x\n").expect_err("no text");
    assert!(error.contains("line 1, byte 5: invalid text"), "{error}");
}
