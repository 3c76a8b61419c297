//! Finds the encoding of an input's text: by its byte order mark, by the setting, or by zero bytes.
//!
//! Most inputs are UTF-8 and pass unchanged. Excel and Windows tools write UTF-16, often without
//! saying so. [`decode`](super::decode) then makes UTF-8 of the text.

use std::{str::FromStr, sync::Arc};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::Serialize;
use transmog_core::Error;

use crate::error::ReadError;

mod zeros;

/// The encoding of text inputs, by a label of the WHATWG's Encoding Standard.
///
/// ```
/// use transmog_io::TextEncoding;
///
/// let encoding: TextEncoding = "latin1".parse()?;
/// assert_eq!(encoding.name(), "windows-1252");
/// assert!("latin2000".parse::<TextEncoding>().is_err());
/// # Ok::<(), transmog_io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(UTF_8);

    /// Its name in the standard, such as `UTF-8`, `windows-1252`, `Shift_JIS`.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub(crate) fn encoding(self) -> &'static Encoding {
        self.0
    }
}

impl FromStr for TextEncoding {
    type Err = Error;

    /// Reads a label: `utf-8`, `utf-16le`, `latin1`, `shift_jis`; also in Python's spelling, such
    /// as `latin-1` or `euc_jp`.
    fn from_str(label: &str) -> Result<Self, Error> {
        let ways = [
            label.to_owned(),
            label.replace('_', "-"),
            label.replace(['-', '_'], ""),
        ];
        let known = |label: &String| Encoding::for_label_no_replacement(label.as_bytes());
        let unknown = || {
            let is_utf32 = ways.iter().any(|way| {
                let way = way.to_ascii_lowercase();
                way.starts_with("utf32") || way.starts_with("ucs4") || way.starts_with("utf-32")
            });
            let reason = if is_utf32 {
                format!("{label:?} is not read: {UTF_32_ADVICE}")
            } else {
                format!(
                    "{label:?} is no label of the WHATWG's Encoding Standard, such as utf-8, utf-16le, latin1, \
                     windows-1252, shift_jis"
                )
            };
            Error::setting("encoding", reason)
        };
        let encoding = ways.iter().find_map(known).ok_or_else(unknown)?;
        Ok(Self(encoding))
    }
}

/// Advice for UTF-32, which there is no decoder for.
pub(crate) const UTF_32_ADVICE: &str =
    "convert it to UTF-8 first, for example with iconv -f UTF-32 -t UTF-8";

/// How the encoding of an input was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EncodingFoundBy {
    /// No sign of another one: text is UTF-8.
    Default,
    /// Set by the caller.
    Setting,
    /// A byte order mark at the input's beginning.
    ByteOrderMark,
    /// Zero bytes beside ASCII characters, as UTF-16 has them: a guess.
    ZeroBytes,
}

/// The encoding of an input, if it is not UTF-8 or not the one that was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EncodingReport {
    /// Name of the input.
    pub input: String,
    /// Name of the encoding that it was read in.
    pub encoding: String,
    /// How it was found: `default`, `setting`, `byte_order_mark` or `zero_bytes`.
    pub found_by: EncodingFoundBy,
    /// The encoding that was set, if the input has another one.
    pub instead_of: Option<String>,
}

/// The encoding of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) encoding: TextEncoding,
    pub(crate) by: EncodingFoundBy,
    /// Length of the mark of UTF-16, which must be removed. The mark of UTF-8 is skipped later.
    pub(crate) mark: usize,
}

