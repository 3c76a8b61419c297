//! How often rules applied: what counts, what does not, and what is said of rules that met nothing.

use transmog::{
    Config, DEFAULT, Error, LENIENT, Memory, OutputSpec, Processor, Recovery, Report, RuleReport,
    WriterOptions,
};

use super::at;
use crate::support::{files, plain};

/// The report of a run with these settings.
fn report(processor: &Processor, text: &str) -> Result<Report, Error> {
    Ok(files(processor, "json", WriterOptions::new(), text)?.0)
}

fn with(config: Result<Config, transmog::DataError>) -> Processor {
    Processor::new().with_config(config.expect("rules that go together"))
}

fn counts(report: &Report) -> Vec<(&str, &str, u64)> {
    let rules = report.rules.iter();
    rules
        .map(|rule| (rule.option.as_str(), rule.path.as_str(), rule.met))
        .collect()
}

const PERSON: &str =
    r#"{"id":1,"user":{"ssn":"000","name":"N"},"items":[{"sku":"a"},{"sku":"b"}]}"#;

#[test]
fn each_rule_is_in_the_report_with_its_count() {
    let config = plain()
        .with_exclude(at("user.ssn"))
        .and_then(|config| config.with_rename(at("/items"), "lines"))
        .and_then(|config| config.with_json_path(at("nosuch")))
        .and_then(|config| config.with_type(at("items[].sku"), "text"));
    let report = report(&with(config), PERSON).expect("it runs");
    let expected = [
        ("--exclude", "user.ssn", 1),
        // The table; its column's name is not made of the table's.
        ("--rename", "/items", 1),
        ("--json-path", "nosuch", 0),
        ("--type", "items[].sku", 1),
    ];
    assert_eq!(counts(&report), expected);
    assert_eq!(report.rules[1].value.as_deref(), Some("lines"));
    assert_eq!(report.rules[3].value.as_deref(), Some("text"));
    let unmet: Vec<String> = report.unmet_rules().map(ToString::to_string).collect();
    let warning = "--json-path nosuch met nothing: no value stood at this path";
    assert_eq!(unmet, [warning]);
    assert!(
        report
            .to_string()
            .contains(&format!("\nwarning: {warning}\n"))
    );
    assert_eq!(
        report.rules[0].to_string(),
        "--exclude user.ssn met 1 value"
    );
}

#[test]
fn values_count_wherever_they_stand() {
    let text = r#"{"a":[{"b":{"c":1}},[[{"b":2}]],{"b":[{"c":3},{"c":null}]}],"m":{"x":{"c":1},"y":2}}
{"a":{"b":"text"},"m":[{"c":4}]}"#;
    // In values that are left out, in JSON text and in rows.
    for first in [
        plain().with_exclude(at("*")),
        plain().with_json_path(at("*")),
        Ok(plain().with_array_mode(transmog::ArrayMode::Inline)),
        Ok(plain().with_array_mode(transmog::ArrayMode::Skip)),
        Ok(plain()),
    ] {
        let config = first
            .and_then(|config| config.with_array_path(at("a.b")))
            .and_then(|config| config.with_exclude(at("a.b.c")))
            .and_then(|config| config.with_map_path(at("m")));
        let report = report(&with(config), text).expect("it runs");
        let counts = counts(&report);
        let expected = [
            ("--array-path", "a.b", 4),
            ("--exclude", "a.b.c", 3),
            ("--map-path", "m", 1),
        ];
        assert!(counts.ends_with(&expected), "{counts:?}");
    }
}

#[test]
fn rejected_records_do_not_count_and_kept_ones_do() {
    let text = "{\"a\":{\"b\":1}}\n{\"a\":{\"b\":2},\"x\":NaN}\n{\"a\":{\"b\":3},\"y\":}\n{\"a\":{\"b\":4}}\n";
    let config = || plain().with_exclude(at("a.b"));
    for (recovery, met) in [(Recovery::from(DEFAULT), 2), (LENIENT.into(), 4)] {
        for (chunk, threads) in [(1, 1), (2, 3), (1000, 1)] {
            let processor = with(config())
                .with_recovery(recovery.clone())
                .with_chunk_size(chunk)
                .and_then(|processor| processor.with_threads(threads))
                .expect("allowed");
            let report = report(&processor, text).expect("it runs");
            assert_eq!(counts(&report), [("--exclude", "a.b", met)]);
        }
    }
}

