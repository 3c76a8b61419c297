//! What the ids of `hash` and `composite` are made of, by both formulas.

use transmog::{ArrayMode, Config, IdFormula, Ids, deterministic_id};
use uuid::Uuid;

use super::{is_random_id, tables, typed};

/// The id of a text as [`IdFormula::Linked`] makes it.
pub(super) fn linked(text: &str) -> String {
    let namespace = Uuid::from_u128(0xa9b8_c7d6_e5f4_1234_abcd_0123_4567_89ab);
    Uuid::new_v5(&namespace, text.as_bytes()).to_string()
}

/// The ids of a table's rows.
fn ids(config: &Config, input: &str, table: &str) -> Vec<String> {
    let (_, found) = tables(config, input);
    let ids = typed(&found[table], "__transmog_id").1;
    ids.into_iter().map(str::to_owned).collect()
}

#[test]
fn hashes_are_of_the_record_and_then_of_the_parent_and_the_place() {
    let config = Config::default().with_ids(Ids::Hash);
    let main = linked(r#"{"a": [{"B": "É", "l": [1, 1]}, 5], "n": {"l": [2.5]}}"#);
    let input = r#"{"n":{"l":[2.5]},"a":[{"l":[1,1],"B":"É"},5]}"#;
    assert_eq!(ids(&config, input, "t"), [main.as_str()]);
    let item = |index: u8| linked(&format!(r#"["{main}", "a", {index}]"#));
    assert_eq!(ids(&config, input, "t_a"), [item(0), item(1)]);
    let nested = |index: u8| linked(&format!(r#"["{}", "l", {index}]"#, item(0)));
    assert_eq!(ids(&config, input, "t_a_l"), [nested(0), nested(1)]);
    let within = linked(&format!(r#"["{main}", "n", "l", 0]"#));
    assert_eq!(ids(&config, input, "t_n_l"), [within]);
}

#[test]
fn entries_of_maps_are_told_apart_by_their_keys() {
    let config = Config::default().with_ids(Ids::Hash);
    let config = config
        .with_map_path("m".parse().expect("a path"))
        .expect("allowed");
    let main = linked(r#"{"m": {"x": 1, "y": {"a": 1}}}"#);
    let entry = |key: &str| linked(&format!(r#"["{main}", "m", "{key}"]"#));
    let found = ids(&config, r#"{"m":{"y":{"a":1},"x":1}}"#, "t_m");
    assert_eq!(found, [entry("y"), entry("x")]);
}

#[test]
fn records_that_differ_in_anything_have_different_ids() {
    let config = Config::default().with_ids(Ids::Hash);
    let records = [
        r#"{"a":"x"}"#,
        r#"{"a":"X"}"#,
        r#"{"a":" x"}"#,
        r#"{"a":"x","b":null}"#,
        r#"{"a":["x"]}"#,
        r#"{"a":[["x"]]}"#,
        r#"{"a":{"b":"x"}}"#,
        r#"{"a":1}"#,
        r#"{"a":1.0}"#,
        r#"{"a":"1"}"#,
        r#"{"a":null}"#,
        r#"{"a":[]}"#,
        r#"{"a":{}}"#,
        "{}",
    ];
    let mut found = ids(&config, &records.join("\n"), "t");
    found.sort();
    found.dedup();
    assert_eq!(found.len(), records.len());
    // The same in another spelling.
    let spelled = r#"{"a":1,"b":"é"}{"b":"\u00e9","a":1}{"a":7,"b":"é","a":1}"#;
    let (report, _) = tables(&config, spelled);
    assert_eq!(report.tables[0].repeated_ids, 2);
}

#[test]
fn ids_do_not_depend_on_what_other_records_make_of_columns() {
    let config = Config::default().with_ids(Ids::Hash);
    let first = r#"{"b":{"c":1},"a":1,"k":[{"x":1}]}"#;
    let wider = r#"{"b":"text","a":2.5,"k":[{"x":"y"}],"late":1}"#;
    for table in ["t", "t_k"] {
        let alone = ids(&config, first, table);
        assert_eq!(
            ids(&config, &format!("{first}\n{wider}"), table)[0],
            alone[0]
        );
    }
    let numbers = r#"{"n":123456789012345678901234567890,"f":1E+20,"z":-0.0}"#;
    let text = r#"{"f": 1e+20, "n": 123456789012345678901234567890, "z": -0.0}"#;
    assert_eq!(ids(&config, numbers, "t"), [linked(text)]);
}

#[test]
fn composite_ids_are_of_fields_and_of_the_parent_and_the_place() {
    let config = Config::default().with_ids(Ids::composite(["b", "b_c", "x"]).expect("allowed"));
    let input = r#"{"b":{"c":1},"k":[{"x":"É","y":1},{"y":2},{"x":null}]}{"y":1,"k":[{"x":1}]}"#;
    let main = linked(r#"{"b": {"c": 1}, "b_c": 1, "x": null}"#);
    let found = ids(&config, input, "t");
    assert_eq!(found[0], main);
    assert!(is_random_id(&found[1]));
    let expected = [r#"0, {"x": "É"}"#, "1", "2"];
    let expected = expected.map(|rest| linked(&format!(r#"["{main}", "k", {rest}]"#)));
    let found = ids(&config, input, "t_k");
    assert_eq!(found[..3], expected);
    // Its parent has a random id.
    assert!(is_random_id(&found[3]));
    let (report, _) = tables(&config, input);
    let counts = report.tables.iter().map(|table| table.fallback_ids);
    assert_eq!(counts.collect::<Vec<_>>(), [1, 1]);
    assert!(Ids::composite(Vec::<String>::new()).is_err());
    assert!(Ids::composite(["a", ""]).is_err());
}

#[test]
fn the_formula_of_the_python_package_is_of_the_row_alone() {
    let hash = Config::default()
        .with_ids(Ids::Hash)
        .with_id_formula(IdFormula::Python);
    let input = r#"{"b":{"c":1},"a":"X","k":[{"x":1},{"x":1}]}"#;
    let main = deterministic_id(r#"{"a": "X", "b": {"c": 1}, "k": [{"x": 1}, {"x": 1}]}"#);
    let item = deterministic_id(r#"{"x": 1}"#);
    assert_eq!(ids(&hash, input, "t"), [main]);
    assert_eq!(ids(&hash, input, "t_k"), [item.as_str(); 2]);
    let (report, _) = tables(&hash, input);
    assert!(
        report
            .to_string()
            .contains("t_k: 1 of 2 rows has the id of an earlier row")
    );
    let composite = Ids::composite(["b", "b_c", "x"]).expect("allowed");
    let composite = hash.with_ids(composite).with_array_mode(ArrayMode::Keep);
    let input = r#"{"b":{"c":1},"k":[{"x":"É"}]}"#;
    let main = deterministic_id(r#"{"b": {"c": 1}, "b_c": 1, "x": null}"#);
    let child = deterministic_id(r#"{"b": null, "b_c": null, "x": "É"}"#);
    assert_eq!(ids(&composite, input, "t"), [main]);
    assert_eq!(ids(&composite, input, "t_k"), [child]);
    for profile in [Config::v1(), Config::v2()] {
        assert_eq!(profile.id_formula(), IdFormula::Python);
    }
}
