//! However CSV input is cut, the outcome is the same, and it is what the `csv` crate reads.

use std::fmt::Write;

use proptest::prelude::*;
use transmog::{Config, CsvReadOptions, Ids, Input, InputFormat, Processor, WriterOptions};

use super::{options, processor, read_with};
use crate::support::files;

/// The files of all formats.
fn run(options: &CsvReadOptions, input: &[u8], chunk_size: usize, threads: usize) -> Vec<Vec<u8>> {
    let processor = Processor::new()
        .with_config(Config::default().with_ids(Ids::Row))
        .with_input_format(InputFormat::Csv)
        .with_csv_options(options.clone())
        .with_chunk_size(chunk_size)
        .and_then(|processor| processor.with_threads(threads))
        .and_then(|processor| processor.with_timestamp("2026-01-01T00:00:00Z"))
        .expect("allowed");
    let formats = ["csv", "json", "parquet"].into_iter();
    let outputs = formats.flat_map(|format| {
        let (_, files) = files(
            &processor,
            format,
            WriterOptions::new(),
            Input::bytes(input),
        )
        .expect("valid");
        files.into_values()
    });
    outputs.collect()
}

/// Three blocks, with quoted line breaks everywhere, also where blocks end, and columns that change
/// their types late.
#[test]
fn chunks_and_threads_do_not_show_in_long_inputs() {
    let mut input = String::from("id,text,size,late\r\n");
    for id in 0_u32..220_000 {
        let size = if id % 3 == 0 {
            id.to_string()
        } else {
            format!("{id}.50")
        };
        let late = if id > 150_000 { "007" } else { "7" };
        let text = "one,\r\n\"\"two\"\"\n\n".repeat(1 + id as usize % 4);
        write!(input, "{id},\"{text}\",{size},{late}\r\n").expect("memory");
    }
    assert!(input.len() > 9 << 20, "several blocks of 2 MiB");
    let whole = run(&options(), input.as_bytes(), 1000, 1);
    for (chunk_size, threads) in [(1_000_000, 2), (77, 4)] {
        let again = run(&options(), input.as_bytes(), chunk_size, threads);
        assert!(again == whole, "{chunk_size} rows, {threads} threads");
    }
    // Against the other reader.
    let mut reader = csv::Reader::from_reader(input.as_bytes());
    let texts: Vec<_> = reader
        .records()
        .map(|row| row.expect("valid")[1].to_owned())
        .collect();
    let mut found = csv::Reader::from_reader(&whole[0][..]);
    let found: Vec<_> = found
        .records()
        .map(|row| row.expect("valid")[1].to_owned())
        .collect();
    assert!(found == texts);
}

/// A line end of two bytes, and a quoted one, at every place around a block's end.
#[test]
fn rows_around_the_ends_of_blocks() {
    // As `BLOCK_BYTES` of the sources.
    const BLOCK: usize = 2 << 20;
    let header = "a,b\r\n";
    for shift in 0..14 {
        let first = BLOCK - 12 + shift;
        let input = format!(
            "{header}{},1\r\n\"x\r\ny\",2\r\n\r\nz,3\r\n",
            "w".repeat(first)
        );
        let input = input.as_bytes();
        for chunk_size in [1, 1000] {
            let processor = processor(options())
                .with_chunk_size(chunk_size)
                .expect("allowed");
            let (report, rows) = read_with(&processor, input).expect("valid");
            let tail = "w\",\"b\":1}\n{\"a\":\"x\\r\\ny\",\"b\":2}\n{\"a\":\"z\",\"b\":3}\n";
            assert!(rows.ends_with(tail), "{shift}");
            assert_eq!(
                (report.records_read, report.bytes_read),
                (3, input.len() as u64)
            );
        }
        let wrong = [input, b"1,2,3\n"].concat();
        let error = read_with(&processor(options()), &wrong)
            .expect_err("too long")
            .to_string();
        let place = format!("record 3 (line 7, byte {})", input.len() + 4);
        assert!(error.contains(&place), "{error}");
    }
}

