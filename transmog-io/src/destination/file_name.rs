//! Makes file names of table names: safe on every file system, and never the same for two tables.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use transmog_core::folded;

use crate::manifest::EXTENSION;

/// Most bytes of a stem. With suffix and extension, a name stays below the 255 bytes of common file
/// systems.
const LONGEST_STEM: usize = 200;

/// Names of devices in Windows, with any extension.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The file names in use. Compared without case and composition, as some file systems do.
#[derive(Debug, Default)]
pub(crate) struct FileNames {
    /// Folded names, each with the next number to try if it is wanted again.
    given: BTreeMap<String, u32>,
    /// The main table, and its stem if that differs. The stem replaces the name at the beginning of
    /// child tables, too: `con` is in `_con.csv`, so `con_items` is in `_con_items.csv`.
    main: Option<(String, Option<String>)>,
}

/// The name of an output. An output beside the tables gets its name after all tables have theirs,
/// so that it cannot take the name of one.
#[derive(Debug, Clone)]
pub(super) struct OutputName {
    wanted: (String, String),
    given: Arc<OnceLock<String>>,
}

impl OutputName {
    /// A name that is not given yet: like `name`, with this extension.
    pub(super) fn new(name: &str, extension: &str) -> Self {
        Self {
            wanted: (name.to_owned(), extension.to_owned()),
            given: Arc::default(),
        }
    }

    /// Exactly this name.
    pub(super) fn exact(name: String) -> Self {
        Self {
            wanted: Default::default(),
            given: Arc::new(name.into()),
        }
    }

    /// The name; empty before it is given.
    pub(super) fn get(&self) -> &str {
        self.given.get().map_or("", String::as_str)
    }

    /// Gives the name, if it has none yet.
    pub(super) fn give(&self, names: &mut FileNames) -> &str {
        let (name, extension) = &self.wanted;
        self.given.get_or_init(|| names.assign(name, extension))
    }
}

/// The name of the manifest of an entity, in a folder without other files.
///
/// ```
/// use transmog_io::manifest_file_name;
///
/// assert_eq!(manifest_file_name("orders"), "orders.manifest.json");
/// assert_eq!(manifest_file_name("a/b"), "a_b.manifest.json");
/// ```
pub fn manifest_file_name(entity: &str) -> String {
    FileNames::default().assign(entity, EXTENSION)
}

impl FileNames {
    /// A safe and unused file name: no path separators, no characters that a file system refuses.
    pub(crate) fn assign(&mut self, table: &str, extension: &str) -> String {
        let stem = self.stem(table);
        let extension = match extension {
            "" => String::new(),
            extension => format!(".{extension}"),
        };
        let plain = format!("{stem}{extension}");
        let mut name = plain.clone();
        let mut number = self.given.get(&folded(&plain)).copied().unwrap_or(2);
        while self.given.contains_key(&folded(&name)) {
            name = format!("{stem}_{number}{extension}");
            number += 1;
        }
        self.given.insert(folded(&name), 2);
        if name != plain {
            self.given.insert(folded(&plain), number);
        }
        name
    }

    fn stem(&mut self, table: &str) -> String {
        if let Some((main, stem)) = &self.main {
            let child = stem.as_ref().zip(table.strip_prefix(main.as_str()));
            return match child {
                Some((stem, rest)) => safe_stem(&format!("{stem}{rest}")),
                None => safe_stem(table),
            };
        }
        let stem = safe_stem(table);
        self.main = Some((table.to_owned(), (stem != table).then(|| stem.clone())));
        stem
    }
}

fn safe_stem(table: &str) -> String {
    let mut stem: String = table
        .chars()
        .map(|c| {
            if c.is_control() || r#"/\:*?"<>|"#.contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    // A leading dot hides the file (or makes ".."); Windows cuts off a trailing dot or blank.
    if stem.starts_with('.') {
        stem.replace_range(..1, "_");
    }
    if stem.ends_with(['.', ' ']) {
        stem.pop();
        stem.push('_');
    }
    if stem.len() > LONGEST_STEM {
        let end = (0..=LONGEST_STEM)
            .rev()
            .find(|i| stem.is_char_boundary(*i))
            .unwrap_or(0);
        stem.truncate(end);
    }
    let device = stem.split('.').next().unwrap_or_default().to_lowercase();
    if stem.is_empty() || RESERVED.contains(&device.as_str()) {
        stem.insert(0, '_');
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_children_begin_with_that_of_their_main_table() {
        for (main, stem) in [
            ("2024-01-15", "2024-01-15"),
            ("con", "_con"),
            ("x.", "x_"),
            (".x", "_x"),
            ("a/b", "a_b"),
        ] {
            let mut names = FileNames::default();
            assert_eq!(names.assign(main, "csv"), format!("{stem}.csv"));
            let child = format!("{main}_items");
            assert_eq!(names.assign(&child, "csv"), format!("{stem}_items.csv"));
            assert_eq!(names.assign("other.", "csv"), "other_.csv");
        }
    }

    #[test]
    fn names_are_safe_and_distinct() {
        let mut names = FileNames::default();
        for (table, file) in [
            ("orders", "orders.csv"),
            ("Orders", "Orders_2.csv"),
            ("\u{e9}", "\u{e9}.csv"),
            ("E\u{301}", "E\u{301}_2.csv"),
            ("t_σ", "t_σ.csv"),
            ("t_ς", "t_ς_2.csv"),
            ("ß", "ß.csv"),
            ("SS", "SS_2.csv"),
            ("a/b", "a_b.csv"),
            ("a\\b", "a_b_2.csv"),
            ("../../etc/passwd", "_._.._etc_passwd.csv"),
            ("", "_.csv"),
            ("con", "_con.csv"),
            ("x.", "x_.csv"),
            ("a\u{0}b", "a_b_3.csv"),
        ] {
            assert_eq!(names.assign(table, "csv"), file);
        }
        let long = names.assign(&"é".repeat(300), "csv");
        assert_eq!(long.len(), 204);
        assert_ne!(names.assign(&"é".repeat(301), "csv"), long);
    }
}
