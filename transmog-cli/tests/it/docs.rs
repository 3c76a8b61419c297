//! The shell lines of the README and the guides: each runs with the built command, and must end as
//! the text says.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Lines that CI runs anyway, or that need the network or minutes.
const CARGO: &[&str] = &[
    "cargo test --workspace",
    "cargo build --release -p transmog-cli",
];

/// What stands for the command when nothing is built yet.
const RUN: &str = "cargo run --release -p transmog-cli -- ";

/// The sign that a line ends with another exit status than 0.
const EXIT: &str = "# exit ";

/// One line of a shell block.
#[derive(Debug, PartialEq)]
enum Line {
    /// Nothing to run.
    Nothing,
    /// A call of the command.
    Call {
        args: Vec<String>,
        stdin: Option<String>,
        status: i32,
    },
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// README and guides.
fn documents() -> Vec<PathBuf> {
    let mut files = vec![root().join("README.md")];
    let entries = fs::read_dir(root().join("docs/guide")).expect("the guides");
    let guides = entries.map(|entry| entry.expect("an entry").path());
    files.extend(guides.filter(|path| path.extension().is_some_and(|e| e == "md")));
    files.sort();
    files
}

/// Info strings and contents of a document's code blocks, with the number of each first line.
fn blocks(text: &str) -> Vec<(String, usize, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        match line.trim_start().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                open = true;
                blocks.push((info.to_owned(), number + 1, Vec::new()));
            }
            None if open => blocks.last_mut().expect("an open block").2.push(line),
            None => {}
        }
    }
    assert!(!open, "a block does not end");
    blocks
}

/// Words as the shell takes them: blanks separate, single and double quotes enclose.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '|' | '>' | '&' | ';' | '$' | '*' | '`' | '\\' | '(' | ')' | '#') => {
                return Err(format!("{c:?} is not understood"));
            }
            (Some('"'), '$' | '`' | '\\') => return Err(format!("{c:?} is not understood")),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote does not end".to_owned());
    }
    words.extend(word);
    Ok(words)
}

fn line(text: &str) -> Result<Line, String> {
    let text = text.trim();
    let (code, comment) = match text.find("# ") {
        Some(at) if at == 0 || text[..at].ends_with(' ') => text.split_at(at),
        _ => (text, ""),
    };
    let code = code.trim_end();
    if code.is_empty() || CARGO.contains(&code) {
        return Ok(Line::Nothing);
    }
    let args = code.strip_prefix("transmog ").or(code.strip_prefix(RUN));
    let mut args = words(args.ok_or("it is no call of transmog, and not in the list")?)?;
    let stdin = match args.iter().position(|word| word == "<") {
        None => None,
        Some(at) if at + 2 == args.len() => args.drain(at..).next_back(),
        Some(_) => return Err("a file after < is expected, and nothing behind it".to_owned()),
    };
    let status = match comment.strip_prefix(EXIT) {
        None => 0,
        Some(number) => number.trim().parse().map_err(|_| "no exit status")?,
    };
    Ok(Line::Call {
        args,
        stdin,
        status,
    })
}

/// A folder with the samples where a clone has them.
fn clone() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let samples = folder.path().join("testdata/samples");
    fs::create_dir_all(&samples).expect("made");
    for entry in fs::read_dir(root().join("testdata/samples")).expect("samples") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, samples.join(path.file_name().expect("a name"))).expect("copied");
    }
    folder
}

fn run(folder: &Path, args: &[String], stdin: Option<&str>) -> (Option<i32>, String) {
    let stdin = stdin.map_or_else(Stdio::null, |file| {
        File::open(folder.join(file)).expect(file).into()
    });
    let output = Command::new(env!("CARGO_BIN_EXE_transmog"))
        .args(args)
        .current_dir(folder)
        .stdin(stdin)
        .output()
        .expect("the command starts");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}

#[test]
fn shell_lines_end_as_the_documents_say() {
    let mut calls = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a document");
        let folder = clone();
        for (_, first, lines) in blocks(&text).into_iter().filter(|(info, ..)| info == "sh") {
            for (number, text) in (first..).zip(lines) {
                let place = format!("{}:{number}: {text}", path.display());
                let parsed = line(text).unwrap_or_else(|error| panic!("{place}: {error}"));
                if let Line::Call {
                    args,
                    stdin,
                    status,
                } = parsed
                {
                    calls += 1;
                    let (found, stderr) = run(folder.path(), &args, stdin.as_deref());
                    assert_eq!(found, Some(status), "{place}\n{stderr}");
                }
            }
        }
    }
    assert!(calls >= 20, "{calls} calls");
}

/// Rust blocks run as tests of the facade, shell blocks here; nothing else claims to be a program.
#[test]
fn every_block_is_run_or_is_data() {
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a document");
        for (info, first, _) in blocks(&text) {
            let place = format!("{}:{first}: {info:?}", path.display());
            assert!(
                ["rust", "sh", "text", "json", "toml"].contains(&info.as_str()),
                "{place}"
            );
        }
    }
}

/// A guide that the facade does not include has examples that nobody runs, and one that the list
/// lacks has no readers.
#[test]
fn every_guide_is_included_and_listed() {
    let facade = fs::read_to_string(root().join("transmog/src/lib.rs")).expect("the facade");
    let list = fs::read_to_string(root().join("docs/guide/README.md")).expect("the list");
    for path in documents() {
        let name = path.file_name().expect("a name").to_string_lossy();
        if name != "README.md" {
            let included = format!("include_str!(\"../../docs/guide/{name}\")");
            assert!(facade.contains(&included), "{name}");
            assert!(list.contains(&format!("({name})")), "{name}");
        }
    }
    assert!(facade.contains("include_str!(\"../../README.md\")"));
}

#[test]
fn lines_are_understood_or_refused() {
    let call = |args: &[&str], stdin: Option<&str>, status| {
        Ok(Line::Call {
            args: args.iter().map(ToString::to_string).collect(),
            stdin: stdin.map(str::to_owned),
            status,
        })
    };
    assert_eq!(line("  # words"), Ok(Line::Nothing));
    assert_eq!(line(CARGO[0]), Ok(Line::Nothing));
    assert_eq!(line("transmog formats"), call(&["formats"], None, 0));
    assert_eq!(
        line("transmog flatten - -O 'delimiter=;' \"a b\" '' < in.jsonl  # exit 1"),
        call(
            &["flatten", "-", "-O", "delimiter=;", "a b", ""],
            Some("in.jsonl"),
            1
        )
    );
    assert_eq!(
        line(&format!("{RUN}formats  # all of them")),
        call(&["formats"], None, 0)
    );
    for wrong in [
        "cargo publish",
        "transmog a | b",
        "transmog 'a",
        "transmog a < ",
        "transmog a  # exit one",
        "transmog \"$HOME\"",
        "rm a",
    ] {
        assert!(line(wrong).is_err(), "{wrong}");
    }
}