/// The encoding of an input that begins with `head`: a few hundred bytes, better some kibibytes.
///
/// # Errors
/// If it is UTF-32, or another encoding was asked for than it has.
pub(crate) fn find(head: &[u8], wanted: Option<TextEncoding>) -> Result<Found, Refused> {
    let marked = match head {
        // Before UTF-16, whose mark is the first half of this one.
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(Refused::Utf32),
        [0xff, 0xfe, ..] => Some((UTF_16LE, 2)),
        [0xfe, 0xff, ..] => Some((UTF_16BE, 2)),
        [0xef, 0xbb, 0xbf, ..] => Some((UTF_8, 0)),
        _ => None,
    };
    let by_bytes = match marked {
        Some((encoding, mark)) => Some((encoding, EncodingFoundBy::ByteOrderMark, mark)),
        None => match zeros::encoding_of(head) {
            Some(zeros::Utf::Utf32) => return Err(Refused::Utf32),
            Some(zeros::Utf::Utf16(encoding)) => Some((encoding, EncodingFoundBy::ZeroBytes, 0)),
            None => None,
        },
    };
    let found = |(encoding, by, mark)| Found {
        encoding: TextEncoding(encoding),
        by,
        mark,
    };
    match (wanted, by_bytes.map(found)) {
        (None, Some(found)) => Ok(found),
        (None, None) => Ok(found((UTF_8, EncodingFoundBy::Default, 0))),
        (Some(TextEncoding(wanted)), None) if is_utf16(wanted) && zeros::is_utf8(head) => {
            Err(Refused::LooksLikeUtf8 { wanted })
        }
        (Some(TextEncoding(wanted)), None) => Ok(found((wanted, EncodingFoundBy::Setting, 0))),
        (Some(wanted), Some(found)) if wanted == found.encoding => Ok(match found.by {
            EncodingFoundBy::ZeroBytes => Found {
                by: EncodingFoundBy::Setting,
                ..found
            },
            _ => found,
        }),
        // The label `utf-16` alone does not say which byte comes first.
        (Some(wanted), Some(found)) if is_utf16(wanted.0) && is_utf16(found.encoding.0) => {
            Ok(found)
        }
        (Some(TextEncoding(wanted)), Some(found)) => Err(Refused::Otherwise { wanted, found }),
    }
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Why an input's text cannot be read as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no decoder for UTF-32.
    Utf32,
    /// The input shows another encoding than the one that was asked for, which would do nothing.
    Otherwise {
        wanted: &'static Encoding,
        found: Found,
    },
    /// UTF-16 was asked for, and the bytes are text in UTF-8.
    LooksLikeUtf8 { wanted: &'static Encoding },
}

impl Refused {
    /// The error about the input of this name.
    pub(crate) fn of_input(self, input: &Arc<str>) -> crate::error::Error {
        let reason = match self {
            Self::Utf32 => {
                return ReadError::NotText {
                    input: Arc::clone(input),
                    what: "UTF-32".to_owned(),
                    advice: UTF_32_ADVICE.to_owned(),
                }
                .into();
            }
            Self::Otherwise { wanted, found } => {
                let (wanted, encoding) = (wanted.name(), found.encoding.name());
                let by = match found.by {
                    EncodingFoundBy::ByteOrderMark => "byte order mark says",
                    _ => "zero bytes show",
                };
                format!(
                    "{input} is {encoding}, as its {by}, and not {wanted}; leave this away, for {encoding} is recognised"
                )
            }
            Self::LooksLikeUtf8 { wanted } => format!(
                "{input} looks like UTF-8, and not like {}; leave this away, for UTF-8 is the default",
                wanted.name()
            ),
        };
        Error::setting("encoding", reason).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &[u8], wanted: Option<&str>) -> (&'static str, EncodingFoundBy) {
        let wanted = wanted.map(|label| label.parse().unwrap());
        let found = find(head, wanted).unwrap();
        (found.encoding.name(), found.by)
    }

    fn refused(head: &[u8], label: &str) -> String {
        let wanted = Some(label.parse().unwrap());
        let refused = find(head, wanted).unwrap_err();
        refused.of_input(&"x".into()).to_string()
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn a_mark_says_what_it_is() {
        use EncodingFoundBy::ByteOrderMark;
        for (head, name, label) in [
            (&b"\xff\xfea\0"[..], "UTF-16LE", "utf-16le"),
            (b"\xfe\xff\0a", "UTF-16BE", "utf-16"),
            (b"\xef\xbb\xbfa", "UTF-8", "utf-8"),
        ] {
            assert_eq!(found(head, None), (name, ByteOrderMark));
            assert_eq!(found(head, Some(label)), (name, ByteOrderMark));
            for label in ["latin1", "gbk"] {
                let told = refused(head, label);
                let start = format!("x is {name}, as its byte order mark says, and not ");
                assert!(told.contains(&start), "{told}");
            }
        }
        assert!(refused(b"\xff\xfea\0", "utf-8").contains("UTF-16LE, as its byte order mark"));
    }

    #[test]
    fn zero_bytes_show_utf_16() {
        use EncodingFoundBy::{Default, Setting, ZeroBytes};
        for text in [
            "{}",
            "id,name\n1,ä",
            "[{\"日本語\":\"日本語日本語\"}]",
            "[\n",
        ] {
            let little = utf16(text, u16::to_le_bytes);
            let big = utf16(text, u16::to_be_bytes);
            assert_eq!(found(&little, None), ("UTF-16LE", ZeroBytes), "{text}");
            assert_eq!(found(&big, None), ("UTF-16BE", ZeroBytes), "{text}");
            assert_eq!(found(&little, Some("utf-16le")), ("UTF-16LE", Setting));
            assert_eq!(found(&big, Some("utf-16")), ("UTF-16BE", ZeroBytes));
            let told = refused(&big, "latin1");
            assert!(told.contains("UTF-16BE, as its zero bytes show"), "{told}");
        }
        for text in [
            "",
            "a",
            "a\0",
            "a\0b",
            "{\"a\":\"\0\0\0\"}",
            "a\0b,c,d,e,f,g\n1,2",
            "\0\0\0\0",
        ] {
            assert_eq!(found(text.as_bytes(), None), ("UTF-8", Default), "{text:?}");
        }
        assert_eq!(found(b"a\0b,\n", Some("utf-8")), ("UTF-8", Setting));
    }

    #[test]
    fn utf_8_is_not_read_as_utf_16() {
        for text in ["id,n\n1,x\n", "{\"a\": 1}", "id;n\n1;\u{e4}"] {
            for label in ["utf-16le", "utf-16be", "utf-16"] {
                let told = refused(text.as_bytes(), label);
                assert!(
                    told.contains("x looks like UTF-8, and not like UTF-16"),
                    "{told}"
                );
            }
        }
        // A text of one character, and nothing.
        for head in [&b"\x42\x30"[..], b""] {
            let wanted = Some("utf-16le".parse().unwrap());
            assert!(find(head, wanted).is_ok(), "{head:?}");
        }
    }

    #[test]
    fn utf_32_is_known() {
        let utf32 = |order: fn(u32) -> [u8; 4], text: &str| -> Vec<u8> {
            text.chars().map(u32::from).flat_map(order).collect()
        };
        for text in ["\u{feff}{}", "{}", "a,b\n", "あ,い\nう,え\n"] {
            for order in [u32::to_le_bytes, u32::to_be_bytes] {
                assert_eq!(find(&utf32(order, text), None), Err(Refused::Utf32));
            }
        }
        let error = "utf-32le".parse::<TextEncoding>().unwrap_err().to_string();
        assert!(error.contains("iconv -f UTF-32"), "{error}");
    }
}
