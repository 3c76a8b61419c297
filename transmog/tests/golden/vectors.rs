//! Checks the vector files: inputs and outputs of single rules.

use std::{fs, path::Path};

use transmog::{Config, InputFormat, Memory, OutputSpec, Processor, deterministic_id};
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
        Some(name @ ("v1_composite" | "v2_composite" | "v2_hash")) => {
            return left_out(format!("{name}: this id mode does not exist yet"));
        }
        Some("v1_csv") => |vector| Some(csv_cell(field(vector, "cell")?)? == *vector.get("value")?),
        // Nothing of this is a number.
        Some("v1_csv_odd") => |vector| {
            let cell = field(vector, "cell")?;
            Some(csv_cell(cell)? == Json::Text(cell.to_owned()))
        },
        Some("v2_csv_guard") => return left_out("v2_csv_guard: the guard does not exist yet"),
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

/// What a cell becomes that is alone in its input.
fn csv_cell(cell: &str) -> Option<Json> {
    let input = format!("v\n\"{}\"\n", cell.replace('"', "\"\""));
    let (memory, files) = Memory::new();
    Processor::new()
        .with_config(settings::as_read(&Config::default()))
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
