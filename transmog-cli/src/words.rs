//! Says errors in the words of the command. The library names its settings as `` `name` `` or ``
//! `name=value` ``: here they are options. Where it speaks of calls that a program would make, the
//! command says what to type.

use anyhow::Error;
use clap::CommandFactory;
use transmog::{ErrorKind, FormatError, WriteError};

use crate::args::Cli;

/// Settings whose options are called otherwise.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("detection", "detect"),
    ("csv_quote_char", "csv-quote"),
    ("csv_escape_char", "csv-escape"),
    ("csv_null_values", "csv-null-values"),
];

/// An error and its causes, on one line.
pub(crate) fn told(error: &Error) -> String {
    let known = error.chain().find_map(|cause| {
        let error = cause.downcast_ref::<transmog::Error>()?;
        in_own_words(error)
    });
    as_options(&known.unwrap_or_else(|| format!("{error:#}")))
}

/// What the library says in the words of programs.
fn in_own_words(error: &transmog::Error) -> Option<String> {
    match error {
        transmog::Error::Write(WriteError::ChildTable { table }) => Some(format!(
            "table {table:?} is a child table, and standard output has room for the main table only: use -o DIR, or \
             --array-mode inline or skip"
        )),
        transmog::Error::Format(FormatError::NotCompiledIn {
            name, available, ..
        }) => Some(format!(
            "this program was built without the output format {name} (it has: {})",
            available.join(", ")
        )),
        transmog::Error::Format(FormatError::None) => {
            Some("this program was built without any output format".to_owned())
        }
        transmog::Error::Data(error) => match error.kind() {
            ErrorKind::Setting { name, reason } => Some(format!("{}: {reason}", option(name)?)),
            ErrorKind::NotFinite { .. } => {
                Some(format!("{error}; `allow_nan` reads it as a float"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The option of a setting, if there is one.
fn option(setting: &str) -> Option<String> {
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == setting);
    let long = other.map_or_else(|| setting.replace('_', "-"), |(_, long)| (*long).to_owned());
    let command = Cli::command();
    let exists = command
        .get_subcommands()
        .any(|sub| sub.get_arguments().any(|arg| arg.get_long() == Some(&long)));
    exists.then(|| format!("--{long}"))
}

/// A text in which settings are options: `` `input_format=csv` `` becomes `--input-format csv`.
pub(crate) fn as_options(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        told.push_str(before);
        let setting = after.split_once('`').and_then(|(quoted, after)| {
            let (name, value) = match quoted.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (quoted, None),
            };
            let option = option(name)?;
            let value = value.map_or_else(String::new, |value| format!(" {value}"));
            Some((option + &value, after))
        });
        let (shown, after) = setting.unwrap_or_else(|| ("`".to_owned(), after));
        told.push_str(&shown);
        rest = after;
    }
    told + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_options() {
        for (text, told) in [
            ("use `input_format=csv`", "use --input-format csv"),
            (
                "raise `max_record_bytes`; or",
                "raise --max-record-bytes; or",
            ),
            ("`a` and `detection=all`", "`a` and --detect all"),
            (
                "found \"`\", use `encoding=x`",
                "found \"`\", use --encoding x",
            ),
            ("one ` only", "one ` only"),
            ("", ""),
        ] {
            assert_eq!(as_options(text), told);
        }
    }

    #[test]
    fn words_of_programs_are_not_shown() {
        let child = transmog::Error::from(WriteError::ChildTable {
            table: "t_a".into(),
        });
        assert!(told(&child.into()).contains("--array-mode inline or skip"));
        let setting = transmog::Processor::new()
            .with_threads(0)
            .expect_err("too few");
        assert_eq!(told(&setting.into()), "--threads: must be from 1 to 256");
    }
}
