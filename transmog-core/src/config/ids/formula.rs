//! What the ids of `hash` and `composite` are made of, and the formula that links child rows to
//! their parents.

use super::{content::object_json, uuid_of_text};
use crate::{text, value::Value};

/// What the ids of [`Ids::Hash`](super::Ids::Hash) and [`Ids::Composite`](super::Ids::Composite)
/// are made of. Both are UUIDs, version 5, of a text in the namespace
/// `a9b8c7d6-e5f4-1234-abcd-0123456789ab`.
///
/// JSON text is spelled as Python's `json.dumps(value, sort_keys=True, ensure_ascii=False)` spells
/// it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdFormula {
    /// Different rows have different ids. The default.
    ///
    /// A main row's text is the JSON text of the record (`hash`), or of an object of the fields
    /// (`composite`), in which a missing field is null. A record with none of the fields has no
    /// such id: its rows get random ones.
    ///
    /// Cells of CSV rows are texts, as the input writes them: `7,1.10` is `{"a": "7", "b":
    /// "1.10"}`.
    ///
    /// A child row's text is a JSON array of the parent row's id, the keys from the parent row to
    /// the array, and the item's number in it, from 0, or the entry's key in tables of [map
    /// paths](crate::config::Config::with_map_path). For `composite`, an object of the fields that
    /// the row has comes last, if it has any:
    ///
    /// ```text
    /// {"no": 7, "items": [{"sku": "A"}]}
    /// hash            {"items": [{"sku": "A"}], "no": 7}
    ///   its item      ["<id of the main row>", "items", 0]
    /// composite:no,sku    {"no": 7, "sku": null}
    ///   its item          ["<id of the main row>", "items", 0, {"sku": "A"}]
    /// ```
    #[default]
    Linked,
    /// The Python package's: the row alone, in lower case. Rows of child tables that are alike
    /// share an id, whatever their parents are, and what is nested in a child row does not count.
    /// In [`Config::v1`](crate::config::Config::v1) and [`Config::v2`](crate::config::Config::v2).
    Python,
}

/// Which item of an array or entry of a map a row is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry<'a> {
    Index(u64),
    Key(&'a str),
}

/// The id that [`IdFormula::Linked`] gives a main row of these fields.
pub(crate) fn linked_main<'v>(fields: impl Iterator<Item = (&'v str, &'v Value)>) -> String {
    uuid_of_text(&object_json(fields))
}

/// The id that [`IdFormula::Linked`] gives the row of an entry of an array or map; `hop` are the
/// keys from its parent row.
pub(crate) fn linked_child<'v>(
    parent: &str,
    hop: &[impl AsRef<str>],
    entry: Entry<'_>,
    fields: impl Iterator<Item = (&'v str, &'v Value)>,
) -> String {
    let mut json = vec![b'['];
    text::write_json_string(&mut json, parent);
    for key in hop {
        json.extend_from_slice(b", ");
        text::write_json_string(&mut json, key.as_ref());
    }
    json.extend_from_slice(b", ");
    match entry {
        Entry::Index(index) => json.extend_from_slice(index.to_string().as_bytes()),
        Entry::Key(key) => text::write_json_string(&mut json, key),
    }
    let mut fields = fields.peekable();
    if fields.peek().is_some() {
        json.extend_from_slice(b", ");
        json.extend_from_slice(&object_json(fields));
    }
    json.push(b']');
    uuid_of_text(&json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_documented_texts() {
        let fields = [("b", Value::from("X")), ("a", Value::Null)];
        let fields = || fields.iter().map(|(name, value)| (*name, value));
        let main = linked_main(fields());
        assert_eq!(main, uuid_of_text(br#"{"a": null, "b": "X"}"#));
        let child = |entry, fields: &mut dyn Iterator<Item = (&'static str, &'static Value)>| {
            linked_child("p", &["x", "\"y"], entry, fields)
        };
        let none = || std::iter::empty();
        assert_eq!(
            child(Entry::Index(3), &mut none()),
            uuid_of_text(br#"["p", "x", "\"y", 3]"#)
        );
        assert_eq!(
            child(Entry::Key("3"), &mut none()),
            uuid_of_text(br#"["p", "x", "\"y", "3"]"#)
        );
        assert_eq!(
            linked_child("p", &["x"], Entry::Index(0), fields()),
            uuid_of_text(br#"["p", "x", 0, {"a": null, "b": "X"}]"#)
        );
    }
}
