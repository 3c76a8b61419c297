//! Finding out what a run would give.

use transmog::{Config, Ids, Processor};

use crate::support::{files, plain};

#[test]
fn inspecting_says_what_a_run_would() {
    let config = Config::default().with_ids(Ids::Row);
    for input in [
        "",
        super::ORDERS,
        r#"{"a": [1, [2]], "a_b": 1, "a": {"b": 2}}"#,
    ] {
        let processor = Processor::new().with_config(config.clone());
        let (mut run, _) =
            files(&processor, "csv", transmog::WriterOptions::new(), input).expect("valid");
        let mut inspected = processor.inspect(input, "t").expect("valid");
        (run.seconds, inspected.seconds) = (0.0, 0.0);
        for table in &mut run.tables {
            table.files.clear();
        }
        assert_eq!(inspected, run);
    }
}

#[test]
fn layouts_have_roles_and_paths() {
    let report = Processor::new().inspect(super::ORDERS, "t").expect("valid");
    let json = serde_json::to_value(&report.layout).expect("JSON");
    assert_eq!(json["tables"][1]["path"], serde_json::json!([["items"]]));
    assert_eq!(json["tables"][1]["columns"][2]["role"], "id");
    assert_eq!(
        json["tables"][0]["columns"][1]["path"],
        serde_json::json!(["user", "age"])
    );
    let plain = Processor::new()
        .with_config(plain())
        .inspect(super::ORDERS, "t")
        .expect("valid");
    assert_eq!(plain.layout.tables[1].columns.len(), 2);
}
