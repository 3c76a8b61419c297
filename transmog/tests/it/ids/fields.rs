//! How columns of ids are named, and what happens if no row has one, or some rows lack it.

use transmog::{
    Config, Error, ErrorKind, IdSource, Ids, Input, InputFormat, Memory, NaturalIds, OutputSpec,
    Processor, Value,
};

use super::{is_random_id, tables, typed};

fn failure(ids: Ids, input: &str) -> Option<(String, String)> {
    let processor = Processor::new().with_ids(ids);
    let error = processor.process(input, "t").err()?;
    Some(failure_of(Some(error)))
}

/// The column and the message of an error about ids.
fn failure_of(error: Option<Error>) -> (String, String) {
    let error = error.expect("an error");
    let Error::Data(data) = &error else {
        panic!("{error}");
    };
    let ErrorKind::NoIdColumn { column, .. } = data.kind() else {
        panic!("{error}");
    };
    (column.clone(), error.to_string())
}

fn natural(columns: &[&str]) -> Ids {
    Ids::Natural(
        NaturalIds::new()
            .with_patterns(columns.iter().copied())
            .expect("allowed"),
    )
}

fn deterministic(column: &str) -> Ids {
    Ids::Deterministic(IdSource::Column(column.into()))
}

const ORDERS: &str = r#"{"order_no":1,"user":{"name":"a"},"items":[{"sku":"x"}]}
{"order_no":2,"user":{"name":"b"},"items":[]}"#;

#[test]
fn a_column_that_no_row_has_is_an_error() {
    let composite = |fields: &[&str]| Ids::composite(fields.iter().copied()).expect("allowed");
    for (ids, wrong) in [
        (deterministic("orderno"), "orderno"),
        (deterministic("user.nmae"), "user.nmae"),
        (composite(&["order_no", "user.nmae"]), "user.nmae"),
        (composite(&["orderno"]), "orderno"),
        (natural(&["orderno"]), "orderno"),
        (
            Ids::Deterministic([("", "order_no"), ("items", "sk")].into()),
            "sk",
        ),
    ] {
        let (column, message) = failure(ids, ORDERS).expect(wrong);
        assert_eq!(column, wrong);
        if wrong == "orderno" {
            assert!(message.contains("order_no"), "{message}");
        }
    }
    let map = NaturalIds::new()
        .with_patterns(Vec::<String>::new())
        .expect("allowed");
    let map = map.with_mapping([("t", "orderno")]).expect("allowed");
    assert!(failure(Ids::Natural(map), ORDERS).is_some());
}

#[test]
fn a_column_that_some_row_of_some_table_has_is_none() {
    for ids in [
        deterministic("order_no"),
        deterministic("sku"),
        deterministic("user_name"),
        deterministic("user.name"),
        natural(&["orderno", "sku"]),
        natural(&["user.name"]),
        Ids::Natural(NaturalIds::new()),
        Ids::Natural(
            NaturalIds::new()
                .with_patterns(["no"])
                .expect("allowed")
                .with_forced(true),
        ),
        Ids::composite(["order_no", "sku", "items"]).expect("allowed"),
        // No table of that name has rows.
        Ids::Deterministic([("*", "order_no"), ("lines", "sk"), ("items", "sku")].into()),
    ] {
        assert_eq!(failure(ids.clone(), ORDERS), None, "{ids:?}");
    }
    // Nothing can be missing in no row.
    for ids in [
        deterministic("a"),
        natural(&["a"]),
        Ids::composite(["a"]).expect("allowed"),
    ] {
        assert_eq!(failure(ids, ""), None);
    }
}

#[test]
fn a_path_means_the_column_that_a_name_means() {
    let config = |ids| Config::default().with_ids(ids);
    let input = r#"{"a":{"b":"X"},"k":[1]} {"a":{"b":"y"}} {"a":1}"#;
    for (by_name, by_path) in [
        (deterministic("a_b"), deterministic("a.b")),
        (natural(&["a_b"]), natural(&["a.b"])),
    ] {
        let [by_name, by_path] = [by_name, by_path].map(|ids| tables(&config(ids), input));
        assert_eq!(by_name.0.tables[0].fallback_ids, 1);
        assert_eq!(by_path.0.tables[0].fallback_ids, 1);
        let parents = |found| typed(found, "__parent_transmog_id").1.join(",");
        assert_eq!(parents(&by_name.1["t_k"]), parents(&by_path.1["t_k"]));
    }
    // A column of just that name comes before it, row by row.
    let both = r#"{"a":{"b":1}} {"a.b":2} {"a":{"b":3},"a.b":4}"#;
    let (_, found) = tables(&config(deterministic("a.b")), both);
    let of = |text: &str| transmog::deterministic_id(text);
    assert_eq!(
        typed(&found["t"], "__transmog_id").1,
        [of("1"), of("2"), of("4")]
    );
}

