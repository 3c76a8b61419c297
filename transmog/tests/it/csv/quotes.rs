//! Quotes that are not where they should be, and the settings that say what quotes mean.

use proptest::prelude::*;
use serde_json::{Value, json};
use transmog::{
    CsvReadOptions, DEFAULT, Input, InputFormat, LENIENT, Processor, STRICT, WriterOptions,
};

use super::{check_with, options, processor, read_with};
use crate::support::{files, plain};

/// Rows that were taken and texts that were rejected, for every chunk size and on several threads.
fn skipped(options: &CsvReadOptions, input: &str) -> (Vec<Value>, Vec<String>) {
    let processor = processor(options.clone()).with_recovery(DEFAULT);
    let mut outcomes = [(1, 1), (7, 2), (2000, 2)].map(|(size, threads)| {
        let processor = processor.clone().with_chunk_size(size);
        let processor = processor.and_then(|it| it.with_threads(threads));
        let lines = WriterOptions::new().with("lines", true);
        let (report, files) =
            files(&processor.expect("allowed"), "json", lines, input).expect("runs");
        let lines = |name: &str| -> Vec<Value> {
            let text = files.get(name).map(Vec::as_slice).unwrap_or_default();
            let lines = text
                .split(|byte| *byte == b'\n')
                .filter(|it| !it.is_empty());
            lines
                .map(|it| serde_json::from_slice(it).expect("JSON"))
                .collect()
        };
        let rejects = lines("t.rejected.jsonl");
        assert_eq!(report.records_rejected, rejects.len() as u64);
        let raw = |reject: &Value| reject["raw"].as_str().expect("text").to_owned();
        (lines("t.jsonl"), rejects.iter().map(raw).collect())
    });
    let first = outcomes[0].clone();
    assert!(
        outcomes.iter_mut().all(|other| *other == first),
        "{input:?}"
    );
    first
}

#[track_caller]
fn check_skipped(input: &str, rows: &[Value], rejects: &[&str]) {
    let (found, rejected) = skipped(&options(), input);
    assert_eq!(found, rows, "{input:?}");
    assert_eq!(rejected, rejects, "{input:?}");
    let strict = read_with(&processor(options()), input.as_bytes());
    assert_eq!(strict.is_err(), !rejects.is_empty());
}

/// <https://github.com/JoshClose/CsvHelper/issues/1385>,
/// <https://github.com/uniVocity/univocity-parsers/issues/61>
#[test]
fn a_misplaced_quote_costs_its_row_only() {
    check_skipped(
        "id,name,price\n1,\"Bolt 1\" \",3\n2,\"Bolt 5\"\",4\n3,\"13\" bolt\",5\n4,nut,6\n5,\"x\",7\n",
        &[
            json!({"id": 4, "name": "nut", "price": 6}),
            json!({"id": 5, "name": "x", "price": 7}),
        ],
        &["1,\"Bolt 1\" \",3", "2,\"Bolt 5\"\",4", "3,\"13\" bolt\",5"],
    );
    // The cell goes over lines that look like no rows.
    check_skipped(
        "id,text\n1,\"one\ntwo \"2\" here\nthree\"\n2,\"x\ny\"\n",
        &[json!({"id": 2, "text": "x\ny"})],
        &["1,\"one\ntwo \"2\" here\nthree\""],
    );
    // It never closes.
    check_skipped(
        "id,text\n1,\"one\n2,two\n3,\"a, b\"\n4,four",
        &[
            json!({"id": 2, "text": "two"}),
            json!({"id": 3, "text": "a, b"}),
            json!({"id": 4, "text": "four"}),
        ],
        &["1,\"one"],
    );
}

#[test]
fn errors_say_where_and_what_stands_there() {
    let message = |input: &str| {
        let error = read_with(&processor(options()), input.as_bytes()).expect_err("misplaced");
        error.to_string()
    };
    let expected = "<memory>: record 1 (line 4, byte 18), field b: text after a closing quote: \"def,\"; a quote in a \
                    quoted cell is written twice, and --csv-quote none reads quotes as text";
    assert_eq!(message("a,b,c\n1,2\n3,\"\nabc\"def,\n"), expected);
    let escaped = message("a,b\n1,\"say \\\"hi\\\"\"\n");
    assert!(escaped.starts_with("<memory>: record 0 (line 2, byte 13), field b: text after"));
    assert!(
        escaped.ends_with("say so with --csv-escape '\\'"),
        "{escaped}"
    );
    let open = message("a,b\n1,2\n3,\"x\\\"\"\n");
    assert!(
        open.contains("record 1 (line 3, byte 10), field b: a quote is opened and never closed")
    );
    assert!(open.contains("--csv-escape"), "{open}");
    let header = message("a,\"b\"c\n1,2\n");
    assert!(header.starts_with("<memory>: line 1, byte 5: text after a closing quote: \"c\""));
}

