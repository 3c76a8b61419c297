//! Compressed inputs give the rows of their text, whatever they are made of and however they come.

mod cut;
mod damaged;
mod limits;

use std::{
    fmt::Write as _,
    fs,
    io::{self, Read, Write as _},
    sync::{Arc, Mutex},
};

use transmog::{Compression, Error, Input, InputFormat, Processor, Report, WriterOptions};

use crate::support::{files, plain};

/// The codecs and the extensions of their files.
const CODECS: [(&str, &str); 4] = [
    ("gzip", "gz"),
    ("zstd", "zst"),
    ("bzip2", "bz2"),
    ("xz", "xz"),
];

/// A text as a codec packs it.
fn pack(codec: &str, text: &[u8]) -> Vec<u8> {
    match codec {
        "gzip" => {
            let level = flate2::Compression::default();
            let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "zstd" => {
            let mut out = zstd::Encoder::new(Vec::new(), 3).expect("a level");
            out.include_checksum(true).expect("before the data");
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "bzip2" => {
            let level = bzip2::Compression::default();
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), level);
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "xz" => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).expect("options");
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        other => panic!("no codec {other}"),
    }
}

fn processor(format: &str) -> Processor {
    let format: InputFormat = format.parse().expect("a format");
    Processor::new()
        .with_config(plain())
        .with_input_format(format)
        .with_threads(1)
        .expect("one")
}

/// The same records in each format.
const TEXTS: [(&str, &str, &str); 4] = [
    (
        "jsonl",
        "jsonl",
        "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n{\"id\":3,\"name\":\"Zoë\"}\n",
    ),
    (
        "json",
        "json",
        "[{\"id\":1,\"name\":\"a\"},\n {\"id\":2,\"name\":\"b\"}, {\"id\":3,\"name\":\"Zoë\"}]\n",
    ),
    ("csv", "csv", "id,name\n1,a\n2,b\n3,Zoë\n"),
    (
        "json5",
        "json5",
        "[{id:1,name:'a'},{id:2,name:'b'},{id:3,name:'Zoë',}]",
    ),
];

const ROWS: &str = "id,name\n1,a\n2,b\n3,Zoë\n";

fn rows<'a>(processor: &Processor, input: impl Into<Input<'a>>) -> Result<(Report, String), Error> {
    let (report, mut files) = files(processor, "csv", WriterOptions::new(), input)?;
    let file = files.remove("t.csv").expect("the main table");
    let text = String::from_utf8(file).expect("UTF-8");
    Ok((report, text.replace("\r\n", "\n")))
}

#[test]
fn each_codec_and_format_from_files_readers_and_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    for (codec, extension) in CODECS {
        for (format, name, text) in TEXTS {
            let packed = pack(codec, text.as_bytes());
            let check = |processor: &Processor, input: Input<'_>| {
                let (report, found) = rows(processor, input).expect("valid");
                assert_eq!(found, ROWS, "{codec} {format}");
                assert_eq!(report.records_read, 3);
                assert_eq!(report.bytes_read, packed.len() as u64, "{codec} {format}");
            };
            for compression in [Compression::Auto, codec.parse().expect("a codec")] {
                let processor = processor(format).with_compression(compression);
                check(&processor, Input::bytes(&packed));
                check(&processor, Input::reader("pipe", Slow(&packed)));
                let one = processor.with_chunk_size(1).expect("one");
                check(&one, Input::bytes(&packed));
            }
            // The name says what the text is, and its last extension nothing about it.
            let auto = Processor::new().with_config(plain());
            for extension in [extension, &extension.to_uppercase(), "gz"] {
                let path = folder.path().join(format!("t.{name}.{extension}"));
                fs::write(&path, &packed).expect("written");
                check(&auto, Input::file(path));
            }
            // What is no compressed data is text, whatever the name.
            let path = folder.path().join(format!("text.{name}.{extension}"));
            fs::write(&path, text).expect("written");
            let (report, found) = rows(&auto, Input::file(path)).expect("valid");
            assert_eq!(
                (found.as_str(), report.bytes_read),
                (ROWS, text.len() as u64)
            );
        }
    }
}

/// Gives one byte at a time, and is interrupted before each.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ([first, rest @ ..], false) = (self.0, out.is_empty()) else {
            return Ok(0);
        };
        out[0] = *first;
        self.0 = rest;
        Ok(1)
    }
}

