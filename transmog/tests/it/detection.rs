//! Dates, timestamps and UUIDs in text: which columns they make, and that every text comes back as
//! it was.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use transmog::{
    ArrayMode, Cast, Config, Detection, Ids, NaturalIds, Processor, Report, WriterOptions,
};

use crate::{
    same_bytes::lines,
    support::{Column, columns, files, plain},
};

/// A text, and the type that a column of nothing else has in a report.
type Spelled = (String, &'static str);

fn day() -> impl Strategy<Value = String> {
    (1..=9999_u32, 1..=12_u32, 1..=28_u32).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}"))
}

/// Texts of one spelling.
fn spelling() -> impl Strategy<Value = BoxedStrategy<Spelled>> {
    let second = || (day(), 0..24_u32, 0..60_u32, 0..60_u32);
    let seconds = move || {
        second().prop_map(|(day, hour, minute, second)| {
            format!("{day}T{hour:02}:{minute:02}:{second:02}")
        })
    };
    let timestamps = [
        (0, "", "timestamp[s]"),
        (0, "Z", "timestamp[s, UTC]"),
        (0, "+00:00", "timestamp[s, +00:00]"),
        (3, "", "timestamp[ms]"),
        (3, "Z", "timestamp[ms, UTC]"),
        (3, "+00:00", "timestamp[ms, +00:00]"),
        (6, "", "timestamp[us]"),
        (6, "Z", "timestamp"),
        (6, "+00:00", "timestamp[us, +00:00]"),
    ];
    let timestamp =
        prop::sample::select(timestamps.to_vec()).prop_map(move |(digits, zone, word)| {
            (seconds(), 0..10_u32.pow(digits))
                .prop_map(move |(seconds, fraction)| {
                    let fraction = match digits {
                        0 => String::new(),
                        digits => format!(".{fraction:0width$}", width = digits as usize),
                    };
                    (format!("{seconds}{fraction}{zone}"), word)
                })
                .boxed()
        });
    let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    prop_oneof![
        1 => Just(day().prop_map(|day| (day, "date")).boxed()),
        1 => Just(uuid.prop_map(|uuid| (uuid, "uuid")).boxed()),
        3 => timestamp,
    ]
}

fn other() -> impl Strategy<Value = Spelled> {
    let texts = [
        "",
        "x",
        "2024-02-30",
        "2024-01-01 00:00:00",
        "2024-01-01T00:00:00.1Z",
        "2024-01-01T00:00:00+01:00",
        "2024-01-01T00:00:60Z",
        "CAD8D5C0-9FC9-4A0F-B97B-8C8C0D3C3B6B",
        "0000-01-01",
        "é-2024-01",
    ];
    prop::sample::select(texts.to_vec()).prop_map(|text| (text.to_owned(), "text"))
}

/// Cells of a column: mostly of one spelling, often with something else in the end, and nulls.
fn cells() -> impl Strategy<Value = Vec<Option<Spelled>>> {
    let late = prop_oneof![
        2 => Just(None),
        1 => other().prop_map(Some),
        1 => spelling().prop_flat_map(|texts| texts).prop_map(Some),
    ];
    (spelling(), late).prop_flat_map(|(texts, late)| {
        let cells = prop::collection::vec(prop::option::weighted(0.8, texts), 0..24);
        cells.prop_map(move |mut cells| {
            cells.extend(late.clone().map(Some));
            cells
        })
    })
}

/// The type that holds some texts.
fn type_of<'a>(cells: impl Iterator<Item = &'a Spelled>) -> &'static str {
    let mut words = cells.map(|(_, word)| *word);
    let first = words.next().unwrap_or("text");
    if words.all(|word| word == first) {
        first
    } else {
        "text"
    }
}

/// What a reader of Parquet sees of a text in a column of a type: the format has no timestamps of
/// seconds.
fn in_parquet(text: &str, word: &str) -> String {
    if word.starts_with("timestamp[s") {
        format!("{}.000{}", &text[..19], &text[19..])
    } else {
        text.to_owned()
    }
}

