//! Recognises inputs in formats that are not read, by their first bytes, and gives advice.
//!
//! A Parquet file or a ZIP archive is refused when it is opened, by name. Text that is not JSON
//! (HTML, YAML, server-sent events, Python's own notation) is examined only after a record has
//! failed, so that right inputs pay nothing.
//!
//! Advice names settings as `` `name=value` ``; the command shows them as its options.

use memchr::memmem;

use super::Compression;

/// A kind of file that is not text.
struct Binary {
    /// Its bytes from `offset` on.
    magic: &'static [u8],
    offset: usize,
    /// True if text may begin like this, too. Then a control character must follow nearby.
    may_be_text: bool,
    what: &'static str,
    advice: &'static str,
}

const UNPACK: &str = "unpack it first";
const AS_CSV: &str = "save it as CSV first";
const READ_PARQUET: &str =
    "inputs are JSON, JSON Lines and CSV; DuckDB and pyarrow write such files as JSON Lines";

const fn binary(magic: &'static [u8], what: &'static str, advice: &'static str) -> Binary {
    Binary {
        magic,
        offset: 0,
        may_be_text: false,
        what,
        advice,
    }
}

const fn texty(magic: &'static [u8], what: &'static str, advice: &'static str) -> Binary {
    Binary {
        may_be_text: true,
        ..binary(magic, what, advice)
    }
}

