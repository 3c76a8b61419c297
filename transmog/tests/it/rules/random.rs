//! Random records and random rules: every chunk size and number of threads gives the same, and it
//! is what the oracle says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use transmog::{
    Config, DataError, Error, Ids, Pattern, Processor, Report, TableReport, WriterOptions,
};

use super::oracle::{Path, Row, Rules, Table, nested};
use crate::support::files;

const MODES: [&str; 5] = ["separate", "smart", "inline", "skip", "keep"];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        Just(json!(1.5)),
        prop_oneof![Just(""), Just("x"), Just("1"), Just("[1]")].prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner),
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let key = prop_oneof![Just("a"), Just("b"), Just("c")].prop_map(str::to_owned);
    prop::collection::btree_map(key, inner, 0..4)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

fn path() -> impl Strategy<Value = Path> {
    let key = prop_oneof![3 => Just("a"), 3 => Just("b"), 3 => Just("c"), 1 => Just("*")];
    prop::collection::vec(key.prop_map(str::to_owned), 1..4)
}

fn rules() -> impl Strategy<Value = Rules> {
    let paths = |most| prop::collection::vec(path(), 0..most);
    let all = (
        paths(3),
        paths(3),
        paths(3),
        paths(2),
        prop_oneof![3 => Just(Vec::new()), 2 => paths(3)],
        (paths(3), paths(3)),
        0..MODES.len(),
        prop_oneof![2 => Just(None), 1 => (1..4_usize).prop_map(Some)],
    );
    all.prop_map(
        |(json, map, array, exclude, select, (rename, types), mode, max_columns)| Rules {
            json,
            map,
            array,
            exclude,
            select,
            rename: rename
                .into_iter()
                .enumerate()
                .map(|(i, path)| (path, format!("R{i}")))
                .collect(),
            types,
            mode: MODES[mode].to_owned(),
            max_columns,
        },
    )
}

type Set = fn(Config, Pattern) -> Result<Config, DataError>;

/// The settings, and the rules without those that contradict others.
fn config(mut rules: Rules) -> (Config, Rules) {
    let mut config = Config::default()
        .with_ids(Ids::Row)
        .with_array_mode(rules.mode.parse().expect("a mode"))
        .with_max_columns(rules.max_columns.unwrap_or(1000))
        .and_then(|config| config.with_metadata(|names| names.time = None))
        .expect("allowed");
    let each: [(&mut Vec<Path>, Set); 5] = [
        (&mut rules.json, Config::with_json_path),
        (&mut rules.map, Config::with_map_path),
        (&mut rules.array, Config::with_array_path),
        (&mut rules.exclude, Config::with_exclude),
        (&mut rules.select, Config::with_select),
    ];
    let pattern = |path: &Path| path.join(".").parse::<Pattern>().expect("a pattern");
    for (paths, set) in each {
        paths.retain(|path| match set(config.clone(), pattern(path)) {
            Ok(changed) => {
                config = changed;
                true
            }
            Err(_) => false,
        });
    }
    // The oracle does not say which of two patterns of one length wins.
    rules.rename.dedup_by(|(a, _), (b, _)| a.len() == b.len());
    rules.rename.sort_by_key(|(path, _)| path.len());
    rules.rename.dedup_by(|(a, _), (b, _)| a.len() == b.len());
    rules.types.sort_unstable();
    rules.types.dedup();
    for path in &rules.types {
        config = config.with_type(pattern(path), "text").expect("allowed");
    }
    for (path, name) in &rules.rename {
        config = config.with_rename(pattern(path), name).expect("allowed");
    }
    (config, rules)
}

