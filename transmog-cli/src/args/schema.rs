//! The words of the command line about given schemas and types.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use transmog::{Layout, Processor, SchemaPolicy};

use super::headings::TYPES;

/// Which tables, columns and types there are to be.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Tables and columns that are there whatever comes, with at least their types: a file that `transmog inspect
    /// --schema-out` wrote, or a run's manifest.
    #[arg(long = "schema", value_name = "FILE", value_parser = super::local_path::local(), help_heading = TYPES)]
    file: Option<PathBuf>,
    /// What becomes of columns, tables and values that the schema has no room for: evolve (the schema grows), freeze (they are
    /// errors of their records), discard (they are dropped and counted). For one table: TABLE=POLICY.
    #[arg(long = "schema-policy", value_name = "POLICY", value_parser = policy, help_heading = TYPES)]
    policies: Vec<(Option<String>, SchemaPolicy)>,
    /// Type of the columns at a path such as orders.price: boolean, int64, float64, decimal, text, date, timestamp, uuid, or a
    /// list such as list<int64>. A timestamp is text such as 2026-11-22T05:58:50.255000Z; with fewer digits of a second it is
    /// timestamp[ms, UTC] or timestamp[s, UTC]. A value that does not fit is an error of its record.
    #[arg(long = "type", value_name = "PATH=TYPE", value_parser = super::option, help_heading = TYPES)]
    types: Vec<(String, String)>,
}

impl Schema {
    /// The processor with these settings.
    pub(super) fn apply(&self, mut processor: Processor) -> anyhow::Result<Processor> {
        if let Some(path) = &self.file {
            let wrong = || format!("cannot read the schema {}", path.display());
            let text = fs::read(path).with_context(wrong)?;
            let layout: Layout = serde_json::from_slice(&text).with_context(wrong)?;
            processor = processor.with_schema(layout);
        }
        for (table, policy) in &self.policies {
            processor = match table {
                Some(table) => processor.with_table_schema_policy(table, *policy),
                None => processor.with_schema_policy(*policy),
            };
        }
        for (pattern, data_type) in &self.types {
            processor = processor.with_type(pattern, data_type)?;
        }
        Ok(processor)
    }
}

fn policy(text: &str) -> Result<(Option<String>, SchemaPolicy), String> {
    // A table's name may have the sign in it, a policy may not.
    let (table, word) = match text.rsplit_once('=') {
        Some((table, word)) => (Some(table.to_owned()), word),
        None => (None, text),
    };
    let policy = word
        .parse()
        .map_err(|_| "expected evolve, freeze or discard, or TABLE= and one of them")?;
    Ok((table, policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_of_runs_and_tables() {
        assert_eq!(policy("freeze"), Ok((None, SchemaPolicy::Freeze)));
        let table = Some("a=b".to_owned());
        assert_eq!(policy("a=b=discard"), Ok((table, SchemaPolicy::Discard)));
        assert!(policy("frozen").is_err() && policy("freeze=a").is_err());
    }
}
