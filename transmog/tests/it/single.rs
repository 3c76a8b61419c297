//! One writer of the caller's as output: it gets everything or nothing, and comes back in any case.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, Write},
    sync::{Arc, Mutex},
};

use transmog::{
    Config, Error, Memory, OutputSpec, ProcessingResult, Processor, Single, WriteError,
};

use crate::support::plain;

const FORMATS: [&str; 3] = ["csv", "json", "parquet"];
/// The schema grows, so that every format reads its output back.
const FLAT: &str =
    "{\"a\": true, \"b\": 1}\n{\"a\": \"x\"}\n{\"b\": 2.5, \"c\": 3}\n{\"b\": \"y\"}";
const NESTED: &str = "{\"a\": 1, \"l\": [{\"x\": 1}, {\"y\": 2}]}\n{\"a\": 2, \"m\": [3]}";

fn processor() -> Processor {
    Processor::new()
        .with_config(plain())
        .with_chunk_size(1)
        .expect("allowed")
}

/// What a format gives in memory.
fn expected(format: &str, text: &str) -> BTreeMap<String, Vec<u8>> {
    let (memory, files) = Memory::new();
    let output = OutputSpec::new(format, memory);
    processor()
        .stream_process(text, "t", output)
        .expect("valid");
    files.take_tables()
}

#[test]
fn every_format_writes_to_a_writer() {
    for format in FORMATS {
        let (output, kept) = OutputSpec::writer(format, b"before ".to_vec());
        let report = processor()
            .stream_process(FLAT, "t", output)
            .expect("valid");
        let bytes = kept.take().expect("it comes back");
        let expected = expected(format, FLAT).remove("t").expect("a main table");
        assert!(
            bytes == [b"before ".as_slice(), &expected].concat(),
            "{format}"
        );
        assert_eq!(report.tables[0].files, [format!("t.{format}")]);
        assert!(kept.take().is_none());
    }
}

#[test]
fn files_and_pipes_are_writers() {
    let mut file = tempfile::tempfile().expect("a file");
    let (output, kept) = OutputSpec::writer("parquet", file.try_clone().expect("a file"));
    processor()
        .stream_process(FLAT, "t", output)
        .expect("valid");
    drop::<Option<File>>(kept.take());
    let mut bytes = Vec::new();
    file.rewind().expect("a file");
    file.read_to_end(&mut bytes).expect("a file");
    assert!(bytes == expected("parquet", FLAT)["t"]);

    let (mut reader, writer) = io::pipe().expect("a pipe");
    let read = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    let (output, kept) = OutputSpec::writer("csv", writer);
    processor()
        .stream_process(FLAT, "t", output)
        .expect("valid");
    drop(kept); // The reader waits for the end.
    let text = read.join().expect("no panic").expect("text");
    assert_eq!(text, "a,b,c\r\ntrue,1,\r\nx,,\r\n,2.5,3\r\n,y,\r\n");
}

#[test]
fn child_tables_are_refused_before_any_byte() {
    for format in FORMATS {
        let (output, kept) = OutputSpec::writer(format, Vec::new());
        let error = processor()
            .stream_process(NESTED, "t", output)
            .expect_err("a child table");
        assert!(matches!(&error, Error::Write(WriteError::ChildTable { table }) if table == "t_l"));
        let text = error.to_string();
        assert!(
            text.contains("\"t_l\"") && text.contains("dropped"),
            "{text}"
        );
        assert_eq!(kept.take(), Some(Vec::new()), "{format}");
    }
}

#[test]
fn child_tables_may_be_dropped() {
    for format in FORMATS {
        let (single, kept) = Single::new(Vec::new());
        let output = OutputSpec::new(format, single.dropping_child_tables());
        let report = processor()
            .stream_process(NESTED, "t", output)
            .expect("valid");
        assert!(kept.take().expect("it comes back") == expected(format, NESTED)["t"]);
        assert_eq!(report.tables.len(), 3);
    }
}

/// A writer whose bytes are seen from outside.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn child_tables_may_have_writers() {
    for format in FORMATS {
        let opened = Arc::new(Mutex::new(BTreeMap::<String, Shared>::new()));
        let (single, kept) = Single::new(Vec::new());
        let tables = Arc::clone(&opened);
        let single = single.with_child_tables(move |table| {
            let writer = Shared::default();
            let mut tables = tables.lock().expect("no panic");
            tables.insert(table.to_owned(), writer.clone());
            Ok(Box::new(writer))
        });
        processor()
            .stream_process(NESTED, "t", OutputSpec::new(format, single))
            .expect("valid");
        let mut found: BTreeMap<String, Vec<u8>> =
            std::mem::take(&mut *opened.lock().expect("no panic"))
                .into_iter()
                .map(|(table, bytes)| (table, bytes.0.lock().expect("no panic").clone()))
                .collect();
        found.insert("t".into(), kept.take().expect("it comes back"));
        assert!(found == expected(format, NESTED), "{format}");
    }
}