fn processor(chunk_size: usize, threads: usize) -> Processor {
    let config = plain()
        .with_array_mode(ArrayMode::Smart)
        .with_detection(Detection::ALL);
    Processor::new()
        .with_config(config)
        .with_chunk_size(chunk_size)
        .and_then(|processor| processor.with_threads(threads))
        .expect("allowed")
}

/// The only table in a format.
fn table(processor: &Processor, format: &str, input: &str) -> (Report, Vec<u8>) {
    let options = match format {
        "parquet" => WriterOptions::new().with("row_group_size", 3),
        "json" => WriterOptions::new().with("lines", true),
        _ => WriterOptions::new(),
    };
    let (report, files) = files(processor, format, options, input).expect("valid");
    assert!(report.ledger.adds_up());
    (report, files.into_values().next().expect("a table"))
}

fn column<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    columns.iter().find(|(known, ..)| known == name)
}

proptest! {
    #![proptest_config(crate::support::cases(120))]

    #[test]
    fn every_text_comes_back(
        scalars in cells(),
        lists in prop::collection::vec(cells(), 0..12),
        chunk_size in 1_usize..8,
        threads in 1_usize..3,
    ) {
        let text = |cell: &Option<Spelled>| cell.as_ref().map(|(text, _)| text.clone());
        let rows = scalars.len().max(lists.len());
        let records: Vec<Value> = (0..rows).map(|row| {
            let mut record = json!({"n": row});
            if let Some(cell) = scalars.get(row) {
                record["a"] = json!(text(cell));
            }
            if let Some(cell) = lists.get(row) {
                record["l"] = cell.iter().map(|item| json!(text(item))).collect();
            }
            record
        }).collect();
        let input = lines(&records);
        let processor = processor(chunk_size, threads);
        let scalar_type = type_of(scalars.iter().flatten());
        let item_type = type_of(lists.iter().flatten().flatten());

        let (report, json) = table(&processor, "json", &input);
        let found: Vec<Value> = String::from_utf8_lossy(&json)
            .lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let expected: Vec<Value> = records.iter().map(|record| {
            let fields = record.as_object().expect("an object").clone().into_iter();
            // Nulls are left out, and so are empty lists.
            fields.filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())).collect()
        }).collect();
        prop_assert_eq!(found, expected);
        for column in report.tables.iter().flat_map(|table| &table.columns) {
            let expected = match column.name.as_str() {
                "a" => scalar_type.to_owned(),
                "l" => format!("list<{item_type}>"),
                _ => continue,
            };
            prop_assert_eq!(&column.data_type, &expected);
        }

        let (_, csv) = table(&processor, "csv", &input);
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let headers = reader.headers().expect("a header").clone();
        let place = |name| headers.iter().position(|header| header == name);
        for (row, record) in reader.records().enumerate() {
            let record = record.expect("a row");
            if let Some(place) = place("a") {
                let expected = scalars.get(row).and_then(text).unwrap_or_default();
                prop_assert_eq!(&record[place], expected);
            }
            if let (Some(place), Some(list)) = (place("l"), lists.get(row)) {
                let expected = json!(list.iter().map(text).collect::<Vec<_>>()).to_string();
                prop_assert_eq!(&record[place], if list.is_empty() { "" } else { &expected });
            }
        }

        let (_, parquet) = table(&processor, "parquet", &input);
        let found = columns(parquet.clone());
        let shown = |cell: &Option<Spelled>, word| text(cell).map_or("-".to_owned(), |text| in_parquet(&text, word));
        if let Some((_, _, values)) = column(&found, "a") {
            let expected: Vec<String> = (0..rows)
                .map(|row| shown(scalars.get(row).unwrap_or(&None), scalar_type)).collect();
            prop_assert_eq!(values, &expected);
        }
        if let Some((_, _, values)) = column(&found, "l") {
            let expected: Vec<String> = (0..rows).map(|row| match lists.get(row) {
                Some(list) if !list.is_empty() => {
                    let items: Vec<String> = list.iter().map(|item| shown(item, item_type)).collect();
                    format!("[{}]", items.join(" "))
                }
                _ => "-".to_owned(),
            }).collect();
            prop_assert_eq!(values, &expected);
        }
        let (_, whole) = table(&self::processor(1000, 1), "parquet", &input);
        prop_assert!(whole == parquet, "chunks show in the file");
    }
}

