//! Recognises inputs in formats that are not read, by their first bytes, and gives advice.
//!
//! A Parquet file or a ZIP archive is refused when it is opened, by name. Text that is not JSON
//! (HTML, YAML, server-sent events, Python's own notation) is examined only after a record has
//! failed, so that right inputs pay nothing. CSV could be any text: [`passing`] examines its
//! beginning.
//!
//! Advice names settings as `` `name=value` ``; the command shows them as its options.

use memchr::memmem;

use super::Compression;

mod binary;
mod passing;

pub(crate) use binary::HEAD;
use binary::of_binary;
use passing::is_lfs_pointer;
pub(crate) use passing::{Wanted, for_csv};

/// The reason to refuse an input that begins with `head`, and advice: it is a binary file, or it is
/// still compressed after decompression.
pub(crate) fn refusal(head: &[u8], is_decompressed: bool) -> Option<(&'static str, &'static str)> {
    if let Some(codec) = Compression::Auto.codec(head, None) {
        let advice = if is_decompressed {
            "it was compressed twice: decompress it once first"
        } else {
            "it is not decompressed with `compression=none`"
        };
        return Some((codec.data(), advice));
    }
    of_binary(head)
}

/// A kind of text that is not JSON: how it is recognised, and advice.
struct Text {
    is: fn(&[u8]) -> bool,
    advice: &'static str,
}

const TEXTS: &[Text] = &[
    Text {
        is: |head| head.starts_with(b"PAR1"),
        advice: "this looks like a Parquet file",
    },
    Text {
        is: is_html,
        advice: "this is an HTML page, perhaps of an error or a login",
    },
    Text {
        is: |head| matches!(head, [b'<', b'?' | b'!' | b'a'..=b'z' | b'A'..=b'Z', ..]),
        advice: "this is XML",
    },
    Text {
        is: |head| {
            [&b")]}'"[..], b"while(1)", b"for(;;)", b"for (;;)"]
                .iter()
                .any(|guard| head.starts_with(guard))
        },
        advice: "this is a guard against script inclusion: take it away first",
    },
    Text {
        is: |head| {
            [&b"data:"[..], b"event:"]
                .iter()
                .any(|field| head.starts_with(field))
        },
        advice: "these are server-sent events: keep what follows data:, for example with sed -n 's/^data: *//p'",
    },
    Text {
        is: |head| head.starts_with(b"\x1e"),
        advice: "the character 0x1E stands before each record, as RFC 7464 wants it: take it away first, for example \
                 with tr -d '\\036'",
    },
    Text {
        is: |head| matches!(head, [0..=8 | 0x0e..=0x1d, ..]),
        advice: "this looks like a binary file",
    },
    Text {
        is: |head| head.starts_with(b"curl: ("),
        advice: "this is a message of curl: what it should have fetched is not there",
    },
    Text {
        is: is_call,
        advice: "this is JSON in a function call (JSONP): take the call away first",
    },
    Text {
        is: has_prefix,
        advice: "text stands before the JSON, as in a log: take it away first, for example with sed 's/^[^{]*//'",
    },
    Text {
        is: is_lfs_pointer,
        advice: "this is a pointer of Git LFS, not the file itself: fetch the file with git lfs pull",
    },
    Text {
        is: is_csv,
        advice: "if it is CSV, use `input_format=csv`",
    },
    Text {
        is: is_yaml,
        advice: "this looks like YAML: make JSON of it first",
    },
];

/// What to do about an input that begins like this and is no JSON.
pub(crate) fn of_text(head: &[u8]) -> Option<&'static str> {
    let head = head.trim_ascii_start();
    let kind = TEXTS.iter().find(|kind| (kind.is)(head))?;
    Some(kind.advice)
}

fn is_html(head: &[u8]) -> bool {
    let tag = |tag: &&&[u8]| {
        head.get(..tag.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(tag))
    };
    let tags = [&b"<!doctype html"[..], b"<html", b"<head", b"<body"];
    tags.iter().any(|it| tag(&it))
}

fn first_line(head: &[u8]) -> &[u8] {
    let line = head.split(|byte| *byte == b'\n').next();
    line.unwrap_or_default().trim_ascii_end()
}

