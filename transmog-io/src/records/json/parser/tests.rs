//! Tests the parser against `serde_json`: it accepts and refuses the same texts, and gives the same
//! values, except for the deepest level and numbers of any size.

use std::{fmt, marker::PhantomData};

use proptest::{prelude::*, sample::select};
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::Value as Json;
use transmog_core::Value;

use super::DEEPEST;
use crate::records::json::parse;

fn parsed(text: &str) -> Option<Value> {
    let mut unescaped = "left over".to_owned();
    parse(text, &mut unescaped, PhantomData)
}

/// True if the parser gives what `serde_json` gives, which refuses numbers beyond float64.
fn is_as_expected(text: &str) -> bool {
    match (parsed(text), serde_json::from_str::<Json>(text)) {
        (Some(ours), Ok(theirs)) => is_same(&ours, &theirs),
        (ours, Err(error)) => ours.is_none() || error.to_string().contains("out of range"),
        (None, Ok(_)) => false,
    }
}

fn is_same(ours: &Value, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(a), Json::Bool(b)) => a == b,
        (Value::Text(a), Json::String(b)) => a == b,
        (Value::Int(_) | Value::Float(_) | Value::Number(_), Json::Number(b)) => {
            let is_exact = b.is_f64() || ours.to_text() == b.to_string();
            is_exact && ours.as_f64().map(f64::to_bits) == b.as_f64().map(f64::to_bits)
        }
        (Value::Array(a), Json::Array(b)) => {
            a.len() == b.len() && std::iter::zip(a, b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Json::Object(b)) => {
            let is_field = |(key, b): (&String, &Json)| a.get(key).is_some_and(|a| is_same(a, b));
            a.len() == b.len() && b.iter().all(is_field)
        }
        _ => false,
    }
}

/// Pieces of JSON, right and wrong, which are put one after another.
fn pieces() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"key\":",
        "null",
        "true",
        "false",
        "nul",
        "truex",
        " ",
        "\n",
        "\t",
        "\r",
        "\u{c}",
        "\u{a0}",
        "\\",
        "\\n",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00",
        "\\u+123",
        "\\x",
        "\u{1f}",
        "\u{7f}",
        "\u{e9}",
        "\u{10ffff}",
        "0",
        "-",
        "-0",
        "1",
        "01",
        ".5",
        "1.",
        "e",
        "1e5",
        "-1E-7",
        "+",
        "NaN",
        "0.1",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e400",
    ];
    prop::collection::vec(select(WORDS), 0..12).prop_map(|words| words.concat())
}

fn numbers() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?"
}

fn texts() -> impl Strategy<Value = String> {
    let text = prop_oneof!["\\PC{0,40}", "[ -~]{0,40}", any::<String>()];
    text.prop_map(|text| serde_json::Value::from(text).to_string())
}

fn documents() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        numbers(),
        texts()
    ];
    let blank = || select(&["", "", "", " ", "\n\t "][..]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let items = prop::collection::vec((blank(), inner.clone(), blank()), 0..6);
        let fields = prop::collection::vec((texts(), blank(), inner, blank()), 0..6);
        let array = items.prop_map(|items| {
            let items = items.iter().map(|(a, item, b)| format!("{a}{item}{b}"));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        });
        let object = fields.prop_map(|fields| {
            let fields = fields
                .iter()
                .map(|(key, a, value, b)| format!("{a}{key}{b}:{a}{value}{b}"));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        });
        prop_oneof![array, object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn documents_are_read_as_serde_json_reads_them(text in documents()) {
        prop_assert!(is_as_expected(&text));
    }

    #[test]
    fn damaged_documents_are_refused_as_serde_json_refuses_them(
        text in documents(), at in any::<prop::sample::Index>(), with in "[\"\\\\{}\\[\\],:0-9a-z\\.\\-\u{0}-\u{1f}\u{e9}]?",
    ) {
        let mut damaged: Vec<char> = text.chars().collect();
        let at = at.index(damaged.len());
        damaged.splice(at..=at, with.chars());
        let text: String = damaged.into_iter().collect();
        prop_assert!(is_as_expected(&text));
    }

    #[test]
    fn pieces_are_read_as_serde_json_reads_them(text in pieces()) {
        prop_assert!(is_as_expected(&text));
    }

    #[test]
    fn numbers_are_exact(text in numbers()) {
        prop_assert!(is_as_expected(&text));
    }

    #[test]
    fn floats_come_back(value in any::<f64>().prop_filter("JSON has no others", |value| value.is_finite())) {
        let text = format!("{value:e}");
        prop_assert!(is_as_expected(&text));
        let read = parsed(&text).and_then(|read| read.as_f64());
        prop_assert_eq!(read.map(f64::to_bits), Some(value.to_bits()));
    }
}

#[test]
fn texts_end_where_they_end_at_every_length() {
    for length in 0..70 {
        for special in ["", "\\n", "\\\"", "\u{e9}", "\\u00e9\\t", "\u{1}"] {
            let plain = "x".repeat(length);
            let text = format!("[\"{plain}{special}\",\"{plain}\"]");
            assert!(is_as_expected(&text), "{text}");
        }
    }
}

#[test]
fn what_is_too_deep_is_refused() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parsed(&nested(DEEPEST)).is_some());
    assert!(parsed(&nested(DEEPEST + 1)).is_none());
    assert!(parsed(&format!("{}{{}}", "[".repeat(100_000))).is_none());
}

