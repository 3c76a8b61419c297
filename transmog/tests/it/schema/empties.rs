//! Values that a schema has no room for leave no note of what they were.

use transmog::{Config, Ids, Processor, SchemaPolicy};

use crate::ids::outcome;

#[test]
fn what_was_dropped_is_not_noted() {
    let config = Config::default().with_ids(Ids::Row).with_kept_empties(true);
    let given = Processor::new().with_config(config.clone());
    let given = given.inspect(r#"{"a": 1.5, "list": [{"b": 1}]}"#, "t");
    let discard = config
        .with_schema(given.expect("valid").layout)
        .with_schema_policy(SchemaPolicy::Discard);
    // What is dropped comes before and after what is not, alone and with others in its record, and
    // in places without a column.
    for text in [
        r#"{"a":1.5} {"a":"x"} {"a":2.5}"#,
        r#"{"a":"x"} {"a":1.5} {"a":true} {"a":2.5}"#,
        r#"{"list":[{"b":1},{"b":"x"},{"b":2}]} {"list":[{"b":"x"},{"b":3}]}"#,
        r#"{"z":1} {"z":"x"} {"a":1.5,"z":true} {"list":[{"z":1},{"z":"x"}]}"#,
    ] {
        let alone = outcome(&discard, text, 1, 1);
        assert_eq!(outcome(&discard, text, 50, 1), alone, "{text}");
        assert!(!alone.contains("__empties"), "{alone}");
    }
}