#[test]
fn rows_that_lack_what_ids_are_made_of_are_told() {
    let config = Config::default().with_ids(Ids::composite(["a", "b"]).expect("allowed"));
    let (report, found) = tables(&config, r#"{"a":1} {"b":null} {"c":1,"k":[1,2]}"#);
    let ids = typed(&found["t"], "__transmog_id").1;
    let is_random = ids.iter().map(|id| is_random_id(id));
    assert_eq!(is_random.collect::<Vec<_>>(), [false, true, true]);
    let text = report.to_string();
    assert!(text.contains("t: 2 of 3 rows have a random id"), "{text}");
    assert!(text.contains("t_k: 2 of 2 rows have a random id"), "{text}");
}

/// With ids of `Customer No` and of `Customer_No`, and in a later file whose header spells it in
/// the other way.
#[test]
fn a_column_of_a_csv_header_is_meant_as_the_header_spells_it() {
    let run = |ids: Ids, text: &str| {
        let processor = Processor::new().with_ids(ids);
        let processor = processor.with_input_format(InputFormat::Csv);
        processor.process(text, "t").map(|result| {
            let rows = result.main_table().rows();
            let ids = rows.map(|row| {
                row.get("__transmog_id")
                    .map_or(String::new(), Value::to_text)
            });
            (
                result.report().tables[0].fallback_ids,
                ids.collect::<Vec<_>>(),
            )
        })
    };
    let text = "zz,Customer No,b-c\n1,K7,x\n2,k8,y\n";
    let composite = |fields: [&str; 2]| Ids::composite(fields).expect("allowed");
    for (by_header, by_name) in [
        (deterministic("Customer No"), deterministic("Customer_No")),
        (natural(&["Customer No"]), natural(&["Customer_No"])),
        (
            composite(["b-c", "Customer No"]),
            composite(["b_c", "Customer_No"]),
        ),
        (composite(["zz", "b-c"]), composite(["zz", "b_c"])),
    ] {
        let [by_header, by_name] = [by_header, by_name].map(|ids| run(ids, text).expect("valid"));
        assert_eq!(by_header.0, 0);
        assert_eq!(by_header, by_name);
    }
    let (column, message) = failure_of(run(composite(["b-c", "Customer Nr"]), text).err());
    assert_eq!(column, "Customer Nr");
    assert!(message.contains("did you mean Customer_No?"), "{message}");

    // The name means the column of two headers that spell it differently; a header that lacks it
    // makes no error of it.
    let folder = tempfile::tempdir().expect("a folder");
    for (word, other, lacking) in [
        ("Customer_No", "Customer_No,x\nk9,1\n", 0),
        ("Customer No", "x\n1\n", 1),
    ] {
        let paths = [("a.csv", text), ("b.csv", other)].map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            path
        });
        for ids in [deterministic(word), composite([word, "b-c"])] {
            let inputs = paths.iter().map(|path| Input::file(path.clone()));
            let output = OutputSpec::new("csv", Memory::new().0);
            let processor = Processor::new().with_ids(ids);
            let report = processor.stream_process_all(inputs, "t", output);
            assert_eq!(
                report.expect("valid").tables[0].fallback_ids,
                lacking,
                "{word}"
            );
        }
    }
}

#[test]
fn the_report_counts_the_rows_that_ids_are_made_of() {
    let records: String = (0..30)
        .map(|i| match i % 3 {
            0 => format!("{{\"no\":{i},\"items\":[{{\"sku\":\"s\"}},{{\"n\":{i}}}]}}\n"),
            1 => format!("{{\"no\":{i},\"sku\":\"m\"}}\n"),
            _ => format!("{{\"sku\":null,\"n\":{i}}}\n"),
        })
        .collect();
    let by_table: IdSource = [("", "no"), ("items", "sku"), ("orders", "no")].into();
    let mapped = NaturalIds::new()
        .with_patterns(["sku"])
        .expect("allowed")
        .with_mapping([("t", "no"), ("t_itmes", "n")])
        .expect("allowed");
    let composite = Ids::composite(["no", "sku"]).expect("allowed");
    let cases: [(Ids, &[(&str, u64)]); 6] = [
        // In composite ids a null has a place.
        (composite, &[("composite:no", 20), ("composite:sku", 30)]),
        (deterministic("sku"), &[("deterministic:sku", 20)]),
        (
            Ids::Deterministic(by_table),
            &[
                ("deterministic:=no", 20),
                ("deterministic:items=sku", 10),
                ("deterministic:orders=no", 0),
            ],
        ),
        // A row's id is in the first column that it has.
        (
            natural(&["sku", "no"]),
            &[("natural:sku", 20), ("natural:no", 10)],
        ),
        (
            Ids::Natural(mapped),
            &[
                ("natural:t=no", 20),
                ("natural:t_itmes=n", 0),
                ("natural:sku", 10),
            ],
        ),
        (Ids::Natural(NaturalIds::new()), &[]),
    ];
    for (ids, expected) in cases {
        for (chunk_size, threads) in [(1, 1), (7, 2), (1 << 20, 1)] {
            let processor = Processor::new()
                .with_ids(ids.clone())
                .with_chunk_size(chunk_size)
                .and_then(|it| it.with_threads(threads))
                .expect("allowed");
            let (memory, _) = Memory::new();
            let report = processor
                .stream_process(records.as_str(), "t", OutputSpec::new("json", memory))
                .expect("valid");
            let rules = report.rules.iter();
            let counts: Vec<(&str, u64)> = rules.map(|it| (it.path.as_str(), it.met)).collect();
            assert_eq!(counts, expected, "{ids:?}, {chunk_size}");
            let warnings: Vec<String> = report.unmet_rules().map(ToString::to_string).collect();
            let unmet = expected.iter().filter(|(_, met)| *met == 0);
            let unmet: Vec<String> = unmet
                .map(|(path, _)| {
                    let meant = match *path {
                        "natural:t_itmes=n" => " (did you mean t_items=n?)",
                        _ => "",
                    };
                    format!("--ids {path} met nothing: no row has a value in this column{meant}")
                })
                .collect();
            assert_eq!(warnings, unmet);
        }
    }
}