/// Takes away the rules that an error calls names of columns or tables. The oracle must say that
/// they met nothing, and that there is a column with this name.
fn without_names(rules: Rules, records: &[Value], error: &str) -> Rules {
    let expected = rules.tables(records);
    let counts = rules.counts(records, &expected);
    let mut left = rules;
    for line in error.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [option, given, "names", "a", "column,", "but", ..] = words[..] else {
            panic!("{error}");
        };
        let path = given.split('=').next().unwrap_or_default();
        let mut met = counts
            .iter()
            .filter(|((of, at), _)| *of == option && at == path);
        assert!(met.all(|(_, count)| *count == 0), "{error}");
        let mut columns = expected.tables.iter().flat_map(|(keys, table)| {
            let columns = table.columns.iter();
            columns.map(|column| left.column_name(keys, column))
        });
        assert!(columns.any(|name| name == path), "{error}");
        let is_other = |at: &Path| at.join(".") != path;
        match option {
            "--json-path" => left.json.retain(is_other),
            "--map-path" => left.map.retain(is_other),
            "--array-path" => left.array.retain(is_other),
            "--exclude" => left.exclude.retain(is_other),
            "--select" => left.select.retain(is_other),
            "--type" => left.types.retain(is_other),
            _ => left.rename.retain(|(at, _)| is_other(at)),
        }
    }
    left
}

type Run = (Report, BTreeMap<String, Vec<u8>>);

fn run(config: &Config, text: &str, chunk: usize, threads: usize) -> Result<Run, Error> {
    let processor = Processor::new()
        .with_config(config.clone())
        .with_chunk_size(chunk)
        .and_then(|processor| processor.with_threads(threads))
        .expect("allowed");
    let options = WriterOptions::new().with("lines", true);
    files(&processor, "json", options, text)
}

/// A cell as a column of text has it.
fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn check_table(rules: &Rules, report: &TableReport, table: &Table, file: &[u8]) {
    let text = std::str::from_utf8(file).expect("UTF-8");
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(rows.len(), table.rows.len());
    let most = rules.max_columns.unwrap_or(1000).min(table.columns.len());
    let (columns, surplus) = table.columns.split_at(most);
    let data: Vec<_> = report
        .columns
        .iter()
        .filter_map(|column| column.path.as_ref())
        .collect();
    assert_eq!(data, columns.iter().collect::<Vec<_>>());
    for (number, (found, row)) in rows.iter().zip(&table.rows).enumerate() {
        let is_json = |path: &Path| {
            let keys = report.path.iter().flatten().chain(path).collect::<Vec<_>>();
            !path.is_empty()
                && rules.json.iter().any(|json| {
                    json.len() == keys.len()
                        && json.iter().zip(&keys).all(|(p, k)| p == "*" || p == *k)
                })
        };
        check_row(report, found, row, number, &is_json);
        let rest: Vec<(&Path, &Value)> = surplus
            .iter()
            .filter_map(|path| Some((path, row.cells.get(path).filter(|value| !value.is_null())?)))
            .collect();
        match found.get("__rest").and_then(Value::as_str) {
            None => assert!(rest.is_empty(), "{rest:?}"),
            Some(text) => {
                let found: Value = serde_json::from_str(text).expect("JSON");
                assert_eq!(found, nested(&rest));
            }
        }
    }
}

fn check_row(
    report: &TableReport,
    found: &Value,
    row: &Row,
    number: usize,
    is_json: &dyn Fn(&Path) -> bool,
) {
    assert_eq!(found["__transmog_id"], number);
    if let Some(parent) = row.parent {
        assert_eq!(found["__parent_transmog_id"], parent);
        assert_eq!(found["__array_index"], row.index);
    }
    let mut names = report.columns.iter();
    let has_key = names.any(|column| column.name == "key" && column.path.is_none());
    assert_eq!(
        found.get("key").and_then(Value::as_str),
        row.key.as_deref(),
        "{has_key}"
    );
    for column in &report.columns {
        let Some(path) = &column.path else { continue };
        let expected = row.cells.get(path).filter(|value| !value.is_null());
        let expected = expected.map(|value| {
            if is_json(path) {
                value.to_string()
            } else {
                spelled(value)
            }
        });
        assert_eq!(found.get(&column.name).map(spelled), expected, "{path:?}");
    }
}

