//! Holds comments and documents to plain words: lines of at most 100 columns, and no expression for
//! which the field has a plainer one.

use std::path::Path;

use crate::tree::TextFile;

/// Columns of a line with a comment. Code is wrapped by rustfmt, prose in Markdown by its reader.
const MAX_COLUMNS: usize = 100;

/// Expressions that make a sentence harder to read, and what to write. In two pieces, so that this
/// file does not hold them.
const BANNED: &[(&str, &str, &str)] = &[
    ("in place", " of", "instead of"),
    ("who", "ever", "anyone who, or a thing with its name"),
    ("for want", " of", "without, or because there is no"),
    ("what become", "s of", "what to do with, or what happens to"),
    ("an", "ew", "again"),
    ("there", "of", "of it"),
    ("under", " way", "open, running, or in progress"),
];

/// Problems of a file's comments and prose.
pub(super) fn problems(file: &TextFile) -> Vec<String> {
    let extension = Path::new(&file.path).extension();
    let is_source = extension.is_some_and(|it| it == "rs");
    let is_prose = extension.is_some_and(|it| it == "md");
    if !is_source && !is_prose {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate();
    let mut in_example = false;
    lines
        .filter(|(_, line)| is_prose || line.trim_start().starts_with("//"))
        .flat_map(|(number, line)| {
            let mut problems = banned(line);
            let columns = line.chars().count();
            let text = line.trim_start_matches([' ', '/', '!']);
            in_example ^= text.starts_with("```");
            // Examples are code, rows of tables are one line, and a word that is too long, such as
            // an address, cannot be broken.
            let can_break =
                !in_example && !text.starts_with('|') && line.split_whitespace().count() > 2;
            if is_source && columns > MAX_COLUMNS && can_break {
                problems.push(format!("{columns} columns, more than {MAX_COLUMNS}"));
            }
            let at = number + 1;
            problems
                .into_iter()
                .map(move |problem| format!("line {at}: {problem}"))
        })
        .collect()
}

fn banned(line: &str) -> Vec<String> {
    let line = line.to_lowercase();
    let is_word = |at: usize, length: usize| {
        let before = line[..at].chars().next_back();
        let after = line[at + length..].chars().next();
        ![before, after]
            .into_iter()
            .flatten()
            .any(char::is_alphanumeric)
    };
    let words = BANNED.iter().map(|(begin, end, instead)| {
        let word = [*begin, *end].concat();
        (word, instead)
    });
    words
        .filter(|(word, _)| {
            line.match_indices(word.as_str())
                .any(|(at, word)| is_word(at, word.len()))
        })
        .map(|(word, instead)| format!("\"{word}\": write {instead}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let file = TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let found = problems(&file);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in std::iter::zip(&found, expected) {
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn comments_are_short_and_plain() {
        let word = ["An", "ew"].concat();
        let long = "word ".repeat(20);
        check("a.rs", &format!("//! Ids {word}.\n"), &["write again"]);
        check("a.md", &format!("{long}{word}"), &["line 1"]);
        check("a.rs", &format!("let {word} = 1;\n"), &[]);
        check(
            "a.rs",
            &format!("// x{word}\n// {word}_b x{word}y\n"),
            &["line 2"],
        );
        check("a.rs", &format!("    /// {long}x\n"), &["109 columns"]);
        check("a.rs", &format!("let x = \"{long}\";\n"), &[]);
        check("a.rs", &format!("/// <https://{}>\n", "a".repeat(100)), &[]);
        check("a.rs", &format!("/// ```\n/// {long}x\n/// ```\n"), &[]);
        check("a.rs", &format!("/// | {long}x |\n"), &[]);
        check("a.csv", &word, &[]);
    }
}
