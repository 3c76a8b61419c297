//! Cells of CSV columns that become text: as they were written where the input can be read twice,
//! counted where it cannot. After <https://github.com/nightscape/spark-excel/issues/38> and
//! <https://github.com/frictionlessdata/frictionless-py/issues/1285>.

use std::{
    fmt::Write,
    fs,
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use transmog::{
    CsvReadOptions, Destination, Error, Input, InputFormat, Memory, Output, OutputFormat,
    OutputSpec, Processor, Progress, Recovery, Report, Single, WriteError, WriterOptions,
    create_streaming_writer,
};

use super::processor;
use crate::support::{cases, columns, files, plain};

/// Options by which `yes` and `no` are booleans, too.
fn options() -> CsvReadOptions {
    let words = [("true", "false"), ("yes", "no")];
    CsvReadOptions::default()
        .with_booleans(words)
        .expect("words")
}

/// Bytes of a cell of padding: some rows are more than the first block.
const PAD: usize = 64 << 10;

/// Rows with these cells, and padding that settings leave out.
fn padded(head: &str, rows: &[Vec<String>]) -> String {
    let pad = "x".repeat(PAD);
    let mut text = format!("{head},pad\n");
    for row in rows {
        for cell in row {
            text += cell;
            text.push(',');
        }
        text += &pad;
        text.push('\n');
    }
    text
}

/// A processor that leaves the padding out.
fn without_pad() -> Processor {
    let config = plain().with_exclude("pad".parse().expect("a path"));
    processor(options()).with_config(config.expect("a path"))
}

/// Cells of the columns of a table as text, in all three formats, which must agree.
fn cells(processor: &Processor, input: impl Fn() -> Input<'static>) -> (Report, Vec<Vec<String>>) {
    let lines = WriterOptions::new().with("lines", true);
    let (report, json) = files(processor, "json", lines, input()).expect("json");
    let (_, csv) = files(processor, "csv", WriterOptions::new(), input()).expect("csv");
    let (_, parquet) = files(processor, "parquet", WriterOptions::new(), input()).expect("parquet");
    let table = columns(parquet["t.parquet"].clone());
    let found: Vec<Vec<String>> = table.iter().map(|(.., cells)| cells.clone()).collect();
    let csv = String::from_utf8(csv["t.csv"].clone()).expect("UTF-8");
    let json = String::from_utf8(json["t.jsonl"].clone()).expect("UTF-8");
    for (row, (csv, json)) in csv.lines().skip(1).zip(json.lines()).enumerate() {
        let json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(json).expect("JSON");
        for (column, (cell, (name, kind, of_parquet))) in csv.split(',').zip(&table).enumerate() {
            if kind == "text" {
                assert_eq!(of_parquet[row], cell, "row {row} of column {column}");
                assert_eq!(json[name], cell, "row {row} of column {column}");
            }
        }
    }
    (report, found)
}

/// Numbers and booleans in odd spellings and plain ones.
fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,2}\\.[0-9]{1,3}".prop_filter("a number", |cell| !is_padded(cell)),
        "-?[1-9]E[0-9]{1,2}",
        "-?[1-9][0-9]{0,20}",
        Just("-0".to_owned()),
        Just(".5".to_owned()),
    ]
}

/// True for `07.5`, which is text.
fn is_padded(cell: &str) -> bool {
    let digits = cell.trim_start_matches('-');
    digits.starts_with('0') && !digits.starts_with("0.")
}

fn bools() -> impl Strategy<Value = String> {
    "true|True|yes|YES|no|false"
}

const ROWS: usize = 42;

