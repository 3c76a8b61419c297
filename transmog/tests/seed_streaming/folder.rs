//! A folder of its own for each test, with the inputs that the examples name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;
use tempfile::TempDir;

/// A folder that goes away with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A path in it.
    pub(crate) fn path(&self, part: &str) -> PathBuf {
        self.0.path().join(part)
    }

    /// Writes an input.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("written");
        path
    }
}

/// Names of what is in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("a file").file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

/// A record with a nested object and two levels of arrays.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Record {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) price: f64,
    address: Address,
    items: [Item; 2],
}

#[derive(Debug, Clone, Serialize)]
struct Address {
    city: &'static str,
    zip: Option<u32>,
}

#[derive(Debug, Clone, Serialize)]
struct Item {
    sku: String,
    tags: &'static [&'static str],
}

/// A record of two items, of which the first has two tags. One of its fields is null.
pub(crate) fn record(id: u32) -> Record {
    let item = |sku: String, tags| Item { sku, tags };
    Record {
        id,
        name: format!("Näme {id}"),
        price: 0.5 + f64::from(id),
        address: Address {
            city: "Zürich",
            zip: None,
        },
        items: [
            item(format!("A{id}"), &["new", "hot"]),
            item(format!("B{id}"), &[]),
        ],
    }
}

/// Compact JSON.
pub(crate) fn json_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

/// JSON Lines.
pub(crate) fn lines(records: impl Iterator<Item: Serialize>) -> String {
    records.map(|record| json_text(&record) + "\n").collect()
}
