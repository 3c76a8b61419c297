//! What bounds the bytes that come out of compressed inputs, and the memory that they take.

use std::io::Write;

use super::{CODECS, TEXTS, pack, processor, rows};

#[test]
fn no_more_comes_out_than_is_allowed() {
    for (codec, _) in CODECS {
        for (format, _, text) in TEXTS {
            let bytes = text.len() as u64;
            let (first, second) = text.as_bytes().split_at(7);
            let whole = pack(codec, text.as_bytes());
            let parts = [pack(codec, first), pack(codec, b""), pack(codec, second)].concat();
            for strategy in ["strict", "skip", "partial"] {
                let recovery: transmog::Recovery = strategy.parse().expect("a strategy");
                let processor = processor(format).with_recovery(recovery);
                let limited = |limit| {
                    let processor = processor.clone();
                    processor.with_max_decompressed(limit).expect("a limit")
                };
                for packed in [&whole, &parts] {
                    let exact = rows(&limited(bytes), packed).expect("allowed");
                    assert_eq!(exact.0.records_read, 3);
                    for limit in [1, 7, bytes - 1] {
                        let error = rows(&limited(limit), packed).expect_err("too much");
                        assert_eq!(
                            error.to_string(),
                            format!(
                                "cannot decompress <memory> at byte {limit}: it decompresses to more than {limit} byte{}, and \
                                 `max_decompressed` allows no more; raise it if the input is meant to be that large",
                                if limit == 1 { "" } else { "s" }
                            )
                        );
                    }
                }
                // It is about compressed inputs.
                let plain = rows(&limited(1), text).expect("not compressed");
                assert_eq!(plain.0.records_read, 3);
            }
        }
    }
    assert!(processor("json").with_max_decompressed(0).is_err());
}

/// The bomb is in the last of many members.
#[test]
fn bombs_are_stopped_wherever_they_are() {
    let bomb = b" ".repeat(9 << 20);
    for (codec, _) in CODECS {
        let mut packed = pack(codec, b"{\"a\":1}\n").repeat(3);
        packed.extend(pack(codec, &bomb));
        assert!(packed.len() < 1 << 20, "{codec}");
        for format in ["jsonl", "json"] {
            let processor = processor(format).with_max_decompressed(1 << 20);
            let error = rows(&processor.expect("a limit"), &packed).expect_err("a bomb");
            assert!(
                error.to_string().contains("more than 1048576 bytes"),
                "{error}"
            );
        }
    }
}

#[test]
fn windows_that_are_too_large_are_refused() {
    let text = TEXTS[0].2.as_bytes();
    let zstd = |log: u32| {
        let mut out = zstd::Encoder::new(Vec::new(), 1).expect("a level");
        out.window_log(log).expect("a window");
        out.write_all(text).expect("memory");
        out.flush().expect("memory");
        out.finish().expect("memory")
    };
    assert_eq!(
        rows(&processor("jsonl"), zstd(27))
            .expect("128 MiB")
            .0
            .records_read,
        3
    );
    // The byte of the block header that says how large the dictionary is, and the header's
    // checksum.
    let xz = |dictionary: u8| {
        let mut packed = pack("xz", text);
        let end = 12 + (usize::from(packed[12]) + 1) * 4;
        let header = &mut packed[12..end];
        let at = header.windows(2).position(|two| two == [0x21, 1]);
        header[at.expect("a filter") + 2] = dictionary;
        let (header, sum) = header.split_at_mut(header.len() - 4);
        let mut crc = flate2::Crc::new();
        crc.update(header);
        sum.copy_from_slice(&crc.sum().to_le_bytes());
        packed
    };
    assert_eq!(
        rows(&processor("jsonl"), xz(30))
            .expect("128 MiB")
            .0
            .records_read,
        3
    );
    for (codec, packed) in [("zstd", zstd(28)), ("xz", xz(32)), ("xz", xz(40))] {
        for strategy in ["strict", "skip"] {
            let recovery: transmog::Recovery = strategy.parse().expect("a strategy");
            let processor = processor("jsonl").with_recovery(recovery);
            let error = rows(&processor, &packed).expect_err("too large a window");
            assert_eq!(
                error.to_string(),
                format!(
                    "cannot decompress <memory> at byte 0: its window is larger than 128 MiB, which is the most that is \
                     held; decompress it with {codec} and read the result"
                )
            );
        }
    }
}