proptest! {
    #![proptest_config(cases(5))]

    #[test]
    fn cells_are_as_they_were_written_wherever_a_column_becomes_text(
        mut numbers in prop::collection::vec(odd(), ROWS),
        mut flags in prop::collection::vec(bools(), ROWS),
        at in (0..ROWS, 0..ROWS),
        pace in prop::sample::select(vec![(1_usize, 2_usize), (7, 4), (100, 1), (2000, 2)]),
    ) {
        "A1".clone_into(&mut numbers[at.0]);
        "maybe".clone_into(&mut flags[at.1]);
        let rows: Vec<Vec<String>> =
            std::iter::zip(&numbers, &flags).map(|(n, f)| vec![n.clone(), f.clone()]).collect();
        let text = padded("n,f", &rows);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.csv");
        fs::write(&path, &text).expect("a file");
        let processor = without_pad()
            .with_chunk_size(pace.0)
            .and_then(|processor| processor.with_threads(pace.1))
            .expect("allowed");

        // Of a file, every cell is as it was.
        let (report, found) = cells(&processor, || Input::file(&path));
        prop_assert_eq!(&found[0], &numbers);
        prop_assert_eq!(&found[1], &flags);
        prop_assert!(report.ledger.adds_up());
        prop_assert_eq!((report.records_read, report.bytes_read), (ROWS as u64, text.len() as u64));
        prop_assert!(report.type_changes.iter().all(|change| change.respelled == 0));

        // Of a pipe, every cell from the change on; the others are counted, the same way at any
        // pace.
        let pipe = |processor: &Processor| {
            let reader = || Input::reader("pipe", std::io::Cursor::new(text.clone().into_bytes()));
            cells(processor, reader)
        };
        let (report, found) = pipe(&processor);
        let (whole, same) = pipe(&without_pad().with_threads(1).expect("allowed"));
        prop_assert_eq!(&found, &same);
        prop_assert_eq!(&report.type_changes, &whole.type_changes);
        prop_assert_eq!(report.passes, 1);
        for (name, found, written) in [("n", &found[0], &numbers), ("f", &found[1], &flags)] {
            let mut changes = report.type_changes.iter();
            let change = changes.rfind(|change| change.column == name);
            let from = change.map_or(0, |change| change.record.expect("a place") as usize);
            prop_assert_eq!(&found[from..], &written[from..]);
            let differ = std::iter::zip(&found[..from], &written[..from]).filter(|(a, b)| a != b);
            prop_assert_eq!(change.map_or(0, |change| change.respelled), differ.count() as u64);
        }
    }
}

/// The shape of the public reports: numbers and booleans for 40,000 rows, and then others.
fn late() -> String {
    let mut text = "code,flag,pad\n".to_owned();
    let pad = "x".repeat(60);
    for row in 0..40_000 {
        let flag = if row % 2 == 0 { "no" } else { "yes" };
        writeln!(text, "{}E2,{flag},{pad}", row % 10).expect("a string takes all");
    }
    text + "A1,maybe,end\n1.10,NO,end\n"
}

fn codes(csv: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(csv).expect("UTF-8");
    let cells = |line: &str| line.split(',').take(2).collect::<Vec<_>>().join(",");
    text.lines().map(cells).collect()
}

#[test]
fn codes_keep_their_spelling_in_a_folder_in_memory_and_in_a_writer() {
    let text = late();
    let expected = codes(text.as_bytes());
    let folder = tempfile::tempdir().expect("a folder");
    let (input, out) = (folder.path().join("t.csv"), folder.path().join("out"));
    fs::write(&input, &text).expect("a file");
    let processor = processor(options()).with_manifest(true);

    let output = OutputSpec::directory("csv", &out);
    let report = processor
        .stream_process_file(&input, "t", output)
        .expect("valid");
    assert_eq!(
        codes(&fs::read(out.join("t.csv")).expect("a table")),
        expected
    );
    let mut names: Vec<String> = fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    assert_eq!(names, ["t.csv", "t.manifest.json"]);
    assert_eq!(report.passes, 2);
    let lines: Vec<String> = report.type_change_lines().collect();
    let place = format!("at record 40000 (line 40002, byte {})", text.len() - 25);
    let input_name = input.display();
    assert_eq!(
        lines,
        [
            format!("column code of t: float64 -> text {place} of {input_name}: \"A1\""),
            format!("column flag of t: boolean -> text {place} of {input_name}: \"maybe\""),
            "the input was read twice, so that cells of columns that became text are as they were written".to_owned(),
        ]
    );
    let manifest = transmog::Manifest::find(&out, None).expect("a manifest");
    assert_eq!(manifest.type_changes, report.type_changes);

    let (output, kept) = OutputSpec::writer("csv", Vec::new());
    let report = processor
        .stream_process(text.as_str(), "t", output)
        .expect("valid");
    assert_eq!(
        (report.passes, codes(&kept.take().expect("a writer"))),
        (2, expected.clone())
    );

    let result = processor.process(text.as_str(), "t").expect("valid");
    assert_eq!(codes(&result.to_bytes("csv").expect("csv")["t"]), expected);
    assert_eq!(result.report().type_changes.len(), 2);

    let inspected = processor.inspect(text.as_str(), "t").expect("valid");
    assert_eq!(inspected.type_changes.len(), 2);
    assert_eq!(inspected.tables[0].columns[0].data_type, "text");

    // Child tables of the caller's, of which there are none.
    let (single, kept) = Single::new(Vec::new());
    let single = single.with_child_tables(|_| Ok(Box::new(Vec::new())));
    let output = OutputSpec::new("csv", single);
    processor
        .stream_process(text.as_str(), "t", output)
        .expect("valid");
    assert_eq!(codes(&kept.take().expect("a writer")), expected);
}

