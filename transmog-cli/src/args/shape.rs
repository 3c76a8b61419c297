//! Options for how records become rows.

use clap::Args;
use transmog::{
    ArrayMode, Cast, Config, DataError, Detection, Error, Floats, IdSource, Ids, NaturalIds,
    Processor,
};

use super::{
    Given,
    choice::{ARRAY_MODES, FLOATS, choice, reason, value},
    headings::TYPES,
    limits::Limits,
    rules::ByPath,
    size::number,
};

/// How records become rows.
#[derive(Debug, Args)]
pub(super) struct Shape {
    /// What to make of arrays.
    #[arg(long, default_value = "separate", value_name = "MODE", value_parser = choice::<ArrayMode>(ARRAY_MODES), help_heading = "Tables")]
    array_mode: ArrayMode,
    /// Record what cells cannot show (nulls, {}, [], the kinds of values in a mixed column) in a
    /// column __empties, so that `unflatten` restores the records exactly.
    #[arg(long, help_heading = "Tables")]
    keep_empties: bool,
    #[command(flatten)]
    by_path: ByPath,
    /// Text between the keys of a path in names.
    #[arg(long, default_value = "_", value_name = "S", help_heading = TYPES)]
    separator: String,
    /// Make all data columns text.
    #[arg(long, help_heading = TYPES)]
    cast_to_string: bool,
    /// What to do with numbers that have more digits than a float64 keeps, such as
    /// 12345678901234567.89.
    #[arg(long, default_value = "exact", value_name = "HOW", value_parser = choice::<Floats>(FLOATS), help_heading = TYPES)]
    floats: Floats,
    /// Turn text columns into dates, timestamps or UUIDs if every value fits: dates, timestamps,
    /// uuids, several with commas, or all.
    #[arg(long, default_value = "none", value_name = "KINDS", value_parser = value::<Detection>, help_heading = TYPES)]
    detect: Detection,
    /// Shorten names made of more than N keys to `first_nested_last`.
    #[arg(long, value_name = "N", value_parser = number, help_heading = TYPES)]
    deep_nesting_threshold: Option<usize>,
    /// How to make row ids: random (UUIDs), row (row numbers), deterministic:COLUMN (UUIDs of a
    /// column's text), composite:A,B (UUIDs of fields), hash (UUIDs of whole records), natural
    /// (values of columns such as id or code), natural:COLUMN.
    #[arg(long, default_value = "random", value_parser = ids, value_name = "KIND", help_heading = "Ids")]
    ids: Ids,
    /// Timestamp for all rows, in RFC 3339. Default: now.
    #[arg(long, value_name = "RFC3339", help_heading = "Ids")]
    timestamp: Option<String>,
}

impl Shape {
    /// What is wrong with options about the shape that do nothing.
    pub(super) fn without_effect(&self, given: &Given<'_>) -> Result<(), String> {
        if self.cast_to_string && given.has("detect") {
            return Err(
                "--detect does nothing with --cast-to-string, which makes all columns text".into(),
            );
        }
        if self.cast_to_string && given.has("floats") {
            return Err(
                "--floats does nothing with --cast-to-string, which makes all columns text".into(),
            );
        }
        Ok(())
    }

    /// A processor with these settings.
    pub(super) fn processor(&self, limits: &Limits) -> Result<Processor, Error> {
        let cast = if self.cast_to_string {
            Cast::Text
        } else {
            Cast::Off
        };
        let config = Config::default()
            .with_separator(&self.separator)?
            .with_cast(cast)
            .with_floats(self.floats)
            .with_detection(self.detect)
            .with_kept_empties(self.keep_empties)
            .with_array_mode(self.array_mode)
            .with_deep_nesting_threshold(self.deep_nesting_threshold)?
            .with_ids(self.ids.clone());
        let config = limits.of_shape(self.by_path.apply(config)?)?;
        let processor = Processor::new()
            .with_config(config)
            .with_strict_rules(self.by_path.strict_rules);
        match &self.timestamp {
            Some(time) => processor.with_timestamp(time),
            None => Ok(processor),
        }
    }
}

fn ids(word: &str) -> Result<Ids, String> {
    let words = |error: DataError| reason(&error);
    match word.split_once(':') {
        None if word == "random" => Ok(Ids::Random),
        None if word == "row" => Ok(Ids::Row),
        None if word == "hash" => Ok(Ids::Hash),
        None if word == "natural" => Ok(Ids::Natural(NaturalIds::new())),
        Some(("natural", column)) if !column.is_empty() => {
            let natural = NaturalIds::new().with_patterns([column]);
            natural.map(Ids::Natural).map_err(words)
        }
        Some(("composite", fields)) => Ids::composite(fields.split(',')).map_err(words),
        Some(("deterministic", column)) if !column.is_empty() => {
            Ok(Ids::Deterministic(IdSource::Column(column.to_owned())))
        }
        _ => Err(
            "expected random, row, deterministic:COLUMN, composite:A,B, hash, natural or natural:COLUMN"
                .into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_words() {
        assert_eq!(ids("row"), Ok(Ids::Row));
        let column = IdSource::Column("a:b".into());
        assert_eq!(ids("deterministic:a:b"), Ok(Ids::Deterministic(column)));
        assert_eq!(ids("hash"), Ok(Ids::Hash));
        assert_eq!(
            ids("composite:b,a"),
            Ids::composite(["a", "b"]).map_err(|e| e.to_string())
        );
        assert_eq!(ids("natural"), Ok(Ids::Natural(NaturalIds::new())));
        let natural = NaturalIds::new().with_patterns(["sku"]).expect("allowed");
        assert_eq!(ids("natural:sku"), Ok(Ids::Natural(natural)));
        for wrong in [
            "deterministic:",
            "natural:",
            "composite:",
            "composite:a,",
            "hash:a",
        ] {
            assert!(ids(wrong).is_err(), "{wrong}");
        }
        assert!(ids("rows").is_err());
    }
}
