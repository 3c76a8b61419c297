//! Options for given schemas and types.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use transmog::{Layout, Processor, SchemaPolicy};

use super::headings::TYPES;

/// Which tables, columns and types there are to be.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Start with the tables, columns and types of this file, made by `transmog inspect
    /// --schema-out` or the manifest of a run.
    #[arg(long = "schema", value_name = "FILE", value_parser = super::local_path::existing(), help_heading = TYPES)]
    file: Option<PathBuf>,
    /// What to do with columns, tables and values that the schema has no room for: evolve (extend
    /// the schema), freeze (bad record), discard (drop and count them). TABLE=POLICY sets it for
    /// one table.
    #[arg(long = "schema-policy", value_name = "POLICY", value_parser = policy, help_heading = TYPES)]
    policies: Vec<(Option<String>, SchemaPolicy)>,
    /// Type of the columns at a path such as orders.price: boolean, int64, float64, decimal, text,
    /// date, timestamp, uuid, or a list such as list<int64>. A timestamp looks like
    /// 2026-11-22T05:58:50.255000Z; with fewer digits in the second it is timestamp[ms, UTC] or
    /// timestamp[s, UTC]. A record with a value that does not fit is a bad record.
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
