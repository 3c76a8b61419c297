//! Checks that `-o` names a folder. `-o out.csv` is mostly meant for a file, and would make a
//! folder of that name.

use std::{
    fs,
    path::{Path, PathBuf, is_separator},
};

use transmog::Registry;

/// Extensions of files that have tables, and the options that write such files, beside those of the
/// formats themselves.
const ALIKE: [(&str, &str); 4] = [
    ("pq", "-f parquet"),
    ("jsonl", "-f json -O lines=true"),
    ("ndjson", "-f json -O lines=true"),
    ("tsv", "-f csv -O delimiter=tab"),
];

/// Extensions of compressed files, whose tables are compressed by an option of the format or
/// afterwards.
const COMPRESSED: [&str; 5] = ["gz", "zst", "bz2", "xz", "snappy"];

/// Extensions of formats that are not written.
const OTHERS: [&str; 14] = [
    "xlsx", "xls", "ods", "db", "sqlite", "sqlite3", "duckdb", "feather", "arrow", "ipc", "orc",
    "avro", "xml", "sql",
];

/// Says what is wrong with `-o`, and what to write instead.
pub(super) fn check(output: &Path) -> Result<(), String> {
    let shown = output.display();
    match fs::metadata(output) {
        Ok(about) if about.is_dir() => return Ok(()),
        Ok(about) if about.is_file() => {
            return Err(format!(
                "{shown} is a file; -o takes a folder{}",
                instead(output)
            ));
        }
        Ok(_) => return Err(format!("{shown} is no folder; -o takes a folder")),
        Err(_) => {}
    }
    let is_said = output.to_string_lossy().ends_with(is_separator);
    if is_said {
        return Ok(());
    }
    if output.to_string_lossy().starts_with("jdbc:") {
        return Err(format!(
            "{shown} is the address of a database; -o takes a local folder"
        ));
    }
    let inner = inner(output);
    let is_other = extension(&inner).is_some_and(|extension| OTHERS.contains(&&*extension));
    if is_other {
        let names = Registry::discovered().names().join(", ");
        return Err(format!(
            "{shown} looks like a file of a format that is not written (-f takes {names}), and -o takes a folder, or \
             {shown}/ for a folder of that name"
        ));
    }
    if options(output).is_none() {
        return Ok(());
    }
    Err(format!(
        "{shown} looks like a file, and -o takes a folder{}, or {shown}/ for a folder of that name",
        instead(output)
    ))
}

/// The extension of a path, in small letters.
fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// The path without the extension of compressed data, if it has one.
fn inner(path: &Path) -> PathBuf {
    let is_compressed = extension(path).is_some_and(|it| COMPRESSED.contains(&&*it));
    if is_compressed {
        path.with_extension("")
    } else {
        path.to_owned()
    }
}

/// The words to write instead.
fn instead(output: &Path) -> String {
    let Some(options) = options(output) else {
        return String::new();
    };
    let stem = inner(output).with_extension("");
    format!(": write -o {} {options}", stem.display())
}

/// The options that write files with this extension.
fn options(output: &Path) -> Option<String> {
    let extension = extension(&inner(output))?;
    let alike = ALIKE.iter().find(|(known, _)| *known == extension);
    if let Some((_, options)) = alike {
        return Some((*options).to_owned());
    }
    let names = Registry::discovered().names();
    let is_format = names.contains(&extension.as_str());
    is_format.then(|| format!("-f {extension}"))
}
