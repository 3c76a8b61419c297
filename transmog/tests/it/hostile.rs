//! Inputs that tools of this field lose values on: every one must come out whole in every format.

use transmog::{Config, OutputSpec, Processor};

use crate::support::{flatten, flatten_with};

#[test]
fn integers_become_text_when_text_comes() {
    flatten("{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":-7}").table(
        "t",
        &["a", "1", "x", "-7"],
        &[r#"{"a":"1"}"#, r#"{"a":"x"}"#, r#"{"a":"-7"}"#],
        &[("a", "text", &["1", "x", "-7"])],
    );
}

#[test]
fn integers_and_floats_are_floats() {
    flatten("{\"a\":1}\n{\"a\":2.5}\n{\"a\":9007199254740992}").table(
        "t",
        &["a", "1", "2.5", "9007199254740992"],
        &[r#"{"a":1}"#, r#"{"a":2.5}"#, r#"{"a":9007199254740992}"#],
        &[("a", "float64", &["1.0", "2.5", "9007199254740992.0"])],
    );
}

#[test]
fn integers_that_no_float_holds_and_floats_are_text() {
    flatten("{\"a\":9007199254740993}\n{\"a\":2.5}").table(
        "t",
        &["a", "9007199254740993", "2.5"],
        &[r#"{"a":"9007199254740993"}"#, r#"{"a":"2.5"}"#],
        &[("a", "text", &["9007199254740993", "2.5"])],
    );
}

#[test]
fn booleans_and_integers_are_text() {
    flatten("{\"a\":true}\n{\"a\":7}\n{\"a\":false}").table(
        "t",
        &["a", "true", "7", "false"],
        &[r#"{"a":"true"}"#, r#"{"a":"7"}"#, r#"{"a":"false"}"#],
        &[("a", "text", &["true", "7", "false"])],
    );
}

#[test]
fn two_to_the_53_and_one_stays() {
    flatten("{\"a\":9007199254740993}").table(
        "t",
        &["a", "9007199254740993"],
        &[r#"{"a":9007199254740993}"#],
        &[("a", "int64", &["9007199254740993"])],
    );
}

#[test]
fn integers_beyond_64_bits_keep_all_digits() {
    let most = "9".repeat(38);
    let text = format!(
        "{{\"a\":9223372036854775808}}\n{{\"a\":18446744073709551616}}\n{{\"a\":-{most}}}\n{{\"a\":1}}"
    );
    flatten(&text).table(
        "t",
        &[
            "a",
            "9223372036854775808",
            "18446744073709551616",
            &format!("-{most}"),
            "1",
        ],
        &[
            r#"{"a":9223372036854775808}"#,
            r#"{"a":18446744073709551616}"#,
            &format!("{{\"a\":-{most}}}"),
            r#"{"a":1}"#,
        ],
        &[(
            "a",
            "decimal",
            &[
                "9223372036854775808",
                "18446744073709551616",
                &format!("-{most}"),
                "1",
            ],
        )],
    );
    let longer = "1".repeat(39);
    flatten(&format!(
        "{{\"a\":{longer}}}\n{{\"a\":18446744073709551616}}"
    ))
    .table(
        "t",
        &["a", &longer, "18446744073709551616"],
        &[
            &format!("{{\"a\":\"{longer}\"}}"),
            r#"{"a":"18446744073709551616"}"#,
        ],
        &[("a", "text", &[&longer, "18446744073709551616"])],
    );
}

#[test]
fn a_number_beyond_floats_stays_as_written() {
    flatten("{\"a\":1e400}\n{\"a\":1.5}").table(
        "t",
        &["a", "1e400", "1.5"],
        &[r#"{"a":"1e400"}"#, r#"{"a":"1.5"}"#],
        &[("a", "text", &["1e400", "1.5"])],
    );
}

#[test]
fn text_that_looks_like_something_else_stays_text() {
    flatten(r#"{"a":"1e5","b":"true","c":"007","d":"2026-01-01","e":""}"#).table(
        "t",
        &["a,b,c,d,e", "1e5,true,007,2026-01-01,"],
        &[r#"{"a":"1e5","b":"true","c":"007","d":"2026-01-01","e":""}"#],
        &[
            ("a", "text", &["1e5"]),
            ("b", "text", &["true"]),
            ("c", "text", &["007"]),
            ("d", "text", &["2026-01-01"]),
            ("e", "text", &[""]),
        ],
    );
}

#[test]
fn paths_that_collide_in_name_are_two_columns() {
    let outcome = flatten(r#"{"a":{"b":1},"a_b":2}"#);
    outcome.table(
        "t",
        &["a_b,a_b_2", "1,2"],
        &[r#"{"a_b":1,"a_b_2":2}"#],
        &[("a_b", "int64", &["1"]), ("a_b_2", "int64", &["2"])],
    );
    let rename = &outcome.report.renames[0];
    assert_eq!(
        (
            rename.table.as_str(),
            rename.wanted.as_str(),
            rename.name.as_str()
        ),
        ("t", "a_b", "a_b_2")
    );
    assert_eq!(rename.column_path.as_deref(), Some(&["a_b".to_owned()][..]));
    let first = rename.taken_by.as_ref().expect("another column");
    let first = first.column_path.as_deref();
    assert_eq!(first, Some(&["a".to_owned(), "b".to_owned()][..]));
    let text = outcome.report.to_string();
    assert!(
        text.contains("t: a_b is column a_b_2, because a.b is a_b\n"),
        "{text}"
    );
}

#[test]
fn tables_that_collide_in_name_are_two_tables() {
    let outcome = flatten(r#"{"a":[{"b":[1]}],"a_b":[2],"a b":[3]}"#);
    let names: Vec<_> = outcome
        .report
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(names, ["t", "t_a", "t_a_b", "t_a_b_2", "t_a_b_3"]);
    assert_eq!(outcome.csv["t_a_b"], "value\n1\n");
    assert_eq!(outcome.csv["t_a_b_2"], "value\n2\n");
    assert_eq!(outcome.csv["t_a_b_3"], "value\n3\n");
    assert_eq!(outcome.report.renames.len(), 2);
    let text = outcome.report.to_string();
    assert!(
        text.contains("a_b is table t_a_b_2, because a[].b is t_a_b\n"),
        "{text}"
    );
}

#[test]
fn case_tells_keys_apart() {
    flatten(r#"{"Name":1,"name":2,"NAME":[3],"nAME":[4]}"#).table(
        "t",
        &["Name,name", "1,2"],
        &[r#"{"Name":1,"name":2}"#],
        &[("Name", "int64", &["1"]), ("name", "int64", &["2"])],
    );
}

#[test]
fn files_of_tables_that_differ_in_case_do_not_collide() {
    let outcome = flatten(r#"{"Tag":[1],"tag":[2]}"#);
    let files: Vec<_> = outcome
        .report
        .tables
        .iter()
        .flat_map(|table| &table.files)
        .collect();
    let mut lower: Vec<_> = files.iter().map(|file| file.to_lowercase()).collect();
    lower.sort();
    lower.dedup();
    assert_eq!(lower.len(), 3, "{files:?}");
}

#[test]
fn odd_keys_are_columns() {
    flatten(r#"{"a.b":1,"a b":2,"é":3,"-":4,"":5,"a\nb":6,"a\"b":7,"日本":8}"#).table(
        "t",
        &["a.b,a b,é,-,,\"a", "b\",\"a\"\"b\",日本", "1,2,3,4,5,6,7,8"],
        &[r#"{"a.b":1,"a b":2,"é":3,"-":4,"":5,"a\nb":6,"a\"b":7,"日本":8}"#],
        &[
            ("a.b", "int64", &["1"]),
            ("a b", "int64", &["2"]),
            ("é", "int64", &["3"]),
            ("-", "int64", &["4"]),
            ("", "int64", &["5"]),
            ("a\nb", "int64", &["6"]),
            ("a\"b", "int64", &["7"]),
            ("日本", "int64", &["8"]),
        ],
    );
}

#[test]
fn a_users_own_ids_are_data() {
    let text = r#"{"_id":"u1","__transmog_id":"u2","x":[{"__parent_transmog_id":"u3","__array_index":9}]}"#;
    let outcome = flatten_with(Config::default().with_ids(transmog::Ids::Row), text);
    let names = |table: &str| {
        let columns = outcome.parquet[table].iter();
        columns.map(|(name, ..)| name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(
        names("t"),
        [
            "_id",
            "__transmog_id_2",
            "__transmog_id",
            "__transmog_datetime"
        ]
    );
    assert_eq!(
        names("t_x"),
        [
            "__parent_transmog_id_2",
            "__array_index_2",
            "__transmog_id",
            "__parent_transmog_id",
            "__transmog_datetime",
            "__array_field",
            "__array_index"
        ]
    );
    assert_eq!(outcome.parquet["t"][1].2, ["u2"]);
    assert_eq!(outcome.parquet["t_x"][0].2, ["u3"]);
    assert_eq!(outcome.report.renames.len(), 3);
}

#[test]
fn an_empty_record_is_a_row() {
    let outcome = flatten("{}\n{\"a\":1}\n{\"b\":{},\"c\":[]}");
    assert_eq!(outcome.report.tables[0].rows, 3);
    outcome.table(
        "t",
        &["a", "\"\"", "1", "\"\""],
        &["{}", r#"{"a":1}"#, "{}"],
        &[("a", "int64", &["-", "1", "-"])],
    );
}

#[test]
fn mixed_arrays_keep_every_item() {
    let outcome = flatten(r#"{"a":[1,"x",{},[1,2],null,true,{"k":2.5}]}"#);
    outcome.table(
        "t_a",
        &[
            "value,k",
            "1,",
            "x,",
            ",",
            "\"[1,2]\",",
            ",",
            "true,",
            ",2.5",
        ],
        &[
            r#"{"value":"1"}"#,
            r#"{"value":"x"}"#,
            "{}",
            r#"{"value":"[1,2]"}"#,
            "{}",
            r#"{"value":"true"}"#,
            r#"{"k":2.5}"#,
        ],
        &[
            ("value", "text", &["1", "x", "-", "[1,2]", "-", "true", "-"]),
            ("k", "float64", &["-", "-", "-", "-", "-", "-", "2.5"]),
        ],
    );
}

#[test]
fn scalar_object_and_array_under_one_key_are_all_kept() {
    let outcome = flatten("{\"a\":1}\n{\"a\":{\"b\":2}}\n{\"a\":[3,4]}\n{\"a\":\"x\"}");
    assert_eq!(outcome.csv["t"], "a,a_b\n1,\n,2\n,\nx,\n");
    assert_eq!(outcome.csv["t_a"], "value\n3\n4\n");
    assert_eq!(outcome.report.ledger.leaves_read, 5);
    assert_eq!(outcome.report.ledger.cells_written, 5);
}

#[test]
fn three_hundred_levels_are_kept() {
    let text = format!("{}1{}", r#"{"k":"#.repeat(300), "}".repeat(300));
    let outcome = flatten(&text);
    let (name, kind, values) = &outcome.parquet["t"][0];
    assert_eq!(*name, vec!["k"; 100].join("_"));
    let deep = format!("{}1{}", r#"{"k":"#.repeat(200), "}".repeat(200));
    assert_eq!(
        (kind.as_str(), values.as_slice()),
        ("text", &[deep.clone()][..])
    );
    let row: serde_json::Value = serde_json::from_str(&outcome.json["t"]).expect("JSON");
    assert_eq!(row[name], deep.as_str());
    let whole = flatten_with(
        crate::support::plain()
            .with_max_depth(300)
            .expect("allowed"),
        &text,
    );
    assert_eq!(whole.parquet["t"][0].0, vec!["k"; 300].join("_"));
    assert_eq!(whole.parquet["t"][0].2, ["1"]);
}

#[test]
fn a_million_levels_are_kept() {
    let open = r#"{"k":"#.repeat(500_000);
    let text = format!("{open}[[[[1]]]]{}", "}".repeat(500_000));
    let outcome = flatten(&text);
    assert!(outcome.csv["t"].len() > text.len() - 100 * 6);
    let arrays = format!(
        "{{\"a\":{}{}}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    let outcome = flatten(&arrays);
    assert_eq!(outcome.report.tables[1].rows, 1);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let expected = |outcome: crate::support::Outcome| {
        outcome.table(
            "t",
            &["a", "1", "2"],
            &[r#"{"a":1}"#, r#"{"a":2}"#],
            &[("a", "int64", &["1", "2"])],
        );
    };
    expected(flatten("\u{feff}{\"a\":1}\r\n\r\n{\"a\":2}\r\n\r\n"));
    expected(flatten("\u{feff}[{\"a\":1},{\"a\":2}]"));
}

#[test]
fn keys_of_three_hundred_characters_are_kept() {
    let (key, nested) = ("k".repeat(300), "ü".repeat(300));
    let outcome = flatten(&format!(r#"{{"{key}":1,"{nested}":[{{"{key}":[2]}}]}}"#));
    assert_eq!(outcome.csv["t"], format!("{key}\n1\n"));
    let deepest = &outcome.report.tables[2];
    assert_eq!(deepest.name, format!("t_{nested}_{key}"));
    assert!(deepest.files[0].len() <= 255);
    assert_eq!(outcome.report.tables[1].rows, 1);
    assert_eq!(outcome.report.ledger.cells_written, 2);
}

#[test]
fn a_key_that_comes_twice_has_its_last_value_at_its_first_place() {
    flatten(r#"{"a":1,"b":2,"a":"x"}"#).table(
        "t",
        &["a,b", "x,2"],
        &[r#"{"a":"x","b":2}"#],
        &[("a", "text", &["x"]), ("b", "int64", &["2"])],
    );
}

#[test]
fn thousands_of_keys_are_columns() {
    let fields: Vec<String> = (0..3000).map(|n| format!("\"k{n}\":{n}")).collect();
    let outcome = flatten(&format!("{{{}}}", fields.join(",")));
    assert_eq!(outcome.parquet["t"].len(), 3000);
    assert_eq!(
        outcome.parquet["t"][2999],
        ("k2999".into(), "int64".into(), vec!["2999".into()])
    );
}

#[test]
fn files_that_make_way_are_in_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = Processor::new()
        .stream_process(
            r#"{"a": [1], "A": [2], "σ": [3], "ς": [4]}"#,
            "t",
            OutputSpec::directory("csv", folder.path()),
        )
        .expect("valid");
    let renamed: Vec<_> = report
        .renames
        .iter()
        .map(|rename| (rename.is_file, rename.table.as_str(), rename.name.as_str()))
        .collect();
    assert_eq!(
        renamed,
        [(true, "t_A", "t_A_2.csv"), (true, "t_ς", "t_ς_2.csv")]
    );
    let text = report.to_string();
    assert!(
        text.contains("A is in file t_A_2.csv, because a is in t_a.csv, which some file systems take for t_A.csv"),
        "{text}"
    );
}
