//! Natural ids: which column they are in, of which type they are, and what children point at.

use transmog::{ArrayMode, Config, Ids, NaturalIds, Report};

use super::{is_random_id, natural, tables, typed, with_id_column};

#[test]
fn natural_ids_keep_their_type_and_widen_with_it() {
    let config = Config::default().with_ids(natural(&[]));
    let numbers = r#"{"id":1,"k":[1,2]}
{"id":2}"#;
    let (report, found) = tables(&config, numbers);
    assert_eq!(
        typed(&found["t_k"], "__parent_transmog_id"),
        ("int64", vec!["1", "1"])
    );
    assert_eq!(
        typed(&found["t"], "__transmog_id"),
        ("text", vec!["-", "-"])
    );
    assert_eq!(report.tables[0].fallback_ids, 0);
    assert_eq!(report.tables[1].fallback_ids, 2);
    let ids = |report: &Report| {
        let columns = report.tables[0].columns.iter();
        columns
            .filter(|column| column.name == "__transmog_id")
            .map(|column| column.nulls)
            .sum::<u64>()
    };
    assert_eq!(ids(&report), 2);

    // The last parent has no children, and shows all the same.
    let (_, found) = tables(
        &config,
        &format!("{numbers}\n{{\"id\":3}}\n{{\"id\":\"x\"}}"),
    );
    assert_eq!(
        typed(&found["t_k"], "__parent_transmog_id"),
        ("text", vec!["1", "1"])
    );
    let (report, found) = tables(&config, &format!("{numbers}\n{{\"id\":3}}\n{{\"n\":1}}"));
    assert_eq!(
        typed(&found["t_k"], "__parent_transmog_id"),
        ("text", vec!["1", "1"])
    );
    assert_eq!((ids(&report), report.tables[0].fallback_ids), (3, 1));

    let other = [
        (
            r#"{"id":1,"k":[1]} {"id":2.5,"k":[1]}"#,
            ("float64", vec!["1.0", "2.5"]),
        ),
        (
            r#"{"id":true,"k":[1]} {"id":false,"k":[1]}"#,
            ("boolean", vec!["true", "false"]),
        ),
        (
            r#"{"id":1,"k":[1]} {"id":18446744073709551615,"k":[1]}"#,
            ("decimal", vec!["1", "18446744073709551615"]),
        ),
        (
            r#"{"id":1,"k":[1]} {"id":2.5,"k":[1]} {"code":"c","k":[1]}"#,
            ("text", vec!["1", "2.5", "c"]),
        ),
        // A random id is there from its chunk on.
        (
            r#"{"id":1,"k":[1]} {"n":1} {"id":2,"k":[1]}"#,
            ("text", vec!["1", "2"]),
        ),
        // Another column of the table does not matter, as long as no id is in it.
        (
            r#"{"id":1,"code":"c","k":[1]} {"id":2,"k":[1]}"#,
            ("int64", vec!["1", "2"]),
        ),
    ];
    for (input, expected) in other {
        let (_, found) = tables(&config, input);
        assert_eq!(
            typed(&found["t_k"], "__parent_transmog_id"),
            expected,
            "{input}"
        );
    }
}

#[test]
fn what_is_no_natural_id() {
    let smart = Config::default().with_array_mode(ArrayMode::Smart);
    let input = r#"{"id":[1],"code":5,"k":[{"n":1}]} {"id":"","code":6,"k":[{"n":1}]} {"id":" ","code":7,"k":[{"n":1}]}
{"id":null,"code":8,"k":[{"n":1}]} {"ID":9,"k":[{"n":1}]} {"id":10,"k":[{"n":1}]}"#;
    let (report, found) = tables(&smart.clone().with_ids(natural(&[])), input);
    let (_, parents) = typed(&found["t_k"], "__parent_transmog_id");
    assert_eq!(parents, ["5", "6", "7", "8", "9", "10"]);
    assert_eq!(report.tables[0].fallback_ids, 0);
    // A mapped column may hold anything but null.
    let (_, found) = tables(&smart.with_ids(natural(&[("t", "id")])), input);
    let (kind, parents) = typed(&found["t_k"], "__parent_transmog_id");
    assert_eq!(
        (kind, parents),
        ("text", vec!["[1]", "", " ", "8", "9", "10"])
    );
}

#[test]
fn nested_ids_have_the_name_of_their_column() {
    let config = Config::default().with_ids(natural(&[("t", "product_product_id")]));
    let (_, found) = tables(&config, r#"{"id":1,"product":{"product_id":"P"},"k":[1]}"#);
    assert_eq!(
        typed(&found["t_k"], "__parent_transmog_id"),
        ("text", vec!["P"])
    );
}

#[test]
fn forced_natural_ids_are_random_and_children_point_at_them() {
    let forced = Ids::Natural(NaturalIds::new().with_forced(true));
    let (report, found) = tables(&Config::default().with_ids(forced), r#"{"id":1,"k":[1]}"#);
    let (_, ids) = typed(&found["t"], "__transmog_id");
    assert!(is_random_id(ids[0]));
    assert_eq!(typed(&found["t_k"], "__parent_transmog_id").1, ids);
    assert_eq!(report.tables[0].fallback_ids, 1);
}

#[test]
fn a_natural_column_of_the_id_columns_name_is_the_id_column() {
    let config = with_id_column(natural(&[("*", "id")]), "id");
    let (report, found) = tables(
        &config,
        r#"{"id":1,"a":1,"k":[{"id":"K"},{"a":2}]} {"id":2,"a":2}"#,
    );
    let names: Vec<_> = found["t"].iter().map(|column| column.0.as_str()).collect();
    assert_eq!(names, ["a", "id", "__transmog_datetime"]);
    assert_eq!(typed(&found["t"], "id"), ("int64", vec!["1", "2"]));
    let (kind, ids) = typed(&found["t_k"], "id");
    assert!(
        kind == "text" && ids[0] == "K" && is_random_id(ids[1]),
        "{ids:?}"
    );
    let id = &report.tables[0].columns[1];
    assert_eq!(
        (id.path.clone(), id.nulls),
        (Some(vec!["id".to_owned()]), 0)
    );
    assert!(report.renames.is_empty() && report.ledger.cells_written == 6);
    // In a table without the column, and without any row, there is an id column.
    let (_, found) = tables(&config, r#"{"id":1,"k":[{"a":1}]}"#);
    assert!(is_random_id(typed(&found["t_k"], "id").1[0]));
    assert_eq!(typed(&tables(&config, "").1["t"], "id"), ("text", vec![]));
    // A second column of that name makes way.
    let dots = config.with_separator(".").expect("allowed");
    let dots = dots.with_ids(natural(&[("*", "i.d")]));
    let dots = dots
        .with_metadata(|metadata| metadata.id = Some("i.d".into()))
        .expect("allowed");
    let (report, found) = tables(&dots, r#"{"i.d":1,"i":{"d":2},"k":[1]}"#);
    assert_eq!(typed(&found["t"], "i.d"), ("int64", vec!["1"]));
    assert_eq!(typed(&found["t"], "i.d_2"), ("int64", vec!["2"]));
    let taken_by = report.renames[0].taken_by.as_ref().expect("another column");
    assert_eq!(taken_by.column_path, Some(vec!["i.d".to_owned()]));
}
