//! Reads a golden case: its profile, options, input and expected tables. Runs nothing.

use std::{fs, path::Path};

use transmog::CsvReadOptions;

use transmog::Recovery;

use crate::{json::Json, settings};

/// One case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) profile: Profile,
    pub(crate) entity: String,
    /// The options, without profile and entity.
    pub(crate) options: Vec<(String, Json)>,
    pub(crate) input: CaseInput,
    pub(crate) recovery: Recovery,
    /// The expected tables, in order.
    pub(crate) tables: Vec<(String, Vec<Json>)>,
    /// What a CSV input holds before it is flattened, nulls included.
    pub(crate) csv_records: Option<Vec<Json>>,
    /// JSON text in cells is compared without its spacing.
    pub(crate) loose_json_text: bool,
}

/// A set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Profile {
    Default,
    V1,
    V2,
}

impl Profile {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// What the case reads.
#[derive(Debug, Clone)]
pub(crate) enum CaseInput {
    /// One record, or a list of records.
    Value(Json),
    JsonText(String),
    JsonLines(String),
    Json5(String),
    Csv(String, CsvReadOptions),
}

/// Why a case does not run.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It needs something that does not exist yet, or that this runner does not know.
    LeftOut(String),
    /// Something is wrong with the case.
    Wrong(String),
}

/// A case, or why there is none.
pub(crate) type Outcome<T> = Result<T, Refusal>;

pub(crate) fn left_out<T>(reason: impl Into<String>) -> Outcome<T> {
    Err(Refusal::LeftOut(reason.into()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(crate) fn wrong(reason: impl ToString) -> Refusal {
    Refusal::Wrong(reason.to_string())
}

/// Fields that a case may have.
const FIELDS: &[&str] = &[
    "name",
    "why",
    "input",
    "input_text",
    "input_format",
    "config",
    "source",
    "expected",
    "compare",
];

/// The one rule of comparing that cases name.
const JSON_TEXT_RULE: &str = "columns holding JSON text: compare the parsed JSON, not the spacing";

impl Case {
    /// Reads a case from its file.
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path).map_err(wrong)?;
        let file = Json::read(&text).map_err(Refusal::Wrong)?;
        let Json::Object(fields) = &file else {
            return Err(wrong("not an object"));
        };
        if let Some((key, _)) = fields
            .iter()
            .find(|(key, _)| !FIELDS.contains(&key.as_str()))
        {
            return left_out(format!("unknown field {key}"));
        }
        let expected = file.get("expected").map_or_else(String::new, Json::compact);
        if expected.contains("\"$float\"") {
            return left_out("it expects floats that are not finite");
        }
        let input = input(&file)?;
        let loose_json_text = match file.get("compare") {
            None => false,
            Some(Json::Text(rule)) if rule == JSON_TEXT_RULE => true,
            Some(rule) => return left_out(format!("unknown rule of comparing {rule:?}")),
        };
        let Some(Json::Object(config)) = file.get("config") else {
            return Err(wrong("config is missing"));
        };
        let word = |key: &str| config.iter().find(|(k, _)| k == key)?.1.as_text();
        let profile = match word("profile") {
            Some("default") => Profile::Default,
            Some("v1") => Profile::V1,
            Some("v2") => Profile::V2,
            other => return left_out(format!("unknown profile {other:?}")),
        };
        let named = |(key, _): &&(String, Json)| key != "profile" && key != "entity_name";
        let of_file = |key: &str| file.get(key).and_then(Json::as_text).map(str::to_owned);
        Ok(Self {
            name: of_file("name").ok_or_else(|| wrong("name is missing"))?,
            why: of_file("why").unwrap_or_default(),
            profile,
            entity: word("entity_name")
                .ok_or_else(|| wrong("entity_name is missing"))?
                .to_owned(),
            options: config.iter().filter(named).cloned().collect(),
            input,
            recovery: word("recovery")
                .unwrap_or("strict")
                .parse()
                .map_err(wrong)?,
            tables: tables(&file)?,
            csv_records: csv_records(&file),
            loose_json_text,
        })
    }
}

fn input(file: &Json) -> Outcome<CaseInput> {
    if let Some(value) = file.get("input") {
        return Ok(CaseInput::Value(with_tokens(value)));
    }
    let text = file.get("input_text").and_then(Json::as_text);
    let text = text.ok_or_else(|| wrong("input is missing"))?.to_owned();
    match file.get("input_format").and_then(Json::as_text) {
        Some("json") => Ok(CaseInput::JsonText(text)),
        Some("jsonl") => Ok(CaseInput::JsonLines(text)),
        Some("json5") => Ok(CaseInput::Json5(text)),
        Some("csv") => Ok(CaseInput::Csv(text, settings::csv(file)?)),
        Some(other) => left_out(format!("{other} input does not exist yet")),
        None => Err(wrong("input_format is missing")),
    }
}

/// `{"$float": "NaN"}` stands for the token that JSON does not have.
fn with_tokens(value: &Json) -> Json {
    match value {
        Json::Array(items) => Json::Array(items.iter().map(with_tokens).collect()),
        Json::Object(fields) => match fields.as_slice() {
            [(key, Json::Text(token))] if key == "$float" => Json::Number(token.clone()),
            _ => {
                let field = |(key, value): &(String, Json)| (key.clone(), with_tokens(value));
                Json::Object(fields.iter().map(field).collect())
            }
        },
        other => other.clone(),
    }
}

fn csv_records(file: &Json) -> Option<Vec<Json>> {
    match file.get("expected")?.get("csv_records")? {
        Json::Array(records) => Some(records.clone()),
        _ => None,
    }
}

fn tables(file: &Json) -> Outcome<Vec<(String, Vec<Json>)>> {
    let expected = file.get("expected");
    let Some(Json::Object(tables)) = expected.and_then(|expected| expected.get("tables")) else {
        return Err(wrong("expected tables are missing"));
    };
    let rows = |(name, rows): &(String, Json)| match rows {
        Json::Array(rows) => Ok((name.clone(), rows.clone())),
        _ => Err(wrong(format!("rows of {name} are no list"))),
    };
    tables.iter().map(rows).collect()
}
