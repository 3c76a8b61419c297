//! The command with a text far longer than others, and with far less memory than its input has.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::Value;

use crate::read;

/// Bytes of the long text.
const LONG: usize = 64 << 20;

/// Runs a line of the shell in a folder, where `$0` is the command, and gives it what is written
/// meanwhile.
fn fed(
    folder: &Path,
    line: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Output {
    let mut child = Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_transmog")])
        // What the allocator only reserves is counted by the system, too.
        .env("MALLOC_ARENA_MAX", "1")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    let input = child.stdin.take().expect("a pipe");
    let feeder = thread::spawn(move || {
        let mut input = BufWriter::new(input);
        // A command that fails does not read on.
        write(&mut input).and_then(|()| input.flush()).ok();
    });
    let ended = child.wait_with_output().expect("the command ends");
    feeder.join().expect("no panic");
    ended
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The piece of the long text that begins at a byte: no two of them are alike.
fn piece(at: usize) -> [u8; 16] {
    let mut piece = [b'.'; 16];
    write!(&mut piece[..], "{at:x} \u{e9}").expect("it has room");
    piece
}

/// Writes a record, one with a text of so many bytes, and another one.
fn long(bytes: usize) -> impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static {
    move |input| {
        input.write_all(b"{\"n\":1,\"text\":\"a\"}\n{\"n\":2,\"text\":\"")?;
        for at in (0..bytes).step_by(16) {
            input.write_all(&piece(at))?;
        }
        input.write_all(b"\"}\n{\"n\":3,\"text\":\"c\"}\n")
    }
}

#[test]
fn a_text_longer_than_a_record_may_be_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let flatten = "exec \"$0\" flatten - --input-format jsonl -o out -f json -O lines=true";
    let limit = "--max-record-bytes 1000000";
    let ended = fed(folder.path(), &format!("{flatten} {limit}"), long(LONG));
    assert_eq!(ended.status.code(), Some(2), "{}", said(&ended));
    let bytes = LONG + "{\"n\":2,\"text\":\"\"}".len();
    let error = format!(
        "<stdin>: record 1 (line 2, byte 19): a record of {bytes} bytes, and --max-record-bytes is 1000000;"
    );
    assert!(said(&ended).contains(&error), "{}", said(&ended));
    assert!(!folder.path().join("out/stdin.jsonl").exists());

    // The process may have less memory than the text has.
    let limited = if cfg!(target_os = "linux") {
        "ulimit -d 163840;"
    } else {
        ""
    };
    let line = format!("{limited} {flatten} -n t {limit} --recovery skip --threads 1");
    let ended = fed(folder.path(), &line, long(3 * LONG));
    assert_eq!(ended.status.code(), Some(1), "{}", said(&ended));
    let rows = read(&folder.path().join("out"), "t.jsonl");
    let numbers = rows.lines().map(|row| {
        let row: Value = serde_json::from_str(row).expect("JSON");
        row["n"].clone()
    });
    assert!(numbers.eq([1, 3]), "{rows}");
}

#[test]
fn a_text_of_many_megabytes_is_kept_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "exec \"$0\" flatten - --input-format jsonl -n t -o out -f json -O lines=true --ids row --max-record-bytes 68000000";
    let ended = fed(folder.path(), line, long(LONG));
    assert_eq!(ended.status.code(), Some(0), "{}", said(&ended));
    let rows = fs::read(folder.path().join("out/t.jsonl")).expect("a file");
    let start = b"{\"n\":1,\"text\":\"a\",";
    assert!(rows.starts_with(start));
    let mut rows = rows.split(|byte| *byte == b'\n').skip(1);
    let start = b"{\"n\":2,\"text\":\"";
    let row = rows.next().and_then(|row| row.strip_prefix(start));
    let (text, rest) = row
        .and_then(|row| row.split_at_checked(LONG))
        .expect("all of it");
    for (found, at) in text.chunks(16).zip((0..).step_by(16)) {
        assert!(found == piece(at), "byte {at}");
    }
    assert!(rest.starts_with(b"\","));
    let last = rows.next().expect("a row");
    assert!(last.starts_with(b"{\"n\":3,\"text\":\"c\","));
}

/// Writes records of about twenty thousand bytes each.
fn many(records: usize) -> impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static {
    move |input| {
        let text = "a line of some length, ".repeat(870);
        for n in 0..records {
            let late = if n % 1_000 == 999 {
                format!("\"late{n}\":1,")
            } else {
                String::new()
            };
            writeln!(
                input,
                "{{\"n\":{n},{late}\"text\":\"{text}\",\"tags\":[\"a\",{n}]}}"
            )?;
        }
        Ok(())
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_input_larger_than_all_memory_of_the_process() {
    const RECORDS: usize = 11_000;
    // KiB of all that the process maps: its program and the 64 MiB for the stack of its one worker
    // among them.
    const LIMIT: u64 = 200 << 10;
    for (format, options) in [
        ("csv", ""),
        ("json", "-O lines=true"),
        ("parquet", "-O memory_bytes=4000000 -O compression=none"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let line = format!(
            "ulimit -v {LIMIT}; exec \"$0\" flatten - --input-format jsonl -n t -o out -f {format} {options} --ids row \
             --threads 1 --report report.json"
        );
        let ended = fed(folder.path(), &line, many(RECORDS));
        assert_eq!(ended.status.code(), Some(0), "{format}: {}", said(&ended));
        let report = read(folder.path(), "report.json");
        let report: Value = serde_json::from_str(&report).expect("JSON");
        assert!(
            report["bytes_read"].as_u64() > Some(LIMIT << 10),
            "{report}"
        );
        let rows = |table: usize| report["tables"][table]["rows"].as_u64();
        assert_eq!((rows(0), rows(1)), (Some(11_000), Some(22_000)));
        if format != "parquet" {
            let extension = if format == "csv" { "csv" } else { "jsonl" };
            let count = |table: &str| {
                let rows = read(&folder.path().join("out"), &format!("{table}.{extension}"));
                rows.lines().count() - usize::from(format == "csv")
            };
            assert_eq!((count("t"), count("t_tags")), (RECORDS, 2 * RECORDS));
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_cannot_be_started_are_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "ulimit -v 4000000; exec \"$0\" flatten - -n t -o out -f csv --threads 256";
    let ended = fed(folder.path(), line, many(1));
    assert_eq!(ended.status.code(), Some(2), "{}", said(&ended));
    let start = "error: --threads: cannot start another: ";
    assert!(said(&ended).starts_with(start), "{}", said(&ended));
    assert!(!folder.path().join("out/t.csv").exists());
}

#[test]
fn a_file_larger_than_files_may_be_is_an_error() {
    if !cfg!(unix) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let line = "ulimit -f 100; exec \"$0\" flatten - --input-format jsonl -n t -o out -f json";
    let rows = |input: &mut dyn Write| {
        (0..50_000).try_for_each(|number| writeln!(input, "{{\"a\":{number}}}"))
    };
    let ended = fed(folder.path(), line, rows);
    assert_eq!(ended.status.code(), Some(2), "{}", said(&ended));
    assert!(said(&ended).contains("File too large"), "{}", said(&ended));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