/// A destination that cannot take back what was written.
struct Streams(Memory);

impl Destination for Streams {
    fn create(&mut self, table: &str, extension: &str) -> Result<Box<dyn Output>, WriteError> {
        self.0.create(table, extension)
    }

    fn commit(self: Box<Self>) -> Result<(), WriteError> {
        Box::new(self.0).commit()
    }
}

#[test]
fn what_cannot_be_done_again_is_told() {
    let text = late();
    let processor = processor(options());
    let (memory, _) = Memory::new();
    let streams = OutputSpec::new("csv", Streams(memory));
    let once = OutputFormat::custom(|to| create_streaming_writer("csv", to, &WriterOptions::new()));
    for output in [streams, OutputSpec::new(once, Memory::new().0)] {
        let report = processor
            .stream_process(text.as_str(), "t", output)
            .expect("valid");
        let respelled: Vec<u64> = report.type_changes.iter().map(|it| it.respelled).collect();
        assert_eq!((report.passes, respelled), (1, vec![40_000, 40_000]));
        let line = report.type_change_lines().next().expect("a line");
        assert!(
            line.ends_with("\"A1\"; 40000 earlier cells are not spelled as they were written"),
            "{line}"
        );
    }
}

#[test]
fn no_second_reading_where_it_would_change_nothing() {
    // Numbers that their values give back.
    let rows: Vec<Vec<String>> = (0..60).map(|row| vec![format!("{row}.5")]).collect();
    let text = padded("n", &rows) + "x,\n";
    let (report, found) = cells(&without_pad(), || Input::bytes(text.clone()));
    assert_eq!((report.passes, found[0][3].as_str()), (1, "3.5"));
    assert_eq!(report.type_changes.len(), 1);
    // Columns that no cell has a say in.
    let odd = padded("n", &vec![vec!["1.50".to_owned()]; 60]) + "x,\n";
    let no_types = without_pad().with_csv_options(options().with_type_inference(false));
    for processor in [no_types, without_pad().with_cast_to_string(true)] {
        let (report, found) = cells(&processor, || Input::bytes(odd.clone()));
        assert_eq!((report.passes, report.type_changes.len()), (1, 0));
        assert_eq!(found[0][0], "1.50");
    }
    let typed = without_pad().with_type("n", "float64").expect("a type");
    let error = typed
        .process(odd.as_str(), "t")
        .expect_err("x is no number");
    assert!(
        error
            .to_string()
            .contains("column n is float64 by its type setting"),
        "{error}"
    );
}

#[test]
fn numbers_that_are_rounded_are_as_they_were_written_in_text() {
    let text = padded("n", &vec![vec!["0.12345678901234567890".to_owned()]; 60]) + "x,\n";
    let nearest = without_pad().with_floats(transmog::Floats::Nearest);
    let (report, found) = cells(&nearest, || Input::bytes(text.clone()));
    assert_eq!(
        (report.passes, found[0][0].as_str()),
        (2, "0.12345678901234567890")
    );
}

#[test]
fn several_inputs_agree_on_what_is_text() {
    let odd = "n\n1.50\n2.0E1\n";
    let text = "n\n7.00\nA1\n";
    let run = |inputs: Vec<Input<'static>>| {
        let (memory, files) = Memory::new();
        let output = OutputSpec::new("csv", memory);
        let report = processor(options()).stream_process_all(inputs, "t", output);
        let table = String::from_utf8(files.take()["t.csv"].clone()).expect("UTF-8");
        (report.expect("valid"), table.replace("\r\n", "\n"))
    };
    let bytes = |text: &'static str| Input::bytes(text);
    let pipe = |text: &'static str| Input::reader("pipe", text.as_bytes());

    // In either order, each cell is as it was.
    let (report, table) = run(vec![bytes(odd), bytes(text)]);
    assert_eq!(table, "n\n1.50\n2.0E1\n7.00\nA1\n");
    let place = |report: &Report| {
        let change = &report.type_changes[0];
        let value = change.value.clone().unwrap_or_default();
        (
            change.from.clone(),
            change.record,
            change.line,
            change.byte,
            value,
        )
    };
    let at = (
        "float64".to_owned(),
        Some(1),
        Some(3),
        Some(7),
        "\"A1\"".to_owned(),
    );
    assert_eq!((report.passes, place(&report)), (2, at.clone()));
    let (report, table) = run(vec![bytes(text), bytes(odd)]);
    assert_eq!(table, "n\n7.00\nA1\n1.50\n2.0E1\n");
    assert_eq!((report.passes, report.type_changes.len()), (1, 1));
    assert_eq!(place(&report), at);

    // One of them is a pipe.
    let (report, table) = run(vec![pipe(odd), bytes(text)]);
    assert_eq!(table, "n\n1.5\n20.0\n7.00\nA1\n");
    assert_eq!((report.passes, report.type_changes[0].respelled), (1, 2));
    let (_, table) = run(vec![pipe(text), pipe(odd)]);
    assert_eq!(table, "n\n7.00\nA1\n1.50\n2.0E1\n");
}