/// What is kept of a cell is what is written there.
#[test]
fn cells_that_are_wrong_are_kept_as_they_are_written() {
    let processor = processor(options()).with_recovery(LENIENT);
    let input = b"id,name,price\n1,\"say \\\"hi, you\\\"\",3\n2,\"x\" y,4\n";
    let (report, rows) = read_with(&processor, input).expect("kept");
    assert_eq!(report.records_partial, 2);
    let rows: Vec<Value> = rows
        .lines()
        .map(|row| serde_json::from_str(row).expect("JSON"))
        .collect();
    let cells = |row: &Value| (row["name"].clone(), row["price"].clone());
    assert_eq!(
        cells(&rows[0]),
        (json!(r#""say \"hi"#), json!(r#" you\"""#))
    );
    assert_eq!(cells(&rows[1]), (json!(r#""x" y"#), json!("4")));
}

/// <https://github.com/BurntSushi/rust-csv/issues/36>, <https://github.com/C2FO/fast-csv/issues/75>
#[test]
fn quotes_are_text_on_request() {
    let none = options().with_quote_char(None).expect("allowed");
    let rows = [r#"{"a":"\"x","b":"y\"z\""}"#, r#"{"a":"\"1\""}"#];
    check_with(none, "a,b\n\"x,y\"z\"\n\"1\"\n", &rows);
}

/// <https://github.com/duckdb/duckdb/issues/14304>
#[test]
fn escapes() {
    let backslash = options().with_escape_char('\\').expect("allowed");
    check_with(
        backslash.clone(),
        "a,b\n\"say \\\"hi\\\"\",\"\"\"x\"\"\"\nC:\\new\\,x,\\N\n\"two\\\nlines\",a\\\nb\n",
        &[
            r#"{"a":"say \"hi\"","b":"\"x\""}"#,
            r#"{"a":"C:\\new,x","b":"\\N"}"#,
            r#"{"a":"two\nlines","b":"a\nb"}"#,
        ],
    );
    let mysql = backslash
        .with_quote_char(None)
        .and_then(|it| it.with_delimiter('\t'))
        .expect("allowed")
        .with_null_values(["\\N"]);
    check_with(mysql, "a\tb\n\"x\\\ty\\\\\t\\N\n", &[r#"{"a":"\"x\ty\\"}"#]);
    for made in [
        options().with_escape_char('"'),
        options().with_escape_char('\n'),
        options()
            .with_escape_char(';')
            .and_then(|it| it.with_delimiter(';')),
    ] {
        assert!(made.is_err());
    }
    assert_eq!(
        options()
            .with_escape_char('\\')
            .expect("allowed")
            .escape_char(),
        Some('\\')
    );
}

fn tsv(text: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.tsv");
    std::fs::write(&path, text).expect("written");
    let processor = Processor::new().with_config(plain());
    let lines = WriterOptions::new().with("lines", true);
    let (_, files) = files(&processor, "json", lines, Input::file(&path)).expect("valid");
    let rows = files["t.jsonl"]
        .split(|byte| *byte == b'\n')
        .filter(|row| !row.is_empty());
    rows.map(|row| serde_json::from_slice(row).expect("JSON"))
        .collect()
}

/// <https://github.com/johnkerl/miller/issues/238>,
/// <https://github.com/shenwei356/csvtk/issues/130>
#[test]
fn cells_of_tsv_are_in_quotes_as_a_whole_or_not_at_all() {
    assert_eq!(
        tsv("id\tname\n1\t\"The\" end\n2\t\"q\"\n3\t\"a\n4\tb\"\n5\t\"\n"),
        [
            json!({"id": 1, "name": "\"The\" end"}),
            json!({"id": 2, "name": "q"}),
            json!({"id": 3, "name": "\"a"}),
            json!({"id": 4, "name": "b\""}),
            json!({"id": 5, "name": "\""}),
        ]
    );
    // As spreadsheets write it: quotes around tabs and line breaks.
    assert_eq!(
        tsv("id\tname\n1\t\"two\r\nlines\"\n2\t\"a\ttab\"\n3\t\"say \"\"hi\"\"\"\n"),
        [
            json!({"id": 1, "name": "two\r\nlines"}),
            json!({"id": 2, "name": "a\ttab"}),
            json!({"id": 3, "name": "say \"hi\""}),
        ]
    );
}

/// <https://github.com/juspay/neurolink/issues/1099>
#[test]
fn a_lone_cr_is_text_unless_rows_end_with_it() {
    for end in ["\r\n", "\n"] {
        let input = format!("id,note{end}1,foo\rbar{end}2,\rx{end}");
        check_with(
            options(),
            input,
            &[r#"{"id":1,"note":"foo\rbar"}"#, r#"{"id":2,"note":"\rx"}"#],
        );
    }
    // Also in the header.
    let as_written = options().with_sanitized_column_names(false);
    check_with(as_written, "id,no\rte\n1,2\n", &[r#"{"id":1,"no\rte":2}"#]);
    check_with(
        options(),
        "id,note\r1,\"a\nb\"\r2,c\r",
        &[r#"{"id":1,"note":"a\nb"}"#, r#"{"id":2,"note":"c"}"#],
    );
}

/// Rejects carry the dialect, so that what was wrong is wrong again, and what was mended is read as
/// the rest was.
#[test]
fn rejects_are_read_in_their_dialect() {
    let options = options()
        .with_escape_char('\\')
        .and_then(|it| it.with_delimiter(';'))
        .expect("allowed");
    let first = processor(options).with_recovery(DEFAULT);
    let input = "a;b\n1;\"x\"y\n\"c\rd\";2;\\;3\n";
    let lines = || WriterOptions::new().with("lines", true);
    let (_, found) = files(&first, "json", lines(), input).expect("runs");
    let rejects = String::from_utf8(found["t.rejected.jsonl"].clone()).expect("UTF-8");
    assert_eq!(rejects.lines().count(), 2);
    let again = Processor::new()
        .with_config(plain())
        .with_input_format(InputFormat::Rejects);
    let (report, _) = files(
        &again.clone().with_recovery(DEFAULT),
        "json",
        lines(),
        rejects.as_str(),
    )
    .expect("runs");
    assert_eq!(report.records_rejected, 2);
    let mended = rejects
        .replace("x\\\"y", "x\\\\\\\"y\\\"")
        .replace(";2;", ";2");
    let (_, found) = files(
        &again.with_recovery(STRICT),
        "json",
        lines(),
        mended.as_str(),
    )
    .expect("mended");
    let rows = String::from_utf8(found["t.jsonl"].clone()).expect("UTF-8");
    assert_eq!(
        rows,
        "{\"a\":\"1\",\"b\":\"x\\\"y\"}\n{\"a\":\"c\\rd\",\"b\":\"2;3\"}\n"
    );
}

proptest! {
    #![proptest_config(crate::support::cases(300))]

    /// A row is damaged in the middle of others: at most it is lost, and it is in the rejects.
    #[test]
    fn rows_around_a_misplaced_quote_survive(
        before in 0_usize..4,
        after in 1_usize..4,
        cell in "[a-c \"\\\\]{0,12}",
        lines in any::<bool>(),
    ) {
        let good = |id: usize| if lines && id.is_multiple_of(2) {
            format!("{id},\"one\n\"\"two\"\"\",x\n")
        } else {
            format!("{id},\"a, b\",x\n")
        };
        let rows = |ids: std::ops::Range<usize>| ids.map(good).collect::<String>();
        let bad = format!("99,\"{cell}\",x\n");
        let input = format!("id,text,z\n{}{bad}{}", rows(0..before), rows(10..10 + after));
        let (found, rejects) = skipped(&options(), &input);
        let ids: Vec<u64> = found.iter().filter_map(|row| row["id"].as_u64()).collect();
        let expected = (0..before).chain(10..10 + after).map(|id| id as u64);
        let expected: Vec<u64> = expected.collect();
        let others: Vec<u64> = ids.iter().copied().filter(|id| *id != 99).collect();
        prop_assert_eq!(others, expected, "{:?} {:?}", input, rejects);
        prop_assert_eq!(found.len() + rejects.len(), before + after + 1);
        prop_assert!(rejects.iter().all(|raw| raw == bad.trim_end()), "{:?}", rejects);
    }
}
