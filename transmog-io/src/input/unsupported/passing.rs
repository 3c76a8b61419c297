//! Text that would pass for CSV and is something else: every text has lines, and every line is a
//! row of cells. Refuses only what is certain, for a cell may hold anything.

use memchr::{memchr, memmem};
use serde::de::IgnoredAny;

use super::{first_line, is_call, is_html};
use crate::input::InputFormat;

/// What is known about how the rows are to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// True if the first row has the columns' names.
    pub(crate) has_header: bool,
    /// True if quotes enclose cells, so that they cannot stand within others.
    pub(crate) has_quotes: bool,
}

/// What a text looks like, and what to do about it.
type Stranger = (&'static str, &'static str);

const ONLY_RECORDS: &str = "inputs are JSON, JSON Lines and CSV";

/// What may stand between cells behind a value that ends in the first row.
const DELIMITERS: &[u8] = b",;\t|\x01\x1f";

/// Rows that are looked at to see whether all of them are alike.
const ROWS: usize = 100;

/// What an input that begins like this is, if it is certain that it is no CSV. Blanks before it do
/// not matter.
pub(crate) fn for_csv(head: &[u8], wanted: Wanted) -> Option<Stranger> {
    let head = head.trim_ascii_start();
    if is_html(head) {
        let what = "an HTML page, perhaps of an error or a login";
        return Some((what, ONLY_RECORDS));
    }
    if is_xml(head, wanted) {
        return Some(("XML", ONLY_RECORDS));
    }
    if is_lfs_pointer(head) {
        return Some(LFS_POINTER);
    }
    if is_yaml(head, wanted) {
        return Some(("YAML", "make JSON of it first"));
    }
    if is_framed(head) {
        return Some(("JSON within other text", "take that text away first"));
    }
    if wanted.has_quotes && is_json(head) {
        return Some(match InputFormat::of_content(head) {
            InputFormat::JsonLines => ("JSON Lines", "use `input_format=jsonl`"),
            _ => ("JSON", "use `input_format=json`"),
        });
    }
    None
}

/// What stands in a working copy for a large file that was not fetched.
const LFS_POINTER: Stranger = (
    "a pointer of Git LFS, not the file itself",
    "fetch the file with git lfs pull",
);

pub(super) fn is_lfs_pointer(head: &[u8]) -> bool {
    head.starts_with(b"version https://git-lfs.github.com/spec/")
}

/// True if JSON begins here that is no cell: no delimiter follows on the line where the first value
/// ends.
fn is_json(head: &[u8]) -> bool {
    if !(begins_object(head) || begins_array(head)) {
        return false;
    }
    let mut values = serde_json::Deserializer::from_slice(head).into_iter::<IgnoredAny>();
    let Some(Ok(_)) = values.next() else {
        return true; // It is cut off, or JSON with a fault.
    };
    let rest = head.get(values.byte_offset()..).unwrap_or_default();
    let blanks = rest.iter().position(|byte| *byte != b' ');
    match first_line(&rest[blanks.unwrap_or(rest.len())..]) {
        [] | b"," => true,
        [delimiter, ..] => !DELIMITERS.contains(delimiter),
    }
}

/// True if JSON with an object stands here behind what is known to go before it: a guard, a call, a
/// fence.
fn is_framed(head: &[u8]) -> bool {
    let guards = [&b")]}'"[..], b"while(1);", b"for(;;);", b"\x1e", b"```json"];
    let inner = match guards.iter().find_map(|guard| head.strip_prefix(*guard)) {
        Some(rest) => rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start(),
        None if is_call(head) => {
            let open = memchr(b'(', head).map_or(head.len(), |at| at + 1);
            head[open..].trim_ascii_start()
        }
        None => return false,
    };
    begins_object(inner) || begins_array(inner)
}

/// True if an object with a first key begins here, or one that is empty and alone.
fn begins_object(head: &[u8]) -> bool {
    let Some(inner) = head.strip_prefix(b"{") else {
        return false;
    };
    match inner.trim_ascii_start() {
        [quote @ (b'"' | b'\''), key @ ..] => {
            let end = memchr(*quote, key);
            end.is_some_and(|end| key[end + 1..].trim_ascii_start().starts_with(b":"))
        }
        // Quotes as word processors set them.
        [0xe2, 0x80, 0x9c, key @ ..] => memmem::find(key, b"\xe2\x80\x9d:").is_some(),
        [b'}', ..] => first_line(head) == b"{}",
        _ => false,
    }
}

