//! Checks the vector files: inputs and outputs of single rules.

use std::{fs, path::Path};

use transmog::{
    Config, Ids, InputFormat, Memory, OutputSpec, Processor, Value, Words, WriterOptions,
    composite_id, deterministic_id,
};
use transmog_core::{sanitise, text};

use crate::{
    case::{Outcome, Refusal, left_out, wrong},
    json::Json,
    settings,
};

/// Checks a file. Gives the number of vectors that hold, and the faults of the others.
pub(crate) fn check(path: &Path) -> Outcome<(usize, Vec<String>)> {
    let file = Json::read(&fs::read_to_string(path).map_err(wrong)?).map_err(Refusal::Wrong)?;
    let rule: fn(&Json) -> Option<bool> = match file.get("name").and_then(Json::as_text) {
        Some("v1_ids") => {
            |vector| Some(deterministic_id(field(vector, "text")?) == field(vector, "id")?)
        }
        Some("v1_floats") => float,
        Some("v1_sanitize") => |vector| {
            let name = field(vector, "name")?;
            let same =
                |key, separator| Some(sanitise(name, separator, false) == field(vector, key)?);
            Some(same("sep_underscore", "_")? && same("sep_dot", ".")? && same("sep_colon2", "::")?)
        },
        // The file names of 2.x are not a rule here.
        Some("v2_names") => {
            |vector| Some(sanitise(field(vector, "name")?, "_", true) == field(vector, "table")?)
        }
        Some("v1_composite") => |vector| {
            let record = vector.get("record")?.compact();
            let record: Value = serde_json::from_str(&record).ok()?;
            Some(composite_id(&record, &fields(vector)?) == field(vector, "id")?)
        },
        Some("v2_composite") => |vector| {
            Some(id(vector, Ids::composite(fields(vector)?).ok()?)? == field(vector, "id")?)
        },
        Some("v2_hash") => |vector| Some(id(vector, Ids::Hash)? == field(vector, "id")?),
        Some("v1_csv") => |vector| Some(csv_cell(field(vector, "cell")?)? == *vector.get("value")?),
        // Nothing of this is a number.
        Some("v1_csv_odd") => |vector| {
            let cell = field(vector, "cell")?;
            Some(csv_cell(cell)? == Json::Text(cell.to_owned()))
        },
        Some("v2_csv_guard") => guard,
        other => return left_out(format!("unknown rule {other:?}")),
    };
    let Some(Json::Array(vectors)) = file.get("vectors") else {
        return Err(wrong("vectors are missing"));
    };
    let mut faults = Vec::new();
    for vector in vectors {
        match rule(vector) {
            Some(true) => {}
            Some(false) => faults.push(format!("does not hold: {}", vector.compact())),
            None => faults.push(format!("cannot be read: {}", vector.compact())),
        }
    }
    Ok((vectors.len() - faults.len(), faults))
}

fn field<'a>(vector: &'a Json, key: &str) -> Option<&'a str> {
    vector.get(key)?.as_text()
}

/// What a cell becomes that is alone in its input, by the words of the Python package.
fn csv_cell(cell: &str) -> Option<Json> {
    let input = format!("v\n\"{}\"\n", cell.replace('"', "\"\""));
    let (memory, files) = Memory::new();
    Processor::new()
        .with_config(settings::as_read(
            &Config::default().with_words(Words::Python),
        ))
        .with_input_format(InputFormat::Csv)
        .stream_process(input, "t", OutputSpec::new("json", memory))
        .ok()?;
    let file = String::from_utf8(files.take().remove("t.json")?).ok()?;
    match Json::read(&file).ok()? {
        Json::Array(rows) if rows.len() == 1 => {
            Some(rows[0].get("v").cloned().unwrap_or(Json::Null))
        }
        _ => None,
    }
}

fn float(vector: &Json) -> Option<bool> {
    let bits = u64::from_str_radix(field(vector, "hex_bits")?, 16).ok()?;
    let mut out = Vec::new();
    text::write_float(&mut out, f64::from_bits(bits));
    Some(out == field(vector, "text")?.as_bytes())
}

fn fields(vector: &Json) -> Option<Vec<&str>> {
    let Json::Array(fields) = vector.get("fields")? else {
        return None;
    };
    fields.iter().map(Json::as_text).collect()
}

/// The id that a vector's record gets.
fn id(vector: &Json, ids: Ids) -> Option<String> {
    let (memory, files) = Memory::new();
    let record = vector.get("record")?.compact();
    Processor::new()
        .with_config(Config::v2().with_ids(ids))
        .stream_process(record.as_str(), "t", OutputSpec::new("json", memory))
        .ok()?;
    let rows = files.take().remove("t.json")?;
    let Json::Array(rows) = Json::read(str::from_utf8(&rows).ok()?).ok()? else {
        return None;
    };
    rows.first()?.get("_id")?.as_text().map(str::to_owned)
}

/// The first cell of a file with a guard.
fn guard(vector: &Json) -> Option<bool> {
    let record = serde_json::json!({ "cell": field(vector, "cell")? });
    let options = WriterOptions::new().with("formula_guard", true);
    let (output, kept) = OutputSpec::writer(("csv", options), Vec::new());
    Processor::new().stream_process(&record, "t", output).ok()?;
    let file = kept.take()?;
    let mut rows = csv::Reader::from_reader(file.as_slice());
    let row = rows.records().next()?.ok()?;
    Some(row.get(0)? == field(vector, "guarded")?)
}
