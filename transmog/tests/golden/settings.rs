//! Turns the options of a case into a configuration. An option that nobody knows leaves the case
//! out.

use transmog::{
    Cast, Config, CsvReadOptions, EmptyText, IdSource, Ids, Metadata, NaturalIds, Nulls, Row,
};

use crate::{
    case::{Case, Outcome, Profile, left_out, wrong},
    json::Json,
};

/// The configuration of a case.
pub(crate) fn config(case: &Case) -> Outcome<Config> {
    let config = match case.profile {
        Profile::Default => Config::default(),
        Profile::V1 => Config::v1(),
        Profile::V2 => Config::v2(),
    };
    let config = config.with_ids(ids(case)?);
    case.options
        .iter()
        .try_fold(config, |config, (name, value)| {
            option(config, case.profile, name, value)
        })
}

fn option(config: Config, profile: Profile, name: &str, value: &Json) -> Outcome<Config> {
    let bad = || wrong(format!("option {name} is {}", value.compact()));
    let word = || value.as_text().ok_or_else(bad);
    let number = || value.compact().parse::<usize>().map_err(|_| bad());
    let flag = || match value {
        Json::Bool(flag) => Ok(*flag),
        _ => Err(bad()),
    };
    let v2 = profile == Profile::V2;
    Ok(match name {
        // What belongs to the input, and to ids.
        "csv"
        | "recovery"
        | "id_mode"
        | "deterministic_id_fields"
        | "natural_id_patterns"
        | "natural_id_mapping"
        | "composite_fields"
        | "id_template" => config,
        "separator" => config.with_separator(word()?).map_err(wrong)?,
        "deep_nesting_threshold" => {
            let threshold = (*value != Json::Null).then(number).transpose()?;
            config
                .with_deep_nesting_threshold(threshold)
                .map_err(wrong)?
        }
        "max_depth" => config.with_max_depth(number()?).map_err(wrong)?,
        "array_mode" => config.with_array_mode(word()?.parse().map_err(wrong)?),
        "id_field" | "parent_field" | "time_field" => {
            let column = match value {
                Json::Null => None,
                _ => Some(word()?.to_owned()),
            };
            let rename = |metadata: &mut Metadata| match name {
                "id_field" => metadata.id = column,
                "parent_field" => metadata.parent = column,
                _ => metadata.time = column,
            };
            config.with_metadata(rename).map_err(wrong)?
        }
        "cast_to_string" if !v2 => config.with_cast(if flag()? { Cast::Text } else { Cast::Off }),
        "skip_null" if !v2 => config.with_nulls(if flag()? {
            Nulls::Drop
        } else {
            Nulls::EmptyText
        }),
        "include_empty" if !v2 => config.with_empty_text(if flag()? {
            EmptyText::Keep
        } else {
            EmptyText::Drop
        }),
        "include_nulls" if v2 => {
            let (nulls, empty) = if flag()? {
                (Nulls::Keep, EmptyText::Null)
            } else {
                (Nulls::Drop, EmptyText::Drop)
            };
            config.with_nulls(nulls).with_empty_text(empty)
        }
        "stringify_values" if v2 => {
            config.with_cast(if flag()? { Cast::PythonText } else { Cast::Off })
        }
        _ => return left_out(format!("unknown option {name}")),
    })
}

/// How a case's CSV input is read. Cases were made with a comma where they name no delimiter.
pub(crate) fn csv(file: &Json) -> Outcome<CsvReadOptions> {
    let options = CsvReadOptions::default()
        .with_delimiter(',')
        .map_err(wrong)?;
    let named = file.get("config").and_then(|config| config.get("csv"));
    let Some(Json::Object(named)) = named else {
        return Ok(options);
    };
    named.iter().try_fold(options, |options, (name, value)| {
        let bad = || wrong(format!("csv option {name} is {}", value.compact()));
        let character = || {
            let mut chars = value.as_text().unwrap_or_default().chars();
            chars
                .next()
                .filter(|_| chars.next().is_none())
                .ok_or_else(bad)
        };
        let flag = || match value {
            Json::Bool(flag) => Ok(*flag),
            _ => Err(bad()),
        };
        Ok(match (name.as_str(), value) {
            ("delimiter", _) => options.with_delimiter(character()?).map_err(wrong)?,
            ("quote_char", _) => options.with_quote_char(character()?).map_err(wrong)?,
            ("has_header", _) => options.with_header(flag()?),
            ("sanitize_column_names", _) => options.with_sanitized_column_names(flag()?),
            ("skip_rows", _) => options.with_skip_rows(value.compact().parse().map_err(|_| bad())?),
            ("null_values", Json::Array(values)) => {
                let values: Option<Vec<_>> = values.iter().map(Json::as_text).collect();
                options.with_null_values(values.ok_or_else(bad)?)
            }
            _ => return left_out(format!("unknown csv option {name}")),
        })
    })
}