/// Asks for three items whatever there is, and then for no more.
struct Three;

impl<'de> DeserializeSeed<'de> for Three {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Three {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<usize, A::Error> {
        let mut met = 0;
        for _ in 0..3 {
            met += usize::from(items.next_element::<Value>()?.is_some());
        }
        Ok(met)
    }
}

#[test]
fn visitors_may_ask_too_often_and_need_not_ask_for_the_end() {
    let cases = [
        ("[]", Some(0)),
        ("[1]", Some(1)),
        ("[[1], 2 ] ", Some(2)),
        ("[1,2,3]", Some(3)),
        ("[1,2,3,4]", None),
        ("[1]]", None),
        ("[1,]", None),
        ("[1,2,3", None),
    ];
    for (text, expected) in cases {
        let ours = parse(text, &mut String::new(), Three);
        assert_eq!(ours, expected, "{text}");
        let mut json = serde_json::Deserializer::from_str(text);
        let theirs = Three.deserialize(&mut json);
        let theirs = theirs.and_then(|met| json.end().map(|()| met)).ok();
        assert_eq!(theirs, expected, "{text}");
    }
    let pairs = parse(
        "[[1,2],[3,4]]",
        &mut String::new(),
        PhantomData::<Vec<(i64, i64)>>,
    );
    assert_eq!(pairs, Some(vec![(1, 2), (3, 4)]));
}

/// Says how each item came.
struct Seen;

impl<'de> DeserializeSeed<'de> for Seen {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seen {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, value: i64) -> Result<String, E> {
        Ok(format!("i64 {value}"))
    }

    fn visit_u64<E>(self, value: u64) -> Result<String, E> {
        Ok(format!("u64 {value}"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<String, E> {
        Ok(format!("f64 {value:?}"))
    }

    fn visit_borrowed_bytes<E>(self, value: &'de [u8]) -> Result<String, E> {
        Ok(format!("bytes {}", String::from_utf8_lossy(value)))
    }
}

#[test]
fn numbers_come_as_types_that_hold_them() {
    for (text, expected) in [
        ("-0", "i64 0"),
        ("1.50", "f64 1.5"),
        ("1E5", "f64 100000.0"),
        ("-0.0", "f64 -0.0"),
        ("0.10000000000000001", "f64 0.1"),
        ("18446744073709551615", "u64 18446744073709551615"),
        ("18446744073709551616", "bytes 18446744073709551616"),
        ("-9223372036854775809", "bytes -9223372036854775809"),
        ("12345678901234567.89", "bytes 12345678901234567.89"),
        ("1e400", "bytes 1e400"),
        ("-1E-400", "bytes -1E-400"),
    ] {
        let seen = parse(text, &mut String::new(), Seen);
        assert_eq!(seen.as_deref(), Some(expected), "{text}");
        let written = Value::of_number(text);
        assert_eq!(parsed(text), Some(written.clone()), "{text}");
        assert_eq!(written.to_json(), text);
    }
}
