//! The faults that records may have, and what happens to each: written down by hand.

use serde_json::{Value, json};

/// A record among good ones, and what happens to it.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) bytes: &'static [u8],
    pub(super) kind: &'static str,
    /// What its row holds under `partial`, without the mark; nothing if it is left out.
    pub(super) row: Option<Value>,
    /// Parts of the mark, which is in the main table or in a child table.
    pub(super) mark: &'static [&'static str],
    /// Rows of child tables under `partial`.
    pub(super) children: &'static [(&'static str, usize)],
}

pub(super) fn fault(name: &'static str, bytes: &'static [u8], kind: &'static str) -> Fault {
    Fault {
        name,
        bytes,
        kind,
        row: None,
        mark: &[],
        children: &[],
    }
}

impl Fault {
    pub(super) fn kept(mut self, row: Value, mark: &'static [&'static str]) -> Self {
        (self.row, self.mark) = (Some(row), mark);
        self
    }

    pub(super) fn with_rows(mut self, children: &'static [(&'static str, usize)]) -> Self {
        self.children = children;
        self
    }
}

const NAN: &str = "NaN is not a JSON number";

/// Faults of records in JSON, on a line or in a document.
pub(super) fn of_json() -> Vec<Fault> {
    vec![
        fault("cut line, nothing to keep", b"nonsense", "syntax"),
        fault("wrong number", b"{\"k\":1,\"n\":01,\"z\":2}", "syntax")
            .kept(json!({"k": 1}), &["n: invalid JSON"]),
        fault("two keys without a comma", b"{\"k\":1 \"n\":2}", "syntax")
            .kept(json!({"k": 1}), &["invalid JSON"]),
        fault("NaN", b"{\"k\":1,\"n\":NaN,\"z\":2}", "not_finite")
            .kept(json!({"k": 1, "z": 2}), &["n: NaN is not a JSON number"]),
        fault(
            "infinities",
            b"{\"n\":Infinity,\"z\":-Infinity}",
            "not_finite",
        )
        .kept(json!({}), &["n: Infinity is not", "z: -Infinity is not"]),
        fault(
            "NaN in an object",
            b"{\"o\":{\"p\":NaN,\"q\":1}}",
            "not_finite",
        )
        .kept(json!({"o_q": 1}), &["o.p: NaN"]),
        fault(
            "bytes that are no text",
            b"{\"k\":1,\"s\":\"x\xff\"}",
            "text",
        )
        .kept(json!({"k": 1, "s": "x\u{fffd}"}), &["invalid text"]),
        fault("half a character", b"{\"k\":1,\"s\":\"\\ud800\"}", "text")
            .kept(json!({"k": 1, "s": "\u{fffd}"}), &["s: invalid text"]),
        fault("a number", b"5", "not_an_object"),
        fault("a text", b"\"x\"", "not_an_object"),
        fault("an array", b"[{\"k\":1}]", "not_an_object"),
        fault("null", b"null", "not_an_object"),
        fault("a bad item", b"{\"k\":1,\"l\":[1,NaN,3]}", "not_finite")
            .kept(json!({"k": 1}), &[NAN])
            .with_rows(&[("t_l", 2), ("t_l_errors", 1)]),
        fault(
            "a bad value in an item",
            b"{\"k\":1,\"l\":[{\"v\":1},{\"v\":NaN,\"w\":2}]}",
            "not_finite",
        )
        .kept(json!({"k": 1}), &["v: NaN"])
        .with_rows(&[("t_l", 2)]),
        fault(
            "a bad item of an item",
            b"{\"l\":[{\"m\":[NaN]}]}",
            "not_finite",
        )
        .kept(json!({}), &[NAN])
        .with_rows(&[("t_l", 1), ("t_l_m_errors", 1)]),
    ]
}

/// Faults of lines, of which a document makes something else.
pub(super) fn of_lines() -> Vec<Fault> {
    vec![
        fault("cut line", b"{\"k\":1,\"n\":", "syntax").kept(json!({"k": 1}), &["n: invalid JSON"]),
        fault("cut in an array", b"{\"k\":1,\"l\":[2,{\"v\":3", "syntax")
            .kept(json!({"k": 1}), &["invalid JSON"])
            .with_rows(&[("t_l", 2)]),
        fault("something behind it", b"{\"k\":1} x", "syntax")
            .kept(json!({"k": 1}), &["invalid JSON"]),
        fault("one bracket too many", b"{\"k\":1}}", "syntax")
            .kept(json!({"k": 1}), &["invalid JSON"]),
    ]
}

/// Faults of rows; there is a column `a`.
pub(super) fn of_rows() -> Vec<Fault> {
    vec![
        fault("too many cells", b"5,6,x", "too_many_cells").kept(
            json!({"a": 5, "column_2": "6", "column_3": "x"}),
            &["3 cells, but only 1 column"],
        ),
        fault("bytes that are no text", b"x\xfe", "text")
            .kept(json!({"a": "x\u{fffd}"}), &["invalid text"]),
    ]
}
