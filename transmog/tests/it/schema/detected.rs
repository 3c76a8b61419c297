//! Given schemas and type settings that say dates, timestamps and UUIDs.

use serde_json::Value;
use transmog::{Processor, SchemaPolicy};

use super::{fault, given, json_of};
use crate::support::plain;

#[test]
fn detected_types_can_be_demanded() {
    let detecting = Processor::new().with_config(plain());
    let detecting = detecting.with_detection("all".parse().expect("a word"));
    let input = r#"{"day": "2026-01-31", "at": "2026-01-31T12:00:00.500Z", "id": "00000000-0000-4000-8000-000000000001"}"#;
    let layout = detecting.inspect(input, "t").expect("valid").layout;
    let types: Vec<_> = layout.tables[0].columns[..3]
        .iter()
        .map(|column| column.data_type.as_str())
        .collect();
    assert_eq!(types, ["date", "timestamp[ms, UTC]", "uuid"]);

    // Without detection, too: the schema says what texts are.
    let frozen = given(layout.clone(), SchemaPolicy::Freeze);
    let report = frozen.inspect(input, "t").expect("it fits");
    assert_eq!(report.layout, layout);
    let (message, field, _) = fault(&frozen, r#"{"day": "2026-02-30"}"#);
    assert_eq!(
        message,
        "column day is date (such as 1970-01-01) in the schema, found text \"2026-02-30\""
    );
    assert_eq!(field.as_deref(), Some("day"));
    fault(&frozen, r#"{"at": "2026-01-31T12:00:00Z"}"#);
    fault(&frozen, r#"{"day": ""}"#);

    let discarding = given(layout.clone(), SchemaPolicy::Discard);
    let other = r#"{"day": "soon", "id": "00000000-0000-4000-8000-000000000002"}"#;
    let (report, tables) = json_of(&discarding, other).expect("the rest fits");
    assert_eq!(
        tables["t"],
        "{\"id\":\"00000000-0000-4000-8000-000000000002\"}\n"
    );
    assert_eq!(report.ledger.excluded, 1);

    // A schema that grows goes back to text, as written.
    let evolving = given(layout, SchemaPolicy::Evolve);
    let (_, tables) = json_of(&evolving, &format!("{input}\n{other}")).expect("valid");
    let days: Vec<Value> = tables["t"]
        .lines()
        .map(|row| serde_json::from_str::<Value>(row).expect("JSON")["day"].clone())
        .collect();
    assert_eq!(days, ["2026-01-31", "soon"]);

    let hinted = Processor::new().with_config(plain());
    let hinted = hinted.with_type("day", "date").expect("a type");
    fault(&hinted, r#"{"day": "tomorrow"}"#);
}
