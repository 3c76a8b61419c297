//! Holds the folders of a crate to their order: each imports only those above it in its crate's
//! list.
//!
//! A reader who knows the order can begin at any folder and read upwards, and never meets a circle.
//! A folder is a module of the crate's root: `shred` is `src/shred.rs` and everything in
//! `src/shred/`. To hold another crate to an order, add its list to [`CRATES`].

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context;

use super::imports::{exports, imports, modules};
use crate::tree::{self, TextFile};

/// The order of a crate's folders.
struct Folders {
    crate_name: &'static str,
    /// Each may import those before it.
    order: &'static [&'static str],
    /// Imports that still run the other way. This list shall become empty.
    exceptions: &'static [Exception],
}

/// A folder that imports one after it.
struct Exception {
    from: &'static str,
    to: &'static str,
    why: &'static str,
}

const CRATES: &[Folders] = &[
    Folders {
        crate_name: "transmog-core",
        order: &[
            "base", "text", "types", "value", "arrow", "recovery", "config", "plan", "column",
            "shred", "catalog", "assemble", "union", "rebuild",
        ],
        exceptions: &[],
    },
    Folders {
        crate_name: "transmog-io",
        order: &[
            "error",
            "cancel",
            "fault",
            "decimal",
            "input",
            "csv",
            "split",
            "records",
            "writer",
            "manifest",
            "destination",
            "text_tables",
            "memory",
            "report",
            "pipeline",
            "registry",
            "unflatten",
        ],
        exceptions: &[],
    },
    Folders {
        crate_name: "transmog-writer-parquet",
        order: &[
            "options", "columns", "rows", "encode", "file", "table", "reader", "writer",
        ],
        exceptions: &[],
    },
];

/// Every import against the order of its crate's folders.
pub(super) fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for folders in CRATES {
        let source = root.join(folders.crate_name).join("src");
        let lib = source.join("lib.rs");
        let lib =
            fs::read_to_string(&lib).with_context(|| format!("cannot read {}", lib.display()))?;
        problems.extend(folders.problems(&lib, &tree::text_files(&source)?));
    }
    Ok(problems)
}

impl Folders {
    /// The problems of a crate, whose root is `lib` and whose files have paths from its `src`.
    fn problems(&self, lib: &str, files: &[TextFile]) -> Vec<String> {
        let mut problems = self.unlisted(lib);
        let exports = exports(lib);
        let mut used = BTreeSet::new();
        for file in files.iter().filter(|file| !tree::is_test(&file.path)) {
            let Some(module) = file.path.strip_suffix(".rs") else {
                continue;
            };
            let module: Vec<&str> = module.split('/').collect();
            let from = module[0];
            for import in imports(&module, &file.text) {
                let Some(name) = import.path.first() else {
                    continue;
                };
                // An item that the root re-exports is one of the folder that has it.
                let exported = exports.iter().find(|path| path.last() == Some(name));
                let to = match exported {
                    Some(path) if self.place(name).is_none() => &path[0],
                    _ => name,
                };
                if self.allows(from, to) {
                    continue;
                }
                let exception = self.exceptions.iter();
                let mut exception = exception.filter(|it| it.from == from && it.to == to);
                if let Some(exception) = exception.next() {
                    used.insert((exception.from, exception.to));
                    continue;
                }
                problems.push(format!(
                    "{}/src/{}:{}: {from} imports {to}, which is below it in the order of xtask/src/layers/folders.rs",
                    self.crate_name, file.path, import.line
                ));
            }
        }
        problems.dedup();
        let unused = self.exceptions.iter();
        let unused = unused.filter(|it| !used.contains(&(it.from, it.to)));
        problems.extend(unused.map(|Exception { from, to, why }| {
            format!(
                "xtask/src/layers/folders.rs: {from} no longer imports {to} in {}; remove the exception ({why})",
                self.crate_name
            )
        }));
        problems
    }

