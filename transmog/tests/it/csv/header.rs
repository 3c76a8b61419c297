//! Columns that are not called as the header spells them: rules and ids that use either spelling,
//! the report, and the way back.

use proptest::prelude::*;
use transmog::{
    Config, CsvReadOptions, DEFAULT, IdSource, Ids, Input, NaturalIds, OutputSpec, Processor,
    Report, TakenBy, WriterOptions,
};

use super::{options, processor, read_with};
use crate::support::{files, plain};

const PEOPLE: &str = "id,E-Mail,ver no\n1,a@x.org,1.10\n2,b@x.org,1.20\n";

fn ruled(set: impl FnOnce(Config) -> Result<Config, transmog::DataError>) -> Processor {
    processor(options()).with_config(set(plain()).expect("rules that go together"))
}

fn at(path: &str) -> transmog::Pattern {
    path.parse().expect("a path")
}

#[track_caller]
fn rows(processor: &Processor, text: &str) -> (Report, Vec<String>) {
    let (report, rows) = read_with(processor, text.as_bytes()).expect("valid");
    (report, rows.lines().map(str::to_owned).collect())
}

#[test]
fn rules_name_columns_as_the_header_spells_them_or_as_they_are_called() {
    for (mail, version) in [
        ("E-Mail", "ver no"),
        ("E_Mail", "ver_no"),
        ("/E-Mail", "/ver no"),
    ] {
        let excluding = ruled(|config| config.with_exclude(at(mail)));
        let (report, found) = rows(&excluding, PEOPLE);
        assert_eq!(found[0], r#"{"id":1,"ver_no":1.1}"#);
        assert_eq!(
            (report.rules[0].met, report.rules[0].path.as_str()),
            (2, mail)
        );
        let (_, found) = rows(&ruled(|config| config.with_select(at(mail))), PEOPLE);
        assert_eq!(found[0], r#"{"E_Mail":"a@x.org"}"#);
        let (_, found) = rows(&ruled(|config| config.with_rename(at(mail), "m")), PEOPLE);
        assert_eq!(found[0], r#"{"id":1,"m":"a@x.org","ver_no":1.1}"#);
        let (_, found) = rows(
            &ruled(|config| config.with_type(at(version), "text")),
            PEOPLE,
        );
        assert_eq!(found[0], r#"{"id":1,"E_Mail":"a@x.org","ver_no":"1.10"}"#);
        let (_, found) = rows(&ruled(|config| config.with_json_path(at(mail))), PEOPLE);
        assert_eq!(found[0], r#"{"id":1,"E_Mail":"\"a@x.org\"","ver_no":1.1}"#);
        let array = ruled(|config| config.with_array_path(at(mail)));
        let (report, _) = rows(&array, PEOPLE);
        assert_eq!((report.tables[1].rows, report.rules[0].met), (2, 2));
    }
}

#[test]
fn ids_are_made_of_columns_by_either_spelling() {
    let ids = |ids: Ids| {
        let config = Config::default().with_ids(ids);
        let config = config.with_metadata(|names| names.time = None);
        let processor = processor(options()).with_config(config.expect("names"));
        let (report, rows) = rows(&processor, PEOPLE);
        assert_eq!(report.tables[0].fallback_ids, 0);
        rows
    };
    let deterministic = |column: &str| ids(Ids::Deterministic(IdSource::from(column)));
    assert_eq!(deterministic("E-Mail"), deterministic("E_Mail"));
    let by_table = |column: &str| ids(Ids::Deterministic([("t", column)].into()));
    assert_eq!(by_table("E-Mail"), deterministic("E_Mail"));
    let composite = |fields: [&str; 2]| ids(Ids::composite(fields).expect("fields"));
    assert_eq!(composite(["E-Mail", "id"]), composite(["id", "E_Mail"]));
    let natural = |column: &str| {
        ids(Ids::Natural(
            NaturalIds::new().with_patterns([column]).expect("a column"),
        ))
    };
    assert_eq!(natural("E-Mail"), natural("E_Mail"));
}

#[test]
fn the_exact_spelling_of_the_header_goes_before_a_name() {
    let text = "a b,a_b,a-b\n1,2,3\n";
    for (path, found) in [
        ("a b", r#"{"a_b_1":2,"a_b_2":3}"#),
        // It is spelled so, though another column is called so.
        ("a_b", r#"{"a_b":1,"a_b_2":3}"#),
        ("a-b", r#"{"a_b":1,"a_b_1":2}"#),
        ("a_b_1", r#"{"a_b":1,"a_b_2":3}"#),
        ("a_b_2", r#"{"a_b":1,"a_b_1":2}"#),
    ] {
        let (_, rows) = rows(&ruled(|config| config.with_exclude(at(path))), text);
        assert_eq!(rows, [found], "{path}");
    }
    // A spelling that comes twice means both columns.
    let (report, rows) = rows(
        &ruled(|config| config.with_exclude(at("a"))),
        "a,b,a\n1,2,3\n",
    );
    assert_eq!(
        (rows, report.rules[0].met),
        (vec![r#"{"b":2}"#.to_owned()], 2)
    );
}

#[test]
fn headers_may_hold_what_looks_like_a_path() {
    let text = "user.name,a[0],x*,$.y,/z\n1,2,3,4,5\n";
    for (path, left_out) in [
        ("user.name", "user_name"),
        ("/user.name", "user_name"),
        ("/a[0]", "a_0"),
        ("/x*", "x"),
        ("/$.y", "_y"),
        ("/z", "_z"),
    ] {
        let excluding = ruled(|config| config.with_exclude(at(path)));
        let (report, rows) = rows(&excluding, text);
        assert_eq!(report.rules[0].met, 1, "{path}: {rows:?}");
        let names = report.tables[0]
            .columns
            .iter()
            .map(|column| column.name.as_str());
        assert_eq!(names.count(), 4, "{path}, not {left_out}: {rows:?}");
    }
    // Names that are not changed need no header.
    let raw = CsvReadOptions::default().with_sanitized_column_names(false);
    let config = plain().with_exclude(at("/user.name")).expect("a path");
    let (report, _) = rows(&processor(raw).with_config(config), text);
    assert_eq!(report.rules[0].met, 1);
}

#[test]
fn each_input_has_its_own_header() {
    let config = plain()
        .with_exclude(at("E-Mail"))
        .and_then(|config| config.with_rename(at("a b"), "ab"))
        .expect("rules that go together");
    let run = |inputs: &[&str], chunk: usize, threads: usize| {
        let processor = processor(options())
            .with_config(config.clone())
            .with_chunk_size(chunk)
            .and_then(|processor| processor.with_threads(threads))
            .expect("allowed");
        let inputs = inputs.iter().map(|text| Input::bytes(text.as_bytes()));
        let result = processor.process_all(inputs, "t").expect("it runs");
        let lines = WriterOptions::new().with("lines", true);
        let files = result.to_bytes(("json", lines)).expect("files");
        let text = files.into_values().next().unwrap_or_default();
        (
            result.report().rules.clone(),
            String::from_utf8(text).expect("UTF-8"),
        )
    };
    let inputs = [
        "E-Mail,a b\n1,2\n3,4\n",
        "E_Mail,a_b\n5,6\n7,8\n",
        "a b,E-Mail\n9,10\n",
    ];
    let (rules, rows) = run(&inputs, 1000, 1);
    assert_eq!(
        rows,
        "{\"ab\":2}\n{\"ab\":4}\n{\"ab\":6,\"E_Mail\":5}\n{\"ab\":8,\"E_Mail\":7}\n{\"ab\":9}\n"
    );
    assert_eq!(
        rules.iter().map(|rule| rule.met).collect::<Vec<_>>(),
        [3, 1]
    );
    for (chunk, threads) in [(1, 1), (1, 3), (2, 2)] {
        assert_eq!(run(&inputs, chunk, threads), (rules.clone(), rows.clone()));
    }
}

#[test]
fn rejected_rows_that_are_read_again_keep_their_header() {
    let dir = tempfile::tempdir().expect("a folder");
    let processor = ruled(|config| config.with_exclude(at("E-Mail"))).with_recovery(DEFAULT);
    let output = || OutputSpec::directory("json", dir.path());
    let text = "id,E-Mail\n1,a@x.org\n2,b@x.org,3\n";
    let report = processor
        .stream_process(text, "t", output())
        .expect("skips");
    assert_eq!((report.records_rejected, report.rules[0].met), (1, 1));
    let rejects = std::fs::read_to_string(dir.path().join("t.rejected.jsonl")).expect("rejects");
    let mended = rejects.replace("b@x.org,3", "b@x.org");
    let again = processor.with_input_format(transmog::InputFormat::Rejects);
    let (report, rows) = rows(&again, &mended);
    assert_eq!(
        (rows, report.rules[0].met),
        (vec![r#"{"id":2}"#.to_owned()], 1)
    );
}

#[test]
fn the_report_says_what_each_column_is_called() {
    let (report, _) = rows(&processor(options()), "id,a b,a_b,E-Mail,id\n1,2,3,4,5\n");
    let renames = report.renames.iter().map(|rename| {
        let by = rename.taken_by.as_ref();
        let by = by.and_then(|TakenBy { column_path, .. }| column_path.clone());
        (
            rename.wanted.as_str(),
            rename.name.as_str(),
            by.unwrap_or_default().concat(),
        )
    });
    let expected = [
        ("a b", "a_b", String::new()),
        ("a_b", "a_b_1", "a_b".to_owned()),
        ("E-Mail", "E_Mail", String::new()),
        ("id", "id_1", "id".to_owned()),
    ];
    assert_eq!(renames.collect::<Vec<_>>(), expected);
    let text = report.to_string();
    let line = "t: column \"a_b\" of the header is called a_b_1, because there is a a_b\n";
    assert!(text.contains(line) && !text.contains("E-Mail"), "{text}");
    // The settings name a column: that is no news.
    let (report, _) = rows(
        &ruled(|config| config.with_rename(at("E-Mail"), "mail")),
        PEOPLE,
    );
    assert_eq!(report.renames.len(), 1);
}

proptest! {
    #![proptest_config(crate::support::cases(96))]

    /// Whatever the header, the way back has its spellings, each once.
    #[test]
    fn the_way_back_spells_columns_as_the_header_does(
        header in prop::collection::vec("[a _1.-]{0,3}", 1..7),
        null in any::<bool>(),
        format in 0..3_usize,
    ) {
        let dir = tempfile::tempdir().expect("a folder");
        let cells: Vec<String> = (0..header.len())
            .map(|cell| if null && cell == 1 { String::new() } else { cell.to_string() })
            .collect();
        // Quotes, so that a single empty cell is a row.
        let line = |cells: &[String]| format!("\"{}\"\n", cells.join("\",\""));
        let text = line(&header) + &line(&cells);
        let config = Config::default().with_ids(Ids::Row).with_kept_empties(true);
        let options = CsvReadOptions::default().with_delimiter(',').expect("a delimiter");
        let processor = processor(options).with_config(config).with_manifest(true);
        let format = ["csv", "json", "parquet"][format];
        let output = OutputSpec::directory(format, dir.path());
        let report = processor.stream_process(text.as_str(), "t", output).expect("it runs");
        let mut records = Vec::new();
        let rebuilt = transmog::unflatten(dir.path(), None).expect("a manifest");
        rebuilt.write(&mut records, transmog::RecordStyle::Lines).expect("records");
        let record: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&records).expect("one record");
        prop_assert_eq!(record.len(), header.len(), "{:?}", record);
        let mut seen = std::collections::BTreeSet::new();
        for (cell, spelling) in header.iter().enumerate() {
            if seen.insert(spelling) {
                let value = record.get(spelling).expect("the spelling");
                let is_null = null && cell == 1;
                prop_assert_eq!(value.as_u64(), (!is_null).then_some(cell as u64));
            }
        }
        // Every column that is not called so is in the report.
        let names = report.tables[0].columns.iter().filter(|column| column.path.is_some());
        for (column, spelling) in names.zip(&header) {
            let told = report.renames.iter().any(|it| it.name == column.name && it.wanted == *spelling);
            prop_assert!(column.name == *spelling || told);
        }
    }

    /// A rule by the header's spelling does what the rule by the column's name does.
    #[test]
    fn both_spellings_are_one_rule(header in prop::collection::btree_set("[ab -]{1,3}", 1..5)) {
        let header: Vec<String> = header.into_iter().collect();
        let cells: Vec<String> = (0..header.len()).map(|cell| cell.to_string()).collect();
        let line = |cells: &[String]| format!("\"{}\"\n", cells.join("\",\""));
        let text = line(&header) + &line(&cells);
        let options = CsvReadOptions::default().with_delimiter(',').expect("a delimiter");
        let run = |config: Config| {
            let processor = processor(options.clone()).with_config(config);
            files(&processor, "csv", WriterOptions::new(), text.as_str()).expect("it runs")
        };
        let (report, _) = run(plain());
        let columns = report.tables[0].columns.clone();
        for (spelling, column) in header.iter().zip(columns) {
            if header.contains(&column.name) && column.name != *spelling {
                continue;
            }
            let exclude = |path: &str| {
                let pattern = format!("/{path}").parse().expect("a pointer");
                run(plain().with_exclude(pattern).expect("a rule"))
            };
            let (by_header, by_name) = (exclude(spelling), exclude(&column.name));
            prop_assert_eq!(by_header.1, by_name.1);
            prop_assert_eq!(by_header.0.rules[0].met, 1);
            prop_assert_eq!(by_name.0.rules[0].met, 1);
        }
    }
}