/// The settings that show a case's CSV records as they are.
pub(crate) fn as_read(config: &Config) -> Config {
    let plain = Config::default()
        .with_cast(config.cast())
        .with_words(config.words());
    let names = |metadata: &mut Metadata| {
        metadata.id = None;
        metadata.parent = None;
        metadata.time = None;
    };
    plain.with_metadata(names).expect("no names are no clash")
}

fn ids(case: &Case) -> Outcome<Ids> {
    let option = |name: &str| {
        let mut options = case.options.iter();
        options
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    };
    match option("id_mode").and_then(Json::as_text) {
        Some("natural") => {
            let natural = natural(case.profile, option);
            return natural.map(Ids::Natural);
        }
        Some("hash") => return Ok(Ids::Hash),
        Some("composite") => {
            let fields = texts(option("composite_fields"))?;
            return Ids::composite(fields).map_err(wrong);
        }
        Some("template") => {
            let template = option("id_template").and_then(Json::as_text);
            let template = template.ok_or_else(|| wrong("id_template is no text"))?;
            let template = template.to_owned();
            return Ok(Ids::custom(move |row| fill(&template, row)));
        }
        _ => {}
    }
    let mode = option("id_mode").map_or(Some("random"), Json::as_text);
    match (mode, option("deterministic_id_fields")) {
        (Some("random"), None) => Ok(Ids::Random),
        (Some("row"), None) => Ok(Ids::Row),
        (Some("deterministic"), Some(Json::Text(column))) => {
            Ok(Ids::Deterministic(IdSource::Column(column.clone())))
        }
        (Some("deterministic"), Some(Json::Object(fields))) => {
            let entry = |(table, column): &(String, Json)| {
                let column = column.as_text().ok_or_else(|| wrong("no column"))?;
                Ok((table.clone(), column.to_owned()))
            };
            let map = fields.iter().map(entry).collect::<Outcome<_>>()?;
            Ok(Ids::Deterministic(IdSource::ByTable(map)))
        }
        (Some(mode @ ("random" | "row" | "deterministic")), _) => {
            Err(wrong(format!("id fields do not fit id mode {mode}")))
        }
        (Some(mode), _) => left_out(format!("id mode {mode} does not exist yet")),
        (None, _) => Err(wrong("id_mode is no text")),
    }
}

fn natural<'c>(profile: Profile, option: impl Fn(&str) -> Option<&'c Json>) -> Outcome<NaturalIds> {
    let mut natural = NaturalIds::new();
    if profile == Profile::V2 {
        // The id column is the natural column, and no other one will do.
        let column = option("id_field").and_then(Json::as_text);
        let column = column.ok_or_else(|| wrong("id_field is no text"))?;
        natural = natural
            .with_patterns(Vec::<String>::new())
            .and_then(|natural| natural.with_mapping([("*", column)]))
            .map_err(wrong)?;
    }
    if let Some(patterns) =
        option("natural_id_patterns").filter(|patterns| **patterns != Json::Null)
    {
        natural = natural
            .with_patterns(texts(Some(patterns))?)
            .map_err(wrong)?;
    }
    if let Some(Json::Object(mapping)) = option("natural_id_mapping") {
        let pair = |(table, column): &(String, Json)| {
            let column = column.as_text().ok_or_else(|| wrong("no column"))?;
            Ok((table.clone(), column.to_owned()))
        };
        let mapping = mapping.iter().map(pair).collect::<Outcome<Vec<_>>>()?;
        natural = natural.with_mapping(mapping).map_err(wrong)?;
    }
    Ok(natural)
}

fn texts(list: Option<&Json>) -> Outcome<Vec<String>> {
    let Some(Json::Array(items)) = list else {
        return Err(wrong("a list of names is missing"));
    };
    let text = |item: &Json| item.as_text().map(str::to_owned);
    let texts = items.iter().map(text).collect::<Option<_>>();
    texts.ok_or_else(|| wrong("a name is no text"))
}

/// A template with the values of its columns; `None` if one is missing.
fn fill(template: &str, row: &Row<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, column)) = rest.split_once('{') {
        let (column, after) = column.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&row.get(column)?.to_text());
        rest = after;
    }
    Some(filled + rest)
}
