//! Given schemas with rules by path: maps, single values that count as arrays, JSON text, names.

use transmog::{Processor, SchemaPolicy};

use super::{fault, json_of};
use crate::support::plain;

#[test]
fn rules_by_path_go_together_with_schemas() {
    let input = r#"{"m": {"x": {"n": 1}, "y": {"n": 2}}, "one": {"k": true}, "j": [1, {"a": 2}], "old": 5}"#;
    let processor = || {
        let config = plain();
        let pattern = |text: &str| text.parse::<transmog::Pattern>().expect("a pattern");
        let config = config.with_map_path(pattern("m")).expect("a rule");
        let config = config.with_array_path(pattern("one")).expect("a rule");
        let config = config.with_json_path(pattern("j")).expect("a rule");
        Processor::new().with_config(config.with_rename(pattern("old"), "new").expect("a rule"))
    };
    let (report, tables) = json_of(&processor(), input).expect("valid");
    let frozen = |policy| {
        let processor = processor().with_schema(report.layout.clone());
        processor.with_schema_policy(policy)
    };
    for policy in [
        SchemaPolicy::Evolve,
        SchemaPolicy::Freeze,
        SchemaPolicy::Discard,
    ] {
        let (again, same) = json_of(&frozen(policy), input).expect("fits");
        assert_eq!((&again.layout, &same), (&report.layout, &tables));
    }
    let freeze = frozen(SchemaPolicy::Freeze);
    let (message, field, _) = fault(&freeze, r#"{"m": {"x": {}, "z": {"n": "a"}}}"#);
    assert_eq!(message, "column n is int64 in the schema, found text");
    assert_eq!(field.as_deref(), Some("m[1].n"));

    // Maps and single values that would be tables.
    let fewer = json_of(&processor(), r#"{"old": 1}"#).expect("valid").0;
    let processor = processor().with_schema(fewer.layout);
    let freeze = processor.clone().with_schema_policy(SchemaPolicy::Freeze);
    for (record, table) in [(r#"{"m": {"x": 1}}"#, "m"), (r#"{"one": 1}"#, "one")] {
        let message = format!("table {table} is not in the schema");
        assert_eq!(fault(&freeze, record).0, message);
    }
    let discard = processor.with_schema_policy(SchemaPolicy::Discard);
    let (report, tables) = json_of(&discard, input).expect("dropped");
    assert_eq!(tables["t"], "{\"new\":5}\n");
    assert_eq!(report.values_dropped, 4);
    assert!(report.ledger.adds_up());
}
