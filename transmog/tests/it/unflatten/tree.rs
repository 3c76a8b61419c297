//! Made-up records, and what it means that a value is one of them.

use proptest::prelude::*;
use transmog::Value;

/// A JSON value as it was made up. No object has a key twice.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    /// A number as written.
    Number(String),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

const KEYS: &[&str] = &[
    "",
    "a",
    "b",
    "c",
    "a_b",
    "a.b",
    "a/b",
    "~",
    "~1",
    "0",
    "1",
    "value",
    "id",
    "é",
    "\"",
    "__error",
    "__empties",
    "__transmog_id",
    "__parent_transmog_id",
    "__array_index",
];

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-7",
    "2.5",
    "-0.125",
    "1.0",
    "1e300",
    "5e-324",
    "9007199254740993",
    "9223372036854775807",
    "18446744073709551616",
    "-12345678901234567890123456789012345678",
    "123456789012345678901234567890123456789012345",
    "1e400",
    "0.1",
    "1e16",
    "123456.789",
];

const TEXTS: &[&str] = &[
    "",
    "x",
    "true",
    "1",
    "1.0",
    "null",
    "{}",
    "[]",
    "[1]",
    "bool",
    "number",
    "text",
    "json",
    "absent",
    "=1",
    "'=1",
    "-2",
    " ",
    "a,b;c",
    "\"q\"",
    "line\r\nbreak",
    "ü",
    "'",
];

/// Texts that are neither empty nor taken for anything else.
const PLAIN_TEXTS: &[&str] = &[
    "x",
    "=1+",
    "'=1+",
    "a,b;c",
    "\"q\"",
    "line\nbreak",
    "ü",
    " ",
];

fn choice(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(of).prop_map(str::to_owned)
}

fn any_tree(plain: bool) -> impl Strategy<Value = Tree> {
    let texts = if plain { PLAIN_TEXTS } else { TEXTS };
    let leaf = prop_oneof![
        1 => Just(Tree::Null),
        1 => any::<bool>().prop_map(Tree::Bool),
        2 => choice(NUMBERS).prop_map(Tree::Number),
        1 => any::<i64>().prop_map(|n| Tree::Number(n.to_string())),
        1 => (-1e9..1e9).prop_map(|x: f64| Tree::Number(format!("{x:?}"))),
        2 => choice(texts).prop_map(Tree::Text),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Tree::Array),
            3 => object(inner),
        ]
    })
}

fn object(of: impl Strategy<Value = Tree>) -> impl Strategy<Value = Tree> {
    let fields = prop::collection::vec((choice(KEYS), of), 0..5);
    fields.prop_map(|mut fields| {
        let mut seen = Vec::new();
        fields.retain(|(key, _)| {
            let new = !seen.contains(key);
            seen.push(key.clone());
            new
        });
        Tree::Object(fields)
    })
}

/// Records. `plain` ones have no text that looks like something else.
pub(super) fn records(plain: bool) -> impl Strategy<Value = Vec<Tree>> {
    prop::collection::vec(object(any_tree(plain)), 1..9)
}

/// JSON Lines.
pub(super) fn lines(records: &[Tree]) -> String {
    let lines = records.iter().map(|record| record.json() + "\n");
    lines.collect()
}

impl Tree {
    pub(super) fn json(&self) -> String {
        let quoted = |text: &str| serde_json::to_string(text).expect("text");
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(token) => token.clone(),
            Self::Text(text) => quoted(text),
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(Self::json).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(fields) => {
                let field =
                    |(key, value): &(String, Self)| format!("{}:{}", quoted(key), value.json());
                let fields: Vec<String> = fields.iter().map(field).collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }

    /// True if a value is this one: keys in any order, numbers by their value.
    pub(super) fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(a), Value::Bool(b)) => a == b,
            (Self::Number(a), Value::Int(_) | Value::Float(_) | Value::Number(_)) => {
                digits(a) == digits(&value.to_text())
            }
            (Self::Text(a), Value::Text(b)) => a == b,
            (Self::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b))
            }
            (Self::Object(a), Value::Object(b)) => {
                let is_field = |(key, a): &(String, Self)| b.get(key).is_some_and(|b| a.is(b));
                a.len() == b.len() && a.iter().all(is_field)
            }
            _ => false,
        }
    }

    /// True if a value is this one but for what is null or empty, and for text that stands for
    /// something else.
    pub(super) fn is_nearly(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Array(a), Value::Array(b)) => {
                let a: Vec<&Self> = a.iter().filter(|a| !a.says_nothing()).collect();
                let b: Vec<&Value> = b.iter().filter(|b| !says_nothing(b)).collect();
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_nearly(b))
            }
            (Self::Object(a), Value::Object(b)) => {
                let mut a = a.iter().filter(|(_, a)| !a.says_nothing());
                let said = b.values().filter(|b| !says_nothing(b)).count();
                a.clone().count() == said
                    && a.all(|(key, a)| b.get(key).is_some_and(|b| a.is_nearly(b)))
            }
            (Self::Number(a), Value::Text(b)) => digits(a) == digits(b),
            (Self::Bool(a), Value::Text(b)) => a.to_string() == *b,
            (Self::Array(_) | Self::Object(_), Value::Text(b)) => {
                // Numbers that the parser cannot hold it refuses in both.
                let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
                parse(&self.json()) == parse(b)
            }
            _ => self.is(value),
        }
    }

    pub(super) fn says_nothing(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Array(items) => items.iter().all(Self::says_nothing),
            Self::Object(fields) => fields.iter().all(|(_, value)| value.says_nothing()),
            _ => false,
        }
    }
}

/// True if all of a value is null or empty.
pub(super) fn says_nothing(value: &Value) -> bool {
    fn is_nothing(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Null => true,
            serde_json::Value::Array(items) => items.iter().all(is_nothing),
            serde_json::Value::Object(fields) => fields.values().all(is_nothing),
            _ => false,
        }
    }
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(says_nothing),
        Value::Object(fields) => fields.values().all(says_nothing),
        // JSON text in a column that has other values too.
        Value::Text(text) => serde_json::from_str(text).is_ok_and(|value| is_nothing(&value)),
        _ => false,
    }
}

/// A number's sign, digits without zeros at the ends, and the exponent of the first digit.
fn digits(token: &str) -> (bool, String, i64) {
    let (negative, token) = match token.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, token),
    };
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let leading = all.len() - digits.len();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return (false, String::new(), 0);
    }
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX / 2);
    (
        negative,
        digits.to_owned(),
        exponent + whole.len() as i64 - leading as i64,
    )
}
