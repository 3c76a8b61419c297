//! JSON as the cases need it: keys in order, every digit of a number. Reads and writes, and knows
//! no case.

use transmog_core::text;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text that holds one value.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value()?;
        reader.blanks();
        if reader.at < text.len() {
            return Err(reader.wrong("something after the value"));
        }
        Ok(value)
    }

    /// The value of a key of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else {
            return None;
        };
        fields
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// True for a number that is written without point and exponent.
    pub(crate) fn is_integer(&self) -> bool {
        matches!(self, Self::Number(raw) if !raw.contains(['.', 'e', 'E']))
    }

    /// Compact, with numbers and escapes as Transmog spells them.
    pub(crate) fn compact(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8(out).expect("only text was written")
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Number(raw) if raw == "-0" => out.push(b'0'),
            Self::Number(raw) => match raw.parse::<f64>() {
                Ok(float) if !self.is_integer() && float.is_finite() => {
                    text::write_float(out, float);
                }
                _ => out.extend_from_slice(raw.as_bytes()),
            },
            Self::Text(value) => text::write_json_string(out, value),
            Self::Array(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    out.extend_from_slice(if i > 0 { b"," } else { b"" });
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Object(fields) => {
                out.push(b'{');
                for (i, (key, value)) in fields.iter().enumerate() {
                    out.extend_from_slice(if i > 0 { b"," } else { b"" });
                    text::write_json_string(out, key);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> String {
        format!("no JSON: {what} at byte {}", self.at)
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// Skips blanks and then `mark`, if it comes.
    fn skip(&mut self, mark: &str) -> bool {
        self.blanks();
        let comes = self.text[self.at..].starts_with(mark);
        self.at += if comes { mark.len() } else { 0 };
        comes
    }

    fn need(&mut self, mark: &str) -> Result<(), String> {
        if self.skip(mark) {
            return Ok(());
        }
        Err(self.wrong(&format!("{mark} is missing")))
    }

    fn value(&mut self) -> Result<Json, String> {
        if self.skip("null") {
            return Ok(Json::Null);
        }
        if self.skip("true") {
            return Ok(Json::Bool(true));
        }
        if self.skip("false") {
            return Ok(Json::Bool(false));
        }
        if self.skip("[") {
            return self.array();
        }
        if self.skip("{") {
            return self.object();
        }
        if self.text[self.at..].starts_with('"') {
            return Ok(Json::Text(self.string()?));
        }
        let rest = &self.text[self.at..];
        let is_other = |c: char| !c.is_ascii_digit() && !"+-.eE".contains(c);
        let number = &rest[..rest.find(is_other).unwrap_or(rest.len())];
        if number.parse::<f64>().is_err() {
            return Err(self.wrong("no value"));
        }
        self.at += number.len();
        Ok(Json::Number(number.to_owned()))
    }

    fn array(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        if self.skip("]") {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.skip("]") {
                return Ok(Json::Array(items));
            }
            self.need(",")?;
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut fields = Vec::new();
        if self.skip("}") {
            return Ok(Json::Object(fields));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            self.need(":")?;
            fields.push((key, self.value()?));
            if self.skip("}") {
                return Ok(Json::Object(fields));
            }
            self.need(",")?;
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let rest = &self.text[self.at..];
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let end = end.ok_or_else(|| self.wrong("text without an end"))? + 2;
        let string = serde_json::from_str(&rest[..end]).map_err(|e| self.wrong(&e.to_string()))?;
        self.at += end;
        Ok(string)
    }
}
