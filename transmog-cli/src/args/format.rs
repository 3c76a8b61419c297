//! The output format: one of those that are linked into the program, and tips for names that other
//! tools use.

use clap::{
    Arg, Command, Error,
    builder::{PossibleValue, StyledStr, TypedValueParser},
    error::{ContextKind, ContextValue, ErrorKind},
};
use transmog::{Registry, WriterRegistration};

/// Reads the name of a format.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormatName;

/// What to do for formats that people ask for and that are options of others, or do not exist.
fn tip(name: &str) -> Option<&'static str> {
    Some(match name {
        "jsonl" | "ndjson" | "ldjson" | "jsonlines" | "json-lines" => "use -f json -O lines=true",
        "tsv" | "tab" => "use -f csv -O delimiter=tab",
        "psv" => "use -f csv -O 'delimiter=|'",
        "pq" | "parq" => "use -f parquet",
        "arrow" | "feather" | "ipc" | "orc" | "avro" | "delta" | "iceberg" => {
            "Parquet is the nearest format that there is: use -f parquet"
        }
        "xlsx" | "xls" | "excel" => "use -f csv, which Excel opens",
        "sqlite" | "duckdb" | "postgres" | "sql" => {
            "use -f parquet or -f csv, and load the files into the database"
        }
        _ => return None,
    })
}

impl TypedValueParser for FormatName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, Error> {
        let name = value.to_string_lossy();
        let registry = Registry::discovered();
        // That it is not compiled in, or there twice, is said when it is used.
        let is_known = registry.names().iter().any(|known| *known == name)
            || ["csv", "json", "parquet"].contains(&&*name);
        if is_known {
            return Ok(name.into_owned());
        }
        let mut error = Error::new(ErrorKind::InvalidValue).with_cmd(command);
        let option = arg.map_or_else(String::new, ToString::to_string);
        error.insert(ContextKind::InvalidArg, ContextValue::String(option));
        let known = registry.names().into_iter().map(str::to_owned).collect();
        error.insert(ContextKind::ValidValue, ContextValue::Strings(known));
        if let Some(tip) = tip(&name.to_ascii_lowercase()) {
            let tips = vec![StyledStr::from(tip)];
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
        error.insert(
            ContextKind::InvalidValue,
            ContextValue::String(name.into_owned()),
        );
        Err(error)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let registry = Registry::discovered();
        let value = |name: &'static str| {
            let help = registry.get(name).map(WriterRegistration::summary);
            PossibleValue::new(name).help(help.unwrap_or_default())
        };
        let values: Vec<PossibleValue> = registry.names().into_iter().map(value).collect();
        Some(Box::new(values.into_iter()))
    }
}
