//! Every kind of ids: the same whatever the chunks and threads, and rows that find their parents.

use std::{collections::BTreeMap, fmt::Write};

use proptest::prelude::*;
use transmog::{
    ArrayMode, Cast, Config, IdSource, Ids, NaturalIds, OutputFormat, Processor, Report,
    WriterOptions, deterministic_id,
};

use crate::{
    same_bytes::{lines, records},
    support::{Column, columns, files},
};

mod content;
mod csv;
mod fields;
mod joins;
mod natural;

const FORMATS: [&str; 3] = ["csv", "json", "parquet"];

fn processor(config: &Config, chunk_size: usize, threads: usize) -> Processor {
    Processor::new()
        .with_config(config.clone())
        .with_chunk_size(chunk_size)
        .and_then(|processor| processor.with_threads(threads))
        .and_then(|processor| processor.with_timestamp("2026-01-01T00:00:00Z"))
        .expect("allowed")
}

/// Small row groups and drafts, so that types change after rows have been written.
fn format(name: &str) -> OutputFormat {
    match name {
        "parquet" => (name, WriterOptions::new().with("row_group_size", 2)).into(),
        _ => name.into(),
    }
}

/// The report and all tables as text, with random ids numbered as they come.
pub(crate) fn outcome(config: &Config, input: &str, chunk_size: usize, threads: usize) -> String {
    let processor = processor(config, chunk_size, threads);
    let mut all = String::new();
    for name in FORMATS {
        let (memory, made) = transmog::Memory::new();
        let output = transmog::OutputSpec::new(format(name), memory);
        let mut report = match processor.stream_process(input, "t", output) {
            Ok(report) => report,
            Err(error) => {
                // Random records may lack what ids are made of.
                let message = error.to_string();
                assert!(message.contains("no row has a column"), "{message}");
                all.push_str(&message);
                continue;
            }
        };
        assert!(report.ledger.adds_up());
        report.seconds = 0.0;
        report.bytes_read = 0;
        for change in &mut report.type_changes {
            change.byte = None;
        }
        write!(all, "{report:?}").expect("a string takes all");
        for (file, bytes) in made.take() {
            let text = match name {
                "parquet" => format!("{:?}", columns(bytes)),
                _ => String::from_utf8(bytes).expect("UTF-8"),
            };
            all.extend(["\n", &file, "\n", &text]);
        }
    }
    numbered(&all)
}

fn is_random_id(text: &str) -> bool {
    let shape = |(i, byte): (usize, u8)| match i {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'4',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(shape)
}

fn numbered(text: &str) -> String {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut out, mut at) = (String::new(), 0);
    while at < text.len() {
        if let Some(id) = text.get(at..at + 36).filter(|id| is_random_id(id)) {
            let next = known.len();
            let number = known.entry(id).or_insert(next);
            write!(out, "<{number}>").expect("a string takes all");
            at += 36;
        } else {
            let c = text[at..].chars().next().expect("within the text");
            out.push(c);
            at += c.len_utf8();
        }
    }
    out
}

/// A run's report, and its tables' columns, which are the same whether each record is a chunk or
/// all are one.
fn tables(config: &Config, input: &str) -> (Report, BTreeMap<String, Vec<Column>>) {
    let [first, second] = [1, 1000].map(|chunk_size| {
        let processor = processor(config, chunk_size, 2);
        let (report, files) =
            files(&processor, "parquet", WriterOptions::new(), input).expect("valid");
        let name = |file: String| file.trim_end_matches(".parquet").to_owned();
        let tables = files.into_iter();
        let tables: BTreeMap<_, _> = tables
            .map(|(file, bytes)| (name(file), columns(bytes)))
            .collect();
        (report, tables)
    });
    let shown = |tables| numbered(&format!("{tables:?}"));
    assert_eq!(shown(&first.1), shown(&second.1), "{input}");
    first
}

fn column<'t>(table: &'t [Column], name: &str) -> &'t Column {
    let mut columns = table.iter();
    let column = columns.find(|column| column.0 == name);
    column.unwrap_or_else(|| panic!("no column {name}"))
}

/// Type and values of a column.
fn typed<'t>(table: &'t [Column], name: &str) -> (&'t str, Vec<&'t str>) {
    let (_, kind, values) = column(table, name);
    (kind, values.iter().map(String::as_str).collect())
}

fn natural(mapping: &[(&str, &str)]) -> Ids {
    let mapping = mapping.iter().copied();
    Ids::Natural(NaturalIds::new().with_mapping(mapping).expect("allowed"))
}

fn with_id_column(ids: Ids, name: &str) -> Config {
    let rename = |metadata: &mut transmog::Metadata| metadata.id = Some(name.into());
    Config::default()
        .with_ids(ids)
        .with_metadata(rename)
        .expect("allowed")
}

/// All kinds of ids but the random ones and row numbers.
fn kinds() -> Vec<(&'static str, Config)> {
    let config = |ids| Config::default().with_ids(ids);
    let custom = |row: &transmog::Row<'_>| Some(format!("{}:{}", row.table(), row.get("a")?));
    let only = NaturalIds::new()
        .with_patterns(Vec::<String>::new())
        .and_then(|ids| ids.with_mapping([("*", "a")]))
        .expect("allowed");
    let forced = NaturalIds::new().with_forced(true);
    vec![
        ("natural", config(natural(&[]))),
        (
            "natural by mapping",
            config(natural(&[("*", "a"), ("t_b", "a_b")])),
        ),
        (
            "natural as the id column",
            with_id_column(Ids::Natural(only), "a"),
        ),
        ("natural, forced", config(Ids::Natural(forced))),
        (
            "composite",
            config(Ids::composite(["a", "a_b"]).expect("allowed")),
        ),
        ("hash", config(Ids::Hash)),
        ("custom", config(Ids::custom(custom))),
        (
            "deterministic",
            config(Ids::Deterministic(IdSource::Column("a".into()))),
        ),
    ]
}

