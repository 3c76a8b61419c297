//! Settings and options as text: refused or taken, never more.

use transmog::{Layout, Memory, OutputSpec, Processor, SchemaPolicy, WriterOptions};

/// Lines of settings, `key=value`, where what is no setting is an option of a format.
pub fn options(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut processor = Processor::new();
    let mut options = WriterOptions::new();
    let mut format = "json";
    for line in text.lines() {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let set = |processor: Processor| match key {
            "separator" => processor.with_separator(value),
            "timestamp" => processor.with_timestamp(value),
            "records_path" => processor.with_records_path(value),
            "max_depth" => processor.with_max_depth(value.parse().unwrap_or_default()),
            "type" => {
                let (path, word) = value.split_once('=').unwrap_or((value, ""));
                processor.with_type(path, word)
            }
            "schema" => Ok(match serde_json::from_str::<Layout>(value) {
                Ok(layout) => {
                    let processor = processor.with_schema(layout);
                    processor.with_schema_policy(SchemaPolicy::Discard)
                }
                Err(_) => processor,
            }),
            "exclude" => processor.with_exclude(value),
            "map" => processor.with_map_path(value),
            _ => Ok(processor),
        };
        processor = set(processor).unwrap_or_default();
        match key {
            "format" => format = ["json", "csv", "parquet"][value.len() % 3],
            key => options = options.with(key, value),
        }
    }
    let (memory, _) = Memory::new();
    let input = r#"{"a": 1, "b": {"c": [1, {"d": null}], "": 2.5}, "m": {"x": {"y": 1}}}"#;
    let entity = text.lines().next_back().unwrap_or_default();
    let report =
        processor.stream_process(input, entity, OutputSpec::new((format, options), memory));
    if let Ok(report) = report {
        assert!(report.ledger.adds_up());
    }
}
