//! Cases with their files: the manifest, what stands in the column of empties, and what is refused.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};
use transmog::{Error, Ids, NaturalIds, OutputSpec, Processor, Report};

const INPUT: &str = r#"{"id":1,"a":null,"b":{"c":{}},"tags":[],"code":7}
{"id":2,"code":"x","tags":["p",null,{}],"e":""}
{"id":3}
"#;

fn processor() -> Processor {
    let processor = Processor::new().with_ids(Ids::Row).with_manifest(true);
    processor
        .with_timestamp("2026-01-02T03:04:05Z")
        .expect("a time")
}

fn run(processor: &Processor, entity: &str, folder: &Path) -> Report {
    let output = OutputSpec::directory("json", folder);
    processor
        .stream_process(INPUT, entity, output)
        .expect("a run")
}

fn json(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

fn records(folder: &Path) -> Vec<String> {
    let records = transmog::unflatten(folder, None).expect("a manifest");
    records
        .map(|record| record.expect("a record").to_json())
        .collect()
}

fn refused(folder: &Path, entity: Option<&str>) -> String {
    let error = match transmog::unflatten(folder, entity) {
        Err(error) => error,
        Ok(mut records) => records.find_map(Result::err).expect("an error"),
    };
    if let Error::Read(read) = &error
        && let Some(source) = std::error::Error::source(read)
    {
        return format!("{read}: {source}");
    }
    error.to_string()
}

#[test]
fn rows_say_what_their_cells_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    run(&processor().with_kept_empties(true), "t", folder.path());
    let main = json(&folder.path().join("t.json"));
    let said = |row: usize| main[row]["__empties"].as_str().expect("notes").to_owned();
    assert_eq!(said(0), r#"{"/a":null,"/b/c":{},"/tags":[]}"#);
    assert_eq!(said(1), r#"{"/code":"text","/e":""}"#);
    assert_eq!(main[2].get("__empties"), None);
    let tags = json(&folder.path().join("t_tags.json"));
    let said: Vec<&Json> = (0..3).map(|row| &tags[row]["__empties"]).collect();
    assert_eq!(
        said,
        [&json!(null), &json!(r#"{"":null}"#), &json!(r#"{"":{}}"#)]
    );
    assert_eq!(
        records(folder.path()),
        [
            r#"{"id":1,"code":7,"a":null,"b":{"c":{}},"tags":[]}"#,
            r#"{"id":2,"code":"x","e":"","tags":["p",null,{}]}"#,
            r#"{"id":3}"#,
        ]
    );
}

#[test]
fn without_notes_nulls_and_empties_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    run(&processor(), "t", folder.path());
    assert_eq!(
        records(folder.path()),
        [
            r#"{"id":1,"code":"7"}"#,
            r#"{"id":2,"code":"x","e":"","tags":["p"]}"#,
            r#"{"id":3}"#,
        ]
    );
}

#[test]
fn natural_ids_are_values_where_rows_have_them() {
    let input = r#"{"id":1,"l":[{"id":"x","m":[1]},{"v":2,"m":[2,3]}]}
{"l":[{"v":3}]}
{"id":null,"l":[{"id":5}]}
"#;
    for id_column in ["id", "__transmog_id"] {
        let folder = tempfile::tempdir().expect("a folder");
        let processor = processor().with_natural_ids(NaturalIds::new());
        let processor = processor
            .with_kept_empties(true)
            .with_metadata(|metadata| metadata.id = Some(id_column.to_owned()))
            .expect("a name");
        let output = OutputSpec::directory("csv", folder.path());
        processor.stream_process(input, "t", output).expect("a run");
        let parse = |line: &str| serde_json::from_str::<Json>(line).expect("JSON");
        let found: Vec<Json> = records(folder.path())
            .iter()
            .map(|line| parse(line))
            .collect();
        let expected: Vec<Json> = input.lines().map(parse).collect();
        assert_eq!(found, expected, "{id_column}");
    }
}

#[test]
fn the_manifest_says_what_the_tables_are() {
    let folder = tempfile::tempdir().expect("a folder");
    run(&processor().with_kept_empties(true), "t", folder.path());
    let manifest = json(&folder.path().join("t.manifest.json"));
    assert_eq!(manifest["entity"], "t");
    assert_eq!(manifest["time"], "2026-01-02T03:04:05Z");
    assert_eq!(manifest["format"], "json");
    assert_eq!(manifest["empties"], true);
    let tables = manifest["tables"].as_array().expect("tables");
    let about = |table: &Json| json!([table["name"], table["path"], table["rows"], table["files"]]);
    assert_eq!(about(&tables[0]), json!(["t", [], 3, ["t.json"]]));
    assert_eq!(
        about(&tables[1]),
        json!(["t_tags", [["tags"]], 3, ["t_tags.json"]])
    );
    let code = &tables[0]["columns"][2];
    assert_eq!(
        code,
        &json!({"name":"code","path":["code"],"type":"text","class":"number"})
    );
    assert_eq!(tables.len(), 2);
}

#[test]
fn no_manifest_unless_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    run(&processor().with_manifest(true), "t", folder.path());
    run(&processor().with_manifest(true), "u", folder.path());
    assert_eq!(
        refused(folder.path(), None),
        format!(
            "cannot read tables back from {}: it has several manifests; name an entity: t, u",
            folder.path().display()
        )
    );
    assert!(transmog::unflatten(folder.path(), Some("u")).is_ok());
    assert!(refused(folder.path(), Some("v")).ends_with(r#"no manifest of "v", but of: t, u"#));
    let folder = tempfile::tempdir().expect("a folder");
    run(&processor().with_manifest(false), "t", folder.path());
    assert!(refused(folder.path(), None).contains("it has no manifest"));
}

#[test]
fn tables_that_do_not_go_together_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let without_ids = processor().with_metadata(|metadata| metadata.id = None);
    run(&without_ids.expect("a name less"), "t", folder.path());
    assert!(refused(folder.path(), None).contains("no id column"));
    let without_parents = processor().with_metadata(|metadata| metadata.parent = None);
    run(&without_parents.expect("a name less"), "t", folder.path());
    assert!(refused(folder.path(), None).contains("ids of its parent rows"));

    let manifest = folder.path().join("t.manifest.json");
    for is_its_own in [true, false] {
        run(&processor(), "t", folder.path());
        let mut changed = json(&manifest);
        let table = &mut changed["tables"][1];
        assert_eq!(table["parent"], "t");
        let name = table["name"].clone();
        table["parent"] = if is_its_own { name } else { "gone".into() };
        fs::write(&manifest, changed.to_string()).expect("written");
        assert!(refused(folder.path(), None).contains("does not name"));
    }

    run(&processor(), "t", folder.path());
    let main = folder.path().join("t.json");
    fs::write(&main, r#"[{"id":1,"__transmog_id":0}]"#).expect("written");
    assert!(refused(folder.path(), None).contains("belongs to no row"));
    fs::write(&main, r#"[{"id":2,"__transmog_id":1}]"#).expect("written");
    assert!(refused(folder.path(), None).contains("has 1 row, and the manifest says 3"));
    fs::write(&main, "[1]").expect("written");
    assert!(refused(folder.path(), None).contains("expected rows that are objects"));
    fs::remove_file(&main).expect("removed");
    assert!(refused(folder.path(), None).contains("cannot read"));
}

#[test]
fn nulls_as_empty_text_come_back_beside_json_text() {
    use transmog::{ArrayMode, Config, Nulls};
    let input = "{\"a\":null}\n{\"a\":[null]}\n{\"a\":[]}\n";
    let config = Config::default()
        .with_array_mode(ArrayMode::Inline)
        .with_nulls(Nulls::EmptyText);
    for (kept, expected) in [
        (true, ["{\"a\":null}", "{\"a\":[null]}", "{\"a\":[]}"]),
        (false, ["{\"a\":\"\"}", "{\"a\":\"[null]\"}", "{}"]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        Processor::new()
            .with_config(config.clone().with_kept_empties(kept))
            .with_manifest(true)
            .stream_process(input, "t", OutputSpec::directory("parquet", folder.path()))
            .expect("a run");
        assert_eq!(records(folder.path()), expected);
    }
}

/// Flattens with kept empties and puts together again.
fn there_and_back(processor: Processor, format: &str, input: &str) -> Vec<Json> {
    let folder = tempfile::tempdir().expect("a folder");
    let output = OutputSpec::directory(format, folder.path());
    let processor = processor.with_kept_empties(true).with_manifest(true);
    processor.stream_process(input, "t", output).expect("a run");
    let records = records(folder.path());
    let parse = |line: &String| serde_json::from_str(line).expect("JSON");
    records.iter().map(parse).collect()
}

#[test]
fn only_the_columns_of_natural_ids_are_looked_at_for_them() {
    for (natural, input) in [
        (None, r#"{"id":1,"next":2} {"id":2,"tags":["x"]}"#),
        (None, r#"{"id":1,"r":{"id":2}} {"id":2,"tags":["x"]}"#),
        (
            None,
            r#"{"id":1,"code":2} {"id":2,"tags":["x"]} {"code":3,"tags":["y"]}"#,
        ),
        (
            None,
            r#"{"id":"1","r":{"id":"2"},"a":[]} {"id":"2","a":[1]}"#,
        ),
        (Some("sku"), r#"{"sku":1,"id":2} {"sku":2,"tags":["x"]}"#),
        // JSON text is no natural id.
        (None, r#"{"id":["a"]} {"id":"b"}"#),
        (
            None,
            r#"{"id":"a","x":[1]} {"id":{"b":2},"code":5,"x":[2]}"#,
        ),
    ] {
        let ids = NaturalIds::new();
        let ids = match natural {
            Some(column) => ids.with_mapping([("*", column)]).expect("a column"),
            None => ids,
        };
        let input_records = serde_json::Deserializer::from_str(input).into_iter::<Json>();
        let expected: Vec<Json> = input_records.map(|record| record.expect("JSON")).collect();
        for format in ["csv", "json", "parquet"] {
            for mode in [transmog::ArrayMode::Separate, transmog::ArrayMode::Keep] {
                let processor = processor().with_natural_ids(ids.clone());
                let found = there_and_back(processor.with_array_mode(mode), format, input);
                assert_eq!(found, expected, "{format} {mode:?}");
            }
        }
    }
}

#[test]
fn seconds_come_back_from_parquet_as_they_were() {
    let input = r#"{"t":"2026-01-31T12:00:00Z","l":["2026-01-31T12:00:00","1999-12-31T23:59:59"]}"#;
    let processor = processor().with_detection("all".parse().expect("a word"));
    let processor = processor.with_array_mode(transmog::ArrayMode::Smart);
    let found = there_and_back(processor, "parquet", input);
    assert_eq!(found, [serde_json::from_str::<Json>(input).expect("JSON")]);
}

/// Whatever byte of the file is damaged, there are records or an error, and not the panics that the
/// Parquet library has for some.
#[test]
fn a_damaged_parquet_file_is_read_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = "{\"a\":1,\"b\":\"x\",\"c\":[1.5]}\n{\"a\":2,\"b\":null,\"c\":[]}\n";
    let processor = Processor::new().with_ids(Ids::Row).with_manifest(true);
    let output = OutputSpec::directory("parquet", folder.path());
    processor.stream_process(input, "t", output).expect("a run");
    let path = folder.path().join("t.parquet");
    let whole = fs::read(&path).expect("a table");
    let mut refused = 0;
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x80 >> (at % 8);
        fs::write(&path, damaged).expect("written");
        let records = transmog::unflatten(folder.path(), None);
        let records = records.and_then(Iterator::collect::<Result<Vec<_>, _>>);
        refused += usize::from(records.is_err());
    }
    assert!(refused > whole.len() / 8, "{refused} of {}", whole.len());
}