#[test]
fn tabs_encodings_and_paths_to_records_are_seen_through() {
    let folder = tempfile::tempdir().expect("a folder");
    let auto = Processor::new().with_config(plain());
    let path = folder.path().join("t.tsv.zst");
    fs::write(&path, pack("zstd", ROWS.replace(',', "\t").as_bytes())).expect("written");
    assert_eq!(rows(&auto, path).expect("valid").1, ROWS);

    let utf16: Vec<u8> = format!("\u{feff}{ROWS}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let packed = pack("xz", &utf16);
    let (report, found) = rows(&processor("csv"), &packed).expect("valid");
    assert_eq!(
        (found.as_str(), report.bytes_read),
        (ROWS, packed.len() as u64)
    );

    let marked = pack(
        "gzip",
        b"\xef\xbb\xbf{\"d\":{\"r\":[{\"id\":1},{\"id\":2}]}}",
    );
    let pointed = auto.with_records_path("/d/r").expect("a pointer");
    assert_eq!(rows(&pointed, &marked).expect("valid").1, "id\n1\n2\n");
}

/// Everything that may be put behind one another is read to its end.
#[test]
fn members_frames_and_streams() {
    let text = TEXTS[0].2.as_bytes();
    let parts = [&text[..30], &text[30..]];
    let skippable = b"\x53\x2a\x4d\x18\x05\0\0\0hello";
    for (codec, _) in CODECS {
        let [first, second] = parts.map(|part| pack(codec, part));
        let empty = pack(codec, b"");
        let mut cases = vec![
            [&first[..], &second].concat(),
            [&empty[..], &first, &empty, &empty, &second, &empty].concat(),
        ];
        match codec {
            "zstd" => {
                cases.push([&skippable[..], &first, skippable, &second, skippable].concat());
                cases.push([&skippable[..], skippable, &first, &second].concat());
            }
            "gzip" => cases.push([&first[..], &second, &[0; 777]].concat()),
            "xz" => {
                cases.push([&first[..], &[0; 4], &second, &[0; 8]].concat());
            }
            _ => {}
        }
        for packed in cases {
            for processor in [
                processor("jsonl"),
                Processor::new().with_config(plain()),
                processor("jsonl").with_chunk_size(1).expect("one"),
            ] {
                let (report, found) = rows(&processor, &packed).expect("valid");
                assert_eq!(found, ROWS, "{codec}");
                assert_eq!(report.bytes_read, packed.len() as u64, "{codec}");
            }
        }
        let (report, _) = rows(&processor("jsonl"), [&empty[..], &empty].concat()).expect("valid");
        assert_eq!(report.records_read, 0, "{codec}");
    }
}

/// Several members of several blocks each, so that every buffer is passed many times.
#[test]
fn long_inputs_of_many_members() {
    let mut text = String::from("id,name\n");
    for id in 0..20_000_usize {
        let name = format!("number {} ", id * 7919 % 10_007).repeat(20 + id % 7);
        writeln!(text, "{id},{name}").expect("memory");
    }
    let text = text.as_bytes();
    let expected = rows(&processor("csv"), text).expect("valid").1;
    for (codec, _) in CODECS {
        let packed: Vec<u8> = text
            .chunks(1_234_567)
            .flat_map(|part| pack(codec, part))
            .collect();
        let (report, found) = rows(&processor("csv"), &packed).expect("valid");
        assert!(found == expected, "{codec}");
        assert_eq!(report.bytes_read, packed.len() as u64);
    }
}

#[test]
fn inputs_of_all_kinds_one_after_another_and_their_progress() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut total = 0;
    let mut inputs = Vec::new();
    for (number, (codec, extension)) in CODECS.into_iter().enumerate() {
        let packed = pack(codec, format!("{{\"id\":{number}}}\n").as_bytes());
        total += packed.len() as u64;
        let path = folder.path().join(format!("{number}.jsonl.{extension}"));
        fs::write(&path, packed).expect("written");
        inputs.push(Input::file(path));
    }
    let path = folder.path().join("plain.jsonl");
    fs::write(&path, "{\"id\":4}\n").expect("written");
    total += 9;
    inputs.push(Input::file(path));

    let seen = Arc::new(Mutex::new(Vec::new()));
    let watch = Arc::clone(&seen);
    let processor = Processor::new()
        .with_config(plain())
        .with_progress(move |progress| watch.lock().expect("one by one").push(*progress));
    let (memory, files) = transmog::Memory::new();
    let output = transmog::OutputSpec::new("csv", memory);
    let report = processor
        .stream_process_all(inputs, "t", output)
        .expect("valid");
    assert_eq!(files.take()["t.csv"], b"id\r\n0\r\n1\r\n2\r\n3\r\n4\r\n");
    assert_eq!((report.records_read, report.bytes_read), (5, total));
    let seen = seen.lock().expect("one by one");
    let last = seen.last().expect("a chunk");
    assert_eq!((last.bytes_read, last.total_bytes), (total, Some(total)));
    assert!(
        seen.windows(2)
            .all(|two| two[0].bytes_read <= two[1].bytes_read)
    );
}

#[test]
fn words_are_checked_and_a_wrong_one_says_so() {
    let error = "zip".parse::<Compression>().expect_err("no codec");
    assert_eq!(
        error.to_string(),
        "setting compression: \"zip\" is none of auto, none, gzip, zstd, bzip2, xz"
    );
    let text = TEXTS[0].2;
    for strategy in ["strict", "skip", "partial"] {
        let recovery: transmog::Recovery = strategy.parse().expect("a strategy");
        let processor = processor("jsonl").with_recovery(recovery);
        let wrong = processor.clone().with_compression(Compression::Xz);
        let error = rows(&wrong, text).expect_err("no xz data");
        assert_eq!(
            error.to_string(),
            "cannot decompress <memory> at byte 0: it does not begin as xz data does, although `compression=xz` is set; \
             use `compression=auto`"
        );
        // Taken as they are, compressed bytes are no text: they are refused, whatever the strategy.
        let none = processor.with_compression(Compression::None);
        let packed = pack("gzip", text.as_bytes());
        let error = rows(&none, &packed).expect_err("no text");
        assert!(error.to_string().contains("gzip"), "{error}");
        assert_eq!(rows(&none, text).expect("text").1, ROWS);
    }
}
