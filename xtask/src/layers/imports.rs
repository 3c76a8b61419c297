//! Lists the paths of its own crate that a source file names.
//!
//! ```text
//! src/shred/rows.rs:  use super::place::Place;              -> shred::place::Place
//!                     use crate::{base::Error, text};       -> base::Error, text
//!                     let x = crate::text::joined(keys);    -> text::joined
//! ```
//!
//! Reads tokens and no syntax tree: comments and inline tests are left out, strings are not.

use std::iter::Peekable;

/// A path from the root of its crate, and the line that names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) line: usize,
    pub(super) path: Vec<String>,
}

/// The paths that begin with `crate` or `super` in the file of a module, tests left out.
pub(super) fn imports(module: &[&str], source: &str) -> Vec<Import> {
    let mut imports = Vec::new();
    let mut tokens = tokens(source).into_iter().peekable();
    let mut before = "";
    while let Some((line, token)) = tokens.next() {
        // `pub(in crate::folder)` imports nothing, and a macro's `$crate` is another crate.
        let begins = matches!(token, "crate" | "super") && !matches!(before, "::" | "in" | "$");
        before = token;
        if !begins || tokens.next_if(|(_, next)| *next == "::").is_none() {
            continue;
        }
        let mut path: Vec<&str> = Vec::new();
        if token == "super" {
            path.extend(module);
            path.pop();
            while tokens.next_if(|(_, next)| *next == "super").is_some() {
                path.pop();
                tokens.next_if(|(_, next)| *next == "::");
            }
        }
        before = "::";
        let mut paths = Vec::new();
        expand(&mut tokens, path, &mut paths);
        imports.extend(paths.into_iter().map(|path| Import { line, path }));
    }
    imports
}

/// The names that the file of a crate's root re-exports, each with the path that it has there.
pub(super) fn exports(source: &str) -> Vec<Vec<String>> {
    let mut exports = Vec::new();
    let mut tokens = tokens(source).into_iter().peekable();
    while let Some((_, token)) = tokens.next() {
        if token == "use" {
            expand(&mut tokens, Vec::new(), &mut exports);
        }
    }
    exports
}

/// The modules that a file declares without a body.
pub(super) fn modules(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let declared = tokens.windows(3).filter_map(|window| match window {
        [(_, "mod"), (_, name), (_, ";")] => Some((*name).to_owned()),
        _ => None,
    });
    declared.collect()
}

/// Reads a tree such as `a::{b, c::{d, e}}` into its paths: `a::b`, `a::c::d`, `a::c::e`.
fn expand<'s>(
    tokens: &mut Peekable<impl Iterator<Item = (usize, &'s str)>>,
    mut path: Vec<&'s str>,
    paths: &mut Vec<Vec<String>>,
) {
    while let Some((_, token)) = tokens.next_if(|(_, token)| !matches!(*token, "}" | "," | ";")) {
        if token == "{" {
            while tokens.peek().is_some_and(|(_, next)| *next != "}") {
                expand(tokens, path.clone(), paths);
                tokens.next_if(|(_, next)| *next == ",");
                if tokens.peek().is_some_and(|(_, next)| *next == ";") {
                    return; // It was no tree.
                }
            }
            tokens.next();
            return;
        }
        path.push(token);
        if tokens.next_if(|(_, next)| *next == "::").is_none() {
            break;
        }
    }
    if tokens.next_if(|(_, next)| *next == "as").is_some() {
        tokens.next();
    }
    paths.push(path.into_iter().map(str::to_owned).collect());
}

/// Names, `::` and single signs, each with its line.
fn tokens(source: &str) -> Vec<(usize, &str)> {
    let end = source.find("#[cfg(test)]\nmod tests {");
    let source = &source[..end.unwrap_or(source.len())];
    let mut tokens = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let mut rest = line.split("//").next().unwrap_or_default().trim_start();
        while let Some(first) = rest.chars().next() {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let length = if is_name(first) {
                rest.find(|c| !is_name(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push((number + 1, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(module: &[&str], source: &str) -> Vec<String> {
        let imports = imports(module, source);
        imports.iter().map(|it| it.path.join("::")).collect()
    }

    #[test]
    fn trees_are_read_to_their_leaves() {
        let source = "use crate::{base::{Error, path::ColumnPath as Path}, text, value::*};\n";
        assert_eq!(
            paths(&["a"], source),
            ["base::Error", "base::path::ColumnPath", "text", "value::*"]
        );
    }

    #[test]
    fn paths_in_code_count_and_comments_do_not() {
        let source = "/// See crate::no.\nlet x = f(crate::text::joined(1), 2); // crate::no\n";
        assert_eq!(paths(&["a"], source), ["text::joined"]);
        assert_eq!(imports(&["a"], source)[0].line, 2);
        let call = "crate::a::b { crate::c::d }";
        assert_eq!(paths(&["a"], call), ["a::b", "c::d"]);
    }

    #[test]
    fn super_is_the_module_around() {
        let module = ["shred", "shape", "rules"];
        assert_eq!(paths(&module, "use super::Shape;"), ["shred::shape::Shape"]);
        let two = "use super::super::{fields::Fields, Shredder};";
        assert_eq!(
            paths(&module, two),
            ["shred::fields::Fields", "shred::Shredder"]
        );
        assert_eq!(paths(&["shred"], "use super::text;"), ["text"]);
    }

    #[test]
    fn visibility_macros_and_tests_import_nothing() {
        for source in [
            "pub(crate) fn f() {}\npub(in crate::a) fn g() {}\npub(super) fn h() {}",
            "$crate::a::b!()",
            "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::a::B;\n}\n",
        ] {
            assert_eq!(paths(&["a"], source), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn a_root_declares_and_exports() {
        let source =
            "mod base;\npub mod text;\nmod tests { }\npub use base::{Error, name::fold};\n";
        assert_eq!(modules(source), ["base", "text"]);
        let exports: Vec<_> = exports(source).iter().map(|it| it.join("::")).collect();
        assert_eq!(exports, ["base::Error", "base::name::fold"]);
    }
}
