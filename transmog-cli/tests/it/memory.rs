//! Memory does not grow with the number of records. The command runs as a process of its own, whose
//! peak Linux tells.

use std::{
    fs,
    io::{self, BufWriter, Write},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Peak resident memory, in KiB, of flattening that many records of about 200 bytes from a pipe.
fn peak(format: &str, records: usize) -> u64 {
    let write = move |input: &mut dyn Write| {
        for id in 0..records {
            let late = if id % 10_000 == 9_999 { id } else { 0 };
            writeln!(
                input,
                "{{\"id\":{id},\"name\":\"record number {id}\",\"place\":{{\"x\":{id}.5,\"y\":null}},\"late{late}\":true,\
                 \"lines\":[{{\"sku\":\"a{id}\",\"n\":1}},{{\"sku\":\"b\",\"n\":2,\"tags\":[\"t\",\"u\"]}}]}}"
            )?;
        }
        Ok(())
    };
    peak_of("jsonl", format, write)
}

/// Peak resident memory, in KiB, of flattening what `write` gives.
fn peak_of(
    input_format: &str,
    format: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> u64 {
    let more: &[&str] = if format == "parquet" {
        &["-O", "memory_bytes=4000000", "-O", "row_group_size=5000"]
    } else {
        &[]
    };
    peak_with(input_format, format, more, 0, write)
}

/// As [`peak_of`], with more arguments and the exit status that is expected.
fn peak_with(
    input_format: &str,
    format: &str,
    more: &[&str],
    status: i32,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_transmog"));
    command.args([
        "flatten",
        "-",
        "--input-format",
        input_format,
        "-o",
        "out",
        "-f",
        format,
    ]);
    command.args(more);
    let mut child = command
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    let about = format!("/proc/{}/status", child.id());
    let input = child.stdin.take().expect("a pipe");
    let feeder = thread::spawn(move || {
        let mut input = BufWriter::new(input);
        write(&mut input).expect("the command reads");
        input.flush().expect("the command reads");
    });
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        let about = fs::read_to_string(&about).unwrap_or_default();
        let line = about.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = kib.unwrap_or(peak).max(peak);
        thread::sleep(Duration::from_millis(5));
    }
    feeder.join().expect("all records were read");
    let ended = child.wait().expect("a child");
    assert_eq!(ended.code(), Some(status));
    peak
}

#[test]
fn memory_does_not_grow_with_the_number_of_records() {
    for format in ["parquet", "csv", "json"] {
        let (few, many) = (peak(format, 60_000), peak(format, 240_000));
        eprintln!("{format}: peak {few} KiB for 60,000 records, {many} KiB for 240,000");
        assert!(many < few + few / 3, "{format}: {few} KiB, then {many} KiB");
    }
}

#[cfg(feature = "gzip")]
#[test]
fn memory_does_not_grow_with_what_comes_out_of_compressed_input() {
    let write = |records: usize| {
        move |input: &mut dyn Write| {
            let text = "0".repeat(20_000);
            let level = flate2::Compression::fast();
            let mut packed = flate2::write::GzEncoder::new(input, level);
            for _ in 0..records {
                writeln!(packed, "{{\"text\":\"{text}\"}}")?;
            }
            packed.finish().map(drop)
        }
    };
    let few = peak_of("jsonl", "csv", write(2_500));
    let many = peak_of("jsonl", "csv", write(10_000));
    eprintln!("peak {few} KiB for 50 MB out of a few KB, {many} KiB for 200 MB");
    assert!(many < few + few / 3, "{few} KiB, then {many} KiB");
}

#[test]
fn memory_does_not_grow_with_the_length_of_a_record() {
    let write = |items: usize| {
        move |input: &mut dyn Write| {
            write!(input, "{{\"meta\":{{\"v\":1}},\"o\":[{{\"x\":1,\"items\":[")?;
            let text = "long ".repeat(200);
            for id in 0..items {
                let comma = if id == 0 { "" } else { "," };
                write!(input, "{comma}{{\"id\":{id},\"text\":\"{text}\"}}")?;
            }
            write!(input, "],\"y\":2}}],\"after\":\"x\"}}")
        }
    };
    for format in ["csv", "parquet"] {
        let short = peak_of("json", format, write(60_000));
        let long = peak_of("json", format, write(180_000));
        eprintln!("{format}: peak {short} KiB for a record of 60 MB, {long} KiB for 180 MB");
        assert!(
            long < short + short / 3,
            "{format}: {short} KiB, then {long} KiB"
        );
    }
}

#[test]
fn memory_does_not_grow_with_what_a_limit_leaves_out() {
    let write = |start: &'static str, lines: usize| {
        move |input: &mut dyn Write| {
            input.write_all(start.as_bytes())?;
            for _ in 0..lines {
                input.write_all(&[b'x'; 1000])?;
            }
            Ok(())
        }
    };
    // Texts that do not end.
    for (input_format, start) in [
        ("jsonl", "{\"a\":1}\n{\"a\":\""),
        ("json", "[{\"a\":1},{\"a\":\""),
        ("csv", "a\n1\n\""),
    ] {
        let more = ["--max-record-bytes", "1000000", "--recovery", "skip"];
        let peak = |lines| peak_with(input_format, "csv", &more, 1, write(start, lines));
        let (short, long) = (peak(30_000), peak(90_000));
        eprintln!("{input_format}: peak {short} KiB for 30 MB, {long} KiB for 90 MB");
        assert!(
            long < short + short / 3,
            "{input_format}: {short} KiB, then {long} KiB"
        );
    }
}