fn types(config: Config, input: &str) -> BTreeMap<String, String> {
    let processor = Processor::new().with_config(config);
    let (report, _) = files(&processor, "json", WriterOptions::new(), input).expect("valid");
    let columns = report.tables.iter().flat_map(|table| {
        let name = move |column: &str| format!("{}.{column}", table.name);
        let columns = table.columns.iter();
        columns.map(move |column| (name(&column.name), column.data_type.clone()))
    });
    columns.collect()
}

#[test]
fn only_what_is_asked_for_is_detected() {
    let input = r#"{"d": "2024-02-29", "t": "2024-02-29T00:00:00Z", "u": "cad8d5c0-9fc9-4a0f-b97b-8c8c0d3c3b6b"}"#;
    let found = |detection: &str, cast| {
        let detection: Detection = detection.parse().expect("known words");
        let config = plain().with_detection(detection).with_cast(cast);
        types(config, input).into_values().collect::<Vec<_>>()
    };
    assert_eq!(
        found("all", Cast::Off),
        ["date", "timestamp[s, UTC]", "uuid"]
    );
    assert_eq!(found("dates,uuids", Cast::Off), ["date", "text", "uuid"]);
    assert_eq!(
        found("timestamps", Cast::Off),
        ["text", "timestamp[s, UTC]", "text"]
    );
    assert_eq!(found("none", Cast::Off), ["text", "text", "text"]);
    assert_eq!(found("all", Cast::Text), ["text", "text", "text"]);
    assert_eq!(
        types(plain(), input).into_values().next(),
        Some("text".into())
    );
    for wrong in ["", "date", "dates,", "dates, uuids", "dates,none"] {
        assert!(wrong.parse::<Detection>().is_err(), "{wrong}");
    }
}

#[test]
fn dates_and_numbers_are_text() {
    let config = plain()
        .with_detection(Detection::ALL)
        .with_array_mode(ArrayMode::Smart);
    let input = r#"{"a": "2024-01-01", "l": ["2024-01-01"]}
{"a": 1, "l": [1]}"#;
    let found = types(config.clone(), input);
    assert_eq!(found.into_values().collect::<Vec<_>>(), ["text", "text"]);
    let processor = Processor::new().with_config(config);
    let lines = WriterOptions::new().with("lines", true);
    let processor = processor.with_chunk_size(1).expect("allowed");
    let (_, files) = files(&processor, "json", lines, input).expect("valid");
    let expected =
        "{\"a\":\"2024-01-01\",\"l\":\"[\\\"2024-01-01\\\"]\"}\n{\"a\":\"1\",\"l\":\"[1]\"}\n";
    assert_eq!(String::from_utf8_lossy(&files["t.jsonl"]), expected);
}

#[test]
fn the_run_s_own_time_keeps_its_spelling() {
    let config = Config::default()
        .with_detection(Detection::ALL)
        .with_metadata(|columns| columns.id = None)
        .expect("allowed");
    let processor = Processor::new()
        .with_config(config)
        .with_timestamp("2026-01-01T00:00:00Z")
        .expect("a time");
    let input = r#"{"t": "2026-01-01T00:00:00.000000Z"}"#;
    let (_, files) = files(&processor, "csv", WriterOptions::new(), input).expect("valid");
    assert_eq!(
        String::from_utf8_lossy(&files["t.csv"]),
        "t,__transmog_datetime\r\n2026-01-01T00:00:00.000000Z,2026-01-01T00:00:00Z\r\n"
    );
    let result = processor.process(input, "t").expect("valid");
    let row = result.main_table().rows().next().expect("a row");
    assert_eq!(
        row.to_json(),
        r#"{"t":"2026-01-01T00:00:00.000000Z","__transmog_datetime":"2026-01-01T00:00:00Z"}"#
    );
}