#[test]
fn rejects_progress_and_counts_are_those_of_one_reading() {
    let mut rows: Vec<Vec<String>> = vec![vec!["1.50".to_owned()]; 60];
    rows[3] = vec!["2.50".to_owned(), "too many".to_owned()];
    rows[50] = vec!["3.50".to_owned(), "too many".to_owned()];
    let text = padded("n", &rows) + "x,\n4.50,y,z\n";
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let told = Arc::clone(&seen);
    let processor = without_pad()
        .with_recovery("skip".parse::<Recovery>().expect("a strategy"))
        .with_progress(move |progress: &Progress| told.lock().expect("no panic").push(*progress));
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("t.csv");
    fs::write(&input, &text).expect("a file");
    let output = OutputSpec::directory("csv", folder.path().join("out"));
    let report = processor
        .stream_process_file(&input, "t", output)
        .expect("valid");
    assert_eq!(
        (report.passes, report.records_read, report.records_rejected),
        (2, 62, 3)
    );
    assert_eq!(
        (report.problems.len(), report.bytes_read),
        (3, text.len() as u64)
    );
    assert_eq!(report.type_changes[0].record, Some(60));
    let rejects = fs::read_to_string(folder.path().join("out/t.rejected.jsonl")).expect("rejects");
    assert_eq!(rejects.lines().count(), 3);
    // They say which columns the first rows made text, which does not depend on a run's pace.
    let is_text = |line: &str| line.contains(r#""text":["n""#);
    assert!(!rejects.lines().any(is_text), "{}", &rejects[..200]);
    let seen = std::mem::take(&mut *seen.lock().expect("no panic"));
    let last = seen.last().expect("a call");
    assert_eq!((last.pass, last.records, last.rejected), (2, 62, 3));
    assert_eq!(
        seen.iter().rfind(|it| it.pass == 1).map(|it| it.records),
        Some(62)
    );

    // Those of a pipe say the same.
    let (memory, files) = Memory::new();
    let pipe = Input::reader("pipe", text.as_bytes());
    let output = OutputSpec::new("csv", memory);
    processor.stream_process(pipe, "t", output).expect("valid");
    let rejects = String::from_utf8(files.take()["t.rejected.jsonl"].clone()).expect("UTF-8");
    assert_eq!(rejects.lines().count(), 3);
    assert!(!rejects.lines().any(is_text), "{rejects}");
}

#[test]
fn an_error_after_the_change_is_the_error_of_the_run() {
    let text = padded("n", &vec![vec!["1.50".to_owned()]; 60]) + "x,\n1,2,3\n";
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let output = OutputSpec::directory("csv", &out);
    let error = without_pad()
        .stream_process(text.as_str(), "t", output)
        .expect_err("too wide");
    assert!(matches!(&error, Error::Data(_)), "{error}");
    assert!(error.to_string().contains("record 61"), "{error}");
    assert!(!out.exists());
}

#[test]
fn json_before_and_after_csv_has_a_say_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let csv = file("a.csv", "n\n1.50\n");
    let json = file("b.jsonl", "{\"n\":\"x\"}\n");
    let run = |paths: [&std::path::PathBuf; 2]| {
        let processor = Processor::new()
            .with_config(plain())
            .with_input_format(InputFormat::Auto)
            .with_mixed_inputs(true)
            .with_csv_options(CsvReadOptions::default());
        let (memory, files) = Memory::new();
        let inputs = paths.map(Input::file);
        let report = processor.stream_process_all(inputs, "t", OutputSpec::new("csv", memory));
        let table = String::from_utf8(files.take()["t.csv"].clone()).expect("UTF-8");
        (report.expect("valid").passes, table.replace("\r\n", "\n"))
    };
    assert_eq!(run([&csv, &json]), (2, "n\n1.50\nx\n".to_owned()));
    assert_eq!(run([&json, &csv]), (1, "n\nx\n1.50\n".to_owned()));
}