/// True if an array begins here that holds objects, or values on lines of their own, or that is the
/// whole first line and no name in brackets.
fn begins_array(head: &[u8]) -> bool {
    let Some(inner) = head.strip_prefix(b"[") else {
        return false;
    };
    let first = inner.trim_ascii_start();
    if begins_object(first) {
        return true;
    }
    let line = first_line(head);
    if line == b"[" {
        return matches!(first, [b'"' | b'[' | b'{' | b']' | b'-' | b'0'..=b'9', ..]);
    }
    memchr(b',', line).is_some() && serde_json::from_slice::<Vec<IgnoredAny>>(line).is_ok()
}

/// True if an element begins here and ends below, or nothing but it stands on the first line.
/// `<DATE>,<TIME>` is a header.
fn is_xml(head: &[u8], wanted: Wanted) -> bool {
    if head.starts_with(b"<?xml") || head.starts_with(b"<!--") || head.starts_with(b"<!DOCTYPE") {
        return true;
    }
    let [b'<', rest @ ..] = head else {
        return false;
    };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_:.-".contains(byte) || *byte > 127;
    let length = rest.iter().position(|byte| !is_name(byte)).unwrap_or(0);
    let (name, behind) = rest.split_at(length);
    let Some(tag_end) = memchr(b'>', behind) else {
        return false;
    };
    if name.is_empty() || !matches!(behind, [b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n', ..]) {
        return false;
    }
    let attributes = &behind[..tag_end];
    let below = if attributes.ends_with(b"/") {
        &behind[tag_end + 1..]
    } else {
        let end_tag = [b"</", name].concat();
        let end = memmem::find(behind, &end_tag);
        let Some(end) = end.and_then(|at| Some(at + memchr(b'>', &behind[at..])? + 1)) else {
            return false;
        };
        &behind[end..]
    };
    let element = head.len() - below.len();
    let is_one_line = memchr(b'\n', &head[..element]).is_none();
    // On one line it may be a cell: one of several, or of a column of them.
    match first_line(below).trim_ascii_start() {
        [] => wanted.has_header || !is_one_line,
        [byte, ..] => *byte == b'<' && wanted.has_header,
    }
}

/// True for what begins as only YAML does, or is nothing but keys with values, each key another
/// one.
fn is_yaml(head: &[u8], wanted: Wanted) -> bool {
    let line = first_line(head);
    let begins =
        line == b"---" || line.starts_with(b"%YAML ") || is_key(line.strip_prefix(b"--- "));
    begins || wanted.has_header && has_only_keys(head)
}

fn has_only_keys(head: &[u8]) -> bool {
    let lines = head
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end);
    let mut keys = Vec::new();
    let mut count = 0;
    for line in lines.filter(|line| !line.is_empty()).take(ROWS) {
        count += 1;
        if line.iter().any(|byte| DELIMITERS.contains(byte)) {
            return false;
        }
        let text = line.trim_ascii_start();
        let is_inner = text.len() < line.len() || text.starts_with(b"- ");
        let item = text.strip_prefix(b"- ").unwrap_or(text);
        let key = key_of(item);
        match key {
            Some(key) if !is_inner && keys.contains(&key) => return false,
            Some(key) if !is_inner => keys.push(key),
            // Below the first line, values of lists need no key.
            None if count == 1 || !is_inner => return false,
            _ => {}
        }
    }
    count > 1
}

/// The key that a line begins with: a word and a colon, then a blank or nothing.
fn key_of(line: &[u8]) -> Option<&[u8]> {
    let at = memchr(b':', line)?;
    let (key, rest) = line.split_at(at);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.\"".contains(byte);
    let is_key = !key.is_empty() && key.iter().all(is_word);
    (is_key && matches!(rest, [_] | [_, b' ', ..])).then_some(key)
}