#[test]
fn a_path_that_may_have_been_meant_is_suggested() {
    let suggestion = |set: fn(Config, transmog::Pattern) -> Result<Config, transmog::DataError>,
                      path: &str| {
        let processor = with(set(plain(), at(path)));
        let report = report(&processor, PERSON).expect("it runs");
        let [rule]: [RuleReport; 1] = report.rules.try_into().expect("one rule");
        assert_eq!(rule.met, 0, "{path}");
        rule.suggestion
    };
    for (path, meant) in [
        ("user.snn", Some("user.ssn")),
        ("usr", Some("user")),
        ("User.Ssn", Some("user.ssn")),
        // The column is called sku; it is in the table of items.
        ("items_sku", Some("items.sku")),
        // A key alone.
        ("ssn", Some("user.ssn")),
        ("total", None),
        ("*.x", None),
        // Array items do not count, and keys have dots between them.
        ("items.0.sku", Some("items.sku")),
        ("items.*.sku", Some("items.sku")),
        ("/items/0/sku", Some("items.sku")),
        ("user/ssn", Some("user.ssn")),
        ("user->ssn", Some("user.ssn")),
        ("user->>'ssn'", Some("user.ssn")),
        ("items.0.price", None),
        ("0", None),
    ] {
        let found = suggestion(Config::with_exclude, path);
        assert_eq!(found.as_deref(), meant, "{path}");
    }
}

#[test]
fn names_of_columns_and_tables_are_refused_where_paths_are_meant() {
    type Set = fn(Config, transmog::Pattern) -> Result<Config, transmog::DataError>;
    let rename: Set = |config, path| config.with_rename(path, "n");
    let typed: Set = |config, path| config.with_type(path, "text");
    let rules: [(&str, Set); 6] = [
        ("--exclude", Config::with_exclude),
        ("--json-path", Config::with_json_path),
        ("--array-path", Config::with_array_path),
        ("--map-path", Config::with_map_path),
        ("--rename", rename),
        ("--type", typed),
    ];
    for (option, set) in rules {
        for (name, what, path) in [
            ("user_ssn", "a column", "user.ssn"),
            ("t_items", "a table", "items"),
            ("sku", "a column", "items.sku"),
        ] {
            let processor = with(set(plain(), at(name)));
            let (memory, written) = Memory::new();
            let error = processor.stream_process(PERSON, "t", OutputSpec::new("json", memory));
            let error = error.expect_err("a name").to_string();
            let expected = format!(
                "{option} {name} names {what}, but rules take paths: write {path}; nothing is written"
            );
            assert_eq!(error, expected);
            assert!(written.take().is_empty());
        }
    }
    // A key that is really called so is a path, also if another column would have its name.
    let text = r#"{"user_ssn":1,"user":{"ssn":2}}"#;
    let met = report(&with(plain().with_exclude(at("user_ssn"))), text).expect("it runs");
    assert_eq!(counts(&met), [("--exclude", "user_ssn", 1)]);
}

#[test]
fn a_header_without_rows_is_what_rules_are_judged_by() {
    type Set = fn(Config, transmog::Pattern) -> Result<Config, transmog::DataError>;
    let run = |set: Set, path: &str, strict: bool| {
        let config = set(plain(), at(path)).expect("a rule");
        let processor = Processor::new().with_config(config);
        let processor = processor.with_input_format(transmog::InputFormat::Csv);
        let processor = processor.with_strict_rules(strict);
        processor.inspect("a,E-Mail\n", "t")
    };
    let rename: Set = |config, path| config.with_rename(path, "n");
    let typed: Set = |config, path| config.with_type(path, "text");
    for set in [Config::with_exclude, Config::with_select, rename, typed] {
        for path in ["a", "E-Mail", "E_Mail"] {
            let report = run(set, path, true).expect("the header has it");
            assert_eq!((report.rules[0].met, report.unmet_rules().count()), (1, 0));
        }
        assert!(run(set, "zz", true).is_err());
    }
    let met = run(Config::with_exclude, "a", false).expect("it runs");
    assert_eq!(met.rules[0].to_string(), "--exclude a met 1 column");
    let unmet = run(Config::with_exclude, "aa", false).expect("it runs");
    let warnings: Vec<String> = unmet.unmet_rules().map(ToString::to_string).collect();
    let warning = "--exclude aa met nothing: no value stood at this path (did you mean a?)";
    assert_eq!(warnings, [warning]);
    let error = run(Config::with_select, "e-mail", false).expect_err("no column is left");
    assert!(
        error.to_string().contains("did you mean E-Mail?"),
        "{error}"
    );
}