const IDS: [&str; 3] = [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "ffffffff-ffff-4fff-bfff-ffffffffffff",
];

/// Ids of the rows and parents of their children, with types, in chunks of a size.
fn links(config: &Config, input: &str, chunk_size: usize) -> [Option<Column>; 3] {
    let processor = Processor::new()
        .with_config(config.clone())
        .with_chunk_size(chunk_size)
        .expect("allowed");
    let options = WriterOptions::new().with("row_group_size", 1);
    let (_, files) = files(&processor, "parquet", options, input).expect("valid");
    let mut tables = files.into_iter().map(|(name, file)| (name, columns(file)));
    let tables: BTreeMap<String, Vec<Column>> = tables.by_ref().collect();
    let find = |table: &str, name| column(&tables[table], name).cloned();
    [
        find("t.parquet", "id"),
        find("t_k.parquet", "__parent_transmog_id"),
        find("t.parquet", "__transmog_id"),
    ]
}

#[test]
fn natural_ids_that_are_uuids() {
    let record = |id: &str| format!("{{\"id\":\"{id}\",\"k\":[1,2]}}\n");
    let uuids: String = IDS.iter().map(|id| record(id)).collect();
    let config = Config::default()
        .with_detection(Detection::ALL)
        .with_ids(Ids::Natural(NaturalIds::new()));
    let twice = |ids: &[&str]| -> Vec<String> {
        let twice = ids.iter().flat_map(|id| [*id, *id]);
        twice.map(str::to_owned).collect()
    };
    for chunk_size in [1, 2, 10] {
        let [id, parent, _] = links(&config, &uuids, chunk_size);
        let (_, kind, values) = id.expect("a column");
        assert_eq!(
            (kind.as_str(), values),
            ("FixedSizeBinary(16)", IDS.map(str::to_owned).to_vec())
        );
        let (_, kind, values) = parent.expect("a column");
        assert_eq!(
            (kind.as_str(), values),
            ("FixedSizeBinary(16)", twice(&IDS))
        );

        // An id that is none later.
        let [id, parent, _] = links(&config, &(uuids.clone() + &record("x")), chunk_size);
        let all = [IDS.as_slice(), &["x"]].concat();
        let (_, kind, values) = id.expect("a column");
        assert_eq!(
            (kind.as_str(), values),
            ("text", all.iter().map(|id| (*id).to_owned()).collect())
        );
        let (_, kind, values) = parent.expect("a column");
        assert_eq!((kind.as_str(), values), ("text", twice(&all)));

        // A row without any, which gets one that is random.
        let [id, parent, own] = links(&config, &(uuids.clone() + "{\"k\":[1]}"), chunk_size);
        assert_eq!(id.expect("a column").1, "FixedSizeBinary(16)");
        let (_, kind, values) = parent.expect("a column");
        assert_eq!(
            (kind.as_str(), &values[..6]),
            ("text", twice(&IDS).as_slice())
        );
        let (_, kind, own) = own.expect("a column");
        assert_eq!((kind.as_str(), &own[3]), ("text", &values[6]));
    }
}

#[test]
fn an_id_column_that_is_the_natural_one() {
    let config = Config::default()
        .with_detection(Detection::ALL)
        .with_metadata(|columns| columns.id = Some("id".into()))
        .expect("allowed")
        .with_ids(Ids::Natural(NaturalIds::new()));
    let input = format!("{{\"id\":\"{}\",\"k\":[1]}}\n", IDS[0]);
    for (input, kind) in [
        (input.clone(), "FixedSizeBinary(16)"),
        (input + "{\"id\":\"x\",\"k\":[1]}", "text"),
    ] {
        let [id, parent, _] = links(&config, &input, 1);
        for column in [id, parent] {
            let (_, found, values) = column.expect("a column");
            assert_eq!((found.as_str(), values[0].as_str()), (kind, IDS[0]));
        }
    }
}
