//! Checks that `-o` names a folder. `-o out.csv` is mostly meant for a file, and would make a folder of that name.

use std::{
    fs,
    path::{Path, is_separator},
};

use transmog::Registry;

/// Extensions of files that have tables, and the options that write such files, beside those of the formats themselves.
const ALIKE: [(&str, &str); 3] = [
    ("jsonl", "-f json -O lines=true"),
    ("ndjson", "-f json -O lines=true"),
    ("tsv", "-f csv -O delimiter=tab"),
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
    if is_said || options(output).is_none() {
        return Ok(());
    }
    Err(format!(
        "{shown} looks like a file, and -o takes a folder{}, or {shown}/ for a folder of that name",
        instead(output)
    ))
}

/// The words to write instead.
fn instead(output: &Path) -> String {
    let Some(options) = options(output) else {
        return String::new();
    };
    let stem = output.with_extension("");
    format!(": write -o {} {options}", stem.display())
}

/// The options that write files with this extension.
fn options(output: &Path) -> Option<String> {
    let extension = output.extension()?.to_str()?.to_ascii_lowercase();
    let alike = ALIKE.iter().find(|(known, _)| *known == extension);
    if let Some((_, options)) = alike {
        return Some((*options).to_owned());
    }
    let names = Registry::discovered().names();
    let is_format = names.contains(&extension.as_str());
    is_format.then(|| format!("-f {extension}"))
}
