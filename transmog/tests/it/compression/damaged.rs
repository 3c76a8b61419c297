//! Compressed data that is damaged or followed by something else, and inputs that cannot be read
//! on.

use std::io::{self, Read};

use transmog::{Error, Input, Processor, ReadError};

use super::{CODECS, ROWS, TEXTS, pack, processor, rows};

fn with(processor: Processor, strategy: &str) -> Processor {
    processor.with_recovery(strategy.parse::<transmog::Recovery>().expect("a strategy"))
}

/// Each byte is another one. The rows are right, or something is said; and the counts are right in
/// any case.
#[test]
fn each_byte_damaged() {
    for (codec, _) in CODECS {
        for (format, _, text) in [TEXTS[0], TEXTS[2]] {
            let packed = pack(codec, text.as_bytes());
            for at in 0..packed.len() {
                for flip in [0x01, 0x80] {
                    let mut packed = packed.clone();
                    packed[at] ^= flip;
                    let context = format!("{codec} {format} {at}");
                    let codec = codec.parse().expect("a codec");
                    let processor = processor(format).with_compression(codec);
                    if let Ok((report, found)) = rows(&processor, &packed) {
                        assert_eq!(
                            (report.records_read, found.as_str()),
                            (3, ROWS),
                            "{context}"
                        );
                    }
                    for strategy in ["skip", "partial"] {
                        // What must be whole, as the first bytes, ends the run.
                        let Ok((report, found)) = rows(&with(processor.clone(), strategy), &packed)
                        else {
                            continue;
                        };
                        let written = report.tables[0].rows;
                        assert_eq!(
                            report.records_read,
                            written + report.records_rejected,
                            "{context}"
                        );
                        if report.problems_by_kind.is_empty() {
                            assert_eq!(found, ROWS, "{context}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn something_else_behind_the_data() {
    let text = TEXTS[0].2.as_bytes();
    for (codec, _) in CODECS {
        let packed = pack(codec, text);
        let other = if codec == "gzip" { "xz" } else { "gzip" };
        for behind in [
            &b"garbage"[..],
            b"{\"id\":4}\n",
            b"\x01",
            &pack(other, text),
        ] {
            let packed = [&packed[..], behind].concat();
            let error = rows(&processor("jsonl"), &packed).expect_err("garbage");
            assert_eq!(
                error.to_string(),
                format!(
                    "<memory>: record 3 (line 4, byte {}): what follows the {codec} data is none",
                    text.len()
                )
            );
            let (report, found) =
                rows(&with(processor("jsonl"), "skip"), &packed).expect("skipped");
            assert_eq!(found, ROWS);
            assert_eq!((report.records_read, report.records_rejected), (3, 0));
            assert_eq!(report.problems_by_kind["compressed"], 1);
        }
    }
    // Padding of xz comes in four bytes, and the other codecs have none.
    for (codec, zeros) in [("xz", 3), ("zstd", 4), ("bzip2", 4)] {
        let packed = [&pack(codec, text)[..], &vec![0; zeros]].concat();
        assert!(rows(&processor("jsonl"), &packed).is_err(), "{codec}");
    }
}

#[test]
fn corrupt_data_says_so() {
    for (codec, _) in CODECS {
        let mut text = TEXTS[0].2.repeat(100);
        text.push_str("{\"last\":1}\n");
        let mut packed = pack(codec, text.as_bytes());
        let middle = packed.len() / 2;
        packed[middle..middle + 4].copy_from_slice(&[0xff; 4]);
        let error = rows(&processor("jsonl"), &packed).expect_err("corrupt");
        let words = format!("the {codec} data is corrupt: ");
        assert!(
            error.to_string().contains(&words) || !error.to_string().contains("cut off"),
            "{error}"
        );
        let (report, _) = rows(&with(processor("jsonl"), "skip"), &packed).expect("skipped");
        assert_eq!(report.problems_by_kind["compressed"], 1, "{codec}");
        let told = report
            .problems
            .iter()
            .find(|problem| problem.kind == "compressed");
        assert!(
            told.expect("it is told").message.contains(&words),
            "{codec}"
        );
    }
}

/// Gives some bytes and then an error.
struct Breaks<'a>(&'a [u8]);

impl Read for Breaks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 => Err(io::Error::other("the cable is out")),
            read => Ok(read),
        }
    }
}

#[test]
fn inputs_that_cannot_be_read_on_end_the_run() {
    for (codec, _) in CODECS {
        for (format, _, text) in TEXTS {
            let packed = pack(codec, text.as_bytes());
            let packed = [&packed[..], &packed].concat();
            for bytes in (0..=packed.len()).step_by(5) {
                for strategy in ["strict", "skip"] {
                    let input = Input::reader("cable", Breaks(&packed[..bytes]));
                    let error =
                        rows(&with(processor(format), strategy), input).expect_err("broken");
                    let Error::Read(ReadError::Io { input, source, .. }) = error else {
                        panic!("{codec} {format} {bytes}: {error}");
                    };
                    assert_eq!(
                        (&*input, source.to_string().as_str()),
                        ("cable", "the cable is out")
                    );
                }
            }
        }
    }
}