const SHOP: &str = r#"{"id":1,"a":"x","lines":[{"id":"p","n":1,"tags":["u","v"]},{"n":2,"tags":["w"]}]}
{"id":2,"a":2.5,"lines":[{"id":7,"n":2},{"id":" ","n":3,"tags":["w"]}]}
{"a":null,"lines":[{"code":true,"n":3,"tags":["x"]}]}
{"id":3,"a":[1],"x":1,"x":2,"lines":[{"id":null,"code":"c","n":3,"tags":["x"]}]}
{"id":4,"a":{"b":1},"lines":[{"id":18446744073709551615,"tags":[1]},{"id":2.5,"tags":[]}]}
{"id":"five","a":true}
{"id":6,"lines":[{"id":8,"tags":["y"]}]}
"#;

#[test]
fn chunks_and_threads_do_not_show_in_ids() {
    for (name, config) in kinds() {
        for mode in [ArrayMode::Separate, ArrayMode::Smart, ArrayMode::Keep] {
            let config = config.clone().with_array_mode(mode);
            let whole = outcome(&config, SHOP, 1000, 1);
            for (chunk_size, threads) in [(1, 1), (1, 2), (2, 1), (2, 2), (1000, 2)] {
                let again = outcome(&config, SHOP, chunk_size, threads);
                assert_eq!(
                    again, whole,
                    "{name}: {chunk_size} records, {threads} threads"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::support::cases(40))]

    #[test]
    fn ids_of_any_records_are_the_same_in_any_chunks(
        records in records(),
        chunk_size in 1_usize..8,
        threads in 1_usize..3,
        kind in prop::sample::select(kinds()),
        mode in prop_oneof![Just(ArrayMode::Separate), Just(ArrayMode::Smart), Just(ArrayMode::Keep)],
    ) {
        let (name, config) = kind;
        let config = config.with_array_mode(mode);
        let lines = lines(&records);
        let whole = outcome(&config, &lines, 1000, 1);
        prop_assert_eq!(whole, outcome(&config, &lines, chunk_size, threads), "{}", name);
    }
}

#[test]
fn closures_see_rows_as_they_become() {
    let ids = Ids::custom(|row| {
        let table = row.table().keys().collect::<Vec<_>>().join("/");
        let cells: Vec<String> = row
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (row.get("skip").is_none())
            .then(|| format!("{table}|{}|{}", row.is_main(), cells.join(",")))
    });
    let config = Config::v1().with_ids(ids).with_cast(Cast::Text);
    let input =
        r#"{"a":1,"b":{"c":true},"n":null,"b_c":2.50,"k":["x"]} {"skip":1,"k":[3]} {"a":1,"a":2}"#;
    let (report, found) = tables(&config, input);
    let ids = typed(&found["t"], "__transmog_id").1;
    assert_eq!(ids[0], r#"|true|a="1",b_c="true",b_c_2="2.5""#);
    assert!(is_random_id(ids[1]));
    assert_eq!(ids[2], r#"|true|a="2""#);
    let children = typed(&found["t_k"], "__transmog_id").1;
    assert_eq!(children, [r#"k|false|value="x""#, r#"k|false|value="3""#]);
    assert_eq!(typed(&found["t_k"], "__parent_transmog_id").1, ids[..2]);
    let counts: Vec<u64> = report
        .tables
        .iter()
        .map(|table| table.fallback_ids)
        .collect();
    assert_eq!(counts, [1, 0]);
}

/// Records in which a key comes twice are taken back and read again.
#[test]
fn records_taken_back_leave_no_ids() {
    let twice = r#"{"id":1,"l":[1],"k":[{"id":2,"a":1,"a":[3]},{"a":"x"}],"l":[2],"k":[{"id":4,"m":[[5]]}]}
{"id":[6],"k":[{"id":7}],"id":[8,"x"],"code":9}
{"id":[6],"id":"y","k":[{"id":7}]}"#;
    let once = r#"{"id":1,"l":[2],"k":[{"id":4,"m":[[5]]}]}
{"id":[8,"x"],"k":[{"id":7}],"code":9}
{"id":"y","k":[{"id":7}]}"#;
    for (name, config) in kinds() {
        for mode in [ArrayMode::Separate, ArrayMode::Smart, ArrayMode::Keep] {
            let config = config.clone().with_array_mode(mode);
            let [twice, once] = [twice, once].map(|input| outcome(&config, input, 1000, 1));
            assert_eq!(twice, once, "{name}");
        }
    }
}

#[test]
fn rows_without_a_source_are_counted() {
    let ids = Ids::Deterministic(IdSource::Column("a".into()));
    let config = Config::default().with_ids(ids);
    let (report, found) = tables(
        &config,
        r#"{"a":" X "} {"a":""} {"b":1} {"a":null} {"a":0}"#,
    );
    let ids = typed(&found["t"], "__transmog_id").1;
    assert_eq!(
        [ids[0], ids[4]],
        [deterministic_id("x"), deterministic_id("0")]
    );
    assert_eq!(report.tables[0].fallback_ids, 3);
    let (report, _) = tables(&Config::default(), r#"{"a":1}"#);
    assert_eq!(report.tables[0].fallback_ids, 0);
}
