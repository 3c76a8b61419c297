//! Finds the format of an input: the one that was set, else by extension, else by the first bytes.

use std::{path::Path, str::FromStr};

use serde::de::IgnoredAny;
use transmog_core::Error;

use super::Compression;

/// The format of an input, which decides how it is split into records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputFormat {
    /// By extension (`.json`, `.geojson`; `.jsonl`, `.ndjson`, `.ldjson`; `.csv`, `.tsv`;
    /// `.json5`), after which `.gz` and the like may follow; without a known one, by content.
    #[default]
    Auto,
    /// One record on each line.
    JsonLines,
    /// An array of records at the top, a single record, or several values one after another.
    Json,
    /// Rows of cells, see [`CsvReadOptions`](crate::CsvReadOptions). Detected by extension only:
    /// `.csv`, `.tsv`.
    Csv,
    /// JSON5: comments, trailing commas, single quotes. The whole input is held in memory. Byte
    /// positions in errors are those of the JSON text that is made of it. Text that is not JSON5
    /// ends the run under every recovery strategy. Detected by extension only: `.json5`.
    Json5,
    /// A rejects file of an earlier run. Each rejected record is read again in the format that it
    /// had; the file holds the columns, delimiter and quote of CSV rows. Never detected.
    Rejects,
}

impl FromStr for InputFormat {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "auto" => Ok(Self::Auto),
            "jsonl" | "ndjson" => Ok(Self::JsonLines),
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "json5" => Ok(Self::Json5),
            "rejects" => Ok(Self::Rejects),
            _ => {
                let reason = format!("{word:?} is none of auto, jsonl, json, csv, json5, rejects");
                Err(Error::setting("input_format", reason))
            }
        }
    }
}

impl InputFormat {
    /// The format of a file by its extension, if that is a known one: `orders.csv.gz` is CSV.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = Compression::inner_name(path).extension()?;
        let extension = extension.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" | "geojson" => Some(Self::Json),
            "jsonl" | "ndjson" | "ldjson" => Some(Self::JsonLines),
            "csv" | "tsv" => Some(Self::Csv),
            "json5" => Some(Self::Json5),
            _ => None,
        }
    }

    /// The format of an input that begins with `head`: JSON Lines if the first line is one whole
    /// object and more lines follow, else JSON.
    pub(crate) fn of_content(head: &[u8]) -> Self {
        let head = head.trim_ascii_start();
        let lines = head
            .iter()
            .position(|byte| *byte == b'\n')
            .is_some_and(|end| {
                let (line, rest) = head.split_at(end);
                line.starts_with(b"{")
                    && !rest.trim_ascii_start().is_empty()
                    && serde_json::from_slice::<IgnoredAny>(line).is_ok()
            });
        if lines { Self::JsonLines } else { Self::Json }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_are_whole_objects_are_json_lines() {
        let lines = [
            "{}\n{}",
            "\n {\"a\": 1} \r\n{\"a\":",
            "{\"a\":\"{\"}\n\n\nnonsense",
        ];
        let json = [
            "",
            "{}",
            "{}\n",
            "{}\n \n",
            "[{}]\n[{}]",
            "{\n\"a\": 1}\n{}",
            "[\n{}\n]",
            "1\n2",
            "{} {}",
        ];
        for text in lines {
            assert_eq!(
                InputFormat::of_content(text.as_bytes()),
                InputFormat::JsonLines,
                "{text:?}"
            );
        }
        for text in json {
            assert_eq!(
                InputFormat::of_content(text.as_bytes()),
                InputFormat::Json,
                "{text:?}"
            );
        }
    }

    #[test]
    fn extensions_decide_whatever_their_case() {
        assert_eq!(
            InputFormat::of_path(Path::new("a/B.JSONL")),
            Some(InputFormat::JsonLines)
        );
        assert_eq!(
            InputFormat::of_path(Path::new("a.json")),
            Some(InputFormat::Json)
        );
        for path in ["a.CSV", "a.Tsv"] {
            let format = InputFormat::of_path(Path::new(path));
            assert_eq!(format, Some(InputFormat::Csv));
        }
        assert_eq!(
            InputFormat::of_path(Path::new("a.json5")),
            Some(InputFormat::Json5)
        );
        for (path, format) in [
            ("a.jsonl.gz", InputFormat::JsonLines),
            ("x/a.b.csv.GZIP", InputFormat::Csv),
            ("a.tsv.zst", InputFormat::Csv),
            ("a.json.zstd", InputFormat::Json),
            ("a.json5.bz2", InputFormat::Json5),
            ("a.ndjson.xz", InputFormat::JsonLines),
        ] {
            assert_eq!(InputFormat::of_path(Path::new(path)), Some(format));
        }
        for path in ["jsonl.gz", ".jsonl.gz", "a.gz", "a.jsonl.gz.gz"] {
            assert_eq!(InputFormat::of_path(Path::new(path)), None, "{path}");
        }
        assert_eq!(InputFormat::of_path(Path::new("jsonl")), None);
        assert_eq!(InputFormat::of_path(Path::new("a.txt")), None);
    }
}