#[test]
fn a_child_tables_writer_that_cannot_be_opened_leaves_the_main_one_alone() {
    let (single, kept) = Single::new(Vec::new());
    let single = single.with_child_tables(|table| match table {
        "t_m" => Err(io::Error::other("no more of them")),
        _ => Ok(Box::new(io::sink())),
    });
    let output = OutputSpec::new("csv", single);
    let error = processor()
        .stream_process(NESTED, "t", output)
        .expect_err("no writer");
    assert_eq!(
        error.to_string(),
        "table \"t_m\": cannot open the writer that was given for it"
    );
    let source = std::error::Error::source(&error).expect("a reason");
    assert_eq!(source.to_string(), "no more of them");
    assert_eq!(kept.take(), Some(Vec::new()));
}

#[test]
fn failed_runs_leave_the_writer_untouched() {
    for format in FORMATS {
        for bad in ["{\"a\": 1}\n{\"a\": ", "{\"a\": 1}\n[2]"] {
            let (output, kept) = OutputSpec::writer(format, b"before".to_vec());
            let failed = processor().stream_process(bad, "t", output);
            assert!(failed.is_err(), "{format}: {bad}");
            assert_eq!(kept.take(), Some(b"before".to_vec()), "{format}: {bad}");
        }
    }
}

/// Fails after so many bytes.
struct Failing {
    left: usize,
    taken: Vec<u8>,
}

impl Write for Failing {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("the disk is full"));
        }
        let count = data.len().min(self.left);
        self.left -= count;
        self.taken.extend_from_slice(&data[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.left == 1 {
            return Err(io::Error::other("the disk is full"));
        }
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_is_named_and_comes_back() {
    for format in FORMATS {
        let whole = expected(format, FLAT).remove("t").expect("a main table");
        // In the middle of writing, and at the end, in flushing.
        for left in [0, 1, 10, whole.len() - 1, whole.len() + 1] {
            let taken = Vec::new();
            let (output, kept) = OutputSpec::writer(format, Failing { left, taken });
            let error = processor()
                .stream_process(FLAT, "t", output)
                .expect_err("it fails");
            assert!(
                matches!(&error, Error::Write(WriteError::Writer { table, .. }) if table == "t")
            );
            assert_eq!(
                error.to_string(),
                "table \"t\": cannot write to the writer that was given for it"
            );
            let source = std::error::Error::source(&error).expect("a reason");
            assert_eq!(source.to_string(), "the disk is full");
            let taken = kept.take().expect("it comes back").taken;
            assert!(whole.starts_with(&taken) && taken.len() == left.min(whole.len()));
        }
    }
}

#[test]
fn a_writer_that_was_taken_away_is_an_error() {
    let (output, kept) = OutputSpec::writer("csv", Vec::<u8>::new());
    kept.take();
    let error = processor()
        .stream_process(FLAT, "t", output)
        .expect_err("it is gone");
    let source = std::error::Error::source(&error).expect("a reason");
    assert_eq!(source.to_string(), "it was taken before the run had ended");
}

#[test]
fn large_outputs_wait_in_a_file() {
    // More than a mebibyte, and a column that comes last: formats read all of it back.
    let mut lines: Vec<String> = (0..40_000)
        .map(|id| {
            let ok = id % 2 == 0;
            format!("{{\"id\": {id}, \"name\": \"record {id} of a long run\", \"ok\": {ok}}}")
        })
        .collect();
    lines.push("{\"id\": \"last\", \"late\": 1, \"ok\": 2}".to_owned());
    let text = lines.join("\n");
    let processor = Processor::new().with_config(plain());
    for format in FORMATS {
        let (memory, files) = Memory::new();
        processor
            .stream_process(text.as_str(), "t", OutputSpec::new(format, memory))
            .expect("valid");
        let expected = files.take_tables().remove("t").expect("a main table");
        assert!(format == "parquet" || expected.len() > 1 << 20);
        let (output, kept) = OutputSpec::writer(format, Vec::new());
        processor
            .stream_process(text.as_str(), "t", output)
            .expect("valid");
        assert!(kept.take().expect("it comes back") == expected, "{format}");
    }
}

#[test]
fn results_go_to_writers_too() {
    let result = Processor::new()
        .with_config(Config::default())
        .process("{\"a\": 1}", "t");
    let result: ProcessingResult = result.expect("valid");
    let (output, kept) = OutputSpec::writer("json", Vec::new());
    result.write_to(output).expect("written");
    assert!(kept.take().expect("it comes back") == result.to_bytes("json").expect("written")["t"]);
}