    /// Modules of the root that are not in the order, and the other way round.
    fn unlisted(&self, lib: &str) -> Vec<String> {
        let modules = modules(lib);
        let missing = modules.iter().filter(|it| self.place(it).is_none());
        let missing = missing.map(|it| format!("has the module {it}, which is not in its order"));
        let gone = self
            .order
            .iter()
            .filter(|it| !modules.iter().any(|known| known == *it));
        let gone = gone.map(|it| format!("has no module {it}, which is in its order"));
        let problems = missing.chain(gone);
        problems
            .map(|problem| {
                format!(
                    "{}: {problem} in xtask/src/layers/folders.rs",
                    self.crate_name
                )
            })
            .collect()
    }

    /// Position of a folder in the order.
    fn place(&self, folder: &str) -> Option<usize> {
        self.order.iter().position(|known| *known == folder)
    }

    /// True if a module of the root may import a name of the root. Names that are no folders, and
    /// files that are none, such as the root itself, are free.
    fn allows(&self, from: &str, to: &str) -> bool {
        match (self.place(from), self.place(to)) {
            (Some(from), Some(to)) => to <= from,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "mod base;\nmod middle;\nmod top;\npub use base::Error;\npub use top::{Top, part::Piece};\n";

    fn problems(
        exceptions: &'static [Exception],
        lib: &str,
        files: &[(&str, &str)],
    ) -> Vec<String> {
        let folders = Folders {
            crate_name: "a-crate",
            order: &["base", "middle", "top"],
            exceptions,
        };
        let file = |(path, text): &(&str, &str)| TextFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        folders.problems(lib, &files.iter().map(file).collect::<Vec<_>>())
    }

    #[test]
    fn folders_import_those_above_them() {
        let found = problems(
            &[],
            LIB,
            &[
                ("lib.rs", "use crate::top::Top;"),
                ("base.rs", "mod error;\npub use error::Error;"),
                (
                    "base/error.rs",
                    "use super::Error;\nuse crate::middle::Middle;",
                ),
                ("middle.rs", "use crate::{base::Error, middle::Own};"),
                (
                    "middle/part.rs",
                    "use super::super::top;\nfn f(_: crate::Error) {}",
                ),
                ("top.rs", "use crate::{base, middle::Middle};"),
            ],
        );
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].starts_with("a-crate/src/base/error.rs:2: base imports middle"));
        assert!(found[1].starts_with("a-crate/src/middle/part.rs:1: middle imports top"));
    }

    #[test]
    fn the_root_is_no_way_around() {
        for source in [
            "use crate::Top;",
            "type P = crate::Piece;",
            "use super::Top;",
        ] {
            let found = problems(&[], LIB, &[("middle.rs", source)]);
            assert_eq!(found.len(), 1, "{source}: {found:#?}");
        }
    }

    #[test]
    fn tests_import_what_they_need() {
        let inline = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::Top;\n}\n";
        let files = [
            ("base.rs", inline),
            ("base/tests.rs", "use crate::top::Top;"),
        ];
        assert_eq!(problems(&[], LIB, &files), Vec::<String>::new());
    }

    #[test]
    fn exceptions_hold_as_long_as_they_are_needed() {
        let exceptions = &[Exception {
            from: "base",
            to: "top",
            why: "to be turned",
        }];
        let upward = [("base/error.rs", "use crate::top::Top;")];
        assert_eq!(problems(exceptions, LIB, &upward), Vec::<String>::new());
        let found = problems(exceptions, LIB, &[]);
        assert!(found[0].contains("base no longer imports top"), "{found:?}");
    }

    #[test]
    fn every_module_of_the_root_has_its_place() {
        let found = problems(&[], "mod base;\nmod middle;\nmod other;\n", &[]);
        assert!(found[0].starts_with("a-crate: has the module other"));
        assert!(found[1].starts_with("a-crate: has no module top"));
        assert_eq!(found.len(), 2);
    }
}
