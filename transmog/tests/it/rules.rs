//! Rules by path: what each does, and which of them contradict each other.

use transmog::{ArrayMode, Config, Ids, Naming, Processor, Report, WriterOptions};

use crate::support::{files, plain};

mod counts;
mod met;
mod oracle;
mod overflow;
mod random;

/// Tables as JSON Lines, all in one text.
fn run(config: Config, text: &str) -> (Report, String) {
    run_by(&Processor::new().with_config(config), text)
}

fn run_by(processor: &Processor, text: &str) -> (Report, String) {
    let options = WriterOptions::new().with("lines", true);
    let (report, files) = files(processor, "json", options, text).expect("it runs");
    let tables = files.iter().map(|(name, file)| {
        let name = name.trim_end_matches(".jsonl").trim_end_matches(".json");
        format!("{name}\n{}", String::from_utf8_lossy(file))
    });
    (report, tables.collect())
}

fn at(path: &str) -> transmog::Pattern {
    path.parse().expect("a pattern")
}

#[test]
fn json_text_can_always_be_parsed() {
    let config = plain().with_json_path(at("m.*")).expect("allowed");
    let text = r#"{"m":{"a":{"x":[1.0]},"b":"s"}}
{"m":{"a":null,"b":[]}}
{"m":{"a":"","b":12345678901234567890}}
{"m":[{"a":1}]}"#;
    let (report, tables) = run(config.clone(), text);
    assert_eq!(
        tables,
        r#"t
{"m_a":"{\"x\":[1.0]}","m_b":"\"s\""}
{"m_b":"[]"}
{"m_a":"\"\"","m_b":"12345678901234567890"}
{}
t_m
{"a":"1"}
"#
    );
    assert_eq!(report.ledger.leaves_read, report.ledger.cells_written);
    // What the profiles do with null and empty text, they do here too.
    let empty = config.with_empty_text(transmog::EmptyText::Null);
    let (report, tables) = run(empty, r#"{"m":{"a":""}}"#);
    assert_eq!((tables.as_str(), report.ledger.excluded), ("t\n{}\n", 1));
}

#[test]
fn what_is_left_out_is_not_in_json_text_either() {
    let config = || plain().with_array_mode(transmog::ArrayMode::Inline);
    let text = r#"{"a":[{"x":1,"s":{"t":2}},[{"s":3}],4],"s":5}"#;
    let (report, tables) = run(config().with_exclude(at("a.s")).expect("allowed"), text);
    assert_eq!(tables, "t\n{\"a\":\"[{\\\"x\\\":1},[{}],4]\",\"s\":5}\n");
    assert_eq!(report.ledger.excluded, 2);
    let (report, tables) = run(config().with_select(at("a.s.t")).expect("allowed"), text);
    assert_eq!(
        tables,
        "t\n{\"a\":\"[{\\\"s\\\":{\\\"t\\\":2}},[{}],null]\"}\n"
    );
    assert_eq!(report.ledger.excluded, 4);
    // Excluded wins.
    let both = config().with_select(at("a")).expect("allowed");
    let both = both.with_exclude(at("*.x")).expect("allowed");
    let (_, tables) = run(both, text);
    assert!(!tables.contains('x') && tables.contains('s'), "{tables}");
}

#[test]
fn ids_of_whole_records_do_not_see_what_is_left_out() {
    let id = |config: Config, text: &str| {
        let config = config.with_ids(Ids::Hash);
        let config = config.with_metadata(|names| names.id = Some("id".into()));
        run(config.expect("allowed"), text).1
    };
    let excluding = || plain().with_exclude(at("seen")).expect("allowed");
    let (first, second) = (r#"{"a":1,"seen":1}"#, r#"{"seen":2,"a":1}"#);
    assert_eq!(id(excluding(), first), id(excluding(), second));
    assert_ne!(id(plain(), first), id(plain(), second));
}

#[test]
fn a_map_has_rows_with_keys() {
    let config = plain()
        .with_map_path(at("m"))
        .and_then(|config| config.with_metadata(|names| names.array_index = Some("n".into())))
        .expect("allowed");
    let text = r#"{"m":{"u":{"key":1},"v":[1],"u":{"key":2}}}
{"m":[{"key":3}]}
{"m":{}}
{"m":4}"#;
    let (_, tables) = run(config, text);
    assert_eq!(
        tables,
        r#"t
{}
{}
{}
{"m":4}
t_m
{"key_2":2,"n":0,"key":"u"}
{"value":"[1]","n":1,"key":"v"}
{"key_2":3,"n":0}
"#
    );
}

#[test]
fn arrays_kept_as_text_stand_in_their_own_rows_below_an_array_path() {
    let config = plain()
        .with_array_mode(ArrayMode::Keep)
        .with_array_path(at("a"))
        .expect("allowed");
    let text = r#"{"a":[{"b":[1]},null,{"b":1.5},{"b":[2,[]]},{"b":"x"}]}"#;
    let (report, tables) = run(config, text);
    let rows = r#"{"b":"[1]"} {} {"b":"1.5"} {"b":"[2,[]]"} {"b":"x"} "#;
    assert!(
        tables.contains(&format!("t_a\n{}", rows.replace(' ', "\n"))),
        "{tables}"
    );
    assert_eq!(report.tables[1].columns[0].name, "b");
}

#[test]
fn what_is_read_in_part_keeps_the_rules() {
    let config = plain()
        .with_map_path(at("m"))
        .and_then(|config| config.with_array_path(at("a")))
        .and_then(|config| config.with_json_path(at("j")))
        .and_then(|config| config.with_exclude(at("x")))
        .expect("allowed");
    let processor = Processor::new().with_config(config).with_partial_recovery();
    let text = r#"{"m":{"p":NaN,"q":{"z":1}},"a":{"w":NaN,"y":2},"j":{"k":NaN},"x":[NaN,3]}"#;
    let (report, tables) = run_by(&processor, text);
    let count = |word: &str| tables.matches(word).count();
    assert!(tables.contains(r#"{"z":1,"key":"q"}"#), "{tables}");
    assert!(
        tables.contains("t_m_errors") && tables.contains(r#""key":"p""#),
        "{tables}"
    );
    assert!(tables.contains(r#"{"y":2,"__error":"w: "#), "{tables}");
    assert!(tables.contains(r#""j":"{\"k\":null}""#), "{tables}");
    assert_eq!(count("\"x\""), 0, "{tables}");
    assert_eq!(report.ledger.excluded, 1);
    let ledger = report.ledger;
    let sum = ledger.cells_written + ledger.rejected + ledger.excluded;
    assert_eq!(ledger.leaves_read, sum);
}

#[test]
fn profiles_and_csv_take_rules() {
    let v1 = Config::v1()
        .with_map_path(at("m"))
        .and_then(|config| config.with_array_path(at("a")))
        .and_then(|config| {
            config.with_metadata(|names| {
                names.id = None;
                names.parent = None;
                names.time = None;
            })
        })
        .expect("allowed");
    let (_, tables) = run(v1, r#"{"m":{"p":null,"q":"","r":{},"s":7},"a":""}"#);
    assert!(
        tables.ends_with(
            "t_m\n{\"value\":\"7\",\"__array_field\":\"m\",\"__array_index\":\"3\",\"key\":\"s\"}\n"
        ) || tables.ends_with(
            "t_m\n{\"value\":\"7\",\"__array_field\":\"m\",\"__array_index\":3,\"key\":\"s\"}\n"
        ),
        "{tables}"
    );
    assert!(!tables.contains("t_a"), "{tables}");

    let csv = plain()
        .with_rename(at("/b.c"), "bee")
        .and_then(|config| config.with_exclude(at("d")))
        .and_then(|config| config.with_array_path(at("a")))
        .expect("allowed");
    let processor = Processor::new()
        .with_config(csv)
        .with_input_format(transmog::InputFormat::Csv)
        .with_csv_options(transmog::CsvReadOptions::default().with_sanitized_column_names(false));
    let (report, tables) = run_by(&processor, "a,b.c,d\n1,x,2\n,y,3\n");
    assert_eq!(
        tables,
        "t\n{\"bee\":\"x\"}\n{\"bee\":\"y\"}\nt_a\n{\"value\":1}\n"
    );
    assert_eq!(report.ledger.excluded, 2);
}

#[test]
fn names_take_the_place_of_keys() {
    let config = plain()
        .with_rename(at("u.a"), "addr")
        .and_then(|config| config.with_rename(at("u.a.o"), "O"))
        .and_then(|config| config.with_rename(at("id"), "u_x"))
        .expect("allowed");
    let text = r#"{"id":1,"u":{"x":2,"a":{"s":3,"l":[{"z":1}],"o":[{"k":{"v":4},"p":[5]}]}}}"#;
    let (report, tables) = run(config, text);
    assert_eq!(
        tables,
        "O\n{\"k_v\":4}\nO_p\n{\"value\":5}\nt\n{\"u_x\":1,\"u_x_2\":2,\"addr_s\":3}\nt_addr_l\n{\"z\":1}\n"
    );
    assert_eq!(report.renames.len(), 1);
}

#[test]
fn strict_names_are_names_or_errors() {
    let strict = || plain().with_naming(Naming::Strict);
    let error = |text: &str| {
        let processor = Processor::new().with_config(strict());
        let run = files(&processor, "json", WriterOptions::new(), text);
        run.map(|_| ())
            .expect_err("two names are the same")
            .to_string()
    };
    for (text, words) in [
        (
            r#"{"a":{"b":1},"a_b":2}"#,
            [r#"column "a.b" of t"#, r#"column "a_b" of t"#],
        ),
        (
            "{\"a\":{\"b\":[1]}}\n{\"a_b\":[1]}",
            ["table a.b[]", "table a_b[]"],
        ),
        (r#"{"a":[1],"A":[2]}"#, ["table a[]", "table A[]"]),
        (
            r#"{"__error":1}"#,
            ["a metadata column of t", r#"column "__error" of t"#],
        ),
    ] {
        let error = error(text);
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(
            error.contains("line ") && error.contains("suffix"),
            "{error}"
        );
    }
    assert_eq!(run(strict(), r#"{"a":{"b":[1]},"c":1}"#).0.tables.len(), 2);
}

#[test]
fn rules_that_contradict_each_other_are_errors() {
    let fails =
        |result: Result<Config, transmog::DataError>| result.expect_err("a conflict").to_string();
    let json = || plain().with_json_path(at("a.b")).expect("allowed");
    let excluded = || plain().with_exclude(at("a.b")).expect("allowed");
    let named = || plain().with_rename(at("a.b"), "n").expect("allowed");
    let errors = [
        fails(json().with_map_path(at("/a/b"))),
        fails(json().with_array_path(at("a[].b"))),
        fails(json().with_exclude(at("a.b"))),
        fails(excluded().with_array_path(at("a.b"))),
        fails(excluded().with_select(at("a.b"))),
        fails(
            plain()
                .with_select(at("a.b"))
                .and_then(|config| config.with_exclude(at("a.b"))),
        ),
        fails(named().with_rename(at("a.b"), "m")),
        fails(plain().with_rename(at("a.b"), "")),
    ];
    for error in errors {
        assert!(
            error.starts_with("setting ") && error.contains("a.b"),
            "{error}"
        );
    }
    // The keys' column is there only with maps.
    let key = || plain().with_metadata(|names| names.id = Some("key".into()));
    assert!(key().expect("allowed").with_map_path(at("a")).is_err());
    assert!(
        json().with_json_path(at("a.b")).is_ok() && named().with_rename(at("a.b"), "n").is_ok()
    );
    assert!(plain().with_max_columns(0).is_err() && "loose".parse::<Naming>().is_err());
}