/// The plain name, or one that made way, which the report then says.
fn check_names(rules: &Rules, report: &Report) {
    let made_way = |name: &str, wanted: &str| {
        let mut renames = report.renames.iter();
        renames.any(|rename| rename.name == name && rename.wanted == wanted)
    };
    for table in &report.tables {
        let wanted = rules.table_name(&table.path);
        assert!(
            table.name == wanted || made_way(&table.name, &wanted),
            "{wanted}"
        );
        for column in &table.columns {
            let Some(path) = &column.path else { continue };
            let wanted = rules.column_name(&table.path, path);
            assert!(
                column.name == wanted || made_way(&column.name, &wanted),
                "{wanted}"
            );
        }
    }
}

proptest! {
    #![proptest_config(crate::support::cases(512))]

    #[test]
    fn rows_are_what_the_rules_say(
        records in prop::collection::vec(object(value()), 1..12),
        rules in rules(),
    ) {
        let (mut config, mut rules) = config(rules);
        let text: String = records.iter().map(|record| record.to_string() + "\n").collect();
        while let Some(error) = run(&config, &text, 3, 1).err().map(|error| error.to_string())
            && error.contains("but rules take paths")
        {
            (config, rules) = self::config(without_names(rules, &records, &error));
        }
        let expected = rules.tables(&records);
        let has_columns = expected.tables.values().any(|table| !table.columns.is_empty());
        if !rules.select.is_empty() && !has_columns {
            let error = run(&config, &text, 1000, 1).expect_err("no column").to_string();
            prop_assert!(error.contains("leaves no column") && error.contains("--select"));
            return Ok(());
        }
        let (report, files) = run(&config, &text, 1000, 1).expect("it runs");
        for (chunk, threads) in [(1, 1), (7, 1), (1, 2), (3, 2)] {
            let (other, of_other) = run(&config, &text, chunk, threads).expect("it runs");
            prop_assert_eq!(&of_other, &files);
            prop_assert_eq!(&other.rules, &report.rules);
        }
        let counts = report.rules.iter().map(|rule| (rule.option.as_str(), rule.path.clone()));
        let counts = counts.zip(report.rules.iter().map(|rule| rule.met));
        let counts: BTreeMap<_, _> = counts.collect();
        prop_assert_eq!(counts, rules.counts(&records, &expected));
        prop_assert_eq!(report.tables.len(), expected.tables.len());
        prop_assert_eq!(report.ledger.excluded, expected.excluded);
        check_names(&rules, &report);
        for table in &report.tables {
            let file = files.get(&table.files[0]).expect("a file");
            check_table(&rules, table, &expected.tables[&table.path], file);
        }
    }

    /// A record with a key that comes twice is read into memory first.
    #[test]
    fn both_ways_of_reading_give_the_same(
        records in prop::collection::vec(object(value()), 1..6),
        rules in rules(),
    ) {
        let (config, _) = config(rules);
        let exact = Processor::new().with_config(config.clone());
        let slow: String = records
            .iter()
            .map(|record| {
                let body = record.to_string();
                let rest = body.trim_start_matches('{');
                let comma = if rest == "}" { "" } else { "," };
                ["{\"a\":9,\"a\":9", comma, rest, "\n"].concat()
            })
            .collect();
        let fast: String = records
            .iter()
            .map(|record| {
                let mut fields = serde_json::Map::new();
                fields.insert("a".to_owned(), json!(9));
                fields.extend(record.as_object().cloned().unwrap_or_default());
                Value::Object(fields).to_string() + "\n"
            })
            .collect();
        let options = || WriterOptions::new().with("lines", true);
        let slow = files(&exact, "json", options(), slow.as_str());
        let fast = files(&exact, "json", options(), fast.as_str());
        match (slow, fast) {
            (Ok((of_slow, slow)), Ok((of_fast, fast))) => {
                prop_assert_eq!(slow, fast);
                prop_assert_eq!(of_slow.rules, of_fast.rules);
            }
            (slow, fast) => {
                let words = |run: Result<Run, Error>| run.map(|_| ()).map_err(|it| it.to_string());
                prop_assert_eq!(words(slow), words(fast));
            }
        }
    }
}