#[test]
fn what_is_selected_must_leave_a_column() {
    let error = |path: &str, text: &str| {
        let processor = with(plain().with_select(at(path)));
        let (memory, written) = Memory::new();
        let output = OutputSpec::new("json", memory);
        let error = processor.stream_process(text, "t", output);
        assert!(written.take().is_empty());
        error.expect_err("no column").to_string()
    };
    for (path, meant) in [
        ("itms", "items"),
        ("user_ssn", "user.ssn"),
        ("user.nmae", "user.name"),
        ("sku", "none"),
    ] {
        let error = error(path, PERSON);
        let expected = format!("--select {path} met nothing: no value stood at this path");
        assert!(error.contains(&expected), "{error}");
        assert!(
            error.contains(&format!("(did you mean {meant}?)")) || meant == "none",
            "{error}"
        );
    }
    let met = error("a", r#"{"a":{},"b":1}"#);
    assert!(met.ends_with("--select a met 1 value"), "{met}");
    // Half of what is selected is there.
    let half = plain()
        .with_select(at("id"))
        .and_then(|config| config.with_select(at("nosuch")));
    let half = report(&with(half), PERSON).expect("it runs");
    assert_eq!(half.unmet_rules().count(), 1);
    // Columns that a schema has are there.
    let layout = report(&with(Ok(plain())), PERSON).expect("it runs").layout;
    let given = plain().with_schema(layout).with_select(at("nosuch"));
    assert!(report(&with(given), PERSON).is_ok());
}

#[test]
fn strict_rules_are_met_or_nothing_is_written() {
    let config = plain()
        .with_exclude(at("user.snn"))
        .and_then(|config| config.with_rename(at("nosuch"), "n"))
        .and_then(|config| config.with_select(at("user")));
    let strict = with(config).with_strict_rules(true);
    let (memory, written) = Memory::new();
    let error = strict.stream_process(PERSON, "t", OutputSpec::new("json", memory));
    let error = error.expect_err("two rules met nothing").to_string();
    let told = [
        "--exclude user.snn met nothing",
        "--rename nosuch=n met nothing",
    ];
    assert!(told.iter().all(|rule| error.contains(rule)), "{error}");
    assert!(!error.contains("--select") && written.take().is_empty());
    assert!(strict.process(PERSON, "t").is_err() && strict.inspect(PERSON, "t").is_err());
    // Without records nothing is known, which is not what strict rules want.
    let error = strict.process("", "t").expect_err("no records");
    assert!(
        error
            .to_string()
            .contains("no records: rules are not checked")
    );
    let lenient = strict.with_strict_rules(false);
    let result = lenient.process("", "t").expect("no records");
    let report = result.report();
    assert!(!report.rules_checked);
    assert_eq!((report.rules.len(), report.unmet_rules().count()), (3, 0));
    assert_eq!(report.rule_lines(), ["no records: rules are not checked"]);
    let without = Processor::new().with_strict_rules(true).process("", "t");
    assert!(without.expect("no rules").report().rule_lines().is_empty());
}

#[test]
fn columns_of_format_options_are_rules() {
    let run = |names: &str, strict: bool| {
        let processor = Processor::new()
            .with_config(plain())
            .with_strict_rules(strict);
        let options = WriterOptions::new().with("bloom_filter", names);
        let text = r#"{"id":1,"ok":true,"items":[{"id":2,"sku":"a"}]}"#;
        files(&processor, "parquet", options, text).map(|(report, _)| report)
    };
    let report = run("id,sky,ok", false).expect("it runs");
    let counts = counts(&report);
    let bloom = "-O bloom_filter";
    // Booleans have none.
    assert_eq!(
        counts,
        [(bloom, "id", 2), (bloom, "sky", 0), (bloom, "ok", 0)]
    );
    assert_eq!(report.rules[1].suggestion.as_deref(), Some("sku"));
    assert!(
        report.rules[1]
            .to_string()
            .starts_with("-O bloom_filter=sky met nothing: ")
    );
    assert!(run("id,sku", true).is_ok() && run("all", true).is_ok());
    assert!(run("id,sky", true).is_err());
}

#[test]
fn reports_of_runs_that_are_put_together_have_all_rules() {
    let config = plain()
        .with_exclude(at("a"))
        .and_then(|config| config.with_type(at("b"), "text"))
        .and_then(|config| config.with_exclude(at("c")));
    let processor = with(config);
    let part = |text: &str| processor.process(text, "t").expect("it runs");
    let parts = [
        part(r#"{"a":1,"b":1,"z":1}"#),
        part("{\"a\":1,\"c\":1}\n{\"a\":1,\"b\":2}"),
    ];
    let all = transmog::ProcessingResult::combine(parts, "t").expect("they go together");
    let expected = [
        ("--exclude", "a", 3),
        ("--exclude", "c", 1),
        ("--type", "b", 1),
    ];
    assert_eq!(counts(all.report()), expected);
}

#[test]
fn types_count_columns_and_what_has_none() {
    let config = plain()
        .with_max_columns(1)
        .and_then(|config| config.with_type(at("a"), "int64"))
        .and_then(|config| config.with_type(at("z"), "int64"))
        .and_then(|config| config.with_type(at("t"), "text"))
        .and_then(|config| config.with_type(at("o"), "text"));
    let report = report(&with(config), r#"{"a":1,"z":2,"t":["x"],"o":{"p":1}}"#).expect("it runs");
    // The items of an array are a column; an object is none.
    let found: Vec<u64> = report.rules.iter().map(|rule| rule.met).collect();
    assert_eq!(found, [1, 1, 1, 0]);
    let twice = plain().with_type(at("a"), "int64").expect("a type");
    let error = twice
        .clone()
        .with_type(at("/a"), "text")
        .expect_err("two types");
    assert!(error.to_string().contains("a is int64 and text"), "{error}");
    assert!(twice.with_type(at("a"), "int64").is_ok());
}