const BINARIES: &[Binary] = &[
    binary(
        b"PK\x03\x04",
        "a ZIP archive, as .xlsx, .docx and .ods files are",
        "unpack it first (unzip -p), or save a spreadsheet as CSV",
    ),
    binary(b"PK\x05\x06", "an empty ZIP archive", UNPACK),
    binary(b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    binary(b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    Binary {
        offset: 257,
        ..binary(b"ustar", "a tar archive", "unpack it first (tar -xO)")
    },
    binary(
        b"\x04\x22\x4d\x18",
        "lz4 data",
        "decompress it first (lz4 -dc)",
    ),
    binary(b"\x78\x01", "zlib data", "decompress it first"),
    texty(b"\x78\x5e", "zlib data", "decompress it first"),
    binary(b"\x78\x9c", "zlib data", "decompress it first"),
    binary(b"\x78\xda", "zlib data", "decompress it first"),
    binary(b"LZIP\x01", "lzip data", "decompress it first (lzip -dc)"),
    binary(
        b"\x1f\x9d",
        "compress data (.Z)",
        "decompress it first (gzip -dc)",
    ),
    binary(b"\xff\x06\0\0sNaPpY", "snappy data", "decompress it first"),
    texty(b"PAR1", "a Parquet file", READ_PARQUET),
    texty(b"ORC", "an ORC file", READ_PARQUET),
    binary(b"Obj\x01", "an Avro file", READ_PARQUET),
    binary(b"ARROW1\0", "an Arrow IPC file", READ_PARQUET),
    texty(b"FEA1", "a Feather file", READ_PARQUET),
    binary(
        b"SQLite format 3\0",
        "a SQLite database",
        "write a table as JSON or CSV first (sqlite3 -json)",
    ),
    Binary {
        offset: 8,
        ..texty(
            b"DUCK",
            "a DuckDB database",
            "write a table with COPY ... TO 'x.jsonl' first",
        )
    },
    binary(b"%PDF-", "a PDF document", "it holds no records"),
    binary(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file, such as .xls",
        AS_CSV,
    ),
    binary(b"\x89PNG\r\n\x1a\n", "a PNG image", "it holds no records"),
    binary(
        b"\x80\x04\x95",
        "a Python pickle",
        "write it with json.dump",
    ),
    binary(
        b"\x80\x05\x95",
        "a Python pickle",
        "write it with json.dump",
    ),
];

/// Bytes that are enough to recognise any of these files.
pub(crate) const HEAD: usize = 512;

/// First bytes that are searched for control characters.
const NEARBY: usize = 64;

/// The kind of a binary file that begins with `head`, and advice.
pub(crate) fn of_binary(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let begins = |kind: &&Binary| {
        let found = head.get(kind.offset..).unwrap_or_default();
        found.starts_with(kind.magic) && !(kind.may_be_text && is_text(head))
    };
    let kind = BINARIES.iter().find(begins)?;
    Some((kind.what, kind.advice))
}

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

/// The kind of a page that could be read as CSV by mistake.
pub(crate) fn of_page(head: &[u8]) -> Option<&'static str> {
    if is_html(head) {
        Some("an HTML page, perhaps of an error or a login")
    } else {
        head.starts_with(b"<?xml").then_some("XML")
    }
}

/// True if the beginning has no control characters other than tab, line end and form feed.
fn is_text(head: &[u8]) -> bool {
    let nearby = &head[..head.len().min(NEARBY)];
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    !nearby.iter().any(is_control)
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
        is: is_call,
        advice: "this is JSON in a function call (JSONP): take the call away first",
    },
    Text {
        is: has_prefix,
        advice: "text stands before the JSON, as in a log: take it away first, for example with sed 's/^[^{]*//'",
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

/// Advice for an input that begins with `head` and is not JSON.
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

/// True if JSON follows other text on the first line.
fn has_prefix(head: &[u8]) -> bool {
    let line = first_line(head);
    let at = memchr::memchr(b'{', line).filter(|at| *at > 0);
    // A quoted text before it may be a cell.
    at.is_some_and(|at| {
        let (before, json) = line.split_at(at);
        before[0] != b'"'
            && json
                .get(1..)
                .unwrap_or_default()
                .trim_ascii_start()
                .starts_with(b"\"")
            && json.ends_with(b"}")
    })
}

/// True if the first two lines have the same number of delimiters.
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

/// Advice for the text at byte `at` of a record, where JSON was expected.
pub(crate) fn at_place(record: &[u8], at: usize) -> Option<&'static str> {
    let (before, here) = record.split_at_checked(at)?;
    let before = before.trim_ascii_end();
    let call = |name: &&[u8]| here.starts_with(name);
    match here {
        [b'/', b'/' | b'*', ..] => Some("comments are JSON5: use `input_format=json5`"),
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

/// True if `None`, `True` or `False` is a value in the record.
fn has_python_words(record: &[u8]) -> bool {
    let is_value = |word: &&[u8]| {
        memmem::find_iter(record, word).any(|at| {
            let before = record[..at].trim_ascii_end();
            before.ends_with(b":") || before.ends_with(b",") || before.ends_with(b"[")
        })
    };
    PYTHON_WORDS.iter().any(is_value)
}

/// True if the text begins with a word and a colon.
fn is_at_key(here: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$".contains(byte);
    let end = here.iter().position(|byte| !is_word(byte));
    end.is_some_and(|end| here[end..].trim_ascii_start().starts_with(b":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_files() {
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"a.txt");
        tar[257..262].copy_from_slice(b"ustar");
        for (head, what) in [
            (&b"PK\x03\x04\x14\0"[..], "ZIP"),
            (&tar, "tar"),
            (b"PAR1\x15\x04\x15", "Parquet"),
            (b"SQLite format 3\0\x10", "SQLite"),
            (b"x\x9c\xab", "zlib"),
            (b"%PDF-1.7\n", "PDF"),
            (b"ORC\x1d\0\0", "ORC"),
        ] {
            let found = of_binary(head).map(|(what, _)| what).unwrap_or_default();
            assert!(found.contains(what), "{what}: {found}");
        }
        for text in [
            "PAR1,PAR2\n1,2\n",
            "ORC,x",
            "x^,y\n",
            "",
            "{}",
            "FEA1\n1",
            "7z,a",
        ] {
            assert_eq!(of_binary(text.as_bytes()), None, "{text}");
        }
    }

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