fn is_key(line: Option<&[u8]>) -> bool {
    line.and_then(key_of).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Wanted = Wanted {
        has_header: true,
        has_quotes: true,
    };

    fn what(text: &str, wanted: Wanted) -> &'static str {
        for_csv(text.as_bytes(), wanted).map_or("", |(what, _)| what)
    }

    #[test]
    fn strangers() {
        for (text, is) in [
            (
                "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n",
                "JSON Lines",
            ),
            ("{\"a\":1}\n{\"a\":2}\n", "JSON Lines"),
            ("{\"a\":1}", "JSON"),
            ("{\"a\":1}\n", "JSON"),
            ("{}\n{\"a\":1}\n", "JSON Lines"),
            ("[{\"a\":1},\n{\"a\":2}]", "JSON"),
            ("[\n  {\"a\": 1, \"b\": 2},\n  {\"a\": 3}\n]\n", "JSON"),
            ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "JSON"),
            ("\n{\"a\": {\"b\": [1,", "JSON"),
            ("{\"a\":1},\n{\"a\":2},\n", "JSON"),
            ("{\"a\": None, \"b\": 1}\n", "JSON"),
            ("[\n1,\n2\n]\n", "JSON"),
            ("{'a': None, 'b': True}\n", "JSON"),
            ("{“a”: 1}\n", "JSON"),
            (")]}',\n{\"a\":1}", "JSON within other text"),
            (")]}'\n{\"a\":1}", "JSON within other text"),
            ("callback({\"a\":1});\n", "JSON within other text"),
            ("while(1);[{\"a\":1}]\n", "JSON within other text"),
            (
                "\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n",
                "JSON within other text",
            ),
            ("```json\n{\"a\":1}\n```\n", "JSON within other text"),
            ("[1,\"a\"]\n[2,\"b\"]\n", "JSON"),
            (
                "<!DOCTYPE html>\n<html>",
                "an HTML page, perhaps of an error or a login",
            ),
            (
                "\n<html>\n<body>404, not found</body></html>",
                "an HTML page, perhaps of an error or a login",
            ),
            ("<?xml version=\"1.0\"?>\n<a/>", "XML"),
            ("<rows>\n<r a=\"1\"/>\n</rows>\n", "XML"),
            (
                "<Error><Code>NoSuchKey</Code>\n<Message>x, y</Message></Error>",
                "XML",
            ),
            ("<a b=\"1\"/>\n", "XML"),
            ("<!-- x -->\n<a/>", "XML"),
            ("---\na: 1\nb: 2\n", "YAML"),
            ("--- a: 1\n", "YAML"),
            ("%YAML 1.2\n---\n", "YAML"),
            ("a: 1\nb: 2\nc: 3\n", "YAML"),
            ("a: 1\nb:\n  - 1\n  - 2\n", "YAML"),
            ("- a: 1\n  b: 2\n- a: 2\n  b: 3\n", "YAML"),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
                "a pointer of Git LFS, not the file itself",
            ),
        ] {
            assert_eq!(what(text, USUAL), is, "{text:?}");
        }
    }

    #[test]
    fn sound_csv() {
        for text in [
            "",
            "a,b\n1,2\n",
            "\"{\"\"a\"\":1}\",b\n1,2\n",
            "{id},{name}\n1,x\n",
            "{a}\n1\n",
            "{\"a\":1}\t17\n{\"a\":2}\t18\n",
            "{\"a\":1};x\n",
            "[id],[name]\n1,x\n",
            "[id]\n1\n",
            "[1]\n[2]\n",
            "length ([m]),width ([m])\n1,2\n",
            "f({x}),g\n1,2\n",
            "<DATE>,<TIME>,<OPEN>\n20260101,10,1.5\n",
            "<DATE>\t<TIME>\n1\t2\n",
            "<TICKER>\nX\n",
            "<b>Name</b>,<b>Age</b>\nx,1\n",
            "<5,>5\n1,2\n",
            "text\na: 1\nb: 2\n",
            "Q: who?\nA: me\nQ: who?\n",
            "note: all\nfine\n",
            "a: 1,b: 2\n3,4\n",
            "key: value\n",
            "--- total ---\n1\n",
            "- a\n- b\n",
            "version https://x.org\n1\n",
        ] {
            assert_eq!(what(text, USUAL), "", "{text:?}");
        }
    }

    #[test]
    fn what_was_asked_for_is_read() {
        let no_quotes = Wanted {
            has_quotes: false,
            ..USUAL
        };
        assert_eq!(what("{\"a\":1}\n{\"a\":2}\n", no_quotes), "");
        let no_header = Wanted {
            has_header: false,
            ..USUAL
        };
        assert_eq!(what("<p>one</p>\n<p>two</p>\n", no_header), "");
        assert_eq!(what("a: 1\nb: 2\n", no_header), "");
        assert_eq!(what("---\na: 1\n", no_header), "YAML");
    }
}