fn is_call(head: &[u8]) -> bool {
    let Some(at) = head.iter().position(|byte| *byte == b'(') else {
        return false;
    };
    let (name, rest) = (head[..at].trim_ascii(), &head[at + 1..]);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$.".contains(byte);
    !name.is_empty()
        && name.iter().all(is_name)
        && matches!(rest.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// True if a line of a log begins here, with brackets around its time or level.
pub(crate) fn is_bracketed_log(head: &[u8]) -> bool {
    let close = memchr::memchr(b']', first_line(head));
    head.starts_with(b"[")
        && close.is_some_and(|close| !head[..close].contains(&b'{'))
        && has_prefix(head)
}

/// True if JSON follows other text on the first line.
fn has_prefix(head: &[u8]) -> bool {
    let line = first_line(head);
    let at = memchr::memchr(b'{', line).filter(|at| *at > 0);
    // A quoted text before it may be a cell.
    at.is_some_and(|at| {
        let (before, json) = line.split_at(at);
        !matches!(before, [b'"' | b'{', ..] | [b'[', b'[' | b'{', ..])
            && json
                .get(1..)
                .unwrap_or_default()
                .trim_ascii_start()
                .starts_with(b"\"")
            && json.ends_with(b"}")
    })
}

/// True if the first lines have equally many delimiters.
fn is_csv(head: &[u8]) -> bool {
    if matches!(head.first(), None | Some(b'{' | b'[')) {
        return false;
    }
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.next().unwrap_or_default();
    // The last line of a long head may be cut.
    let second = lines
        .next()
        .filter(|line| !line.is_empty() && lines.next().is_some());
    [b',', b'\t', b';', b'|'].iter().any(|delimiter| {
        let count = |line: &[u8]| memchr::memchr_iter(*delimiter, line).count();
        count(first) > 0 && second.is_none_or(|second| count(second) == count(first))
    })
}

fn is_yaml(head: &[u8]) -> bool {
    let line = first_line(head);
    let is_key = |key: &[u8]| {
        !key.is_empty()
            && (key.iter()).all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(byte))
    };
    let colon = memchr::memchr(b':', line);
    line == b"---"
        || line.starts_with(b"--- ")
        || line.starts_with(b"%YAML")
        || line.starts_with(b"- ")
        || colon
            .is_some_and(|at| is_key(&line[..at]) && matches!(line.get(at + 1), None | Some(b' ')))
}

/// What to do about what stands at byte `at` of a record, where JSON was expected.
pub(crate) fn at_place(record: &[u8], at: usize) -> Option<&'static str> {
    let (before, here) = record.split_at_checked(at)?;
    let before = before.trim_ascii_end();
    let call = |name: &&[u8]| here.starts_with(name);
    match here {
        [b'/', b'/' | b'*', ..] => Some("comments are JSON5: use `input_format=json5`"),
        [0xe2, 0x80, 0x98..=0x9f, ..] => Some(
            "these are quotation marks of a word processor, and those of JSON are straight: replace them first",
        ),
        [b'.', b'0'..=b'9', ..] if is_at_value(before) => {
            Some("a number that begins with a dot is JSON5: use `input_format=json5`")
        }
        [b'+', b'0'..=b'9' | b'.', ..] if is_at_value(before) => {
            Some("a plus before a number is JSON5: use `input_format=json5`")
        }
        [b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() && before.ends_with(b"0") => {
            Some("hexadecimal numbers are JSON5: use `input_format=json5`")
        }
        _ if matches!(before, [.., b'0'..=b'9', b'.']) => {
            Some("a number that ends with a dot is JSON5: use `input_format=json5`")
        }
        [b'#', ..] => Some("a comment is no JSON: take it away first"),
        [b'\'', ..] if has_python_words(record) => Some(PYTHON),
        [b'\'', ..] => Some("single quotes are JSON5: use `input_format=json5`"),
        [b'}' | b']', ..] if before.ends_with(b",") => {
            Some("a comma before the end is JSON5: use `input_format=json5`")
        }
        [b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$', ..]
            if before.ends_with(b"{") || before.ends_with(b",") && is_at_key(here) =>
        {
            Some("keys without quotes are JSON5: use `input_format=json5`")
        }
        _ if MONGO_CALLS.iter().any(call) => Some(
            "this is the notation of MongoDB's shell: write it with mongoexport or EJSON.stringify",
        ),
        _ if PYTHON_WORDS.iter().any(call) => Some(PYTHON),
        _ => None,
    }
}

const PYTHON: &str = "this looks like Python's own notation: write it with json.dumps";
const PYTHON_WORDS: &[&[u8]] = &[b"None", b"True", b"False"];
const MONGO_CALLS: &[&[u8]] = &[
    b"ObjectId(",
    b"ISODate(",
    b"NumberLong(",
    b"NumberInt(",
    b"NumberDecimal(",
    b"BinData(",
    b"UUID(",
    b"DBRef(",
    b"Timestamp(",
    b"new Date(",
];

/// True if a value must follow behind this.
fn is_at_value(before: &[u8]) -> bool {
    matches!(before, [] | [.., b':' | b',' | b'['])
}

/// True if one of Python's words is a value here.
fn has_python_words(record: &[u8]) -> bool {
    let is_value = |word: &&[u8]| {
        memmem::find_iter(record, word).any(|at| {
            let before = record[..at].trim_ascii_end();
            before.ends_with(b":") || before.ends_with(b",") || before.ends_with(b"[")
        })
    };
    PYTHON_WORDS.iter().any(is_value)
}

/// True if a word and a colon stand here.
fn is_at_key(here: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$".contains(byte);
    let end = here.iter().position(|byte| !is_word(byte));
    end.is_some_and(|end| here[end..].trim_ascii_start().starts_with(b":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_json() {
        for (head, advice) in [
            ("<!DOCTYPE html>\n<html>", "HTML"),
            (" <HTML lang=en>", "HTML"),
            ("<?xml version=\"1.0\"?>", "XML"),
            (")]}',\n{\"a\":1}", "script inclusion"),
            ("data: {\"a\":1}\n\n", "server-sent"),
            ("\u{1e}{\"a\":1}\n", "0x1E"),
            ("callback({\"a\":1});", "JSONP"),
            ("2024-05-01T10:00:00Z INFO {\"a\":1}\n", "as in a log"),
            ("app_1 | {\"a\":2}\n", "as in a log"),
            ("[2024-01-01 10:00:00] INFO {\"a\":1}\n", "as in a log"),
            ("curl: (6) Could not resolve host\n", "message of curl"),
            ("\0\0\0\0", "binary"),
            ("id,name\n1,x\n2,y\n", "input_format=csv"),
            ("\"id\";\"name\"\n1;x\n", "input_format=csv"),
            ("id,name\n1", "input_format=csv"),
            ("1\t2\n3\t4\n5\t6\n", "input_format=csv"),
            ("- a: 1\n", "YAML"),
            ("---\na: 1\n", "YAML"),
            ("name: x\nage: 2\n", "YAML"),
        ] {
            let found = of_text(head.as_bytes()).unwrap_or_default();
            assert!(found.contains(advice), "{head:?}: {found}");
        }
        for head in ["", "1\n2\n", "null", "word", "\"a\"", "{\"a\": 1}"] {
            assert_eq!(of_text(head.as_bytes()), None, "{head}");
        }
    }

    #[test]
    fn what_stands_where_json_was_expected() {
        for (record, at, advice) in [
            ("{\"a\": 1, // one\n", 9, "json5"),
            ("{'a': 1}", 1, "json5"),
            ("{'a': None}", 1, "json.dumps"),
            ("{\"a\": True}", 6, "json.dumps"),
            ("{\"a\": ObjectId(\"6\")}", 6, "MongoDB"),
            ("{a: 1}", 1, "without quotes"),
            ("{\"a\": 1,}", 8, "before the end"),
            ("[1, ]", 4, "before the end"),
            ("{\"a\":.5}", 5, "begins with a dot is JSON5"),
            ("{\"a\":5.}", 7, "ends with a dot is JSON5"),
            ("{\"a\":+1}", 5, "plus"),
            ("{\"a\":0x1F}", 6, "hexadecimal"),
            ("{“a”: 1}", 1, "word processor"),
        ] {
            let found = at_place(record.as_bytes(), at).unwrap_or_default();
            assert!(found.contains(advice), "{record}: {found}");
        }
        for (record, at) in [
            ("{\"a\": x}", 6),
            ("{\"a\" 1}", 5),
            ("{}", 9),
            ("[x, y]", 4),
        ] {
            assert_eq!(at_place(record.as_bytes(), at), None, "{record}");
        }
    }
}
