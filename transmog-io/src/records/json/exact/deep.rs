//! Keeps values nested too deep for columns as JSON text.

use transmog_core::{Value, text};

use super::ExactReader;
use crate::fault::Fault;

impl ExactReader<'_> {
    /// Reads an object or array as compact text. Without recursion, because it may be deeper than
    /// any stack. Duplicate keys stay.
    pub(super) fn raw(&mut self) -> Result<Value, Fault> {
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let mut open = Vec::new();
        loop {
            match self.skip_blanks() {
                Some(begin @ (b'{' | b'[')) => {
                    self.at += 1;
                    out.push(begin);
                    open.push(begin);
                    if self.skip_blanks() != Some(end_of(begin)) {
                        if begin == b'{' {
                            self.raw_key(&mut out, &mut notes)?;
                        }
                        continue;
                    }
                }
                _ => self.raw_scalar(&mut out, &mut notes)?,
            }
            while let Some(&begin) = open.last() {
                match self.skip_blanks() {
                    Some(b',') => {
                        self.at += 1;
                        out.push(b',');
                        if begin == b'{' {
                            self.raw_key(&mut out, &mut notes)?;
                        }
                        break;
                    }
                    Some(end) if end == end_of(begin) => {
                        self.at += 1;
                        out.push(end);
                        open.pop();
                    }
                    Some(_) => return Err(self.syntax("expected a comma or the end")),
                    None if begin == b'{' => return Err(self.syntax("the object does not end")),
                    None => return Err(self.syntax("the array does not end")),
                }
            }
            if open.is_empty() {
                break;
            }
        }
        // Only text was written.
        let json = Value::Json(String::from_utf8(out).unwrap_or_default());
        Ok(if notes.is_empty() {
            json
        } else {
            json.faulty(notes.join("; "))
        })
    }

    fn raw_key(&mut self, out: &mut Vec<u8>, notes: &mut Vec<String>) -> Result<(), Fault> {
        if self.skip_blanks() != Some(b'"') {
            return Err(self.syntax("expected a key"));
        }
        let (key, note) = self.string()?;
        text::write_json_string(out, &key);
        notes.extend(note);
        if self.skip_blanks() != Some(b':') {
            return Err(self.syntax("expected a colon"));
        }
        self.at += 1;
        out.push(b':');
        Ok(())
    }

    fn raw_scalar(&mut self, out: &mut Vec<u8>, notes: &mut Vec<String>) -> Result<(), Fault> {
        let mut value = self.strict_value(0)?;
        if let Value::Faulty(faulty) = value {
            notes.push(faulty.message);
            value = faulty.rest;
        }
        value.write_json(out);
        Ok(())
    }
}

/// The closing bracket of an opening one.
fn end_of(begin: u8) -> u8 {
    if begin == b'{' { b'}' } else { b']' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use transmog_core::Recovery;

    use crate::records::Rules;

    fn rules(allow_nan: bool) -> Rules {
        Rules {
            deepest: 2,
            max_record_bytes: usize::MAX,
            allow_nan,
            cast: transmog_core::Cast::Off,
            recovery: Recovery::default(),
        }
    }

    fn read(text: &str, allow_nan: bool) -> Result<String, String> {
        let mut reader = ExactReader::new(text, &rules(allow_nan));
        let value = reader
            .next_value()
            .map_err(|fault| fault.kind.to_string())?;
        let (_, value) = value.expect("a value");
        assert!(reader.is_at_end());
        Ok(value.to_json())
    }

    #[test]
    fn deep_values_are_spelled_like_others() {
        for (inner, spelled) in [
            (
                r#"{ "a" : [ 1 , 2.50, {} ], "\u00e9\/" : "\u00e9\n" }"#,
                r#"{"a":[1,2.50,{}],"é/":"é\n"}"#,
            ),
            (
                "[ [ ], {\"x\":[null,true,123456789012345678901]} ]",
                "[[],{\"x\":[null,true,123456789012345678901]}]",
            ),
            ("[1e400]", "[1e400]"),
        ] {
            let found = read(&format!("[[{inner}, 1]]"), false);
            assert_eq!(found, Ok(format!("[[{spelled},1]]")));
        }
        assert_eq!(
            read("[[[NaN, -Infinity]]]", true),
            Ok("[[[null,null]]]".to_owned())
        );
    }

    #[test]
    fn what_is_wrong_in_deep_values_is_wrong() {
        for (inner, message) in [
            ("[NaN]", "NaN is not a JSON number"),
            ("[1 2]", "invalid JSON: expected a comma or the end"),
            ("[1,]", "invalid JSON: expected a value"),
            (r#"{"a":1,}"#, "invalid JSON: expected a key"),
            (r#"{"a" 1}"#, "invalid JSON: expected a colon"),
            ("{1}", "invalid JSON: expected a key"),
            ("[01]", "invalid JSON: expected a comma or the end"),
            ("[}", "invalid JSON: expected a value"),
            (
                r#"["\ud800"]"#,
                "invalid text: the escape \\ud800 is half of a character",
            ),
        ] {
            assert_eq!(
                read(&format!("[[{inner}]]"), false),
                Err(message.to_owned()),
                "{inner}"
            );
        }
        let end = read(r#"[[{"a":[1"#, false).unwrap_err();
        assert_eq!(end, "invalid JSON: the array does not end");
    }

    #[test]
    fn lenient_reading_goes_on_behind_what_can_be_left_out() {
        let text = r#"{"a":{"b":{"c":[NaN,"\ud800"]}},"z":2}"#;
        let mut reader = ExactReader::lenient(text, &rules(false));
        let (_, value) = reader.next_value().expect("lenient").expect("a value");
        assert_eq!(
            value.to_json(),
            r#"{"a":{"b":{"c":[null,"\ufffd"]}},"z":2}"#.replace("\\ufffd", "\u{fffd}")
        );
        let Some(Value::Faulty(outer)) = value.get("a").and_then(|a| a.get("b")) else {
            panic!("{value:?}");
        };
        let half = "invalid text: the escape \\ud800 is half of a character";
        assert_eq!(outer.message, format!("NaN is not a JSON number; {half}"));
    }
}
