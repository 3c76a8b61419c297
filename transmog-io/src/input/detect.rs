//! Which format an input has: by what was asked for, else by its extension, else by its first bytes.

use std::{path::Path, str::FromStr};

use serde::de::IgnoredAny;
use transmog_core::Error;

use super::Compression;

/// How an input is cut into records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputFormat {
    /// By extension, behind which there may be one that says how the input is compressed (`.json`, `.geojson`; `.jsonl`, `.ndjson`, `.ldjson`; `.csv`, `.tsv`; `.json5`), then by content.
    #[default]
    Auto,
    /// Records on lines.
    JsonLines,
    /// Records in a top array, one record, or several values one after another.
    Json,
    /// Records in rows of cells, see [`CsvReadOptions`](crate::CsvReadOptions). By extension only: `.csv`, `.tsv`.
    Csv,
    /// As JSON, written as JSON5; the whole input is held in memory. In errors, bytes are those of the JSON text that is
    /// made of it, and what is no token of JSON5 ends the run under every recovery strategy. By extension only: `.json5`.
    Json5,
    /// Rejects that an earlier run wrote, as lines: the texts in them are read again, in the formats that they had. Of CSV
    /// rows, columns, delimiter and quote are known. On request only.
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
    /// The format that the extension of a file's name says, if it says one; what compressed files are called does not
    /// matter: `orders.csv.gz` is CSV.
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

    /// The format of an input that begins like this: JSON Lines if the first line holds an object and nothing else, and
    /// more lines follow.
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