/// What the `csv` crate reads: the header, and rows brought to its width. `None` if a row has a
/// value beyond it.
fn oracle(input: &[u8]) -> Option<Vec<Vec<Option<Vec<u8>>>>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(input);
    let mut rows = reader.byte_records().map(|row| row.expect("flexible"));
    let width = rows.next().map_or(0, |header| header.len());
    let rows = rows.map(|row| {
        let cell = |column| row.get(column).map(<[u8]>::to_vec);
        let is_full = row.iter().skip(width).all(<[u8]>::is_empty);
        is_full.then(|| (0..width).map(cell).collect())
    });
    rows.collect()
}

/// True if the last row's quote is open: then one more line end is text.
fn has_open_quote(input: &[u8]) -> bool {
    let rows = |input: &[u8]| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(input);
        reader
            .byte_records()
            .map(|row| row.expect("flexible"))
            .collect::<Vec<_>>()
    };
    rows(input) != rows(&[input, b"\n"].concat())
}

/// True if a cell goes on after its closing quote.
fn has_text_after_a_quote(input: &str) -> bool {
    let mut rest = input;
    while !rest.is_empty() {
        let mut after = rest;
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut end = 0;
            loop {
                let Some(at) = quoted[end..].find('"') else {
                    return false;
                };
                end += at + 1;
                if !quoted[end..].starts_with('"') {
                    break;
                }
                end += 1;
            }
            after = &quoted[end..];
            if !(after.is_empty() || after.starts_with([',', '\r', '\n'])) {
                return true;
            }
        }
        let next = after
            .find([',', '\r', '\n'])
            .map_or(after.len(), |at| at + 1);
        rest = &after[next..];
    }
    false
}

proptest! {
    #![proptest_config(crate::support::cases(1500))]

    #[test]
    fn as_the_csv_crate(
        // A CR alone is text here, and ends a row there.
        body in "([ab1\",\"]|\n|\r\n){0,40}",
        chunk_size in 1_usize..5,
        threads in 1_usize..4,
    ) {
        let input = format!("c,d,e\n{body}");
        let options = options()
            .with_type_inference(false)
            .with_null_values([""; 0])
            .with_delimiter(',')
            .expect("a delimiter");
        let processor = processor(options)
            .with_chunk_size(chunk_size)
            .and_then(|processor| processor.with_threads(threads))
            .expect("allowed");
        let found = read_with(&processor, input.as_bytes());
        let expected = oracle(input.as_bytes())
            .filter(|_| !has_open_quote(input.as_bytes()) && !has_text_after_a_quote(&input));
        let Some(expected) = expected else {
            prop_assert!(found.is_err(), "{:?}", input);
            return Ok(());
        };
        let (_, found) = found.expect("valid");
        let mut lines = String::new();
        for row in &expected {
            let cells = ["c", "d", "e"].iter().zip(row).filter_map(|(name, cell)| {
                let text = String::from_utf8(cell.clone()?).expect("ASCII");
                Some(format!("\"{name}\":{}", serde_json::Value::from(text)))
            });
            writeln!(lines, "{{{}}}", cells.collect::<Vec<_>>().join(",")).expect("memory");
        }
        prop_assert_eq!(found, lines, "{:?}", input);
    }

    #[test]
    fn any_bytes_are_rows_or_an_error(
        input in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(b"\",;|\t\r\n10.-eE'ayn".to_vec()),
            1 => any::<u8>(),
        ], 0..120),
        header in any::<bool>(),
        skip_rows in 0_u64..3,
        label in prop::sample::select(vec!["utf-8", "utf-16le", "shift_jis", "gb18030", "iso-2022-jp"]),
    ) {
        let options = options().with_header(header).with_skip_rows(skip_rows).with_encoding(label).expect("a label");
        let one = processor(options).with_chunk_size(1).expect("allowed");
        let all = one.clone().with_chunk_size(1000).and_then(|all| all.with_threads(1)).expect("allowed");
        match (read_with(&one, &input), read_with(&all, &input)) {
            (Ok((report, rows)), Ok((_, again))) => {
                prop_assert!(report.ledger.adds_up());
                prop_assert_eq!(rows, again);
            }
            (Err(error), Err(again)) => prop_assert_eq!(error.to_string(), again.to_string()),
            (one, all) => prop_assert!(false, "{:?} and {:?}", one.err(), all.err()),
        }
    }
}
