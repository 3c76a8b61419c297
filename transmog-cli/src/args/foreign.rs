//! Tips for options that do not exist: what other tools call by that name, or the option that was
//! meant. A tip that is not close is worse than none.

use clap::{
    Error,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// Options of other tools, and what to do here.
const FOREIGN: &[(&[&str], &str)] = &[
    (
        &["-q", "--quiet", "--silent"],
        "the report goes to standard error: 2>/dev/null drops it, --report FILE writes it as JSON",
    ),
    (
        &["-v", "--verbose", "--debug"],
        "--report FILE writes all that is known about the run",
    ),
    (
        &["--append", "-a"],
        "a run replaces the tables of that name: read all inputs in one run, or give another folder or another -n NAME",
    ),
    (
        &["--force", "--overwrite", "-y", "--replace"],
        "a run replaces the tables of that name, without an option",
    ),
    (
        &["--csv-comment", "--comment"],
        "lines of comments are not known: take them away first, for example with grep -v '^#' FILE | transmog flatten - \
         --input-format csv",
    ),
    (
        &["--csv-decimal", "--decimal", "--decimal-separator"],
        "numbers with a decimal comma stay text",
    ),
    (&["--escape", "--escapechar"], "use --csv-escape"),
    (
        &["--sep", "--delimiter", "--delim", "-d", "--csv-sep"],
        "use --csv-delimiter for inputs, -O delimiter=... for CSV that is written",
    ),
    (
        &["--quote", "--quotechar"],
        "use --csv-quote for inputs, -O quotechar=... for CSV that is written",
    ),
    (
        &["--header", "--no-header", "--no-headers"],
        "use --csv-no-header for inputs, -O include_header=false for CSV that is written",
    ),
    (
        &["--skip-rows", "--skip-lines", "--skip"],
        "use --csv-skip-rows",
    ),
    (
        &[
            "--null",
            "--nulls",
            "--null-values",
            "--na-values",
            "--nullstr",
        ],
        "use --csv-null-values",
    ),
    (
        &["--out", "--output-dir", "--outdir", "--output-path"],
        "use -o DIR",
    ),
    (
        &["--input", "--in", "-i", "--file"],
        "inputs are named without an option",
    ),
    (&["--to", "--output-format", "-t"], "use -f FORMAT"),
    (&["--from"], "use --input-format"),
    (
        &["--jsonl", "--ndjson", "--lines"],
        "use --input-format jsonl for inputs, -f json -O lines=true for JSON Lines that are written",
    ),
    (
        &["--limit", "--head", "--max-records", "--nrows", "--sample"],
        "take the first lines before: head -n 100 FILE | transmog flatten -",
    ),
    (
        &["-j", "--jobs", "--parallel", "--workers"],
        "use --threads",
    ),
    (&["--batch-size"], "use --chunk-size"),
    (
        &["--ignore-errors", "--skip-errors", "--permissive"],
        "use --recovery skip",
    ),
    (&["--row-group-size"], "use -O row_group_size=..."),
    (
        &["--codec", "--compress", "--compression-level"],
        "use -O compression=... and -O compression_level=...",
    ),
    (
        &["--include", "--columns", "--fields", "--keys"],
        "use --select PATH",
    ),
    (&["--drop", "--ignore", "--omit"], "use --exclude PATH"),
    (
        &["--keep"],
        "use --select PATH to keep only some columns, --array-mode keep for arrays as tables and as text",
    ),
    (
        &["--explode"],
        "arrays become child tables by themselves (--array-mode separate), one row for each item",
    ),
    (
        &["--types", "--dtype", "--dtypes", "--column-types"],
        "use --type PATH=TYPE",
    ),
    (&["--name", "--table", "--prefix"], "use -n NAME"),
    (
        &["--root", "--path", "--record-path", "--json-pointer"],
        "use --records-path PTR",
    ),
    (
        &["--max-depth-level", "--max-level", "--depth"],
        "use --max-depth N",
    ),
];

/// An error of clap's with a right tip, or without a wrong one.
pub(crate) fn with_tip(mut error: Error) -> Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let given = given.split('=').next().unwrap_or(given).to_owned();
    let known = FOREIGN.iter().find(|(names, _)| names.contains(&&*given));
    let suggested = match error.get(ContextKind::SuggestedArg) {
        Some(ContextValue::String(suggested)) => Some(suggested.clone()),
        _ => None,
    };
    if known.is_none() && suggested.is_some_and(|suggested| is_close(&given, &suggested)) {
        return error;
    }
    // The usage that is shown is that of the option that was suggested.
    error.remove(ContextKind::SuggestedArg);
    error.remove(ContextKind::Suggested);
    error.remove(ContextKind::Usage);
    if let Some((_, tip)) = known {
        let tips = vec![StyledStr::from(*tip)];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

/// True if a user may have meant the one and written the other: a letter or two are different, or
/// the end is missing.
fn is_close(given: &str, suggested: &str) -> bool {
    let most = if given.len() < 8 { 1 } else { 2 };
    let is_start = given.len() >= 6 && suggested.starts_with(given);
    is_start || strsim::osa_distance(given, suggested) <= most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    fn told(option: &str) -> String {
        let words = ["transmog", "flatten", "a.json", "-o", "out", option];
        let error = Cli::try_parse_from(words).expect_err("no such option");
        with_tip(error).to_string()
    }

    #[test]
    fn tips_are_right_or_none() {
        for (option, tip) in [
            ("-q", "2>/dev/null"),
            ("--append", "replaces the tables"),
            ("--csv-comment=#", "grep -v"),
            (
                "--csv-delimeter=;",
                "a similar argument exists: '--csv-delimiter'",
            ),
            (
                "--csv-delim",
                "a similar argument exists: '--csv-delimiter'",
            ),
            ("--thread", "a similar argument exists: '--threads'"),
        ] {
            assert!(told(option).contains(tip), "{}", told(option));
        }
        for option in ["--csv-colour", "--zzz", "--csv-comments-x"] {
            assert!(!told(option).contains("tip:"), "{}", told(option));
        }
    }

    #[test]
    fn no_option_of_ours_is_foreign() {
        for (names, _) in FOREIGN {
            for name in *names {
                assert!(told(name).contains("unexpected argument"), "{name} exists");
            }
        }
    }
}
