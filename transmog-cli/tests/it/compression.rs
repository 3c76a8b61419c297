//! Compressed inputs, `--compression` and `--max-decompressed`: names, exit status, and what the
//! terminal says.

use std::{fs, io::Write, path::Path};

use super::{RECORDS, fails, names, read, succeeds, transmog};

/// Writes `in.jsonl.gz`, without so many of its last bytes.
fn write(folder: &Path, missing: usize) {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(RECORDS.as_bytes()).expect("memory");
    let packed = packed.finish().expect("memory");
    let rest = &packed[..packed.len() - missing];
    fs::write(folder.join("in.jsonl.gz"), rest).expect("written");
}

#[test]
fn tables_are_called_by_what_stands_before_the_extensions() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), 0);
    let args = ["flatten", "in.jsonl.gz", "-o", "out", "-f", "csv"];
    let stderr = succeeds(folder.path(), &args);
    assert!(stderr.contains("2 records, 0 rejected"), "{stderr}");
    let expected = [
        "in.csv",
        "in.manifest.json",
        "in_orders.csv",
        "in_orders_lines.csv",
        "in_tags.csv",
    ];
    assert_eq!(names(&folder.path().join("out")), expected);
}

#[test]
fn data_that_is_cut_off_fails_or_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), 8);
    let bytes = RECORDS.len();
    let error = fails(folder.path(), &["flatten", "in.jsonl.gz", "-o", "out"]);
    let expected = format!(
        "error: in.jsonl.gz: record 2 (line 3, byte {bytes}): the gzip data is cut off; is the input complete?\n"
    );
    assert_eq!(error, expected);
    assert!(!folder.path().join("out").exists());

    let args = [
        "flatten",
        "in.jsonl.gz",
        "-o",
        "out",
        "--recovery",
        "skip",
        "-f",
        "csv",
    ];
    let output = transmog(folder.path(), &args, "");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("2 records, 0 rejected"), "{stderr}");
    assert_eq!(read(folder.path(), "out/in.csv").lines().count(), 3);
    let rejects = read(folder.path(), "out/in.rejected.jsonl");
    assert!(rejects.contains("\"kind\":\"compressed\""), "{rejects}");
}

#[test]
fn what_comes_out_can_be_limited() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), 0);
    let limited = |size: &str| {
        let args = [
            "flatten",
            "in.jsonl.gz",
            "-o",
            "out",
            "--max-decompressed",
            size,
        ];
        transmog(folder.path(), &args, "")
    };
    assert_eq!(limited(&RECORDS.len().to_string()).status.code(), Some(0));
    assert_eq!(limited("1K").status.code(), Some(0));
    for (size, words) in [
        (
            "64",
            "cannot decompress in.jsonl.gz at byte 64: it decompresses to more than 64 bytes",
        ),
        ("0", "--max-decompressed: must be at least 1 byte"),
        (
            "1GB",
            "\"1GB\" is no size: expected bytes, such as 5000000, 500M or 10G",
        ),
    ] {
        let output = limited(size);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    let args = [
        "flatten",
        "in.jsonl.gz",
        "-o",
        "out",
        "--compression",
        "lzma",
    ];
    assert!(
        fails(folder.path(), &args)
            .contains("[possible values: auto, none, gzip, zstd, bzip2, xz]")
    );
}
